"""Work lists: what needs me now, offers, search; and the switch between municipalities."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.actions.open_incident import can_be_gathered
from reports.lifecycle import Status
from reports.models import Priority
from reports.pauses import is_resting
from reports.policies import Staff, may_open_incident
from reports.queries import desk
from reports.queries.counters import Counts, Work, counters
from reports.queries.desk import TAB_LABELS, Filters, QueueRow, Tab, Urgency
from reports.queries.incidents import IncidentRow, going_on
from reports.queries.offers import offers as offers_for
from staff_desk.access import TOWN, DeskRequest, desk_page
from staff_desk.duty_gaps import duty_gaps
from staff_desk.navigation import only_moderates, render_desk
from staff_desk.parameters import plain, whole_number

# Tabs of the queue; offers and held reports have entries of their own in the navigation.
TABS = (Tab.NOW, Tab.MINE, Tab.NEW, Tab.OVERDUE, Tab.SOON, Tab.OPEN, Tab.CLOSED)
ONLY_WITH_CASES = (Tab.DANGER, Tab.UNREAD)
LATER_WITH_CASES = (Tab.INTERIM, Tab.RESTING)
BY_PRIORITY = "dringlichkeit"
EMPTY = {
    Tab.NOW: _("Nichts drängt. Alle Vorgänge Ihres Amts stehen unter „Alle offenen“."),
    Tab.MINE: _("Ihnen ist kein offener Vorgang zugewiesen."),
    Tab.NEW: _("Keine neue Meldung wartet auf den ersten Blick."),
    Tab.OVERDUE: _("Keine Frist ist überschritten."),
    Tab.SOON: _("In den nächsten zwei Tagen läuft keine Frist ab."),
    Tab.INTERIM: _("Kein Vorgang wartet auf eine Zwischennachricht."),
    Tab.RESTING: _("Bei keinem Vorgang ruht die Frist."),
    Tab.DANGER: _("Keine Gefahrenmeldung ist offen."),
    Tab.UNREAD: _("Keine neue Nachricht wartet."),
    Tab.HELD: _("Keine Meldung wird zurückgehalten."),
}


@desk_page()
def queue(request: DeskRequest) -> HttpResponse:
    """The home page: one list, most urgent first, 50 at a time."""
    staff = request.desk.staff
    if not request.GET and only_moderates(staff):
        return redirect("staff_desk:moderation")
    tab, filters = _tab(request.GET, staff), _filters(request.GET)
    now = timezone.now()
    counts = counters(staff, now=now)
    page = desk.queue(staff, tab, filters, now=now, mark=request.GET.get("ab", ""))
    rows = [_row(row, staff, now, tab) for row in page.rows]
    context = {
        "heading": _("Suche") if filters.search else str(TAB_LABELS[tab]),
        "tab": tab,
        "filters_set": filters,
        "choices": desk.choices(staff),
        "statuses": Status.choices,
        "priorities": [choice for choice in Priority.choices if choice[0]],
        "rows": rows,
        "chooses": sum(row["may_choose"] for row in rows) > 1,
        "incidents": _incidents(staff, tab, counts),
        "dangers": desk.unacknowledged_dangers(staff) if counts.tabs[Tab.DANGER] else [],
        "duty_gaps": duty_gaps(request.desk.town, now=now) if staff.is_dispatcher else [],
        "next_url": _link(request.GET, ab=page.next_mark) if page.next_mark else "",
        "previous_url": _link(request.GET, ab="") if "ab" in request.GET else "",
        "tab_links": _tab_links(counts.tabs),
        "empty_text": EMPTY.get(tab, "") if not filters.any else _("Mit diesen Filtern: nichts."),
    }
    current = "held" if tab == Tab.HELD else "queue"
    return render_desk(request, "staff_desk/queue.html", context, current=current, counts=counts)


@desk_page()
def search(request: DeskRequest) -> HttpResponse:
    """Open the case whose number was typed, else list what holds the words."""
    words = plain(request.GET.get("q", "")).strip()[:100]
    found = desk.find_number(request.desk.staff, words) if words else None
    if found is not None:
        return redirect("staff_desk:case", found.number)
    return redirect(f"{reverse('staff_desk:queue')}?{urlencode({'liste': Tab.OPEN, 'q': words})}")


@desk_page()
def offers(request: DeskRequest) -> HttpResponse:
    """Cases other offices would like to hand over to us."""
    context = {"offers": offers_for(request.desk.staff)}
    return render_desk(request, "staff_desk/offers.html", context, current="offers")


@desk_page("POST")
def switch_town(request: DeskRequest) -> HttpResponse:
    """Work for another municipality; everything on the desk follows."""
    slugs = {town.slug for town in request.desk.towns}
    wanted = request.POST.get("town", "")
    if wanted not in slugs:
        raise Http404
    request.session[TOWN] = wanted
    return redirect("staff_desk:queue")


def _tab_links(counts: Mapping[Tab, int]) -> list[tuple[str, object, str, int | None]]:
    first = (tab for tab in ONLY_WITH_CASES if counts[tab])
    shown = (*first, *TABS, *(tab for tab in LATER_WITH_CASES if counts[tab]))
    return [(tab, TAB_LABELS[tab], _link({}, liste=tab), counts.get(tab)) for tab in shown]


def _incidents(staff: Staff, tab: Tab, counts: Counts) -> list[IncidentRow]:
    return going_on(staff) if tab == Tab.NOW and counts.work[Work.INCIDENTS] else []


def _tab(query: QueryDict, staff: Staff) -> Tab:
    """The tab that was asked for; by default what needs the person, for readers all open ones."""
    wanted = query.get("liste", "")
    if wanted in list(Tab):
        return Tab(wanted)
    return Tab.NOW if staff.offices or staff.is_dispatcher else Tab.OPEN


def _filters(query: QueryDict) -> Filters:
    status, priority = query.get("stand", ""), query.get("dringlichkeit", "")
    return Filters(
        office_id=whole_number(query.get("amt", "")) or None,
        category_id=whole_number(query.get("art", "")) or None,
        status=Status(status) if status in list(Status) else None,
        mine=query.get("meine") == "1",
        search=plain(query.get("q", "")).strip()[:100],
        priority=priority if priority in Priority.values else "",
        by_priority=query.get("sortierung", "") == BY_PRIORITY,
        tag=plain(query.get("schlagwort", ""))[:30],
    )


def _link(query: QueryDict | dict[str, str], **changes: str) -> str:
    """The address of the queue with the same filters and these changes."""
    values = {key: query[key] for key in query} | changes
    kept = {key: value for key, value in values.items() if value}
    return f"{reverse('staff_desk:queue')}?{urlencode(kept)}"


def _row(row: QueueRow, staff: Staff, now: datetime, tab: Tab) -> dict[str, Any]:
    report = row.report
    return {
        "report": report,
        "place": row.address or (report.district.name if report.district else ""),
        "text": row.excerpt,
        "urgency": row.urgency.name.lower(),
        "needs_acknowledgement": row.urgency == Urgency.DANGER,
        "stands_in": tab == Tab.MINE and report.assignee_id not in {None, staff.user_id},
        "is_offered": row.urgency == Urgency.OFFERED,
        "due_paused": is_resting(report, now=now),
        "photo_count": row.photo_count,
        "thumbnail": row.thumbnail,
        "may_choose": may_open_incident(staff) and can_be_gathered(report),
        "may_take": report.is_open
        and report.assignee_id is None
        and (staff.is_dispatcher or report.office_id in staff.offices),
    }
