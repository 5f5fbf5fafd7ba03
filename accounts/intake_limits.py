"""How many reports may come from where before somebody looks at them, or none are read any more.

The defaults are settings (INTAKE_LIMITS); a municipality may set its own. Above `soft` a report is
accepted and held back; above `hard` the sender gets 429 before anything is read.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Municipality

# Windows divide a day, so that none reaches over the change of the day's salt.
MINUTES = (5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440)
HARD_SCOPES = frozenset({"peer", "network"})
_MOST = 1_000_000


@dataclass(frozen=True)
class Limit:
    """So many within a window; `hard` is None where nothing is ever refused."""

    soft: int
    hard: int | None
    window: timedelta


def limits_of(town: Municipality | None) -> dict[str, Limit]:
    """The limits of a town by scope, those of the installation without one. Asks nothing."""
    own = town.intake_limits if town is not None else {}
    return {
        scope: _limit(default | own.get(scope, {}))
        for scope, default in settings.INTAKE_LIMITS.items()
    }


def _limit(values: dict[str, int]) -> Limit:
    hard = values.get("hard")
    return Limit(
        soft=values["soft"] * settings.LIMIT_FACTOR,
        hard=None if hard is None else hard * settings.LIMIT_FACTOR,
        window=timedelta(minutes=values.get("minutes", 60)),
    )


def check_own_limits(own: Any) -> None:
    """Raise ValidationError, in words for whoever edits them, unless limits make sense."""
    if not isinstance(own, dict):
        raise ValidationError(_("Erwartet wird ein Objekt mit Grenzen."))
    for scope, values in own.items():
        if scope not in settings.INTAKE_LIMITS:
            known = ", ".join(settings.INTAKE_LIMITS)
            raise ValidationError(
                _("„%(scope)s“ gibt es nicht. Möglich sind: %(known)s.")
                % {"scope": scope, "known": known}
            )
        _check_scope(scope, values)


def _check_scope(scope: str, values: Any) -> None:
    allowed = {"soft", "minutes"} | ({"hard"} if scope in HARD_SCOPES else set())
    if not isinstance(values, dict) or not set(values) <= allowed:
        raise ValidationError(
            _("Zu „%(scope)s“ gehören nur: %(allowed)s.")
            % {"scope": scope, "allowed": ", ".join(sorted(allowed))}
        )
    if not all(type(value) is int and 0 < value <= _MOST for value in values.values()):
        raise ValidationError(_("Grenzen sind ganze Zahlen größer als 0."))
    if values.get("minutes", 60) not in MINUTES:
        raise ValidationError(
            _("„minutes“ ist eine von: %(minutes)s.")
            % {"minutes": ", ".join(str(each) for each in MINUTES)}
        )
    merged = settings.INTAKE_LIMITS[scope] | values
    if merged.get("hard", _MOST) < merged["soft"]:
        raise ValidationError(_("„hard“ darf nicht kleiner sein als „soft“."))
