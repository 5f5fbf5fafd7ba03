"""What Django's system check asks of the settings for photos."""

import re
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core import checks

from detection.registry import UnknownDetector, missing, plugin

LEAST_PILLOW_HEIF, LEAST_LIBHEIF = (1, 8), (1, 23, 5)
_ASK = "import pillow_heif as p; print(p.__version__, p.libheif_version())"


def check_heic(**_options: Any) -> list[checks.CheckMessage]:
    """HEIC is accepted only where its decoder has the fixes of CVE-2026-84383 and what followed."""
    if not settings.HEIC:
        return []
    found = _heic_versions()
    if found is not None and found[0] >= LEAST_PILLOW_HEIF and found[1] >= LEAST_LIBHEIF:
        return []
    return [
        checks.Error(
            "ANLIEGEN_HEIC is on, but pillow-heif 1.8 with libheif 1.23.5 (or newer) is missing.",
            hint="Install the extra `heic`, or switch ANLIEGEN_HEIC off.",
            id="reports.E001",
        )
    ]


def check_detectors(**_options: Any) -> list[checks.CheckMessage]:
    """Every wanted detector must be known; where its packages lack, workers search without it."""
    found: list[checks.CheckMessage] = []
    for name in settings.DETECTORS:
        try:
            lacking = missing(plugin(name))
        except UnknownDetector:
            found.append(
                checks.Error(f"ANLIEGEN_DETECTORS: no detector {name!r}", id="reports.E002")
            )
            continue
        if lacking:
            words = f"Detector {name} cannot run here: {', '.join(lacking)} not installed."
            hint = "Media workers need the extra `detection`; other processes do not."
            found.append(checks.Warning(words, hint=hint, id="reports.W001"))
    return found


def _heic_versions() -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Of pillow-heif and libheif, asked in a process of its own: this one decodes nothing."""
    if find_spec("pillow_heif") is None:
        return None
    told = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", _ASK], capture_output=True, text=True, check=False, timeout=20
    )
    words = told.stdout.split()
    if told.returncode != 0 or len(words) != 2:
        return None
    return _numbers(words[0]), _numbers(words[1])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))
