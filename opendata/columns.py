"""The columns of the feeds: their names, in order, and what they mean. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.queries.public_facts import FeedRow

Value = str | int | float | bool | None
# First characters that make a spreadsheet read a text as a formula, and their full-width twins.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Column:
    """A column: its name, what it means, and how it is taken from a row.

    The place is given as geometry in GeoJSON, so `in_geojson` is false for its columns.
    """

    name: str
    meaning: str | Promise
    value: Callable[[FeedRow, "FeedContext"], Value]
    in_geojson: bool = True


@dataclass(frozen=True)
class FeedContext:
    """What a row needs to become readable: local time, and the address of a photo by its name."""

    zone: ZoneInfo
    photo_url: Callable[[str], str]

    def moment(self, at: datetime | None) -> str | None:
        """ISO 8601 in local time with zone."""
        return at.astimezone(self.zone).isoformat(timespec="seconds") if at else None


COLUMNS = (
    Column("number", _("Vorgangsnummer; bleibt immer gleich."), lambda row, _c: row.number),
    Column(
        "category_code",
        _("Code der Anliegenart."),
        lambda row, _c: row.category_code,
    ),
    Column("category_name", _("Name der Anliegenart."), lambda row, _c: row.category_name),
    Column("group_name", _("Gruppe der Anliegenart."), lambda row, _c: row.group_name),
    Column(
        "status",
        _("Stand: received, in_progress, waiting, done, rejected, duplicate oder archived."),
        lambda row, _c: row.status,
    ),
    Column(
        "closing_reason",
        _("Wie es endete, z. B. done, nothing_found, forwarded, planned; leer, solange offen."),
        lambda row, _c: row.closing_reason or None,
    ),
    Column(
        "received_at", _("Eingang der Meldung."), lambda row, here: here.moment(row.received_at)
    ),
    Column("updated_at", _("Letzte Änderung."), lambda row, here: here.moment(row.updated_at)),
    Column("closed_at", _("Abschluss."), lambda row, here: here.moment(row.closed_at)),
    Column(
        "time_precision",
        _("Wie genau die Zeiten sind: minute, day oder month."),
        lambda row, _c: row.time_precision,
    ),
    Column(
        "lon",
        _("Länge in Grad (WGS84), Mitte der Rasterzelle."),
        lambda row, _c: round(row.lon, 5),
        in_geojson=False,
    ),
    Column(
        "lat",
        _("Breite in Grad (WGS84), Mitte der Rasterzelle."),
        lambda row, _c: round(row.lat, 5),
        in_geojson=False,
    ),
    Column(
        "precision_m",
        _("Kantenlänge der Rasterzelle in Metern: so genau ist der Ort."),
        lambda row, _c: row.precision_m,
    ),
    Column("district", _("Stadtteil."), lambda row, _c: row.district or None),
    Column("office_name", _("Zuständiges Amt."), lambda row, _c: row.office_name or None),
    Column(
        "text",
        _("Beschreibung, nur wenn die Verwaltung sie freigegeben hat."),
        lambda row, _c: row.text or None,
    ),
    Column(
        "answer",
        _("Letzte öffentliche Antwort der Verwaltung."),
        lambda row, _c: row.answer or None,
    ),
    Column(
        "first_answer_hours",
        _("Stunden vom Eingang bis zur ersten Antwort."),
        lambda row, _c: row.first_answer_hours,
    ),
    Column(
        "completion_hours",
        _("Stunden vom Eingang bis zum Abschluss."),
        lambda row, _c: row.completion_hours,
    ),
    Column(
        "supports",
        _("Wie viele andere sagen „Betrifft mich auch“; leer, wo nicht gezählt wird."),
        lambda row, _c: row.supports,
    ),
    Column(
        "photo_urls",
        _("Adressen freigegebener Fotos, durch Leerzeichen getrennt."),
        lambda row, here: " ".join(map(here.photo_url, row.photos)) or None,
    ),
)


def harmless(value: Value) -> Value:
    """A value as a spreadsheet cell: texts that would be read as a formula get an apostrophe."""
    if isinstance(value, str) and value.lstrip(" \xa0\ufeff").startswith(_FORMULA):
        return f"'{value}"
    return value
