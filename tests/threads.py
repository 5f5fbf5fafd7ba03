"""Runs the same piece of a story in several threads at once, each with connections of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def at_once(count: int, act: Callable[[int], T]) -> list[T | Exception]:
    """Call `act(0)`, `act(1)`… together; each result, or the exception it ended with, in order."""
    gate = threading.Barrier(count)

    def run(number: int) -> T | Exception:
        try:
            gate.wait(30)
            return act(number)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def succeeded(results: Sequence[T | Exception]) -> list[T]:
    """The results, if none of them is an exception."""
    failures = [result for result in results if isinstance(result, Exception)]
    assert failures == [], "\n".join(repr(failure) for failure in failures)
    return [result for result in results if not isinstance(result, Exception)]
