"""What a town takes reports on, as everybody may know it: the public exit of the catalogue.

Read through the connection `public`. Forms and the desk ask routing.catalogue, which knows offices,
targets and what counts at a moment.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts.short_memory import remembered
from reports.published import PublicService
from reports.queries.public import CONNECTION
from routing.answers import language_of
from routing.models import PublicationPolicy, Question
from routing.question_info import QuestionInfo, question_info

_SHOWN = ("id", "parent_id", "code", "name", "icon", "publication_policy", "is_group")
_NEAR = ("parent_id", "code", "name", "duplicate_radius_m", "public_grid_m")
_DESCRIBED = ("explanation", "keywords", "questions")


@dataclass(frozen=True)
class ServiceFacts:
    """A group with the categories below it, or a category; texts in one language."""

    code: str
    name: str
    icon: str
    policy: PublicationPolicy
    is_group: bool
    children: tuple["ServiceFacts", ...] = ()
    explanation: str = ""
    keywords: tuple[str, ...] = ()
    questions: tuple[QuestionInfo, ...] = ()


@dataclass(frozen=True)
class ReportKind:
    """A category as it is compared with what is public: its kin, and how near means the same.

    `kin`: the codes of all categories of its group, its own among them.
    """

    code: str
    group_code: str | None
    group_name: str | None
    reach_m: int
    kin: tuple[str, ...]


@remembered
def find_kind(town_slug: str, code: str) -> ReportKind | None:
    """The category (no group) with a code that a town takes reports on, or None. Two queries."""
    if "\x00" in code:
        return None
    here = PublicService.objects.using(CONNECTION).filter(municipality_slug=town_slug).only(*_NEAR)
    row = here.filter(code=code, is_group=False).first()
    if row is None:
        return None
    # Not less than a published cell, inside which nothing can be told apart.
    reach = max(row.duplicate_radius_m, row.public_grid_m)
    if row.parent_id is None:
        return ReportKind(row.code, None, None, reach, (row.code,))
    family = list(here.filter(Q(pk=row.parent_id) | Q(parent_id=row.parent_id)).order_by("code"))
    group = next((each for each in family if each.pk == row.parent_id), None)
    return ReportKind(
        row.code,
        group.code if group else None,
        group.name if group else None,
        reach,
        tuple(each.code for each in family if each.parent_id == row.parent_id),
    )


def shown_services(town_slug: str, *, language: str = "de") -> list[ServiceFacts]:
    """Groups and categories by name and sign, in display order. One query."""
    return _ordered(town_slug, language, ())


def described_services(town_slug: str, *, language: str = "de") -> list[ServiceFacts]:
    """The same with explanation, words to search by and extra questions. One query."""
    return _ordered(town_slug, language, _DESCRIBED)


def _ordered(town_slug: str, language: str, more: Sequence[str]) -> list[ServiceFacts]:
    rows = PublicService.objects.using(CONNECTION).filter(municipality_slug=town_slug)
    below: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.order_by("sort_order", "name", "id").values(*_SHOWN, "translations", *more):
        below[row["parent_id"]].append(row)
    return list(_tops(below, language_of(language)))


def _tops(
    below: Mapping[int | None, list[dict[str, Any]]], language: str
) -> Iterator[ServiceFacts]:
    for top in below[None]:
        children = tuple(_facts(row, language) for row in below.get(top["id"], []))
        if children or not top["is_group"]:
            yield _facts(top, language, children)


def _facts(
    row: Mapping[str, Any], language: str, children: tuple[ServiceFacts, ...] = ()
) -> ServiceFacts:
    translated = row["translations"].get(language) or {}
    questions = [Question(**values) for values in row.get("questions", [])]
    return ServiceFacts(
        code=row["code"],
        name=translated.get("name") or row["name"],
        icon=row["icon"],
        policy=PublicationPolicy(row["publication_policy"]),
        is_group=row["is_group"] and row["parent_id"] is None,
        children=children,
        explanation=translated.get("explanation") or row.get("explanation", ""),
        keywords=tuple(row.get("keywords", [])),
        questions=tuple(question_info(each, language) for each in questions),
    )
