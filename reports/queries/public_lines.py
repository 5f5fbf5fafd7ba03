"""How the lines of the open data are put together in SQL: what each column is made of.

Made of our own words only; whatever somebody asks for stands in the values of a statement.
"""

from collections.abc import Mapping, Sequence

# As JSON writes times: 2026-03-01T12:34:00+01:00. Taking the marks off costs less than `#>>`.
_MOMENT = """replace(to_json(r.{0})::text, '"', '')"""
# What each column of the feeds is made of: `r` is open_data.reports, times are local.
EXPRESSIONS: Mapping[str, str] = {
    "number": "r.number",
    "category_code": "r.category_code",
    "category_name": "r.category_name",
    "group_name": "nullif(r.group_name, '')",
    "status": "r.status",
    "closing_reason": "nullif(r.closing_reason, '')",
    "received_at": _MOMENT.format("received_at"),
    "updated_at": _MOMENT.format("updated_at"),
    "closed_at": _MOMENT.format("closed_at"),
    "time_precision": "r.time_precision",
    "lon": "ST_X(r.place)",
    "lat": "ST_Y(r.place)",
    "precision_m": "r.precision_m",
    "district": "nullif(r.district, '')",
    "office_name": "nullif(r.office_name, '')",
    "text": "nullif(r.text, '')",
    "answer": "nullif(r.answer, '')",
    "first_answer_hours": "r.first_answer_hours",
    "completion_hours": "r.completion_hours",
    "supports": "r.supports",
    "photo_urls": """CASE WHEN r.photo_names <> ''
        THEN %(photo)s || replace(r.photo_names, ' ', ' ' || %(photo)s) END""",
}
# Columns somebody may ask an exact value of.
EXACT = frozenset(
    {
        *("category_code", "category_name", "group_name", "status", "closing_reason"),
        *("time_precision", "district", "office_name"),
    }
)
# First characters that make a spreadsheet read a text as a formula, and their full-width twins.
# A letter of the first 127 characters is settled without looking further.
_HARMLESS = """CASE WHEN ascii(r.{0}) BETWEEN 65 AND 122 THEN r.{0} WHEN r.{0} = '' THEN NULL
    WHEN r.{0} !~ '^[ \u00a0\ufeff]*[=+\\-@\\t\\r\\n＝＋－＠]' THEN r.{0} ELSE '''' || r.{0} END"""
# How a feature begins; its number follows.
FEATURE_BEGINS = '{"type":"Feature","id":"'
_TEXTS = frozenset(["category_name", "group_name", "district", "office_name", "text", "answer"])
# Words of ours hold nothing that JSON would have to escape; these are never empty.
_OWN_WORDS = frozenset(["number", "status", "time_precision"])
# Of these an empty text is no value, and the view holds no NULL.
_NEVER_NULL = frozenset(["group_name", "district", "office_name", "text", "answer"])
_MOMENTS = frozenset(["received_at", "updated_at", "closed_at"])
_NUMBERS = frozenset(
    ["lon", "lat", "precision_m", "first_answer_hours", "completion_hours", "supports"]
)


def told_in_sql(kind: str, moment: str) -> str:
    """The beginning of a change as JSON: number, kind and when; its brace stays open."""
    at = f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"+00:00\"')"
    return f"""'{{"id":"' || r.number || '","kind":"{kind}","changed_at":"' || {at} || '"'"""


def feature_in_sql(properties: Sequence[str]) -> str:
    """A whole feature (RFC 7946) as JSON, without a line break in it."""
    # Member by member: row_to_json looks up each type for each row and takes twice as long. What
    # stands between two values is one literal, because each argument costs as much as a value.
    parts: list[str] = []
    literal = FEATURE_BEGINS

    def value(expression: str) -> None:
        nonlocal literal
        parts.extend([f"'{literal}'", expression])
        literal = ""

    value("r.number")
    literal = '","geometry":{"type":"Point","coordinates":['
    value("ST_X(r.place)")
    literal = ","
    value("ST_Y(r.place)")
    literal = ']},"properties":{'
    for place, name in enumerate(properties):
        literal += f'{"," if place else ""}"{name}":'
        quote = '"' if name in _OWN_WORDS else ""
        literal += quote
        value(_as_json(name))
        literal = quote
    return f"concat({', '.join(parts)}, '{literal}}}}}')"


def _as_json(name: str) -> str:
    """A column as JSON text; of a word of our own what stands between its quotes."""
    value = EXPRESSIONS[name]
    if name in _OWN_WORDS:
        return value
    if name in _NUMBERS:
        return f"coalesce(({value})::text, 'null')"
    if name in _MOMENTS:
        return f"coalesce(to_json(r.{name})::text, 'null')"
    if name in _NEVER_NULL:
        return f"CASE WHEN r.{name} = '' THEN 'null' ELSE to_json(r.{name})::text END"
    return f"coalesce(to_json({value})::text, 'null')"


def cell_in_sql(name: str) -> str:
    """A cell of a table that no spreadsheet would execute."""
    return _HARMLESS.format(name) if name in _TEXTS else EXPRESSIONS[name]
