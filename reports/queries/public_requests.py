"""What partner systems ask of published reports, as values, and the conditions it means. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from reports.queries.public_filters import Circle


@dataclass(frozen=True)
class Wanted:
    """Which published reports a partner wants; everything empty means all.

    Times are compared with what is shown: `received_*` with the time of receipt, `updated_*` with
    the last change, both ends included. `numbers` alone decides where it is given.
    """

    numbers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    statuses: tuple[str, ...] | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    around: Circle | None = None


def conditions(wanted: Wanted) -> Iterator[Q]:
    """The conditions on published reports, the place apart; for `numbers` no other."""
    if wanted.numbers:
        yield Q(number__in=wanted.numbers)
        return
    if wanted.categories:
        yield Q(category_code__in=wanted.categories)
    if wanted.statuses is not None:
        yield Q(status__in=wanted.statuses)
    ends = {
        "received_at__gte": wanted.received_from,
        "received_at__lte": wanted.received_to,
        "updated_at__gte": wanted.updated_from,
        "updated_at__lte": wanted.updated_to,
    }
    for lookup, moment in ends.items():
        if moment is not None:
            yield Q(**{lookup: moment})
