"""Note who looks at a case in the approval, and forget it."""

from datetime import datetime, timedelta

from accounts.models import User
from reports.looking import Looking
from reports.models import Report

# Whoever has opened a case so long ago is probably gone.
LOOKS_FOR = timedelta(minutes=3)


def look_at(report: Report, *, by: User, now: datetime) -> None:
    """Somebody has opened a case for approval; what they had open before, they have left."""
    Looking.objects.filter(person=by).exclude(report=report).delete()
    Looking.objects.update_or_create(report=report, person=by, defaults={"at": now})


def others_looking(report: Report, *, by: User, now: datetime) -> list[User]:
    """Who else has had the case open within the last minutes. One query."""
    rows = Looking.objects.filter(report=report, at__gt=now - LOOKS_FOR).exclude(person=by)
    return [row.person for row in rows.select_related("person").order_by("at")]


def looked_at_by_others(municipality_id: int, *, by: User, now: datetime) -> list[int]:
    """Ids of the cases that others have open just now. One query."""
    rows = Looking.objects.filter(
        report__municipality_id=municipality_id, at__gt=now - LOOKS_FOR
    ).exclude(person=by)
    return list(rows.values_list("report_id", flat=True))


def forget_looks(*, before: datetime) -> int:
    """Forget who looked at what; returns how many rows."""
    deleted, _rows = Looking.objects.filter(at__lt=before).delete()
    return deleted
