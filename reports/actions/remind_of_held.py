"""Remind the dispatch office of what is held back for longer than the town allows."""

from datetime import datetime

from django.conf import settings

from accounts.models import Municipality, Office
from reports.messages import tell_dispatch_of_held
from reports.queries.held import held_by_town


def remind_of_held(*, now: datetime) -> int:
    """Mail every town's dispatch office once per period of its age limit; returns how many towns.

    The list itself is red from then on, and `/healthz/effects` says trouble.
    """
    overdue = [town for town in held_by_town(now=now) if town.late]
    towns = Municipality.objects.defer("coverage", "pages").in_bulk(
        [town.municipality_id for town in overdue]
    )
    for each in overdue:
        town = towns[each.municipality_id]
        dispatch = Office.objects.get(municipality=town, is_dispatch=True)
        period = int(now.timestamp()) // (town.held_hours * 3600)
        tell_dispatch_of_held(
            dispatch,
            key=f"held:{town.pk}:{period}",
            waiting=each.waiting,
            late=each.late,
            hours=town.held_hours,
            link=f"{settings.BASE_URL}/desk/pruefung/",
        )
    return len(overdue)
