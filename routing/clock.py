"""The clock of a target: whose hours it counts, how pauses lengthen it, how it is set anew.

Pure: values in, values out. A clock counts the working hours of an office, for dangers every hour.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from routing.calendar import (
    Span,
    WorkCalendar,
    add_clock_hours,
    add_working_hours,
    subtract_working_hours,
    working_hours_between,
)


@dataclass(frozen=True)
class Clock:
    """Counts hours of a calendar; without one, around the clock. Times are aware, results UTC."""

    calendar: WorkCalendar | None = None

    def after(self, start: datetime, hours: float) -> datetime:
        """The moment so many counted hours after `start`; before it for negative hours."""
        if self.calendar is None:
            return add_clock_hours(start, hours)
        if hours < 0:
            return subtract_working_hours(start, -hours, self.calendar)
        return add_working_hours(start, hours, self.calendar)

    def between(self, start: datetime, end: datetime) -> float:
        """Counted hours from `start` to `end`, to the second; negative backwards."""
        if self.calendar is None:
            # In UTC: two local times of one zone would subtract as if no clock ever changed.
            hours = (end.astimezone(UTC) - start.astimezone(UTC)) / timedelta(hours=1)
        else:
            hours = working_hours_between(start, end, self.calendar)
        return round(hours * 3600) / 3600


def hours_paused(due: datetime, pause: Span, clock: Clock) -> float:
    """By how many hours a pause lengthens a target: none once it is missed."""
    began, ended = (moment.astimezone(UTC) for moment in pause)
    return clock.between(began, ended) if began < min(due.astimezone(UTC), ended) else 0.0


def lengthened(due: datetime, pauses: Iterable[Span], clock: Clock) -> datetime:
    """A due moment after pauses, told in their order; never earlier, and unmoved by a pause of
    no counted time."""
    for pause in pauses:
        hours = hours_paused(due, pause, clock)
        due = clock.after(due, hours) if hours else due
    return due


def set_anew(
    due: datetime, *, start: datetime, pauses: Iterable[Span], before: Clock, now: Clock
) -> datetime:
    """The same target counted from `start` by another clock, with the same pauses.

    `due` holds what the pauses gave by the clock `before`.
    """
    pauses = list(pauses)
    gained = sum(hours_paused(due, pause, before) for pause in pauses)
    hours = max(before.between(start, due) - gained, 0.0)
    return lengthened(now.after(start, hours), pauses, now)
