"""Moves what an office stands on: rules, defaults, people, calendars, duty, offers, incidents.

All of it belongs into the transaction of the change; cases are moved apart, one by one.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Office, RoleAssignment, Team
from reports.models import Handover
from reports.queries.office_plans import Moving
from reports.responsibility import end_offer
from routing.models import ClosingDay, OfficeHours, OnCallShift
from routing.office_rules import move_rules


def move_ground(moving: Moving, *, reason: str, now: datetime) -> None:
    """Move it. Raises PlannedRules where rules that begin later name one of the offices."""
    move_rules(moving.target.municipality_id, moving, reason=reason, now=now)
    moving.default_categories.update(default_office=moving.target)
    _turn_offers(moving, now)
    moving.incidents.update(office=moving.target)
    _turn_first_looks(moving)
    _move_roles(moving)
    _lend_hours(moving)
    if moving.is_whole:
        _move_teams(moving)
        _move_calendar(moving)


def _turn_first_looks(moving: Moving) -> None:
    """Teams come along where their office ends; in a split they stay."""
    rows = moving.first_looks
    if moving.is_whole:
        rows.update(first_look_for=moving.target)
    else:
        rows.update(first_look_for=moving.target, first_look_team=None)


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


def _move_roles(moving: Moving) -> None:
    for row in moving.roles.order_by("pk"):
        RoleAssignment.objects.get_or_create(
            user_id=row.user_id,
            municipality_id=row.municipality_id,
            office=moving.target,
            role=row.role,
        )
        row.delete()


def _lend_hours(moving: Moving) -> None:
    """Hours of the first source that has any, where the target has none of its own."""
    if OfficeHours.objects.filter(office=moving.target).exists():
        return
    for source in moving.sources:
        hours = list(OfficeHours.objects.filter(office=source))
        if hours:
            OfficeHours.objects.bulk_create(
                OfficeHours(
                    office=moving.target, weekday=row.weekday, opens=row.opens, closes=row.closes
                )
                for row in hours
            )
            return


def _move_teams(moving: Moving) -> None:
    taken = set(Team.objects.filter(office=moving.target).values_list("name", flat=True))
    for team in Team.objects.filter(office__in=moving.ids).select_related("office"):
        if team.name in taken:
            team.name = f"{team.name} ({team.office.label})"[:80]
        taken.add(team.name)
        team.office = moving.target
        team.save(update_fields=["office", "name"])


def _move_calendar(moving: Moving) -> None:
    days = set(ClosingDay.objects.filter(office=moving.target).values_list("day", flat=True))
    for row in ClosingDay.objects.filter(office__in=moving.ids).order_by("pk"):
        if row.day in days:
            row.delete()
            continue
        days.add(row.day)
        row.office = moving.target
        row.save(update_fields=["office"])
    OnCallShift.objects.filter(office__in=moving.ids).update(office=moving.target)


def _turn_offers(moving: Moving, now: datetime) -> None:
    """Offers go where such cases go now, which may be the office that made them."""
    for offer in moving.offers.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        if offer.from_office_id == moving.target.pk:
            end_offer(offer, Handover.State.WITHDRAWN, now=now)
        else:
            offer.to_office = moving.target
            offer.save(update_fields=["to_office"])
