"""The description shows what it says: every operation has examples, and they fit its shapes."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from mobile_api import schema

METHODS = {"get", "post", "put", "patch", "delete", "head"}


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, facts in methods.items():
            if method in METHODS:
                yield f"{method.upper()} {path}", facts


def json_contents(facts: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """JSON that goes in, and that comes out where all went well."""
    yield from facts.get("requestBody", {}).get("content", {}).items()
    for status, answer in facts["responses"].items():
        if status.startswith("2"):
            yield from answer.get("content", {}).items()


@pytest.mark.parametrize("language", schema.LANGUAGES)
def test_every_json_has_an_example_that_fits(language: str) -> None:
    described = schema.build(language)
    missing, unfit = [], []
    for name, facts in operations(described):
        for media_type, content in json_contents(facts):
            if media_type != "application/json":
                continue
            examples = content.get("examples", {})
            if not examples:
                missing.append(name)
            shape = {**content["schema"], "components": described["components"]}
            checker = jsonschema.Draft202012Validator(shape)
            unfit += [
                f"{name}: {error.json_path} {error.message}"[:300]
                for example in examples.values()
                for error in checker.iter_errors(example["value"])
            ]
    assert (missing, unfit) == ([], [])


def test_every_operation_says_what_it_is_and_how_it_fails() -> None:
    described = schema.build("de")
    for name, facts in operations(described):
        assert facts["operationId"], name
        assert facts["summary"], name
        assert facts["description"], name
        assert {"500", "503"} <= facts["responses"].keys(), name


def test_both_languages_describe_the_same() -> None:
    german, english = schema.build("de"), schema.build("en")

    assert [name for name, _facts in operations(german)] == [
        name for name, _facts in operations(english)
    ]
    assert german["components"]["schemas"].keys() == english["components"]["schemas"].keys()
    assert json.dumps(german) != json.dumps(english)
