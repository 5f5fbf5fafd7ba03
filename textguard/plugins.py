"""Detectors of one's own, for example a local language model; the house ships none.

A detector is named `package.module:Class` in settings.TEXT_DETECTORS. Rules are asked first: what
they have found, a detector can neither take away nor change.
"""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Protocol

from django.conf import settings

from textguard.spans import Span


class TextDetector(Protocol):
    """Finds further personal data. It must work in this house: no text may leave it."""

    def find(self, text: str, *, sensitive: bool) -> Iterable[Span]:
        """Spans in `text`; may overlap each other and what the rules found."""
        ...


class UnknownDetector(ValueError):
    """A name in settings.TEXT_DETECTORS that is not `package.module:Class`."""


@cache
def detectors() -> tuple[TextDetector, ...]:
    """Those of the settings, made once per process. Raises UnknownDetector."""
    return tuple(_made(name) for name in settings.TEXT_DETECTORS)


def _made(name: str) -> TextDetector:
    module, colon, maker = name.partition(":")
    if not (colon and maker.isidentifier() and all(map(str.isidentifier, module.split(".")))):
        raise UnknownDetector(name)
    detector: TextDetector = getattr(import_module(module), maker)()
    return detector
