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
_FEATURE = """concat('{"type":"Feature","id":"', r.number,
    '","geometry":{"type":"Point","coordinates":[', ST_X(r.place), ',', ST_Y(r.place),
    ']},"properties":{', {members}, '}}')"""
_TEXTS = frozenset(["category_name", "group_name", "district", "office_name", "text", "answer"])
# Words of ours hold nothing that JSON would have to escape.
_OWN_WORDS = frozenset(["number", "status", "closing_reason", "time_precision"])
_MOMENTS = frozenset(["received_at", "updated_at", "closed_at"])
_NUMBERS = frozenset(
    ["lon", "lat", "precision_m", "first_answer_hours", "completion_hours", "supports"]
)


def told_in_sql(kind: str, moment: str) -> str:
    """The beginning of a change as JSON: number, kind and when; its brace stays open."""
    at = f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"+00:00\"')"
    return f"""'{{"id":"' || r.number || '","kind":"{kind}","changed_at":"' || {at} || '"'"""


def feature_in_sql(properties: Sequence[str]) -> str:
    """A whole feature (RFC 7946) as JSON."""
    # Member by member: row_to_json looks up each type for each row and takes twice as long.
    members = ", ',', ".join(f"""'"{name}":', {_as_json(name)}""" for name in properties)
    return _FEATURE.replace("{members}", members)


def _as_json(name: str) -> str:
    """A column as JSON text."""
    value = EXPRESSIONS[name]
    if name in _OWN_WORDS:
        value = f"""'"' || {value} || '"'"""
    elif name in _MOMENTS:
        value = f"to_json(r.{name})::text"
    elif name in _NUMBERS:
        value = f"({value})::text"
    else:
        value = f"to_json({value})::text"
    return f"coalesce({value}, 'null')"


def cell_in_sql(name: str) -> str:
    """A cell of a table that no spreadsheet would execute."""
    return _HARMLESS.format(name) if name in _TEXTS else EXPRESSIONS[name]
