"""The people a reminder goes to, from the desk upwards; who is away is stood in for."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.absence import absent_people, deputy_of
from accounts.models import Role, User


def team_leads(office_id: int, team_id: int | None = None) -> QuerySet[User]:
    """Who leads a team, without one any team of the office."""
    leads = User.objects.filter(leads__office_id=office_id)
    if team_id is not None:
        leads = User.objects.filter(leads=team_id)
    return leads.distinct()


def office_heads(office_id: int) -> QuerySet[User]:
    """Who heads an office."""
    return User.objects.filter(roles__role=Role.MANAGER, roles__office_id=office_id).distinct()


def who_is_there(people: Iterable[User], now: datetime) -> list[User]:
    """These people, each once, or whoever stands in for them today."""
    there = [_present(person, now) for person in people]
    return list({person.pk: person for person in there if person is not None}.values())


def _present(person: User, now: datetime) -> User | None:
    day = timezone.localdate(now)
    if person.is_active and person.pk not in set(absent_people(day)):
        return person
    deputy = deputy_of(person.pk, day)
    return User.objects.get(pk=deputy) if deputy else None
