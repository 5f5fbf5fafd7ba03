"""A danger is made safe by us before anybody else may have it."""

from reports.models import Report


class DangerNotSafe(Exception):
    """The place is dangerous and nobody has made it safe yet."""


def check_danger_is_safe(report: Report) -> None:
    """Raise DangerNotSafe while a danger case has not been made safe."""
    if report.is_danger and report.made_safe_at is None:
        raise DangerNotSafe
