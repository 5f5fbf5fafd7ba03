"""What somebody should know before sending a report: dangers, other bodies, pauses, hours, advice.

One list for every door, in the order in which it is shown. Only some of it wants an answer before
the form sends; nothing of it makes a report that is sent all the same get lost.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from accounts.models import Municipality
from reports.concerns import Concerns
from reports.personal_data import find_in, kinds_in_words, kinds_of
from routing.answers import Stop
from routing.danger_words import DangerHint, Number
from routing.duty import on_call
from routing.models import Category
from routing.offering import Moment, TimelyNotice, closed_words
from routing.word_topics import dialable
from textguard.spans import Span


class NoticeKind(StrEnum):
    """What a notice is about; the words are part of the API."""

    DANGER = "danger"
    NOBODY_ON_DUTY = "nobody_on_duty"
    STOP = "stop"
    NOT_OFFERED = "not_offered"
    PAUSED = "paused"
    ADVICE = "advice"
    TIMELY = "timely"
    CLOSED_NOW = "closed_now"
    PERSONAL_DATA = "personal_data"


class Asks(StrEnum):
    """What a form asks before it sends; empty where it only tells."""

    NOTHING = ""
    CALLED_EMERGENCY = "called_emergency"
    SEND_ANYWAY = "send_anyway"


@dataclass(frozen=True)
class Notice:
    """One notice. `may_send`: the form still offers to send after it.

    `foreign` repeats the notice in the language of the danger word that was found. `spans` are
    the places in the description that it is about.
    """

    kind: NoticeKind
    code: str
    text: str
    asks: Asks = Asks.NOTHING
    may_send: bool = True
    numbers: tuple[Number, ...] = ()
    contact: str = ""
    url: str = ""
    foreign: str = ""
    foreign_language: str = ""
    spans: tuple[Span, ...] = ()


def notices_for(
    category: Category | None, concerns: Concerns, advice: list[str], moment: Moment
) -> list[Notice]:
    """Everything to say, most urgent first. At most four queries, of the moment."""
    found = [_danger(hint) for hint in concerns.danger.hints if hint.alarms]
    found += [_stop(stop) for stop in concerns.stops]
    found += _not_offered(concerns)
    told = {notice.text for notice in found}
    if category is not None:
        found += _timely(category, moment)
    found += [_danger(hint) for hint in concerns.danger.hints if not hint.alarms]
    found += [Notice(NoticeKind.ADVICE, "advice", text) for text in advice if text not in told]
    return found


def duty_notice(town: Municipality, category: Category | None, *, now: datetime) -> list[Notice]:
    """That nobody would be alerted of a danger now, and whom to call instead; one query."""
    if on_call(town.pk, category.default_office_id if category else None, now):
        return []
    number = town.emergency_contact
    words = _("Bei uns ist gerade niemand in Bereitschaft.")
    if number:
        reach = _("Außerhalb der Dienstzeit erreichen Sie uns unter %(number)s.")
        words = f"{words} {reach % {'number': number}}"
    numbers = (Number(town.name, number, dialable(number)),) if dialable(number) else ()
    return [Notice(NoticeKind.NOBODY_ON_DUTY, "nobody_on_duty", words, numbers=numbers)]


def personal_data_notice(
    description: str, town: Municipality, category: Category | None
) -> list[Notice]:
    """That a text holds personal data, if it does; it only tells. One query at most."""
    spans = find_in(description, town.pk, category)
    if not spans:
        return []
    text = _(
        "Ihr Text enthält vielleicht Angaben über Personen (%(kinds)s). Bitte lassen Sie weg, was "
        "nicht nötig ist. Öffentlich wird der Text erst, wenn jemand ihn geprüft hat."
    ) % {"kinds": kinds_in_words(kinds_of(spans))}
    return [Notice(NoticeKind.PERSONAL_DATA, "personal_data", text, spans=tuple(spans))]


def questions_before_sending(notices: list[Notice]) -> list[Notice]:
    """Those a form must not pass without an answer."""
    return [notice for notice in notices if notice.asks]


def _danger(hint: DangerHint) -> Notice:
    return Notice(
        NoticeKind.DANGER,
        hint.topic,
        hint.sentence,
        asks=Asks.CALLED_EMERGENCY if hint.alarms else Asks.NOTHING,
        numbers=hint.numbers,
        foreign=hint.foreign,
        foreign_language=hint.foreign_language,
    )


def _stop(stop: Stop) -> Notice:
    return Notice(
        NoticeKind.STOP,
        stop.code,
        stop.advice,
        asks=Asks.CALLED_EMERGENCY if stop.is_danger else Asks.SEND_ANYWAY,
        may_send=stop.may_send_anyway,
    )


def _not_offered(concerns: Concerns) -> Iterator[Notice]:
    for topic in concerns.not_offered:
        yield Notice(
            NoticeKind.NOT_OFFERED,
            topic.topic,
            topic.sentence,
            asks=Asks.SEND_ANYWAY,
            numbers=topic.numbers,
            contact=topic.contact,
            url=topic.url,
        )


def _timely(category: Category, moment: Moment) -> Iterator[Notice]:
    for notice in moment.notices_for(category):
        yield _from_timely(notice)
    closed = closed_words(category, moment)
    if closed:
        yield Notice(NoticeKind.CLOSED_NOW, "closed_now", closed)


def _from_timely(notice: TimelyNotice) -> Notice:
    numbers = (Number(notice.contact, notice.phone, dialable(notice.phone)),)
    return Notice(
        NoticeKind.PAUSED if notice.pauses else NoticeKind.TIMELY,
        f"notice-{notice.id}",
        notice.text,
        may_send=not notice.pauses,
        numbers=numbers if notice.phone else (),
        contact=notice.contact,
        url=notice.url,
    )
