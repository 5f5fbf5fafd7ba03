"""Health addresses for supervisors, load balancers and monitoring. No personal data."""

from dataclasses import asdict

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Municipality
from accounts.towns import live_towns
from leakcheck.standing import standing
from leases import heartbeats
from leases.claiming import backlog
from notifications import outbox
from reports.models import Effect
from reports.queries.dangers import unattended_dangers
from reports.queries.held import held_by_town


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """The database answers; 503 with Retry-After otherwise. Redis is not asked: it may be away."""
    try:
        if settings.READER:
            live_towns()
        else:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM django_migrations")
            Municipality.objects.exists()
    except Error:
        return _database_away()
    return JsonResponse({"status": "ok"})


@require_safe
def effects(request: HttpRequest) -> JsonResponse:
    """What is owed and how old it is, what is held back, untaken dangers, signs of life."""
    try:
        owed = {"effects": backlog(Effect), "messages": outbox.backlog()}
        signs_of_life = heartbeats.ages()
        held = held_by_town(now=timezone.now())
        dangers = unattended_dangers(now=timezone.now())
        leaks = standing()
    except Error:
        return _database_away()
    late = sum(town.late for town in held)
    trouble = (
        late
        or dangers.late
        or leaks["hits"]
        or any(part.dead or part.oldest_due_seconds > 300 for part in owed.values())
    )
    return JsonResponse(
        {
            "status": "trouble" if trouble else "ok",
            **{name: asdict(part) for name, part in owed.items()},
            "held": {"waiting": sum(town.waiting for town in held), "late": late},
            "dangers": asdict(dangers),
            "leaks": leaks,
            "heartbeats": signs_of_life,
        }
    )


def _database_away() -> JsonResponse:
    return JsonResponse({"status": "database"}, status=503, headers={"Retry-After": "5"})
