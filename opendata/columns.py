"""The columns of the open data: names, order, meaning, type. Everything that describes or writes
them (files, features, page, schemas) reads here; how they are made of the view says
reports/queries/public_feeds.py. Pure."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Types: word (a code or name), text (free text), time (ISO 8601 with zone), number, whole, links.
WORD, TEXT, TIME, NUMBER, WHOLE, LINKS = "word", "text", "time", "number", "whole", "links"


@dataclass(frozen=True)
class Column:
    """A column: its name, what it means, its type, and where it appears.

    The place is given as geometry in GeoJSON, so `in_features` is false for its columns. What
    somebody has written or photographed is not archived (`in_archive`): it may be called back.
    `always` says that it is never empty.
    """

    name: str
    meaning: str | Promise
    kind: str = WORD
    in_features: bool = True
    in_archive: bool = True
    always: bool = False
    words: tuple[str, ...] = ()


COLUMNS = (
    Column("number", _("Vorgangsnummer; bleibt immer gleich."), always=True),
    Column("category_code", _("Code der Anliegenart."), always=True),
    Column("category_name", _("Name der Anliegenart."), always=True),
    Column("group_name", _("Gruppe der Anliegenart.")),
    Column(
        "status",
        _("Stand: received, in_progress, waiting, done, rejected, duplicate oder archived."),
        always=True,
        words=("received", "in_progress", "waiting", "done", "rejected", "duplicate", "archived"),
    ),
    Column(
        "closing_reason",
        _("Wie es endete, z. B. done, nothing_found, forwarded, planned; leer, solange offen."),
    ),
    Column("received_at", _("Eingang der Meldung."), TIME, always=True),
    Column("updated_at", _("Letzte Änderung."), TIME, always=True),
    Column("closed_at", _("Abschluss."), TIME),
    Column(
        "time_precision",
        _("Wie genau die Zeiten sind: minute, day oder month."),
        always=True,
        words=("minute", "day", "month"),
    ),
    Column(
        "lon",
        _("Länge in Grad (WGS84), Mitte der Rasterzelle."),
        NUMBER,
        in_features=False,
        always=True,
    ),
    Column(
        "lat",
        _("Breite in Grad (WGS84), Mitte der Rasterzelle."),
        NUMBER,
        in_features=False,
        always=True,
    ),
    Column(
        "precision_m",
        _("Kantenlänge der Rasterzelle in Metern: so genau ist der Ort."),
        WHOLE,
        always=True,
    ),
    Column("district", _("Stadtteil.")),
    Column("office_name", _("Zuständiges Amt.")),
    Column(
        "text",
        _("Beschreibung, nur wenn die Verwaltung sie freigegeben hat."),
        TEXT,
        in_archive=False,
    ),
    Column("answer", _("Letzte öffentliche Antwort der Verwaltung."), TEXT, in_archive=False),
    Column("first_answer_hours", _("Stunden vom Eingang bis zur ersten Antwort."), NUMBER),
    Column("completion_hours", _("Stunden vom Eingang bis zum Abschluss."), NUMBER),
    Column(
        "supports",
        _("Wie viele andere sagen „Betrifft mich auch“; leer, wo nicht gezählt wird."),
        WHOLE,
    ),
    Column(
        "photo_urls",
        _("Adressen freigegebener Fotos, durch Leerzeichen getrennt."),
        LINKS,
        in_archive=False,
    ),
)
NAMES = tuple(column.name for column in COLUMNS)
FEATURE_NAMES = tuple(column.name for column in COLUMNS if column.in_features)
ARCHIVED = tuple(column for column in COLUMNS if column.in_archive)
ARCHIVED_NAMES = tuple(column.name for column in ARCHIVED)
