"""Loads a demo town from demo/content: facts, offices, categories, rules, people, duty rosters."""

import csv
import json
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Municipality, Office, Role, RoleAssignment, User
from demo import presence
from demo.outside import load_bodies, load_firms
from places.gazetteer_files import Shape, read_gazetteer
from places.gazetteer_import import Wish, import_gazetteer
from reports.models import TextModule
from routing import question_files, town_setup
from routing.models import Area, AreaLevel
from routing.rules.from_file import load_rules

CONTENT = Path(__file__).resolve().parent / "content"
PASSWORD = "vorfuehrung-anliegen-2026"  # noqa: S105 - printed at the end of `make demo`
_SIDES = ("west", "south", "east", "north")
# RFC 6238 wants 20 bytes; a fixed demo key lets scripts and people log in, on loopback only.
TOTP_KEY = "3132333435363738393031323334353637383930"
WITH_DEVICE = frozenset({Role.ADMIN, Role.PRIVACY})


def load_town(slug: str) -> Municipality:
    """Create or update a demo town in one transaction; reports are loaded apart (cases.py)."""
    folder = CONTENT / slug
    with transaction.atomic():
        town = town_setup.create_town(_facts(folder), town_setup.read_rows(folder / "offices.csv"))
        categories = town_setup.load_categories(
            town, town_setup.read_rows(folder / "categories.csv")
        )
        question_files.load_questions(categories, town_setup.read_rows(folder / "questions.csv"))
        town_setup.load_districts(
            town,
            json.loads((folder / "districts.geojson").read_text()),
            source="grober Umriss für die Vorführung, eigene Zeichnung",
        )
        _load_parcels(town, _rows_of(folder / "parcels.csv"))
        load_rules(town, categories, town_setup.read_rows(folder / "rules.csv"))
        question_files.load_word_topics(town, _rows_of(folder / "word_topics.csv"))
        question_files.load_notices(town, categories, _rows_of(folder / "notices.csv"))
        _load_gazetteer(town, folder)
        _load_text_modules(town, folder)
        _load_staff(town, folder)
        load_bodies(town, folder / "bodies.csv")
        load_firms(town, folder / "firms.csv")
    return town


def _load_parcels(town: Municipality, rows: list[dict[str, str]]) -> None:
    """A few plots of land whose owner is known, as rectangles."""
    for row in rows:
        west, south, east, north = (float(row[side]) for side in _SIDES)
        box = Polygon.from_bbox((west, south, east, north))
        box.srid = 4326
        Area.objects.get_or_create(
            municipality=town,
            level=AreaLevel.PARCEL,
            key=row["key"],
            defaults={
                "name": row["name"],
                "geometry": MultiPolygon(box, srid=4326),
                "attributes": {"ownership": row["ownership"]},
                "source": "eigene Zeichnung für die Vorführung",
            },
        )


def _rows_of(path: Path) -> list[dict[str, str]]:
    return town_setup.read_rows(path) if path.exists() else []


def _facts(folder: Path) -> town_setup.TownFacts:
    facts: dict[str, Any] = json.loads((folder / "municipality.json").read_text())
    boundary = json.loads((folder / "boundary.geojson").read_text())
    geometry = boundary["features"][0]["geometry"] if "features" in boundary else boundary
    pages = {**facts["pages"], "intro": facts["intro"], "intro_long": facts["intro_long"]}
    return town_setup.TownFacts(
        slug=facts["slug"],
        name=facts["name"],
        official_name=facts["official_name"],
        receipt_prefix=facts["receipt_prefix"],
        state=facts["state"],
        coverage=town_setup.as_multipolygon(
            GEOSGeometry(json.dumps(geometry.get("geometry", geometry)))
        ),
        center=Point(facts["center"][0], facts["center"][1], srid=4326),
        contact_email=facts["contact"]["mail"],
        further={
            "contact_phone": facts["contact"]["phone"],
            "website": facts["contact"]["website"],
            "emergency_contact": facts["out_of_hours_number"],
            "control_centre_email": facts["control_centre"]["mail"],
            "pages": pages,
        },
    )


def _load_gazetteer(town: Municipality, folder: Path) -> None:
    reading = read_gazetteer(folder / "gazetteer.csv", Shape())
    wish = Wish(town, "vorfuehrung", attribution="eigene Angaben, CC0 1.0", may_shrink=True)
    import_gazetteer(reading, wish)


def _load_text_modules(town: Municipality, folder: Path) -> None:
    for row in town_setup.read_rows(folder / "text_modules.csv"):
        TextModule.objects.update_or_create(
            municipality=town,
            code=row["code"],
            defaults={"title": row["title_de"], "body": row["body_de"], "use": row["use"]},
        )


def _load_staff(town: Municipality, folder: Path) -> None:
    offices = {office.key: office for office in Office.objects.filter(municipality=town)}
    people: dict[str, User] = {}
    on_call: list[tuple[int, User]] = []
    with (folder / "staff.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            user = _person(row)
            role = Role(row["role"])
            keys = [key for key in row["office_keys"].split(";") if key]
            for key in keys or [None]:
                RoleAssignment.objects.get_or_create(
                    user=user, municipality=town, role=role, office=offices.get(key or "")
                )
            people[row["key"]] = user
            if row["on_call"] == "1":
                on_call.append((int(row["on_call_rank"] or 1), user))
    _arrange_presence(town, offices, people, [user for _rank, user in sorted(on_call, key=_rank)])


def _rank(row: tuple[int, User]) -> int:
    return row[0]


def _arrange_presence(
    town: Municipality, offices: dict[str, Office], people: dict[str, User], on_call: list[User]
) -> None:
    presence.plan_weeks(town, on_call)
    presence.set_reminders(town)
    if "oncall_strassen" in people and "strassen" in offices:
        presence.lead_team(offices["strassen"], "Straßenunterhaltung", people["oncall_strassen"])
    if "clerk_gruen" in people and "oncall_gruen" in people:
        presence.send_on_leave(people["clerk_gruen"], people["oncall_gruen"])


def _person(row: dict[str, str]) -> User:
    user = User.objects.filter(email=row["email"]).first()
    if user is None:
        user = User.objects.create_user(
            row["email"],
            PASSWORD,
            first_name=row["first_name"],
            last_name=row["last_name"],
            is_staff=row["role"] == Role.ADMIN,
        )
    if row["role"] in WITH_DEVICE:
        TOTPDevice.objects.get_or_create(user=user, name="Vorführung", defaults={"key": TOTP_KEY})
    return user
