"""Reads extra questions, words to look for and dated notices of a town from plain rows.

The same rows as in routing.town_setup; loading twice updates and never deletes.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Municipality
from routing.category_notice import CategoryNotice, NoticeEffect, NoticeHours
from routing.models import Area, Category, DateRange, Question
from routing.question_setup import faults_of
from routing.town_setup import Row, SetupInvalid, flag
from routing.word_topic import TopicKind, WordTopic


def load_questions(categories: Mapping[str, Category], rows: Iterable[Row]) -> None:
    """Create or update extra questions by category and code.

    Raises SetupInvalid where the questions of a category could not be asked like this.
    """
    touched: set[int] = set()
    with transaction.atomic():
        for row in rows:
            category = categories.get(row["category_code"])
            if category is None:
                raise SetupInvalid(f"question {row['code']}: unknown {row['category_code']}")
            Question.objects.update_or_create(
                category=category, code=row["code"], defaults=_question_values(row)
            )
            touched.add(category.pk)
        for category_id in sorted(touched):
            _check_questions(category_id)


def _question_values(row: Row) -> dict[str, Any]:
    english = {"text": row.get("text_en", ""), "help": row.get("help_en", "")}
    further = _json(row, "translations", {})
    return {
        "order": int(row["order"]),
        "datatype": row["datatype"],
        "is_required": flag(row.get("required")),
        "is_confidential": flag(row.get("confidential")),
        "text": row["text_de"],
        "help_text": row.get("help_de", ""),
        "options": _json(row, "options", []),
        "translations": further | ({"en": english} if english["text"] else {}),
        "condition": _json(row, "condition", {}),
        "minimum": _number(row, "minimum"),
        "maximum": _number(row, "maximum"),
        "unit": row.get("unit", ""),
        "date_range": row.get("date_range") or DateRange.ANY,
        "length_limit": int(row["length_limit"]) if row.get("length_limit") else None,
    }


def _json(row: Row, column: str, otherwise: Any) -> Any:
    try:
        return json.loads(row.get(column) or json.dumps(otherwise))
    except ValueError:
        raise SetupInvalid(f"question {row['code']}: {column} is no JSON") from None


def _number(row: Row, column: str) -> float | None:
    return float(row[column].replace(",", ".")) if row.get(column) else None


def _check_questions(category_id: int) -> None:
    questions = Question.objects.filter(category_id=category_id).select_related("category")
    for fault in faults_of(questions):
        code = questions[0].category.code
        raise SetupInvalid(f"question {code}/{fault.code}: {fault.field}: {fault.message}")


def load_word_topics(town: Municipality, rows: Iterable[Row]) -> None:
    """Create or update what a town changes about the words that are looked for, by kind and code.

    Lines of a list are separated by `;`.
    """
    for row in rows:
        values: dict[str, Any] = {
            "words": _lines(row, "words"),
            "hint_words": _lines(row, "hint_words"),
            "unused_words": _lines(row, "unused_words"),
            "text": row.get("text_de", ""),
            "text_en": row.get("text_en", ""),
            "contact": row.get("contact", ""),
            "phone": row.get("phone", ""),
            "url": row.get("url", ""),
            "is_active": flag(row.get("active") or "1"),
        }
        if row["kind"] not in TopicKind.values:
            raise SetupInvalid(f"word topic {row['code']}: unknown kind {row['kind']}")
        topic, _new = WordTopic.objects.update_or_create(
            municipality=town, kind=row["kind"], code=row["code"], defaults=values
        )
        try:
            topic.full_clean()
        except ValidationError as invalid:
            raise SetupInvalid(f"word topic {row['code']}: {'; '.join(invalid.messages)}") from None


def load_notices(
    town: Municipality, categories: Mapping[str, Category], rows: Iterable[Row]
) -> None:
    """Create or update dated notices and pauses, by category, area and German text."""
    areas = {area.name: area for area in Area.objects.filter(municipality=town)}
    for row in rows:
        english = row.get("text_en", "")
        CategoryNotice.objects.update_or_create(
            municipality=town,
            category=categories[row["category_code"]] if row.get("category_code") else None,
            area=areas[row["area_name"]] if row.get("area_name") else None,
            text=row["text_de"],
            defaults={
                "effect": row.get("effect") or NoticeEffect.SHOW,
                "valid_from": _date(row, "valid_from"),
                "valid_to": _date(row, "valid_to"),
                "is_yearly": flag(row.get("yearly")),
                "hours": row.get("hours") or NoticeHours.ALWAYS,
                "translations": {"en": english} if english else {},
                "contact": row.get("contact", ""),
                "phone": row.get("phone", ""),
                "url": row.get("url", ""),
                "is_active": flag(row.get("active") or "1"),
            },
        )


def _lines(row: Row, column: str) -> str:
    return "\n".join(line.strip() for line in row.get(column, "").split(";") if line.strip())


def _date(row: Row, column: str) -> date | None:
    return date.fromisoformat(row[column]) if row.get(column) else None
