"""Whether a report goes its way at once or a person looks at it first. It is accepted either way.

All that is counted of a report is counted by one statement, outside of the transaction that
writes the report: counters that everybody shares must not be locked until a commit.
"""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError
from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.arrivals import Arrival
from accounts.intake_limits import Limit, limits_of
from accounts.limits import Count, Key, count_together, read_together
from accounts.models import Municipality, RateClass
from reports.abuse import BlockEffect, Suspicion
from reports.blocking import effect_on
from reports.draft import CheckedDraft, Draft
from reports.models import Report, Screening
from reports.text_prints import prints_of, same_words
from routing import danger_words

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
CELL_METRES = 100.0
_METRES_PER_DEGREE = 111_320.0
# What a proof of work makes up for: limits that strangers use up together.
_WORKED_OFF = frozenset({"network", "total"})
_NEAR = ("text", "near_a", "near_b")

HELD_SENTENCE = _("Ihre Meldung ist eingegangen und wird vor der Bearbeitung kurz geprüft.")
ADDRESS_SENTENCE = _(
    "An diese E-Mail-Adresse senden wir nichts, darum haben wir sie nicht gespeichert. Den Stand "
    "sehen Sie jederzeit mit Nummer und Zugangscode."
)

logger = logging.getLogger(__name__)


class Reason(TextChoices):
    """Why a report was held back; the first that applies names its wave."""

    HONEYPOT = "honeypot", _("unsichtbares Feld ausgefüllt")
    BLOCKED = "blocked", _("gesperrter Absender")
    TEXT = "text", _("derselbe oder fast derselbe Text, viele Male")
    TWIN = "twin", _("derselbe Text am selben Ort kurz zuvor")
    PEER = "peer", _("sehr viele Meldungen von einem Anschluss")
    DEVICE = "device", _("sehr viele Meldungen von einem Gerät")
    CLIENT = "client", _("mehr, als die App senden darf")
    CELL = "cell", _("sehr viele Meldungen von einer Stelle")
    NETWORK = "network", _("sehr viele Meldungen aus einem Netz")
    TOTAL = "total", _("ungewöhnlich viele Meldungen in der ganzen Stadt")
    EARLIER = "earlier", _("von Hand oder beim Eingang zurückgehalten")


@dataclass(frozen=True)
class Verdict:
    """What becomes of a report on its arrival.

    `reasons` say why it is held back, `keys` by what the others of its wave can be found.
    `drops_address`: the sender's address must not be used, whatever else.
    """

    screening: Screening
    is_danger: bool
    reasons: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    drops_address: bool = False


def judge(
    town: Municipality,
    draft: Draft,
    checked: CheckedDraft,
    arrival: Arrival | None,
    now: datetime,
    *,
    found_by_door: Screening = Screening.CLEAR,
) -> Verdict:
    """Count a report and judge it; one statement, one more where an address was given.

    Nothing is counted of what staff or machines enter (no arrival). What is held back is looked
    through for words of danger at once, so that an alarm never waits for a person (one more).
    """
    block, counts = None, dict[str, Count]()
    reasons: set[str] = set()
    if arrival is not None:
        limits = _limits(town, arrival)
        block = effect_on(town, draft.sender.email, now)
        counts = _counted(_keys(town, draft, arrival, limits), now)
        reasons = _exceeded(counts, limits) | set(arrival.suspicions)
    if block == BlockEffect.HOLD:
        reasons.add(Reason.BLOCKED)
    screening = Screening.HELD if reasons else found_by_door
    return Verdict(
        screening=screening,
        is_danger=checked.is_danger
        or (screening == Screening.HELD and _names_a_danger(town, draft, checked)),
        reasons=tuple(reason for reason in Reason.values if reason in reasons),
        keys=_marks(counts),
        drops_address=block == BlockEffect.DROP,
    )


def _names_a_danger(town: Municipality, draft: Draft, checked: CheckedDraft) -> bool:
    words = [draft.description, *(str(answer) for answer in checked.answers.values())]
    return danger_words.find("\n".join(words), draft.language, town).is_danger


def sentences(verdict: Verdict, language: str) -> list[str]:
    """What the sender is told of it, honestly and at once."""
    told = []
    with translation.override(language):
        if verdict.screening == Screening.HELD:
            told.append(str(HELD_SENTENCE))
        if verdict.drops_address:
            told.append(str(ADDRESS_SENTENCE))
    return told


def keep_suspicion(report: Report, verdict: Verdict, now: datetime) -> None:
    """Write down why a report is held back, in the transaction that writes the report."""
    if report.screening != Screening.HELD:
        return
    Suspicion.objects.create(
        report=report,
        municipality_id=report.municipality_id,
        reasons=list(verdict.reasons) or [Reason.EARLIER.value],
        peer_key=verdict.keys.get("peer", ""),
        cell_key=verdict.keys.get("cell", ""),
        text_key=verdict.keys.get("text", ""),
        held_at=now,
    )


def _counted(keys: Mapping[str, Key], now: datetime) -> dict[str, Count]:
    try:
        return count_together(keys, now=now)
    except OperationalError as error:
        # Limits protect against floods and must not turn citizens away.
        logger.warning("report not counted: %s", type(error).__name__)
        return {}


def work_is_wanted(town: Municipality, arrival: Arrival, now: datetime) -> bool:
    """Whether one more report would be held back for want of a proof of work; one query."""
    limits = limits_of(town)
    keys = {"network": _key(arrival.network, limits["network"])}
    keys["total"] = _key(str(town.pk), limits["total"])
    try:
        hits = read_together(keys, now=now)
    except OperationalError:
        return False
    return any(count >= limits[scope].soft for scope, count in hits.items())


def _limits(town: Municipality, arrival: Arrival) -> dict[str, Limit]:
    limits = limits_of(town)
    if arrival.client is not None:
        limits["client"] = Limit(settings.RATE_CLASSES[arrival.client.rate_class], None, _HOUR)
    return limits


def _keys(
    town: Municipality, draft: Draft, arrival: Arrival, limits: Mapping[str, Limit]
) -> dict[str, Key]:
    what = {
        "client": str(arrival.client.pk) if arrival.client else "",
        "peer": arrival.peer,
        "network": arrival.network,
        "device": arrival.device,
    }
    if arrival.client is None or arrival.client.rate_class == RateClass.STANDARD:
        what |= _shared(town, draft)
    keys = {scope: _key(value, limits[_scope(scope)]) for scope, value in what.items() if value}
    if arrival.work:
        keys["work"] = (arrival.work, _DAY)
    return keys


def _shared(town: Municipality, draft: Draft) -> dict[str, str]:
    """What reports of different senders have in common. Trusted partners are not counted by it."""
    cell = f"{town.pk}:{cell_of(draft.lon, draft.lat)}"
    prints = {name: f"{town.pk}:{print_}" for name, print_ in prints_of(draft.description).items()}
    words = same_words(draft.description)
    twin = f"{cell}:{draft.category_code}:{words}" if words else ""
    return {"cell": cell, "total": str(town.pk), "twin": twin, **prints}


def _key(what: str, limit: Limit) -> Key:
    return (what, limit.window)


def _scope(name: str) -> str:
    return "text" if name in _NEAR else name


def _exceeded(counts: Mapping[str, Count], limits: Mapping[str, Limit]) -> set[str]:
    above = {
        _scope(name)
        for name, count in counts.items()
        if name != "work" and count.hits > limits[_scope(name)].soft
    }
    # A proof counts once, for the report it was made for.
    if "work" in counts and counts["work"].hits == 1:
        above -= _WORKED_OFF
    return above


def _marks(counts: Mapping[str, Count]) -> dict[str, str]:
    """By what other reports of the same wave are found: the fingerprint most of them share."""
    marks = {name: counts[name].key_hash for name in ("peer", "cell") if name in counts}
    texts = [counts[name] for name in _NEAR if name in counts]
    if texts:
        marks["text"] = max(texts, key=lambda count: count.hits).key_hash
    return marks


def cell_of(lon: float, lat: float) -> str:
    """The cell of about 100 m by 100 m a point (WGS84) lies in."""
    row = math.floor(lat * _METRES_PER_DEGREE / CELL_METRES)
    # One width for a whole row, so that a cell does not shift within it.
    middle = math.radians((row + 0.5) * CELL_METRES / _METRES_PER_DEGREE)
    width = _METRES_PER_DEGREE * max(math.cos(middle), 0.01)
    return f"{row}:{math.floor(lon * width / CELL_METRES)}"
