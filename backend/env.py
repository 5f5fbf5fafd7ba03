"""Strict readers for environment variables: nonsense stops the start with a clear word."""

import os
import secrets
from collections.abc import Collection
from pathlib import Path


class BadSetting(Exception):
    """An environment variable is missing or makes no sense."""


def text(name: str, default: str | None = None) -> str:
    """The value of a variable; without default it must be set."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise BadSetting(f"{name} is not set (see docs/operators/settings.md)")
    return default


def flag(name: str, *, default: bool) -> bool:
    """1/0, true/false, yes/no, on/off."""
    value = text(name, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name} must be 1 or 0, not {value!r}")


def one_of(name: str, choices: Collection[str], default: str) -> str:
    """One of the words that mean something."""
    value = text(name, default)
    if value not in choices:
        raise BadSetting(f"{name} must be {_or(choices)}, not {value!r}")
    return value


def some_of(name: str, choices: Collection[str], default: str) -> set[str]:
    """A list separated by commas of words that mean something."""
    chosen = set(words(name, default))
    if unknown := chosen.difference(choices):
        raise BadSetting(f"{name} may name {_or(choices)}, not {', '.join(sorted(unknown))}")
    return chosen


def _or(choices: Collection[str]) -> str:
    return " or ".join(repr(choice) for choice in choices)


def number(name: str, default: int) -> int:
    """A whole number."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise BadSetting(f"{name} must be a whole number, not {value!r}") from None


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in text(name, default or " ").split(",") if word.strip()]


def secret(name: str, *, minimum: int = 32) -> bytes:
    """A server key as bytes; also read from the file named by NAME_FILE (container secrets)."""
    path = os.environ.get(f"{name}_FILE")
    value = Path(path).read_text().strip() if path else text(name)
    if len(value) < minimum:
        raise BadSetting(f"{name} must have at least {minimum} characters")
    return value.encode()


def throw_away(name: str) -> bytes:
    """A key for a process that signs nothing anybody keeps: made up at its start."""
    return secrets.token_urlsafe(48).encode()


def optional_secret(name: str) -> str:
    """A server key that may be missing, read like the others; empty without it."""
    if os.environ.get(name) or os.environ.get(f"{name}_FILE"):
        return secret(name).decode()
    return ""
