"""How the newest searches for personal data stand, for those who watch over the installation.

Apart from the search itself, whose libraries a process that only answers need not load.
"""

from django.utils import timezone

from leakcheck.models import LeakCheck


def standing() -> dict[str, int | None]:
    """Hits of the newest check of every town, and the days since the oldest of these. One query."""
    newest = LeakCheck.objects.order_by("municipality", "-started_at").distinct("municipality")
    rows = list(newest.values_list("hits", "started_at"))
    oldest = min((started for _hits, started in rows), default=None)
    days = (timezone.now() - oldest).days if oldest else None
    return {"hits": sum(hits for hits, _started in rows), "days": days}
