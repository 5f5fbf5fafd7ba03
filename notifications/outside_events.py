"""Occasions for bodies and firms outside the town hall, and when offices themselves change."""

from django.utils.translation import gettext_lazy as _

from leases.models import Lane
from notifications.event_shapes import CATEGORY, NUMBER, OFFICE, Audience, Event, Placeholder

# What somebody outside the town hall is written about a case; see reports/queries/passed.py.
_FACTS_FOR_OTHERS = (
    NUMBER,
    CATEGORY,
    Placeholder("place", _("Ort in Worten"), "Kaiserstraße 12", optional=True, from_citizen=True),
    Placeholder("coordinates", _("Koordinaten (WGS 84)"), "49.14270, 9.21870", optional=True),
    Placeholder("received", _("gemeldet am"), "24.11.2026", optional=True),
    Placeholder(
        "letter",
        _("Anschreiben des Amts"),
        "Die Fahrbahn gehört zur B 27; bitte prüfen Sie den Schaden.",
        multiline=True,
    ),
    Placeholder(
        "description",
        _("freigegebener Text der Meldung"),
        "Tiefes Schlagloch auf dem Radstreifen.",
        optional=True,
        multiline=True,
        from_citizen=True,
    ),
    Placeholder(
        "answers",
        _("Antworten auf Zusatzfragen"),
        "Lage – Radstreifen",
        optional=True,
        multiline=True,
        from_citizen=True,
    ),
    Placeholder("photos", _("Zahl der Fotos auf der Seite"), "2", optional=True),
    OFFICE,
    Placeholder("office_phone", _("Telefon des Amts"), "07131 00-6600", optional=True),
)
_PASSED = (
    *_FACTS_FOR_OTHERS,
    Placeholder("body", _("andere Stelle"), "Regierungspräsidium"),
    Placeholder(
        "reporter",
        _("meldende Person, nur mit Einwilligung"),
        "Erika Mustermann",
        optional=True,
        multiline=True,
        from_citizen=True,
    ),
    Placeholder("answer_by", _("Wiedervorlage am"), "08.12.2026", optional=True, in_subject=True),
    Placeholder(
        "page_link",
        _("Link zur Seite mit Fotos und Antwortfeld"),
        "https://anliegen.example/heilbronn/weitergabe/7/zugang/?code=…",
        must_appear=True,
    ),
    Placeholder(
        "reply_code",
        _("Kennwort, das eine Antwort zum Vorgang zurückführt; gehört in den Betreff"),
        "7KQ2M-…",
        in_subject=True,
        must_appear=True,
    ),
)
_DELEGATED = (
    *_FACTS_FOR_OTHERS,
    Placeholder("firm", _("Firma oder Trupp"), "Tiefbau Muster GmbH"),
    Placeholder("until", _("Frist"), "08.12.2026 17:00", in_subject=True),
    Placeholder(
        "page_link",
        _("Link zur Seite der Beauftragung"),
        "https://anliegen.example/heilbronn/beauftragung/7/zugang/?code=…",
        must_appear=True,
    ),
)

OUTSIDE_EVENTS = (
    Event("passed_on", _("Vorgang an eine andere Stelle"), Lane.STAFF, Audience.OUTSIDE, _PASSED),
    Event("delegated", _("Auftrag an eine Firma"), Lane.STAFF, Audience.OUTSIDE, _DELEGATED),
    Event(
        "delegation_revoked",
        _("Auftrag zurückgenommen"),
        Lane.STAFF,
        Audience.OUTSIDE,
        (NUMBER, CATEGORY, Placeholder("firm", _("Firma oder Trupp"), "Tiefbau Muster GmbH")),
    ),
    Event(
        "office_changed",
        _("Ämter geändert"),
        Lane.STAFF,
        Audience.STAFF,
        (
            Placeholder("office", _("Amt"), "Amt 66", in_subject=True),
            Placeholder(
                "change",
                _("was geschah"),
                "merge",
                in_subject=True,
                words={
                    "rename": _("Amt umbenannt"),
                    "merge": _("Ämter zusammengelegt"),
                    "split": _("Amt geteilt"),
                },
            ),
            Placeholder("reason", _("Anlass"), "Neuer Geschäftsverteilungsplan"),
            Placeholder("came", _("offene Vorgänge, die kamen"), "12"),
            Placeholder("left", _("offene Vorgänge, die gingen"), "0"),
            Placeholder(
                "desk_link",
                _("Link zur Vorgangsliste"),
                "https://anliegen.example/desk/",
                must_appear=True,
            ),
        ),
    ),
)
