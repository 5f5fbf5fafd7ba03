"""Turns a case into what its page shows: places, photos, forms, text modules, addresses."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _

from accounts.models import Municipality, User
from accounts.towns import host_town
from notifications.interim_reasons import INTERIM_REASONS
from places import lookup
from reports.actions.send_interim import reason_of
from reports.masks import copies_for_others, covering, is_current, read
from reports.models import Detection, Photo, PhotoState, Publication, Report
from reports.pauses import is_resting
from reports.policies import Staff
from reports.queries.alike import MergedCase
from reports.queries.desk_case import CaseFile, Part
from staff_desk.access import DeskRequest
from staff_desk.forms import CaseForm
from staff_desk.found_words import found_words
from staff_desk.navigation import work_list_url
from staff_desk.timeline import lines_of
from staff_desk.verb import Verb
from staff_desk.verbs import VERBS

SHOWN_SIZE, FULL_SIZE = "800", "1600"
# Verbs whose forms stand in dialogs on the page of the case.
DIALOGS = ("abschliessen", "warten", "abgeben", "zuweisen", "notiz")


def context_of(request: DeskRequest, case: CaseFile, user: User) -> dict[str, Any]:
    """Everything the page of a case draws."""
    offered = {verb: spec for verb, spec in VERBS.items() if spec.offered(case, user)}
    return {
        "case": case,
        "report": case.report,
        "place": place_of(case),
        "point_words": point_words(case),
        "due_paused": is_resting(case.report, now=timezone.now()),
        "pauses": pauses_of(case),
        "danger_steps": danger_steps(case),
        **interim_of(case),
        "photos": [photo_of(part, case) for part in case.parts if part.photo],
        "parts": {part.name: part for part in case.parts},
        "found": found_words(case),
        "undecided": sum(waits_for_approval(part) for part in case.parts),
        "entries": lines_of(case.events),
        "merged": [merged_case(each) for each in case.duplicates],
        "can": {verb.replace("-", "_"): address(case.report, verb) for verb in offered},
        "dialogs": [
            (verb, offered[verb], new_form(verb, case), modules_for(offered[verb], case))
            for verb in DIALOGS
            if verb in offered
        ],
        "answer_form": new_form("antworten", case) if "antworten" in offered else None,
        "answer_modules": modules_for(VERBS["antworten"], case),
        "breadcrumbs": breadcrumbs(case, request.desk.staff),
        **map_of(request, case.report),
    }


def interim_of(case: CaseFile) -> dict[str, Any]:
    """After how many days an interim message is due here, and the honest reason; else nothing."""
    if not case.wants_interim or not case.report.is_open:
        return {}
    reason = reason_of(case.report, now=timezone.now())
    days = case.report.municipality.interim_days
    return {"interim_days": days, "interim_reason": INTERIM_REASONS[reason]}


def danger_steps(case: CaseFile) -> list[dict[str, Any]]:
    """When a danger was alerted, taken on, made safe and repaired, each apart; empty otherwise."""
    report = case.report
    if not report.is_danger:
        return []
    alerts = [event.entry.at for event in case.events if event.entry.kind == "danger_alerted"]
    escalated = [event.entry.at for event in case.events if event.entry.kind == "danger_escalated"]
    steps = [
        (_("alarmiert"), min(alerts + escalated, default=None)),
        (_("quittiert"), report.danger_acknowledged_at),
        (_("gesichert"), report.made_safe_at),
        (_("behoben"), report.repaired_at),
    ]
    return [{"label": label, "at": at} for label, at in steps]


def pauses_of(case: CaseFile) -> list[dict[str, Any]]:
    """The pauses of the clock that have ended, each with its hours in words."""
    unit = _("Stunden") if case.report.is_danger else _("Arbeitsstunden")
    return [
        {
            "from": pause.began_at,
            "to": pause.ended_at,
            "hours": f"{localize(round(pause.hours, 1))} {unit}".replace(",0 ", " "),
        }
        for pause in case.pauses
    ]


def merged_case(merged: MergedCase) -> dict[str, Any]:
    """A duplicate as its leading case shows it: words, notes and small photos."""
    number = merged.report.number
    return {
        "report": merged.report,
        "text": merged.report.submission.description,
        "notes": merged.notes,
        "photos": [
            {
                "src": _photo_url(number, photo, SHOWN_SIZE, "jpeg"),
                "alt": _("Foto %(number)s zur Meldung") % {"number": photo.ordinal},
            }
            for photo in merged.photos
        ],
    }


def address(report: Report, verb: str) -> str:
    """Where a verb is posted to, and where its form is found without JavaScript."""
    return reverse("staff_desk:act", args=[report.number, verb])


def new_form(verb: str, case: CaseFile, data: Any = None, **initial: Any) -> CaseForm:
    """The form of a verb for a case; ids carry the verb, several forms share a page."""
    initial = {"version": case.report.version} | initial
    return VERBS[verb].form(data, case=case, auto_id=f"{verb}_%s", initial=initial)


def modules_for(spec: Verb, case: CaseFile) -> list[dict[str, str]]:
    """The text modules that fit a verb, with the office and its telephone filled in."""
    office = case.report.office
    known = {
        "[Amt]": office.label if office else "[Amt]",
        "[Telefon]": (office.phone if office else "") or "[Telefon]",
    }
    found = []
    for module in case.text_modules:
        if module.use not in spec.modules:
            continue
        body = module.body
        for placeholder, value in known.items():
            body = body.replace(placeholder, value)
        found.append({"code": module.code, "title": module.title, "body": body})
    return found


def breadcrumbs(case: CaseFile, staff: Staff, *more: str) -> list[dict[str, str]]:
    """Work list, case, and what is being done with it."""
    queue = {"label": _("Vorgänge"), "url": work_list_url(staff)}
    number = {"label": case.report.number, "url": ""}
    if more:
        number["url"] = reverse("staff_desk:case", args=[case.report.number])
    return [queue, number, *({"label": label, "url": ""} for label in more)]


def waits_for_approval(part: Part) -> bool:
    """Whether somebody could approve this part now."""
    ready = part.photo is None or part.photo.state == PhotoState.READY
    return part.publication == Publication.PENDING and part.may_be_public and ready


def place_of(case: CaseFile) -> str:
    """Where it is, in words."""
    district = case.report.district.name if case.report.district else ""
    return ", ".join(word for word in (case.submission.address, district) if word)


def point_words(case: CaseFile) -> str:
    """What lies at the point by the gazetteer, where that is not what the reporter wrote."""
    report = case.report
    found = lookup.describe(
        report.municipality, report.place.x, report.place.y, accuracy_m=report.accuracy_m
    )
    return "" if found.words == case.submission.address else found.words


def photo_of(part: Part, case: CaseFile) -> dict[str, Any]:
    """A photo as design/_photo.html draws it, with what was decided on it."""
    photo = part.photo
    assert photo is not None  # noqa: S101 - the caller filters
    shown = _copy(photo, SHOWN_SIZE)
    number = case.report.number
    state = {PhotoState.RECEIVED: "processing", PhotoState.FAILED: "failed"}.get(
        PhotoState(photo.state), ""
    )
    is_ready = photo.state == PhotoState.READY
    return {
        "name": part.name,
        "ordinal": photo.ordinal,
        "state": state if is_current(photo) else "processing",
        "is_ready": is_ready,
        "masks_url": reverse("staff_desk:masks", args=[number, photo.ordinal]) if is_ready else "",
        "covered": len(covering(read(photo.masks))),
        "search_note": search_words(photo) if is_ready else "",
        "src": _photo_url(number, photo, SHOWN_SIZE, "jpeg"),
        "webp": _photo_url(number, photo, SHOWN_SIZE, "webp"),
        "href": _photo_url(number, photo, FULL_SIZE, "jpeg"),
        "alt": _("Foto %(number)s zur Meldung") % {"number": photo.ordinal},
        "width": shown.get("width", ""),
        "height": shown.get("height", ""),
        "publication": part.publication,
        "publication_label": photo.get_publication_display(),
        "may_be_public": part.may_be_public,
        "has_original": bool(photo.original_key),
        "original_url": reverse("staff_desk:original", args=[number, photo.ordinal]),
    }


def map_of(request: HttpRequest, report: Report) -> dict[str, Any]:
    """Values of design/_map.html for the place of a case; tiles and outlines come from us."""
    return town_map(request, report.municipality) | {
        "lat": report.place.y,
        "lon": report.place.x,
        "point": {"lat": report.place.y, "lon": report.place.x, "accuracy": report.accuracy_m},
    }


def town_map(request: HttpRequest, town: Municipality) -> dict[str, Any]:
    """The same without a place of its own."""
    root = "/" if host_town(request) else f"/{town.slug}/"
    return {
        "areas_url": f"{root}gebiete.geojson",
        "tile_url": f"{root}kacheln/{{z}}/{{x}}/{{y}}.png" if town.tile_url else "",
        "tile_attribution": town.tile_attribution,
    }


def search_words(photo: Photo) -> str:
    """What moderators must know about the search for faces and plates, "" if all went well."""
    if photo.detection == Detection.WAITING:
        return _("Gesichter und Kennzeichen werden noch gesucht.")
    if photo.detection == Detection.FAILED:
        return _("Die Suche nach Gesichtern und Kennzeichen ist misslungen. Bitte selbst prüfen.")
    if photo.detection == Detection.NONE:
        return _("Niemand hat nach Gesichtern und Kennzeichen gesucht. Bitte selbst prüfen.")
    words = {"face": _("Gesichtern"), "plate": _("Kennzeichen")}
    kinds = photo.detected.get("kinds", [])
    unsought = [word for kind, word in words.items() if kind not in kinds]
    if kinds and unsought:
        return _("Nach %(kind)s wurde nicht gesucht. Bitte selbst prüfen.") % {"kind": unsought[0]}
    return ""


def _copy(photo: Photo, size: str) -> dict[str, Any]:
    copy: dict[str, Any] = copies_for_others(photo).get(size, {})
    return copy


def _photo_url(number: str, photo: Photo, size: str, image_format: str) -> str:
    if image_format not in _copy(photo, size):
        return ""
    return reverse("staff_desk:photo", args=[number, photo.ordinal, int(size), image_format])
