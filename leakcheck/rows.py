"""Every row that the public role can read, in batches: flat memory, and no long snapshot."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from accounts.models import Municipality, Office
from leakcheck.known import approved_knowingly
from leakcheck.people import bare_phone
from leakcheck.search import Search
from reports.models import Report
from reports.personal_data import find_in, sure
from reports.queries.unapproved import unapproved
from routing.models import Category
from textguard.spans import Kind, Span

CONNECTION, SCHEMA = "public", "open_data"
BATCH = 500
STATEMENT_SECONDS = 15
# Clerks are told of names in an answer before it goes out; a colleague's is no leak.
IN_ANSWERS = frozenset({Kind.EMAIL, Kind.PHONE, Kind.IBAN, Kind.PLATE})
_GEOMETRIES = "geometry"


@dataclass(frozen=True)
class _View:
    name: str
    columns: tuple[str, ...]

    def select(self, condition: str) -> str:
        """A statement for its rows as JSON, without outlines, which are long and name nobody."""
        columns = ", ".join(f'"{column}"' for column in self.columns)
        # Every name comes from the catalogue of the database.
        rows = f'SELECT {columns} FROM {SCHEMA}."{self.name}" {condition}'  # noqa: S608
        return f"SELECT row_to_json(v)::text FROM ({rows}) v"  # noqa: S608


def look_at_rows(search: Search, town: Municipality) -> None:
    """Search every published row of a town; what is published unapproved is a finding too."""
    guard = _Guard(town)
    for view, row in _rows(town):
        search.rows += 1
        name = f"{SCHEMA}.{view}"
        search.look(name, json.dumps(row, ensure_ascii=False))
        for kind in guard.kinds_in(row):
            search.note(name, str(row["number"]), kind)
    for number, kind in unapproved(town.pk):
        search.note("published", number, kind)


class _Guard:
    """The rules that let a text out, asked again of what is out."""

    def __init__(self, town: Municipality) -> None:
        self.town = town

    def kinds_in(self, row: Mapping[str, Any]) -> Iterator[str]:
        """Kinds that should not stand in the words of a row."""
        number = row.get("number", "")
        if text := row.get("text"):
            # Only in the list of reports the text is the sender's; elsewhere an office answers.
            is_answer = "category_code" not in row
            yield from self._kinds(text, number, row.get("category_code"), is_answer=is_answer)
        if answer := row.get("answer"):
            yield from self._kinds(answer, number, None, is_answer=True)

    def _kinds(
        self, text: str, number: str, category_code: str | None, *, is_answer: bool
    ) -> set[str]:
        category = self._categories.get(category_code or "")
        found = sure(find_in(text, self.town.pk, category))
        kinds = {span.kind for span in found if not self._is_own(text, span)}
        kinds = kinds & IN_ANSWERS if is_answer else kinds
        return {kind.value for kind in kinds} - self._knowingly.get(number, set())

    def _is_own(self, text: str, span: Span) -> bool:
        found = text[span.start : span.end]
        return found.casefold() in self._own or bare_phone(found) in self._own

    @cached_property
    def _own(self) -> set[str]:
        own = {self.town.contact_email.casefold(), bare_phone(self.town.contact_phone)}
        offices = Office.objects.filter(municipality=self.town).values_list("email", "phone")
        for email, phone in offices:
            own |= {email.casefold(), bare_phone(phone)}
        return own - {""}

    @cached_property
    def _categories(self) -> dict[str, Category]:
        return {each.code: each for each in Category.objects.filter(municipality=self.town)}

    @cached_property
    def _knowingly(self) -> dict[str, set[str]]:
        kinds = approved_knowingly()
        reports = Report.objects.filter(pk__in=kinds, municipality=self.town)
        return {number: kinds[pk] for pk, number in reports.values_list("pk", "number")}


def _rows(town: Municipality) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each view of the town's with its rows, as the public role reads them."""
    views = _views()
    numbered = [view for view in views if "number" in view.columns and view.name != "removed"]
    for view in views:
        if view not in numbered:
            yield from ((view.name, row) for row in _of_town(view, town))
    for numbers in _numbers(town):
        for view in numbered:
            yield from ((view.name, row) for row in _of_numbers(view, numbers))


def _views() -> list[_View]:
    with connections[CONNECTION].cursor() as cursor:
        cursor.execute(
            "SELECT table_name::text, array_agg(column_name::text ORDER BY ordinal_position)"
            " FROM information_schema.columns WHERE table_schema = %s AND udt_name <> %s"
            " GROUP BY 1 ORDER BY 1",
            [SCHEMA, _GEOMETRIES],
        )
        return [_View(name, tuple(columns)) for name, columns in cursor.fetchall()]


@contextmanager
def reading() -> Iterator[CursorWrapper]:
    """A short transaction with more patience than a page has."""
    with transaction.atomic(using=CONNECTION), connections[CONNECTION].cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'")
        yield cursor


def _numbers(town: Municipality) -> Iterator[list[str]]:
    last = ""
    while True:
        with reading() as cursor:
            cursor.execute(
                "SELECT number FROM open_data.reports"
                " WHERE municipality_slug = %s AND number > %s ORDER BY number LIMIT %s",
                [town.slug, last, BATCH],
            )
            numbers = [number for (number,) in cursor.fetchall()]
        if not numbers:
            return
        yield numbers
        last = numbers[-1]


def _of_numbers(view: _View, numbers: Sequence[str]) -> list[dict[str, Any]]:
    with reading() as cursor:
        cursor.execute(view.select("WHERE number = ANY(%s)"), [list(numbers)])
        return [json.loads(line) for (line,) in cursor.fetchall()]


def _of_town(view: _View, town: Municipality) -> Iterator[dict[str, Any]]:
    """Rows of a view that is not about single reports; the statement's cursor keeps memory flat."""
    by_slug = next((c for c in ("municipality_slug", "slug") if c in view.columns), None)
    condition = f'WHERE "{by_slug}" = %s' if by_slug else ""
    with transaction.atomic(using=CONNECTION), connections[CONNECTION].chunked_cursor() as cursor:
        cursor.execute(view.select(condition), [town.slug] if by_slug else None)
        while lines := cursor.fetchmany(BATCH):
            yield from (json.loads(line) for (line,) in lines)
