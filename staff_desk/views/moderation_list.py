"""Everything that waits for a decision on the public, with its age, the oldest first."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from reports.queries.desk import choices
from reports.queries.moderation import KIND_LABELS, PAGE, Waiting, Wanted, waiting_list
from staff_desk.access import DeskRequest, desk_page
from staff_desk.moderation_filters import DAYS, as_query, wanted_in
from staff_desk.navigation import render_desk
from staff_desk.parameters import plain
from staff_desk.views.moderation import CURRENT, moderates


@desk_page(needs=moderates)
def waiting(request: DeskRequest) -> HttpResponse:
    """Fifty at a time; `nach` continues behind a number."""
    staff, wanted = request.desk.staff, wanted_in(request.GET)
    after = plain(request.GET.get("nach", ""))
    found = waiting_list(staff, wanted, now=timezone.now(), after=after)
    query = as_query(wanted)
    more = as_query(wanted, nach=found.rows[-1].report.number) if len(found.rows) == PAGE else ""
    address = reverse("staff_desk:moderation")
    context = {
        "found": found,
        "wanted": wanted,
        "is_filtered": wanted != Wanted(),
        "choices": choices(staff),
        "kinds": KIND_LABELS.items(),
        "days": DAYS,
        "more": more,
        "work_url": f"{address}?{query}" if query else address,
        "rows": [(row, _address_of(row, wanted)) for row in found.rows],
    }
    return render_desk(request, "staff_desk/moderation_list.html", context, current=CURRENT)


def _address_of(row: Waiting, wanted: Wanted) -> str:
    query = as_query(wanted, vorgang=row.report.number)
    return f"{reverse('staff_desk:moderation')}?{query}"
