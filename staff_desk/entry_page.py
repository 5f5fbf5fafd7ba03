"""What the pages for entering reports show: map, duty, the receipt to dictate and to print."""

from typing import Any

import segno
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.models import Municipality
from accounts.towns import host_town, public_url
from reports import receipts
from reports.actions.take_back_entry import WITHIN, may_take_back
from reports.desk_entry import ReplyTask
from reports.models import AnswerBy, Report
from reports.queries.entry import contact_of
from routing import catalogue
from routing.assets import AssetsUnknown, assets_by_reference
from routing.duty import on_call
from staff_desk.access import DeskRequest
from staff_desk.entry_form import EntryForm
from staff_desk.spelling import spelled

TOWN_ZOOM = 13


def map_of_town(request: DeskRequest) -> dict[str, Any]:
    """Values of the place picker; tiles and outlines come from us."""
    town = request.desk.town
    root = "/" if host_town(request) else f"/{town.slug}/"
    return {
        "lat": town.center.y,
        "lon": town.center.x,
        "zoom": TOWN_ZOOM,
        "areas_url": f"{root}gebiete.geojson",
        "tile_url": f"{root}kacheln/{{z}}/{{x}}/{{y}}.png" if town.tile_url else "",
        "tile_attribution": town.tile_attribution,
    }


def chosen_things(request: DeskRequest, form: EntryForm) -> list[dict[str, Any]]:
    """What was ticked before, for a form that comes back. One query if anything was."""
    references = form.named_assets()
    try:
        things = assets_by_reference(request.desk.town.pk, references, for_public=False)
    except AssetsUnknown:
        return []
    return [
        {"facts": {"reference": each.reference, "label": each.label}, "is_chosen": True}
        for each in things
    ]


def duty_words(town: Municipality, category_code: str) -> str:
    """Whom a danger of this category alarms now, with the number to call. Two queries."""
    category = catalogue.find_category(town.pk, category_code) if category_code else None
    office_id = category.default_office_id if category else None
    duties = on_call(town.pk, office_id, timezone.now())
    if duties:
        people = ", ".join(f"{duty.name} {duty.phone}".strip() for duty in duties[:2])
        return _("Nach dem Speichern wird sofort alarmiert: %(people)s.") % {"people": people}
    if town.emergency_contact:
        return _("Niemand ist in Bereitschaft. Bitte selbst anrufen: %(number)s.") % {
            "number": town.emergency_contact
        }
    return _("Niemand ist in Bereitschaft. Bitte selbst anrufen, im Zweifel 112.")


def entered_context(request: DeskRequest, report: Report) -> dict[str, Any]:
    """A report just entered, as it is read out and printed."""
    secret, contact = receipts.secret_of(report), contact_of(report)
    town = request.desk.town
    link = public_url(town, f"meldung/{report.number}/zugang/?code={secret}")
    return {
        "report": report,
        "contact": contact,
        "number_groups": _groups(report.number),
        "secret_groups": _groups(secret),
        "may_take_back": may_take_back(report, now=timezone.now()),
        "take_back_minutes": int(WITHIN.total_seconds() // 60),
        "is_letter": contact is not None and contact.answer_by == AnswerBy.LETTER,
        "letter_task": ReplyTask.objects.filter(
            report=report, kind=ReplyTask.Kind.LETTER, state=ReplyTask.State.OPEN
        ).first(),
        "qr": qr_code(link),
        "receipt_page": public_url(town, "meine/"),
        "privacy_page": public_url(town, "seite/datenschutz/"),
    }


def qr_code(link: str) -> SafeString:
    """A link as a QR code (ISO/IEC 18004) to stand in the page, sized by its style sheet."""
    drawn = segno.make(link, error="m", micro=False).svg_inline(
        scale=4, border=4, svgclass="qr", lineclass=None, omitsize=True, title=escape(_("Quittung"))
    )
    return mark_safe(drawn)  # noqa: S308 - modules of the code, and a title of our own


def _groups(code: str) -> list[dict[str, Any]]:
    """A number or code in groups for dictating, each with the words to spell it."""
    return [{"text": group, "words": spelled(group)} for group in code.split("-")]
