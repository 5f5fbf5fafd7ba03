"""What somebody wants to report, as values, and whether it can become a report."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Municipality
from reports.concerns import Concerns, concerns_of, texts_of
from reports.models import AnswerBy, Source
from routing import catalogue, coverage
from routing.asset import Asset
from routing.assets import MOST_OF_A_REPORT, AssetsUnknown, assets_by_reference
from routing.models import Category
from routing.offering import Moment

TEXT_LIMIT = 4000
NAME_LIMIT, PHONE_LIMIT, POSTAL_LIMIT = 120, 40, 400
# The doors where somebody can be told in time; what comes by telephone or mail is taken anyhow.
PAUSING = frozenset({Source.WEB, Source.APP, Source.OPEN311})
# The doors behind which staff choose for somebody, also among things that are not public.
ENTERED_BY_STAFF = frozenset(
    {Source.PHONE, Source.COUNTER, Source.LETTER, Source.COUNCIL, Source.EMAIL}
)
# NUL and halves of surrogate pairs: no text column takes them.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


class SubmissionInvalid(Exception):
    """What was sent cannot become a report.

    `errors` maps a field name to (stable code, German message); `elsewhere` is the municipality of
    this installation that the place belongs to, if another one.
    """

    def __init__(
        self, errors: dict[str, tuple[str, str]], *, elsewhere: Municipality | None = None
    ) -> None:
        super().__init__(", ".join(errors))
        self.errors, self.elsewhere = errors, elsewhere


@dataclass(frozen=True)
class Sender:
    """How the reporter may be answered; all empty for an anonymous report."""

    name: str = ""
    email: str = ""
    phone: str = ""
    postal_address: str = ""
    answer_by: str = AnswerBy.EMAIL


@dataclass(frozen=True)
class Draft:
    """What somebody wants to report, as values. Lon/lat in WGS84, accuracy in metres.

    `marked_danger` is what a member of staff heard in the words of a caller; `called_emergency`
    is what somebody said who was asked to call 112 or 110 first. `assets` are references of things
    of the inventory (`lampen:4711`) the report is about. `passed_on` comes from a town next door,
    whose clerk says that this town is responsible, wherever it lies. `share_with` are the bodies
    (ids) that may know who reported.
    """

    category_code: str
    lon: float
    lat: float
    place_chosen_by: str
    source: str
    accuracy_m: float | None = None
    description: str = ""
    address: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    sender: Sender = field(default_factory=Sender)
    language: str = "de"
    marked_danger: bool = False
    called_emergency: bool = False
    assets: tuple[str, ...] = ()
    passed_on: bool = False
    share_with: tuple[int, ...] = ()


@dataclass(frozen=True)
class CheckedDraft:
    """A draft that holds: its category, its point and the answers as they will be stored.

    `concerns` is what its words and answers touch beside the defect itself.
    """

    category: Category
    point: Point
    answers: dict[str, Any]
    advice: list[str]
    is_danger: bool
    concerns: Concerns
    assets: tuple[Asset, ...] = ()

    @property
    def is_restricted(self) -> bool:
        """Whether only the responsible few may read the report, and the public never."""
        return bool(self.concerns.restricted_by)


def check_draft(town: Municipality, draft: Draft, *, photo_count: int) -> CheckedDraft:
    """Check place, category, text and answers; raises SubmissionInvalid naming every fault."""
    errors: dict[str, tuple[str, str]] = {}
    point = Point(draft.lon, draft.lat, srid=4326)
    elsewhere = None if draft.passed_on else _check_place(town, point, errors)
    category = catalogue.category_offered(town.pk, draft.category_code)
    _check_category(town, draft, category, point, errors)
    if len(draft.description) > TEXT_LIMIT:
        errors["description"] = ("too_long", _("Bitte kürzen Sie den Text auf 4000 Zeichen."))
    elif not draft.description.strip() and not photo_count:
        errors["description"] = (
            "description_or_photo",
            _("Bitte beschreiben Sie kurz, was Sie melden, oder fügen Sie ein Foto hinzu."),
        )
    if photo_count > settings.PHOTO_LIMIT:
        errors["photos"] = ("too_many_photos", _("Bitte senden Sie höchstens fünf Fotos."))
    _check_sender(draft, errors)
    answers = _check_answers(category, draft, errors)
    named = _check_assets(town, draft, errors)
    if errors or category is None:
        raise SubmissionInvalid(
            {name: (code, str(text)) for name, (code, text) in errors.items()}, elsewhere=elsewhere
        )
    answers = answers or catalogue.CheckedAnswers({}, is_danger=False, advice=[])
    texts = texts_of(draft.description, draft.address, answers.values)
    concerns = concerns_of(town, texts, draft.language, answers.stops)
    signs = (category.is_danger, draft.marked_danger, answers.is_danger, concerns.danger.is_danger)
    return CheckedDraft(
        category=category,
        point=point,
        answers=answers.values,
        advice=list(dict.fromkeys([*answers.advice, *concerns.advice])),
        is_danger=any(signs),
        concerns=concerns,
        assets=named,
    )


def _check_category(
    town: Municipality,
    draft: Draft,
    category: Category | None,
    point: Point,
    errors: dict[str, tuple[str, str]],
) -> None:
    """Whether the town takes such reports, here and now; says where to turn if not."""
    if category is None:
        known = catalogue.is_known(town.pk, draft.category_code)
        code = "category_not_offered" if known else "unknown_category"
        errors["category"] = (code, _not_offered_here(town))
        return
    if draft.source not in PAUSING:
        return
    now = timezone.now()
    pause = Moment(town, now, point=point, language=draft.language).pause_of(category)
    if pause is not None:
        parts = (pause.text, pause.contact, pause.phone, pause.url)
        errors["category"] = ("category_paused", " ".join(part for part in parts if part))


def _not_offered_here(town: Municipality) -> str:
    ways = ", ".join(way for way in (town.contact_phone, town.contact_email) if way)
    return _(
        "Diese Anliegenart wird hier nicht angeboten. Fragen beantworten wir gern: %(ways)s"
    ) % {"ways": ways}


def _check_place(
    town: Municipality, point: Point, errors: dict[str, tuple[str, str]]
) -> Municipality | None:
    if coverage.covers(town.pk, point):
        return None
    elsewhere = coverage.town_at(point)
    if elsewhere is None:
        errors["place"] = (
            "outside",
            _(
                "Der Ort liegt außerhalb von %(town)s. Dort sind wir leider nicht zuständig; bitte "
                "wenden Sie sich an die Stadt oder Gemeinde, in der er liegt."
            )
            % {"town": town.name},
        )
    else:
        errors["place"] = (
            "other_municipality",
            _("Der Ort liegt in %(other)s. Bitte melden Sie es dort.") % {"other": elsewhere.name},
        )
    return elsewhere


def _check_assets(
    town: Municipality, draft: Draft, errors: dict[str, tuple[str, str]]
) -> tuple[Asset, ...]:
    """The things a report names; strangers may name those of public layers only."""
    if len(draft.assets) > MOST_OF_A_REPORT:
        errors["assets"] = ("too_many_assets", _("Bitte wählen Sie höchstens zehn Objekte."))
        return ()
    try:
        found = assets_by_reference(
            town.pk, draft.assets, for_public=draft.source not in ENTERED_BY_STAFF
        )
    except AssetsUnknown:
        errors["assets"] = (
            "unknown_asset",
            _("Ein gewähltes Objekt gibt es nicht (mehr). Bitte wählen Sie neu oder keines."),
        )
        return ()
    return tuple(found)


def _check_sender(draft: Draft, errors: dict[str, tuple[str, str]]) -> None:
    """What no column could hold, or no mail could be sent to, is a fault and not an accident."""
    sender = draft.sender
    words = {
        "description": (draft.description, None),
        "address": (draft.address, None),
        "name": (sender.name, NAME_LIMIT),
        "phone": (sender.phone, PHONE_LIMIT),
        "postal_address": (sender.postal_address, POSTAL_LIMIT),
    }
    for name, (text, limit) in words.items():
        if _UNSTORABLE.search(text):
            errors[name] = ("unstorable", _("Der Text enthält Zeichen, die nicht lesbar sind."))
        elif limit is not None and len(text.strip()) > limit:
            errors[name] = (
                "too_long",
                _("Bitte kürzen Sie die Angabe auf %(limit)d Zeichen.") % {"limit": limit},
            )
    email = sender.email.strip()
    if email and not can_be_mailed(email):
        errors["email"] = ("email_invalid", _("Bitte prüfen Sie die E-Mail-Adresse."))
    if sender.answer_by == AnswerBy.CALL and not sender.phone.strip():
        errors["phone"] = ("phone_missing", _("Für einen Rückruf fehlt die Telefonnummer."))
    if sender.answer_by == AnswerBy.LETTER and not sender.postal_address.strip():
        errors["postal_address"] = ("postal_missing", _("Für einen Brief fehlt die Anschrift."))


def can_be_mailed(address: str) -> bool:
    """Whether a mail to this address could be written at all."""
    try:
        validate_email(address)
        address.rpartition("@")[2].encode("idna")
    except (ValidationError, UnicodeError):
        return False
    # Quoted local parts may hold control characters (RFC 5321); no header should.
    return address.isprintable() and len(address) <= 254


def _check_answers(
    category: Category | None, draft: Draft, errors: dict[str, tuple[str, str]]
) -> catalogue.CheckedAnswers | None:
    if category is None:
        return None
    try:
        return catalogue.check_answers(category.pk, draft.answers, language=draft.language)
    except catalogue.AnswersInvalid as invalid:
        for code, message in invalid.errors.items():
            errors[f"answers.{code}"] = (invalid.codes[code], message)
        return None
