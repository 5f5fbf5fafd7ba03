"""What the person at the terminal sees: steps with their time, and clear refusals."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

# A start in the background goes on counting from the start of the command that began it.
BEGIN = float(os.environ.get("ANLIEGEN_BEGUN", time.monotonic()))


class Refusal(Exception):
    """The stack cannot go on, and the text says what a person can do about it.

    `code` becomes the exit status: 2 where an administrator must act, else 1.
    """

    def __init__(self, text: str, *, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


def say(text: str = "") -> None:
    """Print one line at once, also into a pipe; goes on silently once nobody reads it."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def note(text: str) -> None:
    """Print a line that belongs to the step above it."""
    say(f"         {text}")


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print the title with the time since the start, and how long the block took."""
    begun = time.monotonic()
    say(f"{begun - BEGIN:6.1f} s  {title} …")
    yield
    note(f"done in {time.monotonic() - begun:.1f} s")
