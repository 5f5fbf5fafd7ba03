"""Fields that take what their name says and nothing else; shape only, no rules of the town."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

MAX_ANSWERS = 50
UPLOAD_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")

_LINE_BREAK = re.compile(r"[\n\r\x85\u2028\u2029]")


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, naming each."""

    @classmethod
    def checked(cls, data: Any) -> Any:
        """The checked values of a document; raises ValidationError.

        By one instance for all: checking leaves nothing behind in it, and copying its fields for
        each request costs more than checking does.
        """
        return _the_one(cls).run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        """The checked values; raises ValidationError."""
        if isinstance(data, Mapping):
            unknown = [str(name) for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {name: [serializers.ErrorDetail("", code="unknown_field")] for name in unknown}
                )
        return super().to_internal_value(data)


@cache
def _the_one(shape: type[StrictSerializer]) -> StrictSerializer:
    return shape()


class TextField(serializers.CharField):
    """A JSON string; numbers are not turned into text. null counts as not given."""

    def __init__(self, *, lines: int = 1, **options: Any) -> None:
        self.one_line = lines == 1
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        """The text without blanks around it."""
        if not isinstance(data, str):
            self.fail("invalid")
        if self.one_line and _LINE_BREAK.search(data.strip()):
            raise serializers.ValidationError("", code="one_line")
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """true or false of JSON; neither words nor numbers."""

    def to_internal_value(self, data: Any) -> bool:
        """The flag."""
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class AddressField(serializers.EmailField):
    """A mail address that can go into a mail header."""

    def to_internal_value(self, data: Any) -> str:
        """The address."""
        if not isinstance(data, str):
            self.fail("invalid")
        if _LINE_BREAK.search(data.strip()):
            raise serializers.ValidationError("", code="one_line")
        return super().to_internal_value(data)


class NumberField(serializers.FloatField):
    """A JSON number between two bounds; neither text nor true nor a number beyond floats."""

    def __init__(self, *, at_least: float, at_most: float, **options: Any) -> None:
        self.at_least, self.at_most = at_least, at_most
        super().__init__(min_value=at_least, max_value=at_most, **options)

    def to_internal_value(self, data: Any) -> float:
        """The number as a float."""
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        if not self.at_least <= data <= self.at_most:
            code = "min_value" if data < self.at_least else "max_value"
            raise serializers.ValidationError("", code=code)
        return float(data)


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MAX_ANSWERS,
        "additionalProperties": {
            "oneOf": [
                {"type": "string"},
                {"type": "number"},
                {"type": "array", "items": {"type": "string"}},
                {"type": "null"},
            ]
        },
    }
)
class AnswersField(serializers.Field[dict[str, Any], Any, dict[str, Any], Any]):
    """Answers by the code of the question; what they may be is checked with the category."""

    default_error_messages = {"invalid": _("Erwartet wird ein Objekt.")}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The answers, still unchecked."""
        if not isinstance(data, dict) or len(data) > MAX_ANSWERS:
            self.fail("invalid")
        wrong = {code: ["invalid"] for code, answer in data.items() if not _is_answer(answer)}
        if wrong:
            raise serializers.ValidationError(
                {code: [serializers.ErrorDetail("", code="invalid")] for code in wrong}
            )
        return data

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        """The answers as stored."""
        return value


def _is_answer(answer: Any) -> bool:
    if isinstance(answer, list):
        return all(isinstance(each, str) for each in answer)
    return answer is None or isinstance(answer, str | int | float)


class UploadTokenField(TextField):
    """The token of an upload, or the whole address that ends with it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=300, **options)

    def to_internal_value(self, data: Any) -> str:
        """The token."""
        token = super().to_internal_value(data).rpartition("/")[2]
        if not UPLOAD_TOKEN.fullmatch(token):
            self.fail("invalid")
        return token


@extend_schema_field(OpenApiTypes.BINARY)
class PhotoField(serializers.FileField):
    """A photo as a part of a multipart request."""
