"""Which collections there are: each town's reports, and the outlines of its districts. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reports.queries.public_facts import TownFacts

REPORTS, DISTRICTS = "reports", "districts"
KINDS = (REPORTS, DISTRICTS)


@dataclass(frozen=True)
class Collection:
    """A town's features of one kind; `begins` is the day of the first (ISO 8601) where known."""

    town: TownFacts
    kind: str
    begins: str | None = None

    @property
    def name(self) -> str:
        """What it is called in addresses."""
        return f"{self.town.slug}-{self.kind}"


def collections_of(towns: Iterable[TownFacts]) -> Iterator[Collection]:
    """All collections of towns."""
    for town in towns:
        for kind in KINDS:
            yield Collection(town, kind)


def split_name(name: str) -> tuple[str, str] | None:
    """The slug of the town and the kind that a name stands for, or None for no name of ours."""
    slug, _dash, kind = name.rpartition("-")
    return (slug, kind) if slug and kind in KINDS else None
