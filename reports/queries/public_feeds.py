"""Published reports in bulk: tables, features, changes, written by the database itself.

The public role reads the views of open_data; each line is put together in SQL, because a million
rows that become Python objects on the way cost ten times as much. Every batch starts behind the
last number of the one before, in a short transaction of its own: a slow reader keeps neither a
snapshot nor the statement timeout, and a row that changes meanwhile is neither lost nor doubled.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import connections, transaction

from reports.queries.public_facts import Change, Changes, Entry, FeedState
from reports.queries.public_filters import Filters
from reports.queries.public_lines import (
    EXACT,
    EXPRESSIONS,
    FEATURE_BEGINS,
    cell_in_sql,
    feature_in_sql,
    told_in_sql,
)

CONNECTION = "public"
# Lines read at once: a line of a table costs less memory than a feature or a row of objects.
BATCH, WIDE_BATCH, ROWS, PIECE = 5_000, 2_000, 1_000, 500
STATEMENT_SECONDS = 15


@dataclass(frozen=True)
class Extract:
    """Which reports of a town, and how their lines are to be written.

    `exact` asks columns of EXACT for a value; `received` is a span, both ends included.
    `numbers` names single ones, `span` the first and the last number. `zone` is the town's time
    zone, `photo` what stands before a photo's name in its address.
    """

    town_slug: str
    zone: str
    photo: str
    filters: Filters = field(default_factory=Filters)
    exact: tuple[tuple[str, str], ...] = ()
    received: tuple[datetime | None, datetime | None] = (None, None)
    numbers: tuple[str, ...] = ()
    span: tuple[str, str] | None = None


@dataclass
class _Copied:
    pieces: list[bytes] = field(default_factory=list)
    count: int = 0
    last: bytes = b""


@dataclass(frozen=True)
class FeaturePage:
    """GeoJSON features as text, separated by commas, and the number to go on behind, if any."""

    features: str
    count: int
    last: str | None


@dataclass(frozen=True)
class ChangesPage:
    """Changes as JSON text, separated by commas; the place of the last; whether more follow."""

    told: str
    last: int
    has_more: bool


def feed_state(town_slug: str) -> FeedState:
    """A mark that changes with every change of a town's published reports. One query."""
    with connections[CONNECTION].cursor() as cursor:
        cursor.execute(
            """
            (SELECT change, published_at FROM open_data.reports
             WHERE municipality_slug = %(town)s ORDER BY change DESC LIMIT 1)
            UNION ALL
            (SELECT change, removed_at FROM open_data.removed
             WHERE municipality_slug = %(town)s ORDER BY change DESC LIMIT 1)
            ORDER BY 1 DESC LIMIT 1
            """,
            {"town": town_slug},
        )
        last = cursor.fetchone()
    return FeedState(f"{last[0]:x}", last[1]) if last else FeedState("0", None)


def earliest(town_slug: str) -> datetime | None:
    """When the first published report was received, as exact as it may be told. One query."""
    with connections[CONNECTION].cursor() as cursor:
        cursor.execute(
            "SELECT min(received_at) FROM open_data.reports WHERE municipality_slug = %s",
            [town_slug],
        )
        moment: datetime | None = cursor.fetchone()[0]
    return moment


def csv_batches(extract: Extract, columns: Sequence[str]) -> Iterator[bytes]:
    """Lines of a table (RFC 4180) in the order of their numbers, without a header line.

    `columns` are names of EXPRESSIONS, the number first. No cell is one a spreadsheet would
    execute.
    """
    cells = ", ".join(cell_in_sql(name) for name in columns)
    return _all_copied(extract, cells, BATCH, _TABLE, _ended, lambda line: line.partition(b",")[0])


def feature_batches(extract: Extract, properties: Sequence[str]) -> Iterator[bytes]:
    """Features (RFC 7946) with commas between them, many at once, in the order of their numbers."""
    begins = len(FEATURE_BEGINS)
    return _all_copied(
        extract, feature_in_sql(properties), WIDE_BATCH, _AS_IT_IS, _with_commas,
        lambda line: line[begins : line.index(b'"', begins)],
    )  # fmt: skip


def feature_page(
    extract: Extract, properties: Sequence[str], *, after: str = "", limit: int
) -> FeaturePage:
    """Up to `limit` features behind the number `after`. One query."""
    feature = feature_in_sql(properties)
    one = f"SELECT r.number, {feature} AS feature {_from(extract)} LIMIT %(limit)s"
    # Made of our own words; what is asked for stands in the values.
    sql = f"SELECT string_agg(f.feature, E',\\n'), count(*), max(f.number) FROM ({one}) f"  # noqa: S608
    with _reading(extract) as cursor:
        cursor.execute(sql, _values(extract, after) | {"limit": limit})
        features, count, last = cursor.fetchone()
    return FeaturePage(features or "", count, last if count == limit else None)


def changes_page(
    extract: Extract, properties: Sequence[str], *, after: int, limit: int
) -> ChangesPage:
    """What changed behind a place in the order of changes, as JSON text. One query.

    Each report once as it is now; of what was removed only its number and when.
    """
    published = f"""SELECT r.change, {told_in_sql("published", "r.updated_at")} || ',"feature":' ||
        {feature_in_sql(properties)} || '}}' AS told
        FROM open_data.reports r WHERE r.municipality_slug = %(town)s AND r.change > %(after)s
        ORDER BY r.change LIMIT %(limit)s"""  # noqa: S608 - made of our own words
    minute = "date_trunc('minute', r.removed_at)"
    removed = f"""SELECT r.change, {told_in_sql("removed", minute)} || '}}'
        FROM open_data.removed r WHERE r.municipality_slug = %(town)s AND r.change > %(after)s
        ORDER BY r.change LIMIT %(limit)s"""  # noqa: S608
    sql = f"""SELECT string_agg(c.told, E',\n' ORDER BY c.change), max(c.change), count(*)
        FROM (({published}) UNION ALL ({removed}) ORDER BY 1 LIMIT %(limit)s) c"""  # noqa: S608
    with _reading(extract) as cursor:
        cursor.execute(sql, _values(extract, "") | {"after": after, "limit": limit})
        told, last, count = cursor.fetchone()
    return ChangesPage(told or "", last or after, count == limit)


def row_batches(extract: Extract, columns: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows with the place as GeoPackage geometry in front, in the order of their numbers."""
    # Header of a geometry without envelope, little endian, WGS84 (GeoPackage 1.3, clause 2.1.3).
    point = "'\\x47500001e6100000'::bytea || ST_AsBinary(r.place, 'NDR')"
    cells = ", ".join([point, "r.number", *(EXPRESSIONS[name] for name in columns)])
    after = ""
    while True:
        with _reading(extract) as cursor:
            sql = f"SELECT {cells} {_from(extract)} LIMIT {ROWS}"
            cursor.execute(sql, _values(extract, after))
            rows = cursor.fetchall()
        if rows:
            yield [(row[0], *row[2:]) for row in rows]
        if len(rows) < ROWS:
            return
        after = rows[-1][1]


def count_matching(extract: Extract, mark: str) -> int:
    """How many reports that is, as long as `mark` stands for the town's content."""
    return _count(extract, mark)


def blocks(town_slug: str) -> list[tuple[str, int, int]]:
    """Reports in blocks of ten thousand numbers: how these begin, how many, the last change."""
    with connections[CONNECTION].cursor() as cursor:
        cursor.execute(
            """
            SELECT left(number, -4), count(*), max(change) FROM open_data.reports
            WHERE municipality_slug = %s GROUP BY 1 ORDER BY 1
            """,
            [town_slug],
        )
        return list(cursor.fetchall())


def changes(town_slug: str, *, after: int, limit: int) -> Changes:
    """What has changed behind a place in the order of changes, each report once. One query."""
    with connections[CONNECTION].cursor() as cursor:
        cursor.execute(
            """
            (SELECT number, change, updated_at, false FROM open_data.reports
             WHERE municipality_slug = %(town)s AND change > %(after)s
             ORDER BY change LIMIT %(limit)s)
            UNION ALL
            (SELECT number, change, date_trunc('minute', removed_at), true FROM open_data.removed
             WHERE municipality_slug = %(town)s AND change > %(after)s
             ORDER BY change LIMIT %(limit)s)
            ORDER BY 2 LIMIT %(limit)s
            """,
            {"town": town_slug, "after": after, "limit": limit},
        )
        found = [Change(*row) for row in cursor.fetchall()]
    return Changes(found, found[-1].change if found else after, len(found) == limit)


def exactness_since(town_slug: str, after: int) -> dict[str, tuple[int, str] | None]:
    """How exact what changed behind `after` may be shown: metres and word; None if not at all."""
    with connections[CONNECTION].cursor() as cursor:
        cursor.execute(
            """
            SELECT number, precision_m, time_precision FROM open_data.reports
            WHERE municipality_slug = %(town)s AND change > %(after)s
            UNION ALL
            SELECT number, NULL, NULL FROM open_data.removed
            WHERE municipality_slug = %(town)s AND change > %(after)s
            """,
            {"town": town_slug, "after": after},
        )
        rows = cursor.fetchall()
    return {number: (metres, word) if word else None for number, metres, word in rows}


def last_changed(town_slug: str, *, limit: int) -> list[tuple[str, str]]:
    """Numbers of what changed last, newest first, each with the day of its change. One query."""
    with connections[CONNECTION].cursor() as cursor:
        cursor.execute(
            """
            SELECT number, to_char(updated_at, 'YYYY-MM-DD') FROM open_data.reports
            WHERE municipality_slug = %s ORDER BY change DESC LIMIT %s
            """,
            [town_slug, limit],
        )
        return list(cursor.fetchall())


def latest(town_slug: str, *, category: str, district: str, limit: int) -> list[Entry]:
    """What changed last, newest first; a category's code or its group's. One query."""
    with connections[CONNECTION].cursor() as cursor:
        cursor.execute(
            """
            SELECT number, category_name, status, updated_at, district, text, answer,
                   ST_X(place), ST_Y(place)
            FROM open_data.reports r
            WHERE municipality_slug = %(town)s
              AND (%(district)s = '' OR district = %(district)s)
              AND (%(category)s = '' OR category_code = %(category)s OR category_code IN
                   (SELECT code FROM open_data.categories c
                    WHERE c.municipality_slug = %(town)s AND c.group_code = %(category)s))
            ORDER BY change DESC LIMIT %(limit)s
            """,
            {"town": town_slug, "category": category, "district": district, "limit": limit},
        )
        return [Entry(*row) for row in cursor.fetchall()]


@lru_cache(maxsize=500)
def _count(extract: Extract, _mark: str) -> int:
    with _reading(extract) as cursor:
        sql = _from(extract).partition("ORDER BY")[0]
        cursor.execute(f"SELECT count(*) {sql}", _values(extract, ""))
        count: int = cursor.fetchone()[0]
    return count


def _from(extract: Extract) -> str:
    where = "\n AND ".join(_conditions(extract))
    return f"FROM open_data.reports r WHERE {where}\n ORDER BY r.number"


_CONDITIONS = {
    "first": "r.number BETWEEN %(first)s AND %(last)s",
    "numbers": "r.number = ANY(%(numbers)s)",
    "categories": """(r.category_code = ANY(%(categories)s) OR r.category_code IN (
        SELECT code FROM open_data.categories
        WHERE municipality_slug = %(town)s AND group_code = ANY(%(categories)s)))""",
    "statuses": "r.status = ANY(%(statuses)s)",
    "since": "r.updated_at >= %(since)s",
    "west": "r.place && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)",
    "received_from": "r.received_at >= %(received_from)s",
    "received_to": "r.received_at <= %(received_to)s",
}


def _conditions(extract: Extract) -> Iterator[str]:
    """SQL conditions with named places; the values stand in `_values`."""
    yield "r.municipality_slug = %(town)s AND r.number > %(after)s"
    values = _values(extract, "")
    for name, condition in _CONDITIONS.items():
        if values.get(name) not in (None, []):
            yield condition
    for at, (name, _value) in enumerate(extract.exact):
        yield f"{_known(name)} = %(exact_{at})s"


def _known(name: str) -> str:
    if name not in EXACT:
        raise ValueError(name)
    return f"r.{name}"


def _values(extract: Extract, after: str) -> dict[str, Any]:
    filters = extract.filters
    return {
        "town": extract.town_slug,
        "after": after,
        "numbers": list(extract.numbers),
        **(dict(zip(("first", "last"), extract.span, strict=True)) if extract.span else {}),
        "photo": extract.photo,
        "categories": list(filters.categories),
        "statuses": list(filters.statuses),
        "since": filters.since,
        **(asdict(filters.box) if filters.box else {}),
        **{f"exact_{at}": value for at, (_name, value) in enumerate(extract.exact)},
        "received_from": extract.received[0],
        "received_to": extract.received[1],
    }


@contextmanager
def _reading(extract: Extract) -> Iterator[Any]:
    """A cursor whose times are those of the town, in a transaction as short as one question."""
    with transaction.atomic(using=CONNECTION), connections[CONNECTION].cursor() as cursor:
        cursor.execute(
            "SELECT set_config('TimeZone', %s, true), set_config('statement_timeout', %s, true)",
            [extract.zone, f"{STATEMENT_SECONDS}s"],
        )
        yield cursor


# JSON holds no control characters, so with these two nothing in it is quoted or escaped.
_TABLE, _AS_IT_IS = "FORMAT csv", "FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02'"


def _ended(lines: list[bytes]) -> bytes:
    """Lines of a table with the ends that RFC 4180 asks for; cells may hold others."""
    return b"\r\n".join([*(line[:-1] for line in lines), b""])


def _with_commas(lines: list[bytes]) -> bytes:
    """Features with a comma between them; none holds a line break."""
    return b"".join(lines)[:-1].replace(b"\n", b",\n")


def _all_copied(
    extract: Extract,
    expressions: str,
    batch: int,
    form: str,
    join: Callable[[list[bytes]], bytes],
    number_in: Callable[[bytes], bytes],
) -> Iterator[bytes]:
    """All lines, `batch` at a time; `number_in` finds the number in a line, for going on after."""
    sql, after = f"SELECT {expressions} {_from(extract)} LIMIT {batch}", ""
    while True:
        copied = _copied(extract, sql, after, form, join)
        yield from copied.pieces
        if copied.count < batch:
            return
        after = number_in(copied.last).decode()


def _copied(
    extract: Extract, sql: str, after: str, form: str, join: Callable[[list[bytes]], bytes]
) -> _Copied:
    """The lines of a query as PostgreSQL writes them, some hundred of them joined to a piece."""
    copied = _Copied()
    with _reading(extract) as cursor:
        statement = f"COPY ({sql}) TO STDOUT ({form})"
        with cursor.cursor.copy(statement, _values(extract, after)) as copy:
            # Put together some hundred at a time: single lines would take ten times the memory.
            while lines := list(map(bytes, islice(copy, PIECE))):
                copied.pieces.append(join(lines))
                copied.count += len(lines)
                copied.last = lines[-1]
    return copied
