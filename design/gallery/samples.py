"""Made-up content for every component and page."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from design.gallery.forms import AllFields, AnswerForm, CloseForm, LoginForm, PlaceForm, ReceiptForm

SPRITE = Path(__file__).resolve().parent.parent / "static/design/icons.svg"
NOW = datetime.now(UTC)


class Person:
    is_authenticated = True

    def __str__(self) -> str:
        return "Kim Muster"


def _ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def town() -> SimpleNamespace:
    return SimpleNamespace(
        slug="musterstadt",
        name="Musterstadt",
        official_name="Stadt Musterstadt",
        contact_email="anliegen@musterstadt.example",
        contact_phone="07000 5600",
        pages={"plain_language": {"de": "…"}, "sign_language": {"de": "…"}},
    )


def _report(
    number: int, name: str, icon: str, status: tuple[str, str], **more: Any
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "number": f"MU-2026-{number:06}",
        "url": "quittung.html",
        "category_name": name,
        "category_icon": icon,
        "status": status[0],
        "status_label": status[1],
        "place": "Altstadt",
        "received_at": _ago(hours=3),
    }
    return values | more


RECEIVED = ("received", "eingegangen")
IN_PROGRESS = ("in_progress", "in Bearbeitung")
WAITING = ("waiting", "eingeplant")
DONE = ("done", "abgeschlossen")
REJECTED = ("rejected", "nicht umsetzbar")


def _reports() -> list[dict[str, Any]]:
    return [
        _report(4711, "Straßenbeleuchtung defekt", "lamp", RECEIVED, received_at=_ago(minutes=12)),
        _report(
            4710, "Schlagloch oder Schaden auf der Fahrbahn", "road", IN_PROGRESS, place="Nordstadt"
        ),
        _report(
            4702, "Wilder Müll und Sperrmüll", "rubbish", DONE, received_at=_ago(days=1, hours=2)
        ),
        _report(
            4698,
            "Baum: Schaden oder abgebrochener Ast",
            "tree",
            WAITING,
            place="Am Fluss",
            received_at=_ago(days=3),
        ),
        _report(4655, "Spielplatz oder Bolzplatz", "playground", DONE, received_at=_ago(days=9)),
        _report(
            4641,
            "Fahrbahnmarkierung fehlt oder ist verblasst",
            "marking",
            REJECTED,
            place="Südstadt",
            received_at=_ago(days=20),
        ),
    ]


def _filter(name: str, label: str, *options: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "options": [
            {"value": text, "label": text, "selected": not at} for at, text in enumerate(options)
        ],
    }


PUBLIC_FILTERS = [
    _filter("category", "Anliegenart", "alle", "Straßen und Wege", "Beleuchtung und Verkehr"),
    _filter("status", "Stand", "alle", "offen", "abgeschlossen"),
]
DESK_FILTERS = [
    _filter("amt", "Amt", "alle meine Ämter", "66 Amt für Straßenwesen"),
    _filter("anliegenart", "Anliegenart", "alle", "Straßen und Wege"),
    _filter("stand", "Stand", "alle offenen", "wartet"),
]
MAP = {
    "lat": 49.142,
    "lon": 9.216,
    "zoom": 12,
    "areas_url": "areas.json",
    "reports_url": "points.json",
    "tile_url": "",
    "tile_attribution": "",
}


def _category(name: str, icon: str, *children: tuple[str, str, str]) -> SimpleNamespace:
    below = [
        SimpleNamespace(code=f"c{at}", name=text, icon=sign, description=more, keywords=())
        for at, (text, sign, more) in enumerate(children)
    ]
    return SimpleNamespace(name=name, icon=icon, description="", children=below, code="g")


CATEGORIES = [
    _category(
        "Straßen und Wege",
        "road",
        ("Schlagloch oder Schaden auf der Fahrbahn", "road", "Löcher, Risse oder Absenkungen"),
        ("Schaden an Gehweg oder Platz", "pavement", "Lose Platten, Stolperkanten"),
        ("Schaden oder Hindernis auf dem Radweg", "bicycle", ""),
    ),
    _category(
        "Beleuchtung und Verkehr",
        "lamp",
        ("Straßenbeleuchtung defekt", "lamp", "Laterne dunkel oder flackert"),
    ),
    _category("Abfall und Sauberkeit", "bin", ("Wilder Müll und Sperrmüll", "rubbish", "")),
    _category("Grün und Spielplätze", "tree", ("Spielplatz oder Bolzplatz", "playground", "")),
    _category("Wasser", "water", ("Wasser tritt aus", "pipe", "")),
    _category("Ideen und Sonstiges", "message", ("Idee oder Lob", "idea", "")),
]

ENTRIES = [
    {
        "title": "Amt für Straßenwesen hat geantwortet",
        "at": _ago(hours=5),
        "icon_name": "message",
        "tone": "success",
        "by": "Amt für Straßenwesen",
        "text": "Danke für den Hinweis. Die Leuchte ist bestellt, Tausch am Donnerstag.\n\n"
        "Fragen beantworten wir unter 07000 5660.",
    },
    {
        "title": "Stand geändert: in Bearbeitung",
        "at": _ago(days=1),
        "icon_name": "status-in_progress",
        "tone": "progress",
        "by": "Verwaltung",
    },
    {
        "title": "Zuständig: Amt für Straßenwesen",
        "at": _ago(days=2),
        "icon_name": "route",
        "by": "System",
    },
    {
        "title": "Meldung eingegangen",
        "at": _ago(days=2, minutes=2),
        "icon_name": "status-received",
        "tone": "info",
    },
]
STEPS = [
    {"label": "Eingegangen", "state": "done", "note": "vor 2 Tagen"},
    {"label": "In Bearbeitung", "state": "current", "note": "seit gestern"},
    {"label": "Abgeschlossen", "state": "open", "note": "geplant bis 3. April"},
]
PHOTO = {
    "src": "static/design/gallery-photo.svg",
    "alt": "Dunkle Straßenlaterne an einem Gehweg",
    "width": 800,
    "height": 600,
    "href": "static/design/gallery-photo.svg",
}


def _cases() -> list[dict[str, Any]]:
    def case(report: dict[str, Any], **more: Any) -> dict[str, Any]:
        return report | {"url": "vorgang.html", "office_name": "66 Amt für Straßenwesen"} | more

    first, second, third, fourth, fifth, sixth = _reports()
    return [
        case(
            first
            | {
                "category_name": "Gefahrenstelle: Ölspur, Loch, lose Teile",
                "category_icon": "warning",
            },
            due_at=_ago(hours=2),
            is_danger=True,
            text="Großes Loch mitten auf der Fahrbahn, jemand ist fast gestürzt.",
            photo_count=2,
            take_url="#",
        ),
        case(
            second,
            due_at=_ago(days=2, hours=1),
            text="Seit dem Frost ein tiefes Schlagloch vor Hausnummer 12.",
            assignee_name="Kim Muster",
            has_news=True,
            photo_count=1,
        ),
        case(
            third | {"status": "in_progress", "status_label": "in Bearbeitung"},
            due_at=NOW + timedelta(hours=3),
            text="Matratze und zwei Kühlschränke am Waldparkplatz.",
            take_url="#",
        ),
        case(
            fourth,
            due_at=NOW + timedelta(days=1),
            text="Ast hängt über dem Radweg.",
            assignee_name="Kim Muster",
            is_confidential=True,
        ),
        case(
            fifth | {"status": "waiting", "status_label": "wartet auf die meldende Person"},
            due_at=NOW + timedelta(days=4),
            due_paused=True,
            text="Schaukel quietscht laut.",
        ),
        case(
            sixth,
            due_at=NOW + timedelta(days=12),
            text="Zebrastreifen kaum noch zu sehen.",
            take_url="#",
        ),
    ]


DESK_NAV = [
    {
        "label": "Vorgänge",
        "url": "vorgaenge.html",
        "icon_name": "list",
        "count": 23,
        "urgent": True,
        "is_current": True,
    },
    {"label": "Abgaben", "url": "#", "icon_name": "swap", "count": 2},
    {"label": "Freigabe", "url": "#", "icon_name": "eye", "count": 7},
    {"label": "Zurückgehalten", "url": "#", "icon_name": "shield", "count": 0},
]
TABS = [
    {"label": "Jetzt zu tun", "url": "#", "count": 23, "is_current": True},
    {"label": "Meine", "url": "#", "count": 6},
    {"label": "Wartet", "url": "#", "count": 11},
    {"label": "Abgeschlossen", "url": "#", "count": None},
]


def _case_page() -> dict[str, Any]:
    photo = PHOTO | {
        "publication": "pending",
        "publication_label": "wartet auf Freigabe",
        "approve_url": "#",
        "withhold_url": "#",
    }
    approved = PHOTO | {
        "publication": "approved",
        "publication_label": "freigegeben",
        "withhold_url": "#",
    }
    case = _report(
        4711,
        "Straßenbeleuchtung defekt",
        "lamp",
        IN_PROGRESS,
        address="Allee 12, gegenüber der Haltestelle",
        accuracy_m=15.0,
        source_label="Internet",
        due_at=NOW + timedelta(hours=4),
        first_answer_due_at=_ago(hours=-2),
        text="Drei Laternen sind seit Montag dunkel, man sieht den Schulweg nicht.",
        text_publication="pending",
        text_publication_label="wartet auf Freigabe",
        office_name="66 Amt für Straßenwesen",
        version=3,
        answers=[
            {"question": "Wie viele Lampen sind betroffen?", "answer": "mehrere"},
            {"question": "Nummer am Mast", "answer": "4471-B", "confidential": True},
        ],
    )
    return {
        "case": case,
        "contact": {
            "name": "Alex Beispiel",
            "email": "alex@example.org",
            "email_confirmed": False,
            "phone": "0170 000000",
        },
        "sentences": [
            "Regel 14: Straßenbeleuchtung in der Altstadt geht an Amt 66.",
            "Die Fläche „Altstadt“ enthält den Punkt.",
        ],
        "photos": [photo, approved],
        "entries": ENTRIES,
        "actions": {
            "take": "#",
            "answer": "#",
            "close": "#",
            "wait": "#",
            "offer": "#",
            "approve_text": "#",
            "withhold_text": "#",
        },
        "answer_form": AnswerForm(auto_id="answer_%s"),
        "close_form": CloseForm(auto_id="close_%s"),
        "text_modules": [
            {
                "title": "Leuchte bestellt",
                "body": "Die Leuchte ist bestellt und wird bis [Datum] getauscht.",
            }
        ],
        "others": ["Robin Beispiel"],
        "point": {"lat": 49.142, "lon": 9.216, "accuracy": 15},
        **MAP,
        "reports_url": "",
    }


def pages() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """File name to shell, template and context."""
    public, desk, bare = "design/public.html", "design/desk.html", "design/entry.html"
    receipt = {
        "report": _report(
            4711,
            "Straßenbeleuchtung defekt",
            "lamp",
            IN_PROGRESS,
            place="Allee 12, Altstadt",
            accuracy_m=15.0,
            received_at=_ago(days=2),
            text="Drei Laternen sind dunkel.",
            office_name="Amt für Straßenwesen",
            office_contact="07000 5660",
        ),
        "steps": STEPS,
        "entries": ENTRIES,
        "photos": [PHOTO],
        "point": {"lat": 49.142, "lon": 9.216, "accuracy": 15},
        "can_withdraw": True,
        "withdraw_url": "#",
        "can_answer": True,
        "answer_form": AnswerForm(auto_id="more_%s"),
        "answer_url": "#",
        **MAP,
        "reports_url": "",
    }
    fresh = receipt | {
        "fresh": True,
        "secret": "K7QM-2XRT-9PHD-W4VN-6FCJ",
        "receipt_link": "https://example.org/",
        "expected": "Das Amt für Straßenwesen sieht sie sich bis Donnerstag an.",
        "mail_note": "Bitte bestätigen Sie Ihre Adresse in der E-Mail an Sie.",
        "can_answer": False,
    }
    refused = PlaceForm({"email": "kein-klammeraffe"})
    invalid = AllFields({"plain": "", "select": "c"})
    form_page = {
        "category": SimpleNamespace(
            code="licht",
            name="Straßenbeleuchtung defekt",
            icon="lamp",
            notice="",
            is_danger=False,
            duplicate_radius_m=50,
        ),
        "map": MAP,
    }
    queue = {
        "heading": "Vorgänge",
        "subheading": "66 Amt für Straßenwesen · 23 offen, 4 überfällig",
        "tabs": TABS,
        "filters": DESK_FILTERS,
        "filtered": True,
        "cases": _cases(),
        "danger_cases": [
            {
                "url": "vorgang.html",
                "category_name": "Wasser tritt aus",
                "place": "Am Fluss 3",
                "alerted_at": _ago(minutes=9),
                "acknowledge_url": "#",
            }
        ],
        "next_url": "#",
        "position": "1 bis 6",
    }
    map_page = {
        "total": 312,
        "open_total": 87,
        "done_total": 225,
        "report_url": "anliegenart.html",
        "filters": PUBLIC_FILTERS,
        "filtered": True,
        "reports": _reports(),
        "next_url": "#",
        **MAP,
    }
    return {
        "index": (
            public,
            "design/gallery.html",
            {
                "invalid": invalid,
                "form": AllFields(auto_id="ok_%s"),
                "entries": ENTRIES,
                "steps": STEPS,
                "photo": PHOTO,
                "now": NOW,
                "later": NOW + timedelta(days=3),
                "tomorrow": NOW + timedelta(days=1),
                "late": _ago(days=2),
                "reports": _reports(),
                "icon_names": _icon_names(),
            },
        ),
        "karte": (public, "design/patterns/map_page.html", map_page),
        "anliegenart": (public, "design/patterns/choose_category.html", {"groups": CATEGORIES}),
        "melden": (public, "design/patterns/report_form.html", form_page | {"form": PlaceForm()}),
        "melden-fehler": (
            public,
            "design/patterns/report_form.html",
            form_page
            | {"form": refused, "kept_photos": [{"reference": "x", "name": "laterne.jpg"}]},
        ),
        "danke": (public, "design/patterns/receipt.html", fresh),
        "quittung": (public, "design/patterns/receipt.html", receipt | {"feedback_url": "#"}),
        "meine": (public, "design/patterns/receipt_entry.html", {"form": ReceiptForm()}),
        "kommunen": (
            public,
            "design/patterns/town_list.html",
            {
                "town": None,
                "towns": [
                    {"name": "Musterstadt", "url": "#"},
                    {"name": "Beispielheim", "url": "#", "note": "an der Muster"},
                ],
            },
        ),
        "fehler": (
            public,
            "design/patterns/notice_page.html",
            {
                "heading": "Diese Seite gibt es nicht",
                "text": "Vielleicht wurde die Meldung zurückgezogen.",
                "icon_name": "search",
                "tone": "info",
                "action_url": "karte.html",
                "action_label": "Zur Karte",
                "code": 404,
            },
        ),
        "anmelden": (
            bare,
            "design/patterns/login.html",
            {"form": LoginForm(), "heading": "Anmelden"},
        ),
        "vorgaenge": (desk, "design/patterns/desk_queue.html", queue),
        "vorgang": (desk, "design/patterns/desk_case.html", _case_page()),
    }


def _icon_names() -> list[str]:
    sprite = SPRITE.read_text()
    return [part.split('"')[0] for part in sprite.split('<symbol id="')[1:]]


def geojson() -> dict[str, dict[str, Any]]:
    def box(name: str, west: float, south: float, east: float, north: float) -> dict[str, Any]:
        ring = [
            [west, south],
            [east, south],
            [east + 0.01, (south + north) / 2],
            [east, north],
            [west, north],
            [west, south],
        ]
        return {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [ring]},
            "properties": {"name": name},
        }

    areas = [
        box("Altstadt", 9.19, 49.12, 9.24, 49.15),
        box("Nordstadt", 9.19, 49.15, 9.24, 49.19),
        box("Am Fluss", 9.14, 49.12, 9.19, 49.17),
        box("Südstadt", 9.17, 49.09, 9.24, 49.12),
    ]
    points = [
        {
            "type": "Feature",
            "geometry": {
                "type": "Point",
                "coordinates": [9.2 + 0.008 * at, 49.13 + 0.006 * (at % 4)],
            },
            "properties": {
                "number": report["number"],
                "url": report["url"],
                "category": report["category_name"],
                "icon": report["category_icon"],
                "status": report["status"],
                "status_label": report["status_label"],
                "received_at": report["received_at"].isoformat(),
            },
        }
        for at, report in enumerate(_reports())
    ]
    return {
        "areas.json": {"type": "FeatureCollection", "features": areas},
        "points.json": {"type": "FeatureCollection", "features": points, "complete": True},
    }
