"""What can be reported in a town, in the visitor's language, found by code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import get_language

from accounts.models import Municipality
from reports.queries.public_services import ServiceFacts, shown_services
from routing import catalogue
from routing.catalogue import CategoryInfo
from routing.models import PublicationPolicy
from routing.offering import Moment


class Kind(Protocol):
    """What pages show of a category, wherever it was read."""

    @property
    def name(self) -> str: ...

    @property
    def icon(self) -> str: ...

    @property
    def policy(self) -> PublicationPolicy: ...


@dataclass(frozen=True)
class Names:
    """What pages say of categories, found by code."""

    by_code: Mapping[str, Kind]

    def name(self, code: str, otherwise: str) -> str:
        """The name in the visitor's language; `otherwise` for a category no longer offered."""
        kind = self.by_code.get(code)
        return kind.name if kind else otherwise

    def icon(self, code: str) -> str:
        """The sign of a category, empty for one without."""
        kind = self.by_code.get(code)
        return kind.icon if kind else ""

    def is_coarse(self, code: str) -> bool:
        """Whether of a category only a rough place and the month are public."""
        kind = self.by_code.get(code)
        return kind is not None and kind.policy == PublicationPolicy.COARSE


@dataclass(frozen=True)
class Kinds(Names):
    """The town's groups in display order, and every category that can be reported by its code."""

    by_code: Mapping[str, CategoryInfo]
    groups: list[CategoryInfo]


@dataclass(frozen=True)
class ShownKinds(Names):
    """The same as everybody may know it."""

    groups: list[ServiceFacts]


def kinds_of(town: Municipality, moment: Moment | None = None) -> Kinds:
    """Read the catalogue of a town; three queries. With a `moment` also what is said then."""
    groups = catalogue.offered_categories(town.pk, language=spoken_language(), moment=moment)
    leaves = (kind for group in groups for kind in group.children or (group,))
    return Kinds({kind.code: kind for kind in leaves}, groups)


def shown_kinds(town: Municipality) -> ShownKinds:
    """What pages that only read need, by the public role; one query."""
    groups = shown_services(town.slug, language=spoken_language())
    leaves = (kind for group in groups for kind in group.children or (group,))
    return ShownKinds({kind.code: kind for kind in leaves}, groups)


def spoken_language() -> str:
    """The two letters of the visitor's language."""
    return (get_language() or "de")[:2]
