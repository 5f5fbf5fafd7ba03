"""The answers to a category's questions as a JSON Schema (draft 2020-12), for apps and checks."""

from collections.abc import Iterable
from typing import Any

from routing.answers import NUMBER_LIMIT, STRING_LIMIT, TEXT_LIMIT
from routing.models import Datatype
from routing.question_info import Condition, QuestionInfo

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(questions: Iterable[QuestionInfo]) -> dict[str, Any]:
    """An object with one property per question; conditions as if/then.

    It describes what is stored. More is accepted: numbers with a comma, German dates, one choice
    as a list, empty answers, and answers to questions that are not asked, which are dropped.
    """
    questions = list(questions)
    required = [each.code for each in questions if each.is_required and each.condition is None]
    hanging = [each for each in questions if each.is_required and each.condition is not None]
    kinds = {question.code: question.datatype for question in questions}
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "type": "object",
        "properties": {question.code: _property(question) for question in questions},
        "required": required,
        "additionalProperties": False,
    }
    rules = [_rule(each, each.condition, kinds) for each in hanging if each.condition]
    return schema | ({"allOf": rules} if rules else {})


def _rule(
    question: QuestionInfo, condition: Condition, kinds: dict[str, Datatype]
) -> dict[str, Any]:
    asked = {
        "properties": {condition.question: _fits(condition, kinds.get(condition.question))},
        "required": [condition.question],
    }
    return {"if": asked, "then": {"required": [question.code]}}


def _fits(condition: Condition, kind: Datatype | None) -> dict[str, Any]:
    values = [_typed(value, kind) for value in condition.values]
    if kind == Datatype.MULTIPLE:
        if condition.operator == "equals":
            return {"const": values[:1]}
        return {"contains": {"enum": values}}
    if condition.operator == "contains" and kind in {Datatype.STRING, Datatype.TEXT}:
        return {"type": "string"}
    return {"enum": values}


def _typed(value: str, kind: Datatype | None) -> Any:
    if kind != Datatype.NUMBER:
        return value
    try:
        number = float(value.replace(",", "."))
    except ValueError:
        return value
    return int(number) if number.is_integer() else number


def _property(question: QuestionInfo) -> dict[str, Any]:
    named: dict[str, Any] = {"title": question.text}
    if question.help_text:
        named["description"] = question.help_text
    return named | _shape(question)


def _shape(question: QuestionInfo) -> dict[str, Any]:
    keys = [option.key for option in question.options]
    match question.datatype:
        case Datatype.NUMBER:
            return {
                "type": "number",
                "minimum": -NUMBER_LIMIT if question.minimum is None else question.minimum,
                "maximum": NUMBER_LIMIT if question.maximum is None else question.maximum,
            }
        case Datatype.DATE:
            return {"type": "string", "format": "date"}
        case Datatype.SINGLE:
            return {"type": "string", "enum": keys}
        case Datatype.MULTIPLE:
            return {"type": "array", "items": {"enum": keys}, "uniqueItems": True, "minItems": 1}
        case Datatype.TEXT:
            return _text(question.length_limit or TEXT_LIMIT)
    return _text(question.length_limit or STRING_LIMIT)


def _text(limit: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": limit}
