"""Every occasion on which somebody gets a message, and the values its text may use.

Placeholders are an allow-list: what is not declared here is neither stored nor sent. Texts are
edited by people in town halls, so each placeholder explains itself and brings an example.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from leases.models import Lane
from notifications.event_shapes import CATEGORY as _CATEGORY
from notifications.event_shapes import CITIZENS as CITIZENS
from notifications.event_shapes import HOUSE as HOUSE
from notifications.event_shapes import NUMBER as _NUMBER
from notifications.event_shapes import OFFICE as _OFFICE
from notifications.event_shapes import Audience as Audience
from notifications.event_shapes import Event as Event
from notifications.event_shapes import Placeholder as Placeholder
from notifications.event_shapes import UnknownEvent as UnknownEvent
from notifications.event_shapes import Words as Words
from notifications.house_events import HOUSE_EVENTS
from notifications.interim_reasons import INTERIM_REASONS
from notifications.outside_events import OUTSIDE_EVENTS

_REPORTER = (
    _NUMBER,
    _CATEGORY,
    Placeholder(
        "receipt_link",
        _("Link zur eigenen Meldung (mit Zugangscode)"),
        "https://anliegen.example/heilbronn/meldung/HN-2026-004711/zugang/?code=7KQ2M-…",
        must_appear=True,
    ),
    Placeholder(
        "stop_link",
        _("Link, um keine E-Mails mehr zu bekommen"),
        "https://anliegen.example/heilbronn/meldung/HN-2026-004711/abmelden/?code=…",
        optional=True,
    ),
)
_CHANGE = (
    *_REPORTER,
    Placeholder("status", _("Sachstand"), "in Bearbeitung", in_subject=True),
    Placeholder("closing_reason", _("Grund des Abschlusses"), "erledigt", optional=True),
    Placeholder(
        "answer",
        _("öffentliche Antwort"),
        "Die Leuchte wird am Dienstag repariert.",
        optional=True,
        multiline=True,
    ),
    _OFFICE,
)
_INCIDENT = (
    Placeholder("title", _("Titel des Ereignisses"), "Umgestürzte Bäume", in_subject=True),
    Placeholder(
        "incident_link",
        _("Seite des Ereignisses"),
        "https://anliegen.example/heilbronn/ereignis/7/",
    ),
    Placeholder(
        "answer",
        _("öffentliche Antwort"),
        "Die Straßen sind bis zum Abend geräumt.",
        optional=True,
        multiline=True,
    ),
    _OFFICE,
)
_PUBLIC_CASE = (
    _NUMBER,
    _CATEGORY,
    Placeholder(
        "report_link",
        _("Link zur öffentlichen Meldung"),
        "https://anliegen.example/heilbronn/meldung/HN-2026-004711/",
        must_appear=True,
    ),
)
_PLACE = Placeholder(
    "place", _("Ort in Worten"), "Kaiserstraße 12", optional=True, from_citizen=True
)
_ACKNOWLEDGE = Placeholder(
    "acknowledge_link",
    _("Link, der ohne Anmeldung einmal quittiert"),
    "https://anliegen.example/desk/alarm/7/?code=…",
    optional=True,
)
_STAFF = (
    _NUMBER,
    _CATEGORY,
    Placeholder("district", _("Stadtteil"), "Böckingen", optional=True, in_subject=True),
    _PLACE,
    Placeholder("due", _("Frist"), "24.11.2026 12:00", optional=True, in_subject=True),
    Placeholder("danger", _("Gefahr (ja oder nein)"), "nein", optional=True),
    Placeholder(
        "acknowledge_minutes", _("Minuten bis zur Quittung"), "15", optional=True, in_subject=True
    ),
    Placeholder(
        "desk_link",
        _("Link zum Vorgang"),
        "https://anliegen.example/desk/vorgang/HN-2026-004711/",
        must_appear=True,
    ),
    _OFFICE,
)
_HANDOVER = (
    *_STAFF,
    Placeholder("from_office", _("abgebendes Amt"), "Amt 66", in_subject=True),
    Placeholder("to_office", _("annehmendes Amt"), "Amt 67", in_subject=True),
    Placeholder("accept_by", _("Annahme bis"), "27.11.2026", optional=True, in_subject=True),
)
_WHY = Placeholder(
    "why",
    _("Grund"),
    "second_return",
    words={
        "second_return": _("Der Vorgang wurde zum zweiten Mal zurückgegeben."),
        "offer_expired": _("Eine angebotene Abgabe wurde nicht rechtzeitig angenommen."),
        "overdue": _("Eine Frist ist überschritten und alle Erinnerungen sind verstrichen."),
        "danger_unacknowledged": _("Eine Gefahrenmeldung wurde von niemandem quittiert."),
    },
)

_SITUATION = Placeholder(
    "situation",
    _("was mit der Frist ist"),
    "late",
    words={
        "soon": _("Die Frist dieses Vorgangs läuft bald ab."),
        "late": _("Die Frist dieses Vorgangs ist überschritten."),
    },
)
_INTERIM = Placeholder(
    "reason",
    _("warum es noch nichts Neues gibt"),
    "in_progress",
    words=INTERIM_REASONS,
)

_NEWS = Placeholder(
    "news",
    _("was dazukam"),
    "message",
    words={
        "message": _("Die meldende Person hat eine Nachricht geschrieben."),
        "answer": _("Die meldende Person hat die Rückfrage beantwortet."),
        "photo": _("Die meldende Person hat ein Foto ergänzt."),
        "objection": _("Die meldende Person widerspricht der Veröffentlichung."),
        "not_fixed": _("Die meldende Person sagt, dass es noch nicht in Ordnung ist."),
        "duplicate_joined": _("Eine andere Stelle hat dem Vorgang eine Dublette zugeordnet."),
        "outside": _("Eine andere Stelle hat geantwortet."),
        "firm_done": _("Die beauftragte Firma meldet: erledigt."),
        "firm_refused": _("Die beauftragte Firma lehnt ab."),
        "firm_note": _("Die beauftragte Firma hat geschrieben."),
        "firm_silent": _(
            "Die beauftragte Firma hat nicht geantwortet; die Beauftragung ist zurückgekommen."
        ),
        "firm_late": _("Die Frist der beauftragten Firma ist verstrichen."),
        "consent_revoked": _(
            "Die meldende Person hat eine Einwilligung zurückgenommen, nach der ihre Angaben schon "
            "weitergegeben wurden."
        ),
        "rights": _("Die meldende Person stellt einen Antrag zu ihren Daten."),
    },
)

_RIGHT = (
    _NUMBER,
    Placeholder(
        "right",
        _("worum es geht"),
        "erase",
        words={
            "access": _("Auskunft und Kopie Ihrer Daten (Art. 15, 20 DSGVO)"),
            "rectify": _("Berichtigung Ihrer Daten (Art. 16 DSGVO)"),
            "erase": _("Löschung Ihrer Daten (Art. 17 DSGVO)"),
            "restrict": _("Einschränkung der Verarbeitung (Art. 18 DSGVO)"),
        },
    ),
    Placeholder(
        "state",
        _("was daraus wurde"),
        "done",
        words={
            "open": _("Der Antrag ist eingegangen."),
            "done": _("Der Antrag ist erfüllt."),
            "partly": _("Der Antrag ist teilweise erfüllt."),
            "refused": _("Der Antrag ist abgelehnt."),
        },
    ),
    Placeholder(
        "ground",
        _("Grund einer Ablehnung"),
        "public_task",
        optional=True,
        words={
            "public_task": _(
                "Für die Bearbeitung nötig ist noch, was Sie über die Stelle geschrieben haben; "
                "Ihre Kontaktdaten sind gelöscht (Art. 17 Abs. 3 Buchst. b DSGVO)."
            ),
            "claims": _(
                "Es sind Rechtsansprüche offen, für die wir den Vorgang noch brauchen "
                "(Art. 17 Abs. 3 Buchst. e DSGVO)."
            ),
            "archive": _(
                "Der Vorgang wird im öffentlichen Interesse archiviert "
                "(Art. 17 Abs. 3 Buchst. d DSGVO)."
            ),
            "correct": _("Wir haben die Angaben geprüft; sie sind richtig."),
            "unknown_person": _(
                "Wir konnten nicht feststellen, dass die Daten zu Ihnen gehören "
                "(Art. 11, Art. 12 Abs. 6 DSGVO)."
            ),
            "unfounded": _("Der Antrag ist offenkundig unbegründet (Art. 12 Abs. 5 DSGVO)."),
        },
    ),
    Placeholder("answer_by", _("Tag, bis zu dem geantwortet wird"), "29.12.2026"),
)

_ALL = (
    *OUTSIDE_EVENTS,
    Event(
        "report_received",
        _("Eingangsbestätigung mit Bestätigungslink"),
        Lane.CITIZEN,
        Audience.UNCONFIRMED,
        (
            *_REPORTER,
            Placeholder("secret", _("geheimer Zugangscode"), "7KQ2M-…", must_appear=True),
            Placeholder(
                "confirm_link",
                _("Link, der die Adresse bestätigt"),
                "https://anliegen.example/heilbronn/bestaetigen/HN-2026-004711/?code=…",
                must_appear=True,
            ),
            Placeholder(
                "others",
                _("weitere Meldungen, die auf diese Bestätigung warten"),
                "HN-2026-004712, Schlagloch: https://anliegen.example/…",
                optional=True,
                multiline=True,
            ),
        ),
    ),
    Event(
        "mail_received",
        _("Antwort auf eine E-Mail, die noch keine Meldung ist"),
        Lane.CITIZEN,
        Audience.UNCONFIRMED,
        (
            Placeholder(
                "form_link",
                _("Link zum Meldeformular"),
                "https://anliegen.example/heilbronn/melden/",
                must_appear=True,
            ),
        ),
    ),
    Event("report_status", _("neuer Sachstand"), Lane.CITIZEN, Audience.REPORTER, _CHANGE),
    Event(
        "report_question", _("Rückfrage an die Person"), Lane.CITIZEN, Audience.REPORTER, _CHANGE
    ),
    Event(
        "report_closed",
        _("Abschluss"),
        Lane.CITIZEN,
        Audience.REPORTER,
        (
            *_CHANGE,
            Placeholder(
                "feedback_link",
                _("Link zur Frage „Stimmt das?“; ohne ihn wird nicht gefragt"),
                "https://anliegen.example/heilbronn/meldung/HN-2026-004711/zugang/?code=…",
                optional=True,
            ),
        ),
    ),
    Event(
        "rights_received",
        _("Antrag zu den eigenen Daten eingegangen"),
        Lane.CITIZEN,
        Audience.REPORTER,
        _RIGHT,
    ),
    Event(
        "rights_decided",
        _("Antrag zu den eigenen Daten entschieden"),
        Lane.CITIZEN,
        Audience.REPORTER,
        _RIGHT,
    ),
    Event(
        "report_interim",
        _("Zwischennachricht, wenn es lange nichts Neues gab"),
        Lane.CITIZEN,
        Audience.REPORTER,
        (*_REPORTER, _INTERIM, _OFFICE),
    ),
    Event(
        "photo_failed",
        _("Foto nicht lesbar"),
        Lane.CITIZEN,
        Audience.REPORTER,
        (*_REPORTER, Placeholder("photo_number", _("Nummer des Fotos"), "2", in_subject=True)),
    ),
    Event(
        "merged_progress",
        _("Neues zu einer zusammengeführten Meldung"),
        Lane.BULK,
        Audience.REPORTER,
        (
            *_CHANGE,
            Placeholder(
                "leading_number",
                _("Nummer der führenden Meldung"),
                "HN-2026-004700",
                in_subject=True,
            ),
        ),
    ),
    Event(
        "incident_joined",
        _("Meldung gehört zu einem Ereignis"),
        Lane.BULK,
        Audience.REPORTER,
        (*_REPORTER, *_INCIDENT),
    ),
    Event(
        "incident_news",
        _("Neues zu einem Ereignis"),
        Lane.BULK,
        Audience.REPORTER,
        (
            *_CHANGE[:-2],
            *_INCIDENT,
            Placeholder(
                "feedback_link",
                _("Link zur Frage „Stimmt das?“; ohne ihn wird nicht gefragt"),
                "https://anliegen.example/heilbronn/meldung/HN-2026-004711/zugang/?code=…",
                optional=True,
            ),
        ),
    ),
    Event(
        "support_confirm",
        _("„Betrifft mich auch“ mit Bestätigungslink"),
        Lane.CITIZEN,
        Audience.UNCONFIRMED,
        (
            *_PUBLIC_CASE,
            Placeholder(
                "confirm_link",
                _("Link, der „Betrifft mich auch“ bestätigt"),
                "https://anliegen.example/heilbronn/meldung/HN-2026-004711/betrifft-mich-auch/7/"
                "bestaetigen/?code=…",
                must_appear=True,
            ),
        ),
    ),
    Event(
        "support_progress",
        _("Neues für Mitbetroffene"),
        Lane.BULK,
        Audience.SUPPORTER,
        (
            *_PUBLIC_CASE,
            Placeholder("status", _("Sachstand"), "in Bearbeitung", in_subject=True),
            Placeholder("closing_reason", _("Grund des Abschlusses"), "erledigt", optional=True),
            Placeholder(
                "answer",
                _("öffentliche Antwort"),
                "Die Leuchte wird am Dienstag repariert.",
                optional=True,
                multiline=True,
            ),
            _OFFICE,
            Placeholder(
                "stop_link",
                _("Link, um nicht mehr dabei zu sein"),
                "https://anliegen.example/heilbronn/meldung/HN-2026-004711/betrifft-mich-auch/7/"
                "abmelden/?code=…",
            ),
        ),
    ),
    Event("office_new_case", _("neuer Vorgang im Amt"), Lane.STAFF, Audience.STAFF, _STAFF),
    Event("office_copy", _("Vorgang zur Kenntnis"), Lane.STAFF, Audience.STAFF, _STAFF),
    Event(
        "office_news",
        _("Neues von der meldenden Person"),
        Lane.STAFF,
        Audience.STAFF,
        (*_STAFF, _NEWS),
    ),
    Event("office_handover_offer", _("Abgabe angeboten"), Lane.STAFF, Audience.STAFF, _HANDOVER),
    Event(
        "office_handover_returned", _("Abgabe zurückgegeben"), Lane.STAFF, Audience.STAFF, _HANDOVER
    ),
    Event(
        "office_handover_accepted", _("Abgabe angenommen"), Lane.STAFF, Audience.STAFF, _HANDOVER
    ),
    Event(
        "dispatch_attention",
        _("Disposition muss entscheiden"),
        Lane.STAFF,
        Audience.STAFF,
        (*_STAFF, _WHY),
    ),
    Event(
        "danger_alert",
        _("Gefahr: Bereitschaft alarmiert"),
        Lane.STAFF,
        Audience.STAFF,
        (*_STAFF, _ACKNOWLEDGE),
    ),
    Event(
        "danger_call",
        _("Gefahr: SMS oder Anruf an Bereitschaft und Leitstelle"),
        Lane.CITIZEN,
        Audience.STAFF,
        (_NUMBER, _CATEGORY, _PLACE, _ACKNOWLEDGE),
    ),
    Event(
        "danger_escalated",
        _("Gefahr: Leitstelle verständigt"),
        Lane.STAFF,
        Audience.STAFF,
        _STAFF,
    ),
    Event(
        "mail_danger",
        _("Gefahr: eine ungelesene E-Mail nennt sie"),
        Lane.CITIZEN,
        Audience.STAFF,
        (
            Placeholder(
                "desk_link",
                _("Link zur E-Mail"),
                "https://anliegen.example/desk/aufnahme/?mail=7",
                must_appear=True,
            ),
        ),
    ),
    Event(
        "case_reminder",
        _("Erinnerung an eine Frist"),
        Lane.STAFF,
        Audience.STAFF,
        (*_STAFF, _SITUATION),
    ),
    *HOUSE_EVENTS,
    Event("danger_unattended", _("Gefahr: niemand quittiert"), Lane.STAFF, Audience.STAFF, _STAFF),
    Event(
        "held_waiting",
        _("Zurückgehaltenes wartet zu lange"),
        Lane.STAFF,
        Audience.STAFF,
        (
            Placeholder("waiting", _("wie viele warten"), "37", in_subject=True),
            Placeholder("late", _("wie viele davon zu lange"), "12", in_subject=True),
            Placeholder("hours", _("Stunden, nach denen gemahnt wird"), "4", in_subject=True),
            Placeholder(
                "desk_link",
                _("Link zur Liste"),
                "https://anliegen.example/desk/pruefung/",
                must_appear=True,
            ),
        ),
    ),
    Event(
        "decisions_late",
        _("Freigaben sind überfällig"),
        Lane.STAFF,
        Audience.STAFF,
        (
            Placeholder("waiting", _("wie viele warten"), "37", in_subject=True),
            Placeholder("late", _("wie viele davon zu lange"), "12", in_subject=True),
            Placeholder(
                "desk_link",
                _("Link zur Liste"),
                "https://anliegen.example/desk/freigabe/liste/?ueberfaellig=1",
                must_appear=True,
            ),
        ),
    ),
    Event(
        "leak_found",
        _("Personenbezogene Daten in der Öffentlichkeit"),
        Lane.STAFF,
        Audience.STAFF,
        (
            Placeholder("hits", _("wie viele Fundstellen"), "3", in_subject=True),
            Placeholder(
                "desk_link",
                _("Link zum Ergebnis"),
                "https://anliegen.example/admin/leakcheck/leakcheck/7/change/",
                must_appear=True,
            ),
        ),
    ),
    Event("test_message", _("Testnachricht"), Lane.STAFF, Audience.STAFF),
)
EVENTS: Mapping[str, Event] = {event.code: event for event in _ALL}


def event_of(code: str) -> Event:
    """The event of a code; raises UnknownEvent."""
    try:
        return EVENTS[code]
    except KeyError:
        raise UnknownEvent(code) from None


def label_of(code: str) -> str:
    """Name for people; of an event that is gone, its code."""
    return str(EVENTS[code].label) if code in EVENTS else code
