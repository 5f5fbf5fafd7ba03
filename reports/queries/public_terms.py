"""How long a town keeps what, for its privacy page; read with the public role."""

from reports.published import PublicDeletionDays
from reports.queries.public import CONNECTION


def deletion_days(town_slug: str) -> PublicDeletionDays | None:
    """The days of a town's standard deletion class. One query."""
    rows = PublicDeletionDays.objects.using(CONNECTION)
    return rows.filter(municipality_slug=town_slug).first()
