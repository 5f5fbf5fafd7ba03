"""Published reports as the templates of design/ want them: items of a list, photos of a page."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from public_web import wording
from public_web.kinds import Names
from reports.lifecycle import Status
from reports.queries.public_facts import PhotoCopy, ReportFacts
from reports.queries.public_incidents import IncidentFacts

LIST_SIZE, PAGE_SIZE, FULL_SIZE = 320, 800, 1600


def list_item(report: ReportFacts, kinds: Names) -> dict[str, Any]:
    """One report for design/_report_item.html."""
    only_month = report.time_precision == "month"
    when = wording.public_moment(report.received_at, "month") if only_month else ""
    return {
        "number": report.number,
        "url": reverse("public_web:report", args=[report.number]),
        "category_name": kinds.name(report.category_code, report.category_name),
        "category_icon": kinds.icon(report.category_code),
        "status": report.status,
        "status_label": Status(report.status).label,
        "place": " · ".join(word for word in (report.district, when) if word),
        "received_at": None if only_month else report.received_at,
        "photo_url": _address(report.photos, LIST_SIZE, "webp"),
        "supports": report.supports or 0,
    }


def incident_card(incident: IncidentFacts, kinds: Names) -> dict[str, Any]:
    """An incident among what is known already; its number names it as no report is named."""
    reports = ngettext("%(count)s Meldung", "%(count)s Meldungen", incident.reports)
    return {
        "number": f"ereignis-{incident.id}",
        "url": reverse("public_web:incident", args=[incident.id]),
        "category_name": incident.title,
        "category_icon": kinds.icon(incident.category_code),
        "status_label": _("wird gemeinsam bearbeitet"),
        "reason": reports % {"count": incident.reports},
        "is_incident": True,
    }


def photos_of(report: ReportFacts) -> list[dict[str, Any]]:
    """The approved photos of a report for design/_photo.html, in their order."""
    ordered = sorted(report.photos, key=lambda copy: copy.ordinal)
    return [
        _photo(number, list(copies))
        for number, copies in groupby(ordered, key=lambda copy: copy.ordinal)
    ]


def _photo(number: int, copies: list[PhotoCopy]) -> dict[str, Any]:
    shown = _find(copies, PAGE_SIZE, "jpeg") or copies[0]
    return {
        "ordinal": number,
        "src": _url(shown),
        "webp": _address(copies, PAGE_SIZE, "webp"),
        "href": _address(copies, FULL_SIZE, "jpeg"),
        "width": shown.width,
        "height": shown.height,
        "alt": _("Foto %(number)d zur Meldung, groß ansehen") % {"number": number},
    }


def _find(copies: Iterable[PhotoCopy], size: int, image_format: str) -> PhotoCopy | None:
    wanted = (size, image_format)
    return next((copy for copy in copies if (copy.size, copy.format) == wanted), None)


def _address(copies: Iterable[PhotoCopy], size: int, image_format: str) -> str:
    copy = _find(copies, size, image_format)
    return _url(copy) if copy else ""


def _url(copy: PhotoCopy) -> str:
    return reverse("public_web:photo", args=[copy.name])
