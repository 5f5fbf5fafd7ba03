"""The history of a case in words for staff."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _

from accounts.models import Office, User
from notifications.interim_reasons import INTERIM_REASONS
from reports.escalations import Rung
from reports.lifecycle import ClosingReason, Status, WaitingFor
from reports.models import ActorKind, Priority, Publication, Source, TimelineEntry
from reports.participation import ObjectionPart
from reports.personal_data import kinds_in_words
from reports.queries.desk_case import Event
from reports.queries.passed import name_in, names_of_others
from reports.timeline_kinds import KINDS
from routing.word_topic import topic_label
from textguard.spans import Kind


@dataclass(frozen=True)
class Line:
    """One entry as design/_timeline.html draws it."""

    title: str
    at: datetime
    icon_name: str
    tone: str
    text: str
    by: str


# Icon and tone by kind; what is missing here is drawn quietly.
_LOOKS = {
    "received": ("status-received", "info"),
    "routed": ("route", "neutral"),
    "rerouted": ("swap", "neutral"),
    "copied": ("copy", "neutral"),
    "notice_given": ("message", "info"),
    "status_changed": ("status-in_progress", "progress"),
    "reopened": ("refresh", "warning"),
    "clock_resumed": ("clock", "neutral"),
    "answered": ("message", "success"),
    "noted": ("edit", "neutral"),
    "assigned": ("user", "neutral"),
    "priority_raised": ("lamp", "warning"),
    "unassigned": ("user", "neutral"),
    "handover_offered": ("swap", "warning"),
    "handover_accepted": ("swap", "success"),
    "handover_returned": ("swap", "danger"),
    "handover_expired": ("clock", "danger"),
    "brought_to_dispatch": ("flag", "danger"),
    "reorganised": ("building", "neutral"),
    "passed_on": ("external", "info"),
    "passed_to_town": ("external", "info"),
    "came_from_town": ("external", "info"),
    "delegated": ("truck", "info"),
    "delegation_accepted": ("truck", "neutral"),
    "delegation_begun": ("truck", "progress"),
    "delegation_done": ("check", "success"),
    "delegation_refused": ("truck", "danger"),
    "delegation_noted": ("message", "info"),
    "proof_added": ("camera", "info"),
    "delegation_silent": ("clock", "danger"),
    "delegation_late": ("clock", "warning"),
    "delegation_checked": ("check", "success"),
    "delegation_revoked": ("truck", "neutral"),
    "body_answered": ("message", "info"),
    "town_answered": ("message", "info"),
    "town_ended": ("status-done", "success"),
    "body_refused": ("swap", "danger"),
    "danger_named": ("siren", "danger"),
    "restricted": ("lock", "warning"),
    "danger_alerted": ("siren", "danger"),
    "danger_escalated": ("siren", "danger"),
    "danger_acknowledged": ("check", "success"),
    "made_safe": ("shield", "success"),
    "repaired": ("check", "success"),
    "escalated": ("clock", "warning"),
    "interim_sent": ("mail", "neutral"),
    "moderated": ("eye", "neutral"),
    "marked_confidential": ("lock", "warning"),
    "hold_set": ("shield", "warning"),
    "withdrawn": ("status-withdrawn", "neutral"),
    "photo_ready": ("camera", "neutral"),
    "photo_failed": ("camera", "danger"),
    "masks_proposed": ("eye-off", "neutral"),
    "masks_changed": ("eye-off", "neutral"),
    "photo_fetched": ("camera", "neutral"),
    "photo_not_fetched": ("camera", "danger"),
    "partner_wrote": ("message", "info"),
    "address_confirmed": ("mail", "neutral"),
    "message_resent": ("mail", "neutral"),
    "citizen_wrote": ("message", "info"),
    "question_answered": ("message", "info"),
    "photo_added": ("camera", "info"),
    "objected": ("eye-off", "warning"),
    "objection_overruled": ("eye", "neutral"),
    "feedback_given": ("star", "info"),
    "entry_taken_back": ("status-withdrawn", "warning"),
    "mail_filed": ("mail", "neutral"),
    "called_back": ("phone", "neutral"),
    "caller_attached": ("users", "neutral"),
    "letter_sent": ("mail", "neutral"),
}


def lines_of(events: Iterable[Event]) -> list[Line]:
    """Events of a case for its page."""
    return [_line(event) for event in events]


def sentences_of(entries: Sequence[TimelineEntry]) -> list[str]:
    """Entries as sentences, for telling somebody what happened meanwhile."""
    named = User.objects.filter(pk__in=_ids(entries, "person"))
    people = {person.pk: str(person) for person in named}
    mentioned = Office.objects.filter(pk__in=_ids(entries, "office"))
    offices = {office.pk: office.label for office in mentioned}
    others = names_of_others(entries)
    return [
        _("%(what)s (%(who)s)")
        % {
            "what": title_of(
                entry,
                person=people.get(entry.data.get("person", 0), ""),
                office=offices.get(entry.data.get("office", 0), ""),
                outside=name_in(others, entry.data),
            ),
            "who": _actor(entry),
        }
        for entry in entries
    ]


def title_of(entry: TimelineEntry, *, person: str = "", office: str = "", outside: str = "") -> str:
    """What happened, with the details the entry holds as codes."""
    label = str(KINDS.get(entry.kind, entry.kind))
    detail = _DETAILS.get(entry.kind, _no_detail)(entry.data) or office or person
    detail = ", ".join(filter(None, [outside, detail]))
    if entry.kind == "received" and office:
        detail = f"{detail}, {office}"
    return f"{label}: {detail}" if detail else label


def _line(event: Event) -> Line:
    icon, tone = _LOOKS.get(event.entry.kind, ("info", "neutral"))
    if event.entry.kind == "status_changed":
        icon = f"status-{event.entry.data.get('to', 'in_progress')}"
    return Line(
        title=title_of(
            event.entry, person=event.person, office=event.office, outside=event.outside
        ),
        at=event.entry.at,
        icon_name=icon,
        tone=tone,
        text=_("(Text gelöscht)") if event.text_erased else event.text,
        by=_actor(event.entry),
    )


def _actor(entry: TimelineEntry) -> str:
    if entry.actor is not None:
        return str(entry.actor)
    return str(ActorKind(entry.actor_kind).label)


def _ids(entries: Iterable[TimelineEntry], name: str) -> set[int]:
    return {entry.data[name] for entry in entries if name in entry.data}


def _no_detail(data: dict[str, Any]) -> str:
    return ""


def _received(data: dict[str, Any]) -> str:
    return str(Source(data["source"]).label) if data.get("source") in Source.values else ""


def _called(data: dict[str, Any]) -> str:
    words = {
        "done": _("erreicht"),
        "not_reached": _("nicht erreicht, Versuch %(attempt)s"),
        "given_up": _("nach %(attempt)s Versuchen aufgegeben"),
    }
    return words.get(data.get("outcome", ""), "") % {"attempt": data.get("attempt", "")}


def _letter(data: dict[str, Any]) -> str:
    return _("verschickt")


def _status(data: dict[str, Any]) -> str:
    words = [str(Status(data["to"]).label)] if data.get("to") in Status.values else []
    if data.get("reason") in ClosingReason.values:
        words.append(str(ClosingReason(data["reason"]).label))
    if data.get("waiting_for") in WaitingFor.values:
        words = [str(WaitingFor(data["waiting_for"]).label)]
    if data.get("planned_date"):
        words.append(_day(data["planned_date"]))
    return ", ".join(words)


def _resumed(data: dict[str, Any]) -> str:
    hours = localize(round(data.get("hours", 0), 1)).removesuffix(",0").removesuffix(".0")
    return _("um %(hours)s Stunden Dienstzeit verlängert") % {"hours": hours}


def _escalated(data: dict[str, Any]) -> str:
    return str(Rung(data["rung"]).label) if data.get("rung") in Rung.values else ""


def _raised(data: dict[str, Any]) -> str:
    word = Priority(data["priority"]).label if data.get("priority") in Priority.values else ""
    told = _("%(priority)s, %(cases)s Fälle in %(months)s Monaten")
    return told % {"priority": word, "cases": data.get("cases"), "months": data.get("months")}


def _interim(data: dict[str, Any]) -> str:
    return str(INTERIM_REASONS.get(data.get("reason", ""), ""))


def _moderated(data: dict[str, Any]) -> str:
    named = []
    for part, decision in data.items():
        if decision in Publication.values:
            named.append(f"{_part(part)} {Publication(decision).label}")
    if data.get("by_time"):
        named.append(_("ohne Entscheidung nach %(hours)d Stunden") % {"hours": data["by_time"]})
    if data.get("ground"):
        named.append(_("weil der Ort auf einem privaten Flurstück liegt"))
    if data.get("despite"):
        kinds = kinds_in_words(Kind(kind) for kind in data["despite"])
        named.append(_("trotz personenbezogener Angaben (%(kinds)s)") % {"kinds": kinds})
    return ", ".join(named)


def _part(part: str) -> str:
    if part.startswith("photo_"):
        return _("Foto %(number)s") % {"number": part.removeprefix("photo_")}
    return _("Text") if part == "text" else _("Meldung")


def _photo(data: dict[str, Any]) -> str:
    return _("Foto %(number)s") % {"number": data.get("photo", "")}


def _partner(data: dict[str, Any]) -> str:
    return str(data.get("partner_status", ""))


def _hold(data: dict[str, Any]) -> str:
    return _("bis %(day)s") % {"day": _day(data["until"])} if data.get("until") else ""


def _screened(data: dict[str, Any]) -> str:
    return _("freigegeben") if data.get("verdict") == "clear" else _("Spam")


def _passed_on(data: dict[str, Any]) -> str:
    words = [_("mit Namen und Kontakt")] if data.get("contact") else []
    words += [_photo({"photo": ordinal}) for ordinal in data.get("photos", [])]
    if data.get("until"):
        words.append(_("bis %(day)s") % {"day": _day(data["until"])})
    return ", ".join(words)


def _elsewhere(data: dict[str, Any]) -> str:
    return str(data.get("number", ""))


def _named(data: dict[str, Any]) -> str:
    words = [topic_label(code) for code in data.get("topics", [])]
    if data.get("called"):
        words.append(_("Notruf nach eigener Angabe schon verständigt"))
    return ", ".join(words)


def _objected(data: dict[str, Any]) -> str:
    parts = [part for part in data.get("parts", []) if part in ObjectionPart.values]
    return ", ".join(str(ObjectionPart(part).label) for part in parts)


def _added(data: dict[str, Any]) -> str:
    return ", ".join(_photo({"photo": ordinal}) for ordinal in data.get("photos", []))


def _other_case(data: dict[str, Any]) -> str:
    return str(data.get("case", ""))


def _feedback(data: dict[str, Any]) -> str:
    return _("in Ordnung") if data.get("fixed") else _("noch nicht in Ordnung")


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "SHORT_DATE_FORMAT")


_DETAILS: dict[str, Callable[[dict[str, Any]], str]] = {
    "received": _received,
    "danger_named": _named,
    "restricted": _named,
    "status_changed": _status,
    "reopened": _status,
    "clock_resumed": _resumed,
    "escalated": _escalated,
    "priority_raised": _raised,
    "interim_sent": _interim,
    "moderated": _moderated,
    "photo_ready": _photo,
    "photo_failed": _photo,
    "masks_proposed": _photo,
    "masks_changed": _photo,
    "photo_fetched": _photo,
    "partner_wrote": _partner,
    "hold_set": _hold,
    "objected": _objected,
    "objection_overruled": _objected,
    "photo_added": _added,
    "feedback_given": _feedback,
    "passed_on": _passed_on,
    "follow_up_moved": _passed_on,
    "delegated": _passed_on,
    "proof_added": _added,
    "passed_to_town": _elsewhere,
    "came_from_town": _elsewhere,
    "town_answered": _elsewhere,
    "town_ended": _elsewhere,
    "screened": _screened,
    "duplicate_joined": _other_case,
    "duplicate_left": _other_case,
    "called_back": _called,
    "letter_sent": _letter,
}
