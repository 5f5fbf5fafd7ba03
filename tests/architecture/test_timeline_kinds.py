"""Whatever is written into the history has a name that people can read."""

import ast
from collections.abc import Iterator
from pathlib import Path

from reports.timeline_kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
WRITERS = {"record", "record_change"}


def recorded_kinds() -> Iterator[tuple[str, str]]:
    """(file, kind) of every literal kind handed to a writer of the timeline."""
    for path in (ROOT / "reports").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in WRITERS:
                continue
            for argument in node.args[1:2]:
                for value in ast.walk(argument):
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield path.name, value.value


def test_every_recorded_kind_has_a_name():
    nameless = {(file, kind) for file, kind in recorded_kinds() if kind not in KINDS}

    assert not nameless


def test_the_search_finds_something():
    assert len({kind for _file, kind in recorded_kinds()}) > 20
