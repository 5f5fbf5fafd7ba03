"""What a new value means for one threshold. Pure: values in, values out.

An episode begins when the value has been over the threshold often enough in a row and ends when it
has come back below the lower one. There is at most one case per episode, and none within the rest
after the last: a sensor that swings, stutters or repeats itself opens one case and not a hundred.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum


class Step(Enum):
    """What is to be done now."""

    NOTHING = "nothing"
    OPEN = "open"
    REFRESH = "refresh"
    CLOSE = "close"


@dataclass(frozen=True)
class Threshold:
    """When a value calls for somebody, and when it no longer does."""

    opens_at: float
    closes_at: float
    readings_needed: int
    rest: timedelta

    def is_over(self, value: float) -> bool:
        """Whether a value calls for somebody."""
        high = self.opens_at > self.closes_at
        return value >= self.opens_at if high else value <= self.opens_at

    def is_back(self, value: float) -> bool:
        """Whether a value says that it is over."""
        high = self.opens_at > self.closes_at
        return value <= self.closes_at if high else value >= self.closes_at


@dataclass(frozen=True)
class Course:
    """How a device stands with a threshold; `ended_at` (UTC) is the end of the last episode."""

    over_in_a_row: int = 0
    episode: int = 0
    is_open: bool = False
    ended_at: datetime | None = None


def decide(
    threshold: Threshold, course: Course, value: float, *, now: datetime
) -> tuple[Step, Course]:
    """What a value means, and how the device stands afterwards."""
    if course.is_open:
        if threshold.is_back(value):
            return Step.CLOSE, replace(course, is_open=False, over_in_a_row=0, ended_at=now)
        return Step.REFRESH, course
    if not threshold.is_over(value):
        return Step.NOTHING, replace(course, over_in_a_row=0)
    in_a_row = min(course.over_in_a_row + 1, threshold.readings_needed)
    risen = replace(course, over_in_a_row=in_a_row)
    rests = course.ended_at is not None and now < course.ended_at + threshold.rest
    if in_a_row < threshold.readings_needed or rests:
        return Step.NOTHING, risen
    return Step.OPEN, replace(risen, is_open=True, episode=course.episode + 1)
