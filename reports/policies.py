"""Who may see and do what. Pure rules over a `Staff` value that is loaded once per request.

| role       | sees                                             | does                             |
|------------|--------------------------------------------------|----------------------------------|
| clerk      | cases of the own offices, offered or copied to   | works on the own offices' cases  |
| dispatcher | every case of the municipality                   | works on all, moves them by hand |
| moderator  | every case that is not confidential, no contacts | approves or withholds            |
| manager    | every case that is not confidential, no contacts | reads                            |
| privacy    | what is deleted when, requests of persons        | exports and erases on request    |
| admin      | every case that is not confidential, no contacts | reads                            |

A copy for information lets an office read a case that is not confidential, and nothing else.
Whoever was alerted for a danger sees that case and may acknowledge it, whatever the role. What
nobody may see does not exist for them: doors answer 404.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import Role, RoleAssignment, User
from reports.copies import InformationCopy
from reports.incidents import Incident
from reports.lifecycle import OPEN
from reports.models import DangerAlert, Handover, Report
from routing.rules.rights import ACTIVATORS, DRAFTERS

READS_WHOLE_TOWN = frozenset({Role.MODERATOR, Role.MANAGER, Role.ADMIN})


class NotPermitted(Exception):
    """The person may see the case but not do this with it."""


@dataclass(frozen=True)
class Staff:
    """A person's roles in one municipality; `offices` are those they are a clerk in (ids)."""

    user_id: int
    municipality_id: int
    roles: frozenset[str]
    offices: frozenset[int] = frozenset()

    def has(self, *roles: Role) -> bool:
        """Whether the person holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_dispatcher(self) -> bool:
        return self.has(Role.DISPATCHER)

    @property
    def sees_whole_town(self) -> bool:
        return self.is_dispatcher or self.has(*READS_WHOLE_TOWN)


@dataclass(frozen=True)
class Circle:
    """Who besides the responsible office is drawn into a case for a while (ids)."""

    offered_to: int | None = None
    alerted: frozenset[int] = frozenset()
    copied_to: frozenset[int] = frozenset()


NOBODY_ELSE = Circle()


def load_staff(user: User, municipality_id: int) -> Staff:
    """The roles of a person in one municipality (one query); inactive people have none."""
    rows = RoleAssignment.objects.filter(user=user, municipality_id=municipality_id)
    return staff_of(user, municipality_id, rows)


def staff_of(user: User, municipality_id: int, rows: Iterable[RoleAssignment]) -> Staff:
    """The same from rows loaded already; rows of other municipalities count for nothing."""
    own = [row for row in rows if row.municipality_id == municipality_id and user.is_active]
    return Staff(
        user_id=user.pk,
        municipality_id=municipality_id,
        roles=frozenset(row.role for row in own),
        offices=frozenset(
            row.office_id for row in own if row.role == Role.CLERK and row.office_id is not None
        ),
    )


def visible_cases(staff: Staff) -> Q:
    """The filter on reports that `may_see` is for one report."""
    here = Q(municipality_id=staff.municipality_id)
    if staff.is_dispatcher:
        return here
    own = Q(office_id__in=staff.offices)
    drawn_in = own | Q(pk__in=_offered(staff)) | Q(pk__in=_alerted(staff))
    drawn_in |= Q(pk__in=_copied(staff), is_confidential=False)
    if staff.sees_whole_town:
        return here & (Q(is_confidential=False) | drawn_in)
    return here & drawn_in


def moderated_by(staff: Staff) -> Q:
    """The filter on reports that `may_moderate` is for one report."""
    here = Q(municipality_id=staff.municipality_id)
    if staff.is_dispatcher:
        return here
    own = Q(office_id__in=staff.offices)
    return here & (own | Q(is_confidential=False) if staff.has(Role.MODERATOR) else own)


def may_see(staff: Staff, report: Report, circle: Circle = NOBODY_ELSE) -> bool:
    """Whether the case exists for this person."""
    if staff.municipality_id != report.municipality_id or not staff.roles:
        return False
    drawn_in = _is_offered(staff, circle) or _is_alerted(staff, report, circle)
    if may_work(staff, report) or drawn_in or _is_copied(staff, report, circle):
        return True
    return staff.sees_whole_town and not report.is_confidential


def may_work(staff: Staff, report: Report) -> bool:
    """Answer, change the status, assign, hand over, hold: the responsible office, dispatchers."""
    if staff.municipality_id != report.municipality_id:
        return False
    return staff.is_dispatcher or report.office_id in staff.offices


def may_enter(staff: Staff) -> bool:
    """Enter reports for callers and visitors: clerks of any office, dispatchers."""
    return bool(staff.offices) or staff.is_dispatcher


def may_read_inbox(staff: Staff) -> bool:
    """Read mails that have become no report yet: whoever hands them out, so dispatchers."""
    return staff.is_dispatcher


def may_protect(staff: Staff) -> bool:
    """Look for a person, copy and erase what is held on them; requests of the whole town."""
    return staff.has(Role.PRIVACY)


def may_decide_rights(staff: Staff, report: Report) -> bool:
    """Decide what somebody asks for about their own data in a case."""
    return staff.municipality_id == report.municipality_id and may_protect(staff)


def may_file(staff: Staff) -> bool:
    """See hand-overs to the electronic file, acknowledge them, note the archive's decision."""
    return staff.is_dispatcher or staff.has(Role.PRIVACY, Role.ADMIN)


def may_oversee_deletion(staff: Staff) -> bool:
    """See what is deleted when, what was, and why something was not; figures and numbers only."""
    return staff.has(Role.PRIVACY, Role.ADMIN)


def may_draft_rules(staff: Staff) -> bool:
    """Read the responsibility table and change drafts of it; putting one into force is an
    administrator's."""
    return staff.has(*DRAFTERS)


def may_activate_rules(staff: Staff) -> bool:
    """Put a draft of the responsibility table into force, roll back, call off."""
    return staff.has(*ACTIVATORS)


def may_plan_duty(staff: Staff) -> bool:
    """Write the on-call plan: dispatchers, heads of office, administrators."""
    return staff.has(Role.DISPATCHER, Role.MANAGER, Role.ADMIN)


def may_arrange_absence(staff: Staff, person_id: int) -> bool:
    """Enter that somebody is away, or give their cases back: they themselves, dispatchers."""
    return staff.is_dispatcher or staff.user_id == person_id


def may_see_contact(staff: Staff, report: Report) -> bool:
    """Name, address and telephone of the reporter, and answers marked confidential."""
    return may_work(staff, report)


def may_moderate(staff: Staff, report: Report) -> bool:
    """Approve or withhold report, text and photos, and look at original photos."""
    if may_work(staff, report):
        return True
    same_town = staff.municipality_id == report.municipality_id
    return same_town and staff.has(Role.MODERATOR) and not report.is_confidential


def may_screen(staff: Staff, report: Report) -> bool:
    """Release a report that was held back, or mark it as spam."""
    return may_moderate(staff, report) and may_screen_at_all(staff)


def may_screen_at_all(staff: Staff) -> bool:
    """Whether the list of what is held back is this person's work."""
    return staff.has(Role.DISPATCHER, Role.MODERATOR)


def may_reroute(staff: Staff, report: Report) -> bool:
    """Give a case to another office at once, without an offer."""
    return staff.municipality_id == report.municipality_id and staff.is_dispatcher


def may_see_incidents(staff: Staff) -> bool:
    """Know of the incidents of the town; of their cases everybody sees only their own."""
    return may_enter(staff) or staff.sees_whole_town


def may_decide_incident(staff: Staff, incident: Incident) -> bool:
    """Make a proposal an incident, or not."""
    return staff.municipality_id == incident.municipality_id and staff.is_dispatcher


def may_open_incident(staff: Staff) -> bool:
    """Make an incident of cases one has chosen."""
    return staff.is_dispatcher


def may_run_incident(staff: Staff, incident: Incident) -> bool:
    """Answer for an incident and end it: its office, dispatchers."""
    if staff.municipality_id != incident.municipality_id:
        return False
    return staff.is_dispatcher or incident.office_id in staff.offices


def may_archive(staff: Staff, report: Report) -> bool:
    """End a closed case for good."""
    return may_reroute(staff, report)


def may_decide_offer(staff: Staff, report: Report, to_office_id: int) -> bool:
    """Accept or return an offered case: the office it is offered to, or dispatchers."""
    if staff.municipality_id != report.municipality_id:
        return False
    return staff.is_dispatcher or to_office_id in staff.offices


def may_acknowledge(staff: Staff, report: Report, circle: Circle = NOBODY_ELSE) -> bool:
    """Take a danger on, or say that it was made safe."""
    return may_work(staff, report) or _is_alerted(staff, report, circle)


def circle_of(report: Report) -> Circle:
    """Load who is drawn into a case (three queries)."""
    offered_to = (
        Handover.objects.filter(report=report, state=Handover.State.OFFERED)
        .values_list("to_office_id", flat=True)
        .first()
    )
    alerted = DangerAlert.objects.filter(report=report, person__isnull=False)
    copies = InformationCopy.objects.filter(report=report)
    return Circle(
        offered_to,
        frozenset(alerted.values_list("person_id", flat=True)),
        frozenset(copies.values_list("office_id", flat=True)),
    )


def _is_copied(staff: Staff, report: Report, circle: Circle) -> bool:
    return not report.is_confidential and not circle.copied_to.isdisjoint(staff.offices)


def _is_offered(staff: Staff, circle: Circle) -> bool:
    return circle.offered_to is not None and circle.offered_to in staff.offices


def _is_alerted(staff: Staff, report: Report, circle: Circle) -> bool:
    if staff.municipality_id != report.municipality_id or report.status not in OPEN:
        return False
    return report.is_danger and staff.user_id in circle.alerted


def _offered(staff: Staff) -> QuerySet[Handover, int]:
    return Handover.objects.filter(
        state=Handover.State.OFFERED, to_office_id__in=staff.offices
    ).values_list("report_id", flat=True)


def _copied(staff: Staff) -> QuerySet[InformationCopy, int]:
    return InformationCopy.objects.filter(office_id__in=staff.offices).values_list(
        "report_id", flat=True
    )


def _alerted(staff: Staff) -> QuerySet[DangerAlert, int]:
    return DangerAlert.objects.filter(
        person_id=staff.user_id, report__is_danger=True, report__status__in=OPEN
    ).values_list("report_id", flat=True)
