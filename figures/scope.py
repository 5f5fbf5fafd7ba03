"""Who may see which figures. The smallest unit is an office; nothing is counted by person.

| role                                 | sees the figures of                                 |
|--------------------------------------|-----------------------------------------------------|
| clerk                                | the own offices                                     |
| manager of offices (Amtsleitung)     | these offices                                       |
| manager of no office, admin, dispatcher | the whole town, and each office                  |
| moderator                            | nothing, unless another role says so                |

Reports are released by managers and admins, each as far as they see.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q

from accounts.models import Office, Role, RoleAssignment
from reports.policies import Staff


@dataclass(frozen=True)
class Scope:
    """What of a town somebody may see: all, or the offices with these ids."""

    municipality_id: int
    whole_town: bool
    offices: frozenset[int]
    may_release: bool = False

    @property
    def limit(self) -> frozenset[int] | None:
        """For basis.live: None where nothing is narrowed."""
        return None if self.whole_town else self.offices

    def covers(self, office_id: int | None) -> bool:
        """Whether figures of this office, or with None of the whole town, are for them."""
        return self.whole_town or (office_id is not None and office_id in self.offices)


def may_see_figures(staff: Staff) -> bool:
    """Whether there is any page of figures for this person; the scope says which. No query."""
    return bool(staff.offices) or staff.has(Role.DISPATCHER, Role.MANAGER, Role.ADMIN)


def may_report(staff: Staff) -> bool:
    """Whether the person makes management reports at all."""
    return staff.has(Role.MANAGER, Role.ADMIN)


def load_scope(staff: Staff) -> Scope:
    """What a person may see in the municipality at hand (one query for managers)."""
    headed = frozenset[int]()
    heads_town = False
    if staff.has(Role.MANAGER):
        rows = RoleAssignment.objects.filter(
            user_id=staff.user_id, municipality_id=staff.municipality_id, role=Role.MANAGER
        )
        ids = set(rows.values_list("office_id", flat=True))
        heads_town = None in ids
        headed = frozenset(office_id for office_id in ids if office_id is not None)
    return Scope(
        municipality_id=staff.municipality_id,
        whole_town=heads_town or staff.has(Role.DISPATCHER, Role.ADMIN),
        offices=staff.offices | headed,
        may_release=may_report(staff),
    )


def small_offices(municipality_id: int) -> frozenset[str]:
    """Keys of offices with fewer people than figures of their work may be about. One query."""
    people = Count(
        "role_assignments__user", filter=Q(role_assignments__user__is_active=True), distinct=True
    )
    offices = Office.objects.filter(municipality_id=municipality_id).annotate(people=people)
    few = offices.filter(people__lt=settings.SMALLEST_UNIT)
    return frozenset(few.values_list("key", flat=True))
