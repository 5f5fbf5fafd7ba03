"""Limits for a story: one of them low, the others out of the way."""

from typing import Any

from pytest_django import Settings

FAR_AWAY = 1_000_000


def limit(settings: Settings, **scopes: Any) -> None:
    """Set soft limits by scope (peer=3), or soft and hard ones (peer=(3, 5))."""
    settings.LIMIT_FACTOR = 1
    limits = {scope: {"soft": FAR_AWAY} for scope in settings.INTAKE_LIMITS}
    for scope in ("peer", "network"):
        limits[scope]["hard"] = FAR_AWAY
    for scope, values in scopes.items():
        soft, hard = values if isinstance(values, tuple) else (values, FAR_AWAY)
        limits[scope] = {"soft": soft, "hard": hard}
    settings.INTAKE_LIMITS = limits
