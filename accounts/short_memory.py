"""What hardly ever changes is asked of the database once in a while, not at every request.

A process remembers an answer for `settings.REMEMBER_SECONDS` (0: never). A change by staff is seen
by everybody that much later; nothing that decides who may do what is remembered.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings

P = ParamSpec("P")
R = TypeVar("R")
_MOST_ANSWERS = 5_000
_memories: list[dict[Any, Any]] = []


def forget() -> None:
    """Drop whatever this process remembers, as after another database was put in place."""
    for answers in _memories:
        answers.clear()


def remembered(ask: Callable[P, R]) -> Callable[P, R]:
    """Remember the answers of a function of hashable values; answers must not be changed."""
    return _remembering(ask, times=1)


def remembered_long(ask: Callable[P, R]) -> Callable[P, R]:
    """Like `remembered`, for what can only change in name once it is written: thirty times so
    long."""
    return _remembering(ask, times=30)


def _remembering(ask: Callable[P, R], *, times: int) -> Callable[P, R]:
    answers: dict[Any, tuple[float, R]] = {}
    _memories.append(answers)

    @wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        seconds: float = settings.REMEMBER_SECONDS * times
        if not seconds:
            return ask(*args, **kwargs)
        key, now = (args, tuple(sorted(kwargs.items()))), time.monotonic()
        known = answers.get(key)
        if known is not None and known[0] > now:
            return known[1]
        answer = ask(*args, **kwargs)
        if len(answers) >= _MOST_ANSWERS:
            answers.clear()
        answers[key] = (now + seconds, answer)
        return answer

    return asked
