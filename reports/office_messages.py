"""One mail to an office when the offices have changed, however many cases that moved."""

from django.conf import settings
from django.db.models import Q

from accounts.models import Office
from leases.models import Lane
from notifications.outbox import Letter
from reports.office_changes import OfficeChange, OfficeMove
from reports.staff_mail import queue_or_log


def tell_office_changed(change: OfficeChange, office: Office) -> None:
    """Tell an office what came to it and what left it, once per change."""
    moves = OfficeMove.objects.filter(change=change, outcome="moved")
    came = moves.filter(to_office=office).count()
    left = moves.filter(Q(from_office=office) & ~Q(to_office=office)).count()
    queue_or_log(
        Letter(
            municipality_id=change.municipality_id,
            key=f"office_change:{change.pk}:{office.pk}",
            event="office_changed",
            recipient=office.email,
            context={
                "office": office.label,
                "change": change.kind,
                "reason": change.reason,
                "came": came,
                "left": left,
                "desk_link": f"{settings.BASE_URL}/desk/",
            },
            lane=Lane.STAFF,
        )
    )
