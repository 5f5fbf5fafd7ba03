"""The districts as features: few enough that one page of them is chosen here. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from opendata import rendering
from reports.queries.public_facts import Outline
from reports.queries.public_feeds import FeaturePage

PROPERTIES = ("key", "name", "level")


@dataclass(frozen=True)
class DistrictPage:
    """A page of outlines and how many match altogether."""

    page: FeaturePage
    matched: int


def page_of(
    outlines: Sequence[Outline], exact: Sequence[tuple[str, str]], *, after: str, limit: int
) -> DistrictPage:
    """Up to `limit` outlines behind the key `after` that have the asked values, by key."""
    matching = sorted(
        (each for each in outlines if all(getattr(each, name) == value for name, value in exact)),
        key=lambda outline: outline.key,
    )
    behind = [each for each in matching if each.key > after]
    shown = behind[:limit]
    features = ",\n".join(rendering.outlines(shown))
    last = shown[-1].key if len(behind) > limit else None
    return DistrictPage(FeaturePage(features, len(shown), last), len(matching))
