"""The only exit of published figures: the view open_data.statistics, read with the public role."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from figures.models import PublicStatistics

CONNECTION = "public"


@dataclass(frozen=True)
class Published:
    """What a town tells of its figures (see actions/publish_statistics.py), and its mark."""

    content: dict[str, Any]
    etag: str
    changed_at: datetime


def published(town_slug: str) -> Published | None:
    """The published figures of a town, or None where it publishes none. One query."""
    row = PublicStatistics.objects.using(CONNECTION).filter(municipality_slug=town_slug).first()
    return Published(row.content, row.etag, row.changed_at) if row else None


def table_lines(content: dict[str, Any]) -> list[list[object]]:
    """All published tables as one: a line for each figure, so that programs read it easily.

    Columns: table, key, name, figure, value; a value that may not be told is empty.
    """
    lines: list[list[object]] = [["table", "key", "name", "figure", "value"]]
    for name in ("totals", "totals_before"):
        lines += [[name, "", "", figure, _cell(value)] for figure, value in content[name].items()]
    for name in ("months", "categories", "districts", "offices"):
        for row in content.get(name, {}).get("rows", []):
            key, label = row.get("key", row.get("month", "")), row.get("name", "")
            lines += [
                [name, key, label, figure, _cell(value)]
                for figure, value in row.items()
                if figure not in {"key", "name", "month"}
            ]
    return lines


def _cell(value: object) -> object:
    return "" if value is None else value
