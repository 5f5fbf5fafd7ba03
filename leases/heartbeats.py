"""Signs of life of workers and beat, kept in the database so that a supervisor can judge them."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from leases.models import Heartbeat


def beat(name: str, **detail: Any) -> None:
    """Record that the named process is alive now (database clock)."""
    Heartbeat.objects.update_or_create(name=name, defaults={"seen_at": Now(), "detail": detail})


def ages() -> dict[str, float]:
    """Seconds since each known process was last seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, extract(epoch FROM clock_timestamp() - seen_at) FROM leases_heartbeat"
        )
        return {name: round(float(age), 1) for name, age in cursor.fetchall()}


def forget(older_than: timedelta) -> int:
    """Drop processes that were not seen for so long, e.g. of containers long gone; how many."""
    deleted, _rows = Heartbeat.objects.filter(seen_at__lt=Now() - older_than).delete()
    return deleted
