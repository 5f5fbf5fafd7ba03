"""What can be reported in a town, for every door: the app's API, the form, the desk, imports."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.short_memory import remembered
from routing.answers import (
    AnswersInvalid,
    CheckedAnswers,
    check_answers,
    dangerous_answers,
    language_of,
    speaking,
)
from routing.attributes import attributes
from routing.models import Category, CategoryTranslation, PublicationPolicy, Question
from routing.offering import Moment, TimelyNotice
from routing.question_info import OptionInfo, QuestionInfo, question_info

# What doors ask of the catalogue, wherever it is written down.
__all__ = [
    "AnswersInvalid",
    "CategoryInfo",
    "CheckedAnswers",
    "OptionInfo",
    "QuestionInfo",
    "attributes",
    "category_offered",
    "check_answers",
    "dangerous_answers",
    "find_category",
    "is_known",
    "offered_categories",
]


@dataclass(frozen=True)
class CategoryInfo:
    """A group with its categories below it, or a category. Only leaves can be reported.

    Radius and grid in metres, targets in working hours (danger: hours around the clock).
    """

    id: int
    code: str
    name: str
    description: str
    notice: str
    keywords: tuple[str, ...]
    icon: str
    policy: PublicationPolicy
    policy_label: str
    public_grid_m: int
    is_danger: bool
    duplicate_radius_m: int
    first_answer_hours: int
    completion_hours: int
    questions: tuple[QuestionInfo, ...]
    is_group: bool
    children: tuple["CategoryInfo", ...]
    notices: tuple[TimelyNotice, ...] = ()

    @property
    def is_paused(self) -> bool:
        """Whether it is not offered at the moment and place that was asked for."""
        return any(notice.pauses for notice in self.notices)


def offered_categories(
    municipality_id: int, *, language: str = "de", moment: Moment | None = None
) -> list[CategoryInfo]:
    """Groups with the categories offered in them, in display order; three queries.

    Texts come in `language` where translated, else in German. Groups without an offered category
    are left out; a category without group stands at the top with `is_group` False. With a
    `moment` each category brings the notices that count then and there, pauses among them (one
    query more, four where hours matter).
    """
    chosen = language_of(language)
    rows = (
        Category.objects.filter(municipality_id=municipality_id)
        .prefetch_related(
            Prefetch("translations", CategoryTranslation.objects.filter(language=chosen)),
            Prefetch("questions", Question.objects.order_by("order", "pk")),
        )
        .order_by("sort_order", "name", "pk")
    )
    below: dict[int | None, list[Category]] = defaultdict(list)
    for row in rows:
        below[row.parent_id].append(row)
    groups = {row.pk: row for row in below[None]}
    for row in rows:
        row.parent = groups.get(row.parent_id) if row.parent_id else None
    with speaking(chosen):
        return list(_tops(below, chosen, moment))


def find_category(municipality_id: int, code: str) -> Category | None:
    """The category with a code that a town offers for reporting (no group), or None; one query."""
    if "\x00" in code:
        return None
    return (
        Category.objects.filter(
            Q(parent__isnull=True) | Q(parent__is_active=True),
            municipality_id=municipality_id,
            code=code,
            is_active=True,
        )
        .select_related("parent")
        .exclude(Exists(Category.objects.filter(parent=OuterRef("pk"))))
        .first()
    )


@remembered
def category_offered(municipality_id: int, code: str) -> Category | None:
    """The same for a report that comes in, as it was a moment ago; it must not be changed."""
    return find_category(municipality_id, code)


def is_known(municipality_id: int, code: str) -> bool:
    """Whether a town has, or had, a category with a code, offered or not; one query."""
    return (
        "\x00" not in code
        and Category.objects.filter(municipality_id=municipality_id, code=code).exists()
    )


def _tops(
    below: Mapping[int | None, list[Category]], language: str, moment: Moment | None
) -> Iterator[CategoryInfo]:
    for top in below[None]:
        if not top.is_active:
            continue
        is_group = top.pk in below
        leaves = [leaf for leaf in below.get(top.pk, []) if leaf.is_active]
        children = tuple(_info(leaf, language, moment) for leaf in leaves)
        if children or not is_group:
            yield _info(top, language, moment, is_group=is_group, children=children)


def _info(
    category: Category,
    language: str,
    moment: Moment | None,
    *,
    is_group: bool = False,
    children: tuple[CategoryInfo, ...] = (),
) -> CategoryInfo:
    translated = next(iter(category.translations.all()), None)
    policy = PublicationPolicy(category.publication_policy)
    return CategoryInfo(
        id=category.pk,
        code=category.code,
        name=(translated and translated.name) or category.name,
        description=(translated and translated.description) or category.description,
        notice=(translated and translated.notice) or category.notice,
        keywords=tuple(category.keywords),
        icon=category.icon or "",
        policy=policy,
        policy_label=str(policy.label),
        public_grid_m=category.public_grid_m,
        is_danger=category.is_danger,
        duplicate_radius_m=category.duplicate_radius_m,
        first_answer_hours=category.first_answer_hours,
        completion_hours=category.completion_hours,
        questions=tuple(question_info(each, language) for each in category.questions.all()),
        is_group=is_group,
        children=children,
        notices=tuple(moment.notices_for(category)) if moment and not is_group else (),
    )
