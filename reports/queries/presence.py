"""Who is away and what lies with whom, for the pages on which people arrange it."""

from collections.abc import Sequence
from datetime import date

from accounts.absence import Absence
from accounts.models import User
from reports.lifecycle import OPEN
from reports.models import Report
from reports.policies import Staff


def colleagues(staff: Staff) -> list[User]:
    """Active people with a role in the municipality, by name. One query."""
    people = User.objects.filter(roles__municipality_id=staff.municipality_id, is_active=True)
    return list(people.distinct().order_by("last_name", "first_name"))


def absences(staff: Staff, *, today: date) -> list[Absence]:
    """Absences that hold or are to come: the own ones, to a dispatcher everybody's. One query."""
    rows = Absence.objects.filter(last_day__gte=today)
    if staff.is_dispatcher:
        rows = rows.filter(person__roles__municipality_id=staff.municipality_id).distinct()
    else:
        rows = rows.filter(person_id=staff.user_id)
    return list(rows.select_related("person", "deputy").order_by("first_day", "pk"))


def open_cases_of(staff: Staff, person_id: int) -> Sequence[Report]:
    """The open cases of somebody in the municipality, what is due first on top. One query."""
    cases = Report.objects.filter(
        municipality_id=staff.municipality_id, assignee_id=person_id, status__in=OPEN
    )
    if not staff.is_dispatcher:
        cases = cases.filter(office_id__in=staff.offices)
    return list(cases.select_related("category", "office", "submission").order_by("due_at", "pk"))
