"""Moves what an office stands on: rules, defaults, people, calendars, duty, offers, incidents.

All of it belongs into the transaction of the change; cases are moved apart, one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Office, RoleAssignment, Team
from reports.models import Handover, Report
from reports.queries.office_plans import default_categories, running_incidents
from reports.responsibility import end_offer
from routing.models import ClosingDay, OfficeHours, OnCallShift
from routing.office_rules import move_rules


@dataclass(frozen=True)
class Ground:
    """From which offices to which; ids chosen in a split, None where that is no matter.

    `is_whole`: everything of the sources goes along, for they end.
    """

    sources: Sequence[Office]
    target: Office
    categories: frozenset[int] | None
    areas: frozenset[int] | None
    people: frozenset[int] | None
    is_whole: bool


def move_ground(ground: Ground, *, reason: str, now: datetime) -> None:
    """Move it. Raises PlannedRules where rules that begin later name one of the offices."""
    move_rules(ground.target.municipality_id, ground, reason=reason, now=now)
    default_categories(ground).update(default_office=ground.target)
    _move_roles(ground)
    _lend_hours(ground)
    if ground.is_whole:
        _move_teams(ground)
        _move_calendar(ground)
        _turn_offers(ground, now)
        running_incidents(_ids(ground)).update(office=ground.target)
        waiting = Report.objects.filter(first_look_for__in=_ids(ground))
        waiting.update(first_look_for=ground.target)


def new_office(like: Office, values: Mapping[str, Any], now: datetime) -> Office:
    """The office a split makes, valid from today."""
    return Office.objects.create(
        municipality_id=like.municipality_id,
        key=values["key"],
        number=values["number"],
        name=values["name"],
        short_name=values["short_name"],
        email=values["email"],
        phone=values.get("phone", ""),
        valid_from=now.astimezone(like.municipality.tz).date(),
    )


def end_office(office: Office, successor: Office, now: datetime) -> None:
    """Let an office end with yesterday, so that nothing new comes to it today."""
    yesterday = now.astimezone(successor.municipality.tz).date() - timedelta(days=1)
    office.valid_to = max(yesterday, office.valid_from or yesterday)
    office.successor = successor
    office.save(update_fields=["valid_to", "successor"])


def _ids(ground: Ground) -> list[int]:
    return [office.pk for office in ground.sources]


def _move_roles(ground: Ground) -> None:
    rows = RoleAssignment.objects.filter(office__in=_ids(ground))
    if ground.people is not None:
        rows = rows.filter(user__in=ground.people)
    for row in rows.order_by("pk"):
        RoleAssignment.objects.get_or_create(
            user_id=row.user_id,
            municipality_id=row.municipality_id,
            office=ground.target,
            role=row.role,
        )
        row.delete()


def _lend_hours(ground: Ground) -> None:
    """Hours of the first source that has any, where the target has none of its own."""
    if OfficeHours.objects.filter(office=ground.target).exists():
        return
    for source in ground.sources:
        hours = list(OfficeHours.objects.filter(office=source))
        if hours:
            OfficeHours.objects.bulk_create(
                OfficeHours(
                    office=ground.target, weekday=row.weekday, opens=row.opens, closes=row.closes
                )
                for row in hours
            )
            return


def _move_teams(ground: Ground) -> None:
    taken = set(Team.objects.filter(office=ground.target).values_list("name", flat=True))
    for team in Team.objects.filter(office__in=_ids(ground)).select_related("office"):
        if team.name in taken:
            team.name = f"{team.name} ({team.office.label})"[:80]
        taken.add(team.name)
        team.office = ground.target
        team.save(update_fields=["office", "name"])


def _move_calendar(ground: Ground) -> None:
    days = set(ClosingDay.objects.filter(office=ground.target).values_list("day", flat=True))
    for row in ClosingDay.objects.filter(office__in=_ids(ground)).order_by("pk"):
        if row.day in days:
            row.delete()
            continue
        days.add(row.day)
        row.office = ground.target
        row.save(update_fields=["office"])
    OnCallShift.objects.filter(office__in=_ids(ground)).update(office=ground.target)


def _turn_offers(ground: Ground, now: datetime) -> None:
    """Offers to an office that ends go to its successor, which may have made them itself."""
    offers = Handover.objects.select_for_update(no_key=True).filter(
        to_office__in=_ids(ground), state=Handover.State.OFFERED
    )
    for offer in offers.order_by("pk"):
        if offer.from_office_id == ground.target.pk:
            end_offer(offer, Handover.State.WITHDRAWN, now=now)
        else:
            offer.to_office = ground.target
            offer.save(update_fields=["to_office"])
