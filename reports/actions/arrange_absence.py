"""Enter that somebody is away and who stands in; take it back. Nothing is recorded beyond it."""

from datetime import date, datetime

from django.db import transaction

from accounts.absence import Absence
from accounts.models import Role, RoleAssignment, User
from reports.policies import NotPermitted, load_staff, may_arrange_absence

LONGEST_DAYS = 366


class AbsenceInvalid(Exception):
    """The days or the deputy do not fit; `field` says which: last_day or deputy."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def enter_absence(
    municipality_id: int,
    *,
    person: User,
    first_day: date,
    last_day: date,
    deputy: User | None,
    by: User,
    now: datetime,
) -> Absence:
    """Say that a person is away from the first to the last day; what overlaps is replaced.

    The deputy must be able to work on the person's cases. Raises NotPermitted, AbsenceInvalid.
    """
    if not may_arrange_absence(load_staff(by, municipality_id), person.pk):
        raise NotPermitted
    if last_day < max(first_day, now.date()) or (last_day - first_day).days > LONGEST_DAYS:
        raise AbsenceInvalid("last_day")
    if deputy is not None and not can_stand_in(deputy, person, municipality_id):
        raise AbsenceInvalid("deputy")
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        overlapping = Absence.objects.filter(person=person, first_day__lte=last_day)
        overlapping.filter(last_day__gte=first_day).delete()
        return Absence.objects.create(
            person=person, first_day=first_day, last_day=last_day, deputy=deputy
        )


def end_absence(absence_id: int, municipality_id: int, *, by: User) -> None:
    """Delete an absence: somebody is back, or never went. Raises NotPermitted, DoesNotExist."""
    here = RoleAssignment.objects.filter(municipality_id=municipality_id).values("user_id")
    absence = Absence.objects.get(pk=absence_id, person_id__in=here)
    if not may_arrange_absence(load_staff(by, municipality_id), absence.person_id):
        raise NotPermitted
    absence.delete()


def can_stand_in(deputy: User, person: User, municipality_id: int) -> bool:
    """Whether somebody works in every office of a person here, or dispatches. Two queries."""
    if deputy.pk == person.pk or not deputy.is_active:
        return False
    roles = RoleAssignment.objects.filter(municipality_id=municipality_id)
    own = set(roles.filter(user=person, role=Role.CLERK).values_list("office_id", flat=True))
    theirs = list(roles.filter(user=deputy).values_list("role", "office_id"))
    if any(role == Role.DISPATCHER for role, _office in theirs):
        return True
    return bool(theirs) and own <= {office for role, office in theirs if role == Role.CLERK}
