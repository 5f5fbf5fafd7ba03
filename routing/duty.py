"""Who is on call (Bereitschaft) at a moment, in the order in which they are alerted."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q
from django.utils import timezone

from accounts.absence import absent_people
from routing.models import OnCallShift


@dataclass(frozen=True)
class Duty:
    """A person on call; rank 1 is alerted first, then the deputies."""

    person_id: int
    name: str
    email: str
    phone: str
    rank: int


def on_call(municipality_id: int, office_id: int | None, at: datetime) -> list[Duty]:
    """People on call at a moment: the office's own shifts first, then town-wide ones, by rank.

    A shift counts from its start up to, not including, its end. People who no longer work here
    or are away are skipped, and nobody is listed twice. An empty list means nobody is on duty. One
    query.
    """
    shifts = (
        OnCallShift.objects.filter(
            Q(office_id=office_id) | Q(office__isnull=True),
            municipality_id=municipality_id,
            starts_at__lte=at,
            ends_at__gt=at,
            person__is_active=True,
        )
        .exclude(person_id__in=absent_people(timezone.localdate(at)))
        .select_related("person")
        .order_by(F("office_id").asc(nulls_last=True), "rank", "pk")
    )
    found: dict[int, Duty] = {}
    for shift in shifts:
        person = shift.person
        found.setdefault(
            person.pk,
            Duty(
                person_id=person.pk,
                name=person.get_full_name() or person.email,
                email=person.email,
                phone=person.phone,
                rank=shift.rank,
            ),
        )
    return list(found.values())
