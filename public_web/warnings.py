"""What a citizen must know of danger before and after sending: numbers, and who is on duty."""

from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Municipality
from routing.duty import on_call


@dataclass(frozen=True)
class DutyNotice:
    """Whether somebody of the town is on call now, and the number for hours without office."""

    is_on_call: bool
    number: str


def duty_notice(town: Municipality, office_id: int | None) -> DutyNotice:
    """Who would hear of a danger at this moment; one query."""
    return DutyNotice(
        is_on_call=bool(on_call(town.pk, office_id, timezone.now())), number=town.emergency_contact
    )
