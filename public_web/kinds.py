"""What can be reported in a town, in the visitor's language, found by code."""

from dataclasses import dataclass

from django.utils.translation import get_language

from accounts.models import Municipality
from routing import catalogue
from routing.catalogue import CategoryInfo
from routing.models import PublicationPolicy
from routing.offering import Moment


@dataclass(frozen=True)
class Kinds:
    """The town's groups in display order, and every category that can be reported by its code."""

    groups: list[CategoryInfo]
    by_code: dict[str, CategoryInfo]

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


def kinds_of(town: Municipality, moment: Moment | None = None) -> Kinds:
    """Read the catalogue of a town; three queries. With a `moment` also what is said then."""
    groups = catalogue.offered_categories(town.pk, language=spoken_language(), moment=moment)
    return Kinds(
        groups, {kind.code: kind for group in groups for kind in group.children or (group,)}
    )


def spoken_language() -> str:
    """The two letters of the visitor's language."""
    return (get_language() or "de")[:2]
