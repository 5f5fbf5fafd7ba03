"""What stands around every page of the desk: work lists with their counters, the municipality."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role
from figures.scope import may_see_figures
from reports.policies import (
    Staff,
    may_draft_rules,
    may_enter,
    may_file,
    may_oversee_deletion,
    may_plan_duty,
    may_protect,
    may_read_inbox,
    may_screen_at_all,
    may_see_incidents,
)
from reports.queries.counters import Counts, Work, counters
from reports.queries.desk import Tab
from staff_desk.access import DeskRequest


def render_desk(
    request: DeskRequest,
    template: str,
    context: dict[str, Any],
    *,
    current: str = "",
    status: int = 200,
    counts: Counts | None = None,
) -> HttpResponse:
    """Draw a page of the desk inside its shell; `current` names the work list it belongs to."""
    staff = request.desk.staff
    counts = counts or counters(staff, now=timezone.now())
    frame = {
        "desk_nav": _navigation(staff, counts, current),
        "desk_towns": request.desk.towns,
        "desk_town": request.desk.town.slug,
        "town": request.desk.town,
    }
    return render(request, template, frame | context, status=status)


def only_moderates(staff: Staff) -> bool:
    """Whether approving texts and photos is all a person does here."""
    works = bool(staff.offices) or staff.has(Role.DISPATCHER, Role.MANAGER, Role.ADMIN)
    return staff.has(Role.MODERATOR) and not works


def work_list_url(staff: Staff) -> str:
    """The list of cases; the bare address is the home, which is another page for moderators."""
    home = reverse("staff_desk:queue")
    return f"{home}?liste={Tab.OPEN}" if only_moderates(staff) else home


def _navigation(staff: Staff, counts: Counts, current: str) -> list[dict[str, Any]]:
    queue = work_list_url(staff)
    items = [_item("queue", _("Vorgänge"), "list", queue, counts.tabs[Tab.NOW], current)]
    items[0]["urgent"] = counts.tabs[Tab.DANGER] > 0
    if may_enter(staff):
        entry = reverse("staff_desk:entry")
        items.append(_item("entry", _("Neue Meldung"), "plus", entry, None, current) | {"key": "e"})
        items += _inbox_item(staff, counts, current)
        replies = reverse("staff_desk:replies")
        owed = counts.work[Work.REPLIES]
        items.append(_item("replies", _("Rückrufe"), "phone", replies, owed, current))
        due = reverse("staff_desk:follow_ups")
        count = counts.work[Work.PASSINGS] + counts.work[Work.FIRM_WORK]
        items.append(_item("follow_ups", _("Wiedervorlagen"), "calendar", due, count, current))
        offers = reverse("staff_desk:offers")
        items.append(
            _item("offers", _("Abgaben"), "swap", offers, counts.tabs[Tab.OFFERED], current)
        )
    if staff.offices or staff.has(Role.MODERATOR, Role.DISPATCHER):
        url = reverse("staff_desk:moderation")
        waiting = counts.work[Work.MODERATION]
        items.append(_item("moderation", _("Freigabe"), "eye", url, waiting, current))
    if may_see_incidents(staff):
        url = reverse("staff_desk:incidents")
        proposed = counts.work[Work.PROPOSALS]
        items.append(_item("incidents", _("Ereignisse"), "warning", url, proposed, current))
    if may_screen_at_all(staff):
        held = reverse("staff_desk:held")
        items.append(
            _item("held", _("Zurückgehalten"), "shield", held, counts.tabs[Tab.HELD], current)
        )
        items[-1]["urgent"] = counts.tabs[Tab.HELD_TOO_LONG] > 0
    if may_see_figures(staff):
        figures = reverse("staff_desk:figures")
        items.append(_item("figures", _("Auswertung"), "data", figures, None, current))
    items.append(_item("assets", _("Objekte"), "lamp", reverse("staff_desk:assets"), None, current))
    items += _order_items(staff, current)
    if staff.sees_whole_town:
        card = reverse("staff_desk:model_card")
        items.append(_item("model_card", _("Vorschläge"), "idea", card, None, current))
    return items + _presence_items(staff, current) + _privacy_items(staff, counts, current)


def _order_items(staff: Staff, current: str) -> list[dict[str, Any]]:
    """Who is responsible for what, for those who change it."""
    items = []
    if may_draft_rules(staff):
        rules = reverse("staff_desk:rules")
        items.append(_item("rules", _("Regeln"), "route", rules, None, current))
        proposed = reverse("staff_desk:rule_proposals")
        items.append(_item("proposals", _("Regelvorschläge"), "idea", proposed, None, current))
    if staff.has(Role.ADMIN):
        offices = reverse("staff_desk:offices")
        items.append(_item("offices", _("Ämter"), "building", offices, None, current))
    return items


def _presence_items(staff: Staff, current: str) -> list[dict[str, Any]]:
    items = []
    if may_plan_duty(staff):
        duty = reverse("staff_desk:duty")
        items.append(_item("duty", _("Bereitschaftsplan"), "siren", duty, None, current))
    if may_enter(staff):
        absence = reverse("staff_desk:absence")
        items.append(_item("absence", _("Abwesenheit"), "users", absence, None, current))
    return items


def _privacy_items(staff: Staff, counts: Counts, current: str) -> list[dict[str, Any]]:
    items = []
    if may_protect(staff):
        url = reverse("staff_desk:rights")
        open_ones = counts.work[Work.RIGHTS]
        items.append(_item("rights", _("Betroffenenrechte"), "user", url, open_ones, current))
    if may_file(staff) and settings.EFILE_TARGET:
        url = reverse("staff_desk:filings")
        items.append(_item("filings", _("eAkte"), "list", url, None, current))
    if may_oversee_deletion(staff):
        url = reverse("staff_desk:retention")
        items.append(_item("retention", _("Löschen"), "lock", url, None, current))
    return items


def _inbox_item(staff: Staff, counts: Counts, current: str) -> list[dict[str, Any]]:
    if not may_read_inbox(staff):
        return []
    waiting = counts.work[Work.MAILS]
    url = reverse("staff_desk:inbox")
    return [_item("inbox", _("Posteingang"), "mail", url, waiting, current)]


def _item(
    name: str, label: str, icon_name: str, url: str, count: int | None, current: str
) -> dict[str, Any]:
    return {
        "label": label,
        "url": url,
        "icon_name": icon_name,
        "count": count,
        "urgent": False,
        "is_current": name == current,
    }
