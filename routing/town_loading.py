"""The responsibility table of a town as facts: offices with calendars, rules in force, a category.

In plain SQL: a decision is asked for every report, and the ORM takes longer to write these
statements than the database to answer them.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from accounts.models import office_label
from routing.calendar import Week, WorkCalendar, week_of
from routing.decision import NoDispatchOffice
from routing.facts import CategoryFacts, OfficeFacts, TownFacts
from routing.models import Category
from routing.rules.loading import rules_of_version

# The subselects name no office and are answered once.
_TOWN = """
    SELECT o.id, o.number, o.name, o.short_name, o.valid_from, o.valid_to, o.successor_id,
        o.is_dispatch, m.time_zone, m.state,
        (
            SELECT json_agg(json_build_array(h.weekday, h.opens, h.closes) ORDER BY h.id)
            FROM routing_officehours h WHERE h.office_id = o.id
        ),
        (
            SELECT json_agg(json_build_array(c.office_id, c.day, c.reason) ORDER BY c.day, c.id)
            FROM routing_closingday c
            WHERE c.municipality_id = %(town)s AND c.day >= %(closed_from)s
        ),
        (
            SELECT json_build_array(s.id, s.version) FROM routing_ruleset s
            WHERE s.municipality_id = %(town)s AND s.version IS NOT NULL
                AND s.in_force_from <= %(rules_at)s
            ORDER BY s.in_force_from DESC, s.version DESC LIMIT 1
        )
    FROM accounts_office o JOIN accounts_municipality m ON m.id = o.municipality_id
    WHERE o.municipality_id = %(town)s ORDER BY o.id
"""
_CATEGORY = """
    SELECT c.id, c.name, g.id, coalesce(g.name, ''), c.default_office_id, g.default_office_id,
        c.first_answer_hours, c.completion_hours, c.is_danger, c.code, coalesce(g.code, '')
    FROM routing_category c LEFT JOIN routing_category g ON g.id = c.parent_id
    WHERE c.id = %s AND c.municipality_id = %s
"""

ClosingDays = list[tuple[int | None, date, str]]


def load_town(
    municipality_id: int, *, since: datetime, rules_at: datetime | None = None
) -> TownFacts:
    """The responsibility table of a town with the calendars of its offices from a moment on.

    The rules are those in force at `since`, or at `rules_at`. Two queries, one where the process
    remembers the rules. Closing days before `since` are left out. Raises NoDispatchOffice
    for a town without any office.
    """
    values: dict[str, Any] = {
        "town": municipality_id,
        # A day earlier than needed: which day it is locally is known to each calendar.
        "closed_from": since.date() - timedelta(days=1),
        "rules_at": rules_at or since,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TOWN, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    if not rows:
        raise NoDispatchOffice
    *_office, time_zone, state, _hours, closed, in_force = rows[0]
    closing_days = [(office, date.fromisoformat(day), why) for office, day, why in closed or ()]
    version_id, version = in_force or (None, None)
    return TownFacts(
        time_zone=time_zone,
        offices={row[0]: _office_facts(row, closing_days) for row in rows},
        rules=rules_of_version(version_id) if version_id is not None else (),
        state=state,
        rule_set_version=version,
    )


def load_category(municipality_id: int, category_id: int) -> CategoryFacts:
    """A category of a town with its group; one query. Raises Category.DoesNotExist."""
    with connection.cursor() as cursor:
        cursor.execute(_CATEGORY, [category_id, municipality_id])
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        raise Category.DoesNotExist
    return CategoryFacts(*row)


def category_facts(category: Category) -> CategoryFacts:
    """A category with its group as plain values; `parent` should be loaded."""
    group = category.parent
    return CategoryFacts(
        id=category.pk,
        name=category.name,
        group_id=group.pk if group else None,
        group_name=group.name if group else "",
        office_id=category.default_office_id,
        group_office_id=group.default_office_id if group else None,
        first_answer_hours=category.first_answer_hours,
        completion_hours=category.completion_hours,
        is_danger=category.is_danger,
        code=category.code,
        group_code=group.code if group else "",
    )


def _office_facts(row: tuple[Any, ...], closing_days: ClosingDays) -> OfficeFacts:
    pk, number, name, short_name, begins, ends, successor, is_dispatch, zone, state, hours = row[
        :11
    ]
    return OfficeFacts(
        id=pk,
        label=office_label(number, name, short_name),
        calendar=WorkCalendar(
            time_zone=zone,
            state=state,
            week=_week(hours or ()),
            closing_days=_closed(pk, closing_days),
        ),
        valid_from=begins,
        valid_to=ends,
        successor_id=successor,
        is_dispatch=is_dispatch,
    )


def _week(hours: Iterable[tuple[int, str, str]]) -> Week:
    # The database's JSON writes times as text.
    return week_of(
        (weekday, time.fromisoformat(opens), time.fromisoformat(closes))
        for weekday, opens, closes in hours
    )


def _closed(office_id: int, closing_days: ClosingDays) -> Mapping[date, str]:
    return {
        day: reason or "Schließtag"
        for office, day, reason in closing_days
        if office in {None, office_id}
    }
