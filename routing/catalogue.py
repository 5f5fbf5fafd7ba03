"""What can be reported in a town, and whether the answers to a category's questions make sense.

One implementation for every door: the app's API, the public form, the desk and imports.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import translation
from django.utils.translation import gettext as _

from routing.models import Category, CategoryTranslation, Datatype, PublicationPolicy, Question

STRING_LIMIT = 200
TEXT_LIMIT = 2000
NUMBER_LIMIT = 1e12
GERMAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
NUMBER = re.compile(r"[+-]?\d{1,20}([.,]\d{1,10})?")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class AnswersInvalid(Exception):
    """Answers to extra questions do not fit; `errors` maps a question's code to one message."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


class _Unfit(Exception):
    pass


@dataclass(frozen=True)
class OptionInfo:
    """One choice of a question; `advice` is shown as soon as it is chosen."""

    key: str
    text: str
    is_danger: bool
    advice: str


@dataclass(frozen=True)
class QuestionInfo:
    """An extra question in one language."""

    code: str
    text: str
    help_text: str
    datatype: Datatype
    is_required: bool
    is_confidential: bool
    options: tuple[OptionInfo, ...]


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


@dataclass(frozen=True)
class CheckedAnswers:
    """Answers as they are stored: text, number, ISO date, option key or list of option keys."""

    values: dict[str, Any]
    is_danger: bool
    advice: list[str]


def offered_categories(municipality_id: int, *, language: str = "de") -> list[CategoryInfo]:
    """Groups with the categories offered in them, in display order; three queries.

    Texts come in `language` where translated, else in German. Groups without an offered category
    are left out; a category without group stands at the top with `is_group` False.
    """
    chosen = _language(language)
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
    with _speaking(chosen):
        return list(_tops(below, chosen))


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
        .exclude(Exists(Category.objects.filter(parent=OuterRef("pk"))))
        .first()
    )


def check_answers(
    category_id: int, answers: Mapping[str, Any], *, language: str = "de"
) -> CheckedAnswers:
    """Check answers to a category's extra questions and bring them into the stored form.

    Empty answers are left out. Accepts numbers with comma or point, dates as 2026-11-23 or
    23.11.2026, one option key or a list of them. One query. Raises AnswersInvalid with one
    message per question in `language`.
    """
    questions = _questions_of(category_id)
    values: dict[str, Any] = {}
    with _speaking(_language(language)):
        errors = {
            _echoed(code): _("Diese Frage gehört nicht zur Anliegenart.")
            for code in answers
            if code not in questions
        }
        for code, question in questions.items():
            try:
                value = _checked(question, answers.get(code))
            except _Unfit as unfit:
                errors[code] = str(unfit)
            else:
                if value is not None:
                    values[code] = value
    if errors:
        raise AnswersInvalid(errors)
    chosen = [option for _q, option in _chosen_options(questions, values)]
    return CheckedAnswers(
        values=values,
        is_danger=any(bool(option.get("danger")) for option in chosen),
        advice=_advice(chosen, _language(language)),
    )


def dangerous_answers(category_id: int, answers: Mapping[str, Any]) -> list[str]:
    """Which checked answers mean danger, in German words of the catalogue; one query.

    Options of confidential questions are not named.
    """
    found = []
    for question, option in _chosen_options(_questions_of(category_id), answers):
        if not option.get("danger"):
            continue
        if question.is_confidential:
            found.append("auf eine vertrauliche Frage")
        else:
            found.append(f"»{_in(option, '', 'de')}« auf »{question.text}«")
    return found


def _tops(below: Mapping[int | None, list[Category]], language: str) -> Iterator[CategoryInfo]:
    for top in below[None]:
        if not top.is_active:
            continue
        is_group = top.pk in below
        children = tuple(_info(leaf, language) for leaf in below.get(top.pk, []) if leaf.is_active)
        if children or not is_group:
            yield _info(top, language, is_group=is_group, children=children)


def _info(
    category: Category,
    language: str,
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
        questions=tuple(_question_info(each, language) for each in category.questions.all()),
        is_group=is_group,
        children=children,
    )


def _question_info(question: Question, language: str) -> QuestionInfo:
    translated = question.translations.get(language) or {}
    return QuestionInfo(
        code=question.code,
        text=translated.get("text") or question.text,
        help_text=translated.get("help") or question.help_text,
        datatype=Datatype(question.datatype),
        is_required=question.is_required,
        is_confidential=question.is_confidential,
        options=tuple(
            OptionInfo(
                key=option["key"],
                text=_in(option, "", language) or option["key"],
                is_danger=bool(option.get("danger")),
                advice=_in(option, "advice_", language),
            )
            for option in question.options
        ),
    )


def _echoed(code: object) -> str:
    # A client may send anything as a question's code; what goes back must be storable.
    return CONTROL_CHARACTERS.sub("?", str(code)[:60])


def _in(option: Mapping[str, Any], prefix: str, language: str) -> str:
    return str(option.get(f"{prefix}{language}") or option.get(f"{prefix}de") or "")


def _questions_of(category_id: int) -> dict[str, Question]:
    questions = Question.objects.filter(category_id=category_id).order_by("order", "pk")
    return {question.code: question for question in questions}


def _chosen_options(
    questions: Mapping[str, Question], values: Mapping[str, Any]
) -> Iterator[tuple[Question, Mapping[str, Any]]]:
    for code, question in questions.items():
        keys = _as_list(values.get(code))
        for option in question.options:
            if option["key"] in keys:
                yield question, option


def _advice(options: Iterable[Mapping[str, Any]], language: str) -> list[str]:
    found = [_in(option, "advice_", language) for option in options]
    return list(dict.fromkeys(text for text in found if text))


def _checked(question: Question, answer: Any) -> Any:
    """The stored form of an answer, None for an empty one; raises _Unfit."""
    if _is_empty(answer):
        if question.is_required:
            raise _Unfit(_("Bitte beantworten Sie diese Frage."))
        return None
    if question.datatype in {Datatype.SINGLE, Datatype.MULTIPLE}:
        return _checked_choice(question, answer)
    if question.datatype == Datatype.NUMBER:
        return _checked_number(answer)
    text = _checked_text(answer, STRING_LIMIT if question.datatype != Datatype.TEXT else TEXT_LIMIT)
    return _checked_date(text) if question.datatype == Datatype.DATE else text


def _is_empty(answer: Any) -> bool:
    if isinstance(answer, str):
        return not answer.strip()
    if isinstance(answer, list | tuple):
        return all(_is_empty(each) for each in answer)
    return answer is None


def _as_list(answer: Any) -> list[Any]:
    return list(answer) if isinstance(answer, list | tuple) else [answer]


def _checked_choice(question: Question, answer: Any) -> str | list[str]:
    chosen = [each for each in _as_list(answer) if not _is_empty(each)]
    known = [option["key"] for option in question.options]
    if any(each not in known for each in chosen):
        raise _Unfit(_("Bitte wählen Sie aus den angebotenen Antworten."))
    if question.datatype == Datatype.MULTIPLE:
        return [key for key in known if key in chosen]
    if len(chosen) > 1:
        raise _Unfit(_("Bitte wählen Sie nur eine Antwort."))
    return str(chosen[0])


def _checked_number(answer: Any) -> int | float:
    text = str(answer).strip().replace("\N{MINUS SIGN}", "-")
    is_number = isinstance(answer, int | float) and not isinstance(answer, bool)
    if not is_number and not (isinstance(answer, str) and NUMBER.fullmatch(text)):
        raise _Unfit(_("Bitte geben Sie eine Zahl ein, zum Beispiel 3 oder 2,5."))
    number = float(text.replace(",", "."))
    if not math.isfinite(number) or abs(number) > NUMBER_LIMIT:
        raise _Unfit(_("Diese Zahl ist zu groß."))
    return int(number) if number.is_integer() else number


def _checked_text(answer: Any, limit: int) -> str:
    if not isinstance(answer, str):
        raise _Unfit(_("Bitte geben Sie einen Text ein."))
    text = answer.strip().replace("\r\n", "\n")
    if len(text) > limit:
        raise _Unfit(_("Bitte kürzen Sie die Antwort auf %(limit)d Zeichen.") % {"limit": limit})
    if CONTROL_CHARACTERS.search(text):
        raise _Unfit(_("Die Antwort enthält Zeichen, die wir nicht speichern können."))
    return text


def _checked_date(text: str) -> str:
    german = GERMAN_DATE.fullmatch(text)
    try:
        if german:
            day, month, year = (int(part) for part in german.groups())
            return date(year, month, day).isoformat()
        if ISO_DATE.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise _Unfit(_("Bitte geben Sie ein Datum ein, zum Beispiel 23.11.2026."))


def _language(code: str) -> str:
    """The base language of a tag such as `en-GB`, in lower case."""
    return code.replace("_", "-").partition("-")[0].lower() or settings.LANGUAGE_CODE


def _speaking(language: str) -> AbstractContextManager[None]:
    known = {code for code, _name in settings.LANGUAGES}
    return translation.override(language if language in known else settings.LANGUAGE_CODE)
