"""Who is there in a demo town: the on-call plan of the next weeks, a leave, steps of escalation."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from accounts.absence import Absence
from accounts.models import Municipality, Office, Team, User
from reports.actions.watch_town import watch_town
from reports.escalations import EscalationStep, Rung
from routing.duty_plan import RANKS, WEEK, Plan, put, slots, span_of, week_of

WEEKS_PLANNED = 12
# This week stays empty, so that a gap can be seen and closed.
WEEK_WITH_GAP = 7
STEPS = {Rung.ASSIGNEE: -8, Rung.TEAM_LEAD: 0, Rung.OFFICE_HEAD: 8, Rung.DISPATCHER: 24}
INTERIM_DAYS = 10


def plan_weeks(town: Municipality, people: Sequence[User]) -> None:
    """Let people take turns on call, week by week; what is planned already stays."""
    plan, first = Plan(town), week_of(town, timezone.localdate())
    for number in range(WEEKS_PLANNED if people else 0):
        span = span_of(town, first + number * WEEK)
        if number == WEEK_WITH_GAP or slots(plan, span):
            continue
        for rank, turn in zip(RANKS, range(len(people)), strict=False):
            put(plan, rank=rank, span=span, person=people[(number + turn) % len(people)])


def set_reminders(town: Municipality) -> None:
    """Steps of escalation for the town, and interim messages as tasks of the offices."""
    for rung, hours in STEPS.items():
        EscalationStep.objects.get_or_create(
            municipality=town, office=None, rung=rung, defaults={"hours": hours}
        )
    watch_town(town.pk, now=timezone.now())
    Municipality.objects.filter(pk=town.pk, interim_days=0).update(interim_days=INTERIM_DAYS)


def lead_team(office: Office, name: str, lead: User) -> None:
    """A team with somebody who is reminded."""
    Team.objects.get_or_create(office=office, name=name, defaults={"lead": lead})


def send_on_leave(person: User, deputy: User) -> None:
    """Two weeks of leave from today on, with somebody who stands in."""
    today = timezone.localdate()
    if not Absence.objects.filter(person=person, last_day__gte=today).exists():
        Absence.objects.create(
            person=person,
            deputy=deputy,
            first_day=today,
            last_day=today + timedelta(days=14),
        )
