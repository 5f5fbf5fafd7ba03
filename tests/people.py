"""Two towns and the people in them, so that a test reads like a story.

Heilbronn has Amt 66 (Clara), Amt 67 (Gero), a dispatcher (Dora), a moderator (Mona), an office
head (Max) and an administrator (Ada). Heidenheim is the town next door, with its own clerk
(Heidi), who must never see anything of Heilbronn. Erika is the citizen.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, cast

import pytest
from django.contrib.gis.geos import Point
from django.db import connections, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.models import Municipality, Office, Role, User
from reports.actions.route import route_report
from reports.actions.submit import Receipt, submit_report
from reports.draft import Draft, Sender
from reports.models import Report
from routing.models import Category, PublicationPolicy
from tests.factories import (
    AreaFactory,
    CategoryFactory,
    MunicipalityFactory,
    OfficeFactory,
    OnCallShiftFactory,
    RoleFactory,
    UserFactory,
    square,
)
from tests.photo_samples import jpeg_full_of_canaries
from tests.town_memory import TownMemory, memory_of

ERIKA = Sender(name="Erika Mustermann", email="erika@buerger.example", phone="07131 5550100")
TOWN_HALL = (9.2187, 49.1427)
BOECKINGEN = (9.1800, 49.1370)


@dataclass
class Town:
    """A municipality with its offices, categories and people by name."""

    municipality: Municipality
    offices: dict[str, Office]
    categories: dict[str, Category]
    people: dict[str, User] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return self.municipality.slug


def _person(town: Town, name: str, role: Role, office: str | None = None) -> None:
    first, _blank, last = name.partition(" ")
    user = UserFactory(first_name=first, last_name=last, is_staff=role == Role.ADMIN)
    RoleFactory(
        user=user,
        municipality=town.municipality,
        role=role,
        office=town.offices[office] if office else None,
    )
    town.people[first.lower()] = user


def _categories(municipality: Municipality, offices: dict[str, Office]) -> dict[str, Category]:
    streets = CategoryFactory(municipality=municipality, code="strasse", name="Straße")
    green = CategoryFactory(municipality=municipality, code="gruen", name="Grün")
    order = CategoryFactory(municipality=municipality, code="ordnung", name="Ordnung")
    policy = PublicationPolicy
    return {
        "pothole": CategoryFactory(
            municipality=municipality,
            parent=streets,
            code="strasse.schlagloch",
            name="Schlagloch",
            default_office=offices["66"],
            publication_policy=policy.AUTOMATIC,
        ),
        "tree": CategoryFactory(
            municipality=municipality,
            parent=green,
            code="gruen.baum",
            name="Baum",
            default_office=offices["67"],
        ),
        "noise": CategoryFactory(
            municipality=municipality,
            parent=order,
            code="ordnung.laerm",
            name="Lärm",
            publication_policy=policy.NEVER,
        ),
        "needles": CategoryFactory(
            municipality=municipality,
            parent=order,
            code="ordnung.spritzen",
            name="Spritzen",
            publication_policy=policy.COARSE,
            public_grid_m=500,
        ),
        "collapse": CategoryFactory(
            municipality=municipality,
            parent=streets,
            code="strasse.einbruch",
            name="Straße eingebrochen",
            default_office=offices["66"],
            is_danger=True,
        ),
    }


def _town(slug: str, name: str, prefix: str, west: float) -> Town:
    with transaction.atomic():
        municipality = MunicipalityFactory(
            slug=slug,
            name=name,
            receipt_prefix=prefix,
            coverage=square(west, 49.05, west + 0.25, 49.25),
            center=Point(west + 0.12, 49.14, srid=4326),
            control_centre_email=f"leitstelle@{slug}.example",
        )
        offices = {
            "dispatch": OfficeFactory(
                municipality=municipality, key="disposition", name="Anliegen", is_dispatch=True
            ),
            "66": OfficeFactory(
                municipality=municipality, key="66", number="66", name="Amt für Straßenwesen"
            ),
            "67": OfficeFactory(
                municipality=municipality, key="67", number="67", name="Grünflächenamt"
            ),
        }
    return Town(municipality, offices, _categories(municipality, offices))


@pytest.fixture(scope="session")
def remembered_towns(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> dict[str, TownMemory]:
    """Both towns, made once for all tests of this process."""
    with django_db_blocker.unblock():
        made = {make.__name__: memory_of(make) for make in (_heilbronn, _heidenheim)}
        connections.close_all()
    return made


@pytest.fixture
def heilbronn(db: None, remembered_towns: dict[str, TownMemory]) -> Town:
    """Heilbronn with two districts (Böckingen in the west, Innenstadt in the east) and people."""
    return cast(Town, remembered_towns["_heilbronn"].put_back())


@pytest.fixture
def heidenheim(db: None, remembered_towns: dict[str, TownMemory]) -> Town:
    """The town next door, east of Heilbronn's rectangle."""
    return cast(Town, remembered_towns["_heidenheim"].put_back())


def _heilbronn() -> Town:
    town = _town("heilbronn", "Heilbronn", "HN", 9.10)
    for key, west, east in (("Böckingen", 9.10, 9.20), ("Innenstadt", 9.20, 9.35)):
        AreaFactory(
            municipality=town.municipality,
            key=key.lower(),
            name=key,
            geometry=square(west, 49.05, east, 49.25),
        )
    _person(town, "Clara Clerk", Role.CLERK, "66")
    _person(town, "Carlo Colleague", Role.CLERK, "66")
    _person(town, "Gero Green", Role.CLERK, "67")
    _person(town, "Dora Dispatch", Role.DISPATCHER)
    _person(town, "Mona Moderator", Role.MODERATOR)
    _person(town, "Max Manager", Role.MANAGER, "66")
    _person(town, "Ada Admin", Role.ADMIN)
    OnCallShiftFactory(municipality=town.municipality, person=town.people["clara"], rank=1)
    return town


def _heidenheim() -> Town:
    town = _town("heidenheim", "Heidenheim", "HDH", 10.05)
    _person(town, "Heidi Clerk", Role.CLERK, "66")
    _person(town, "Hanno Dispatch", Role.DISPATCHER)
    return town


def draft(category: str = "strasse.schlagloch", **changes: Any) -> Draft:
    """Erika's draft: a pothole by the town hall; change what the story needs."""
    values: dict[str, Any] = {
        "category_code": category,
        "lon": TOWN_HALL[0],
        "lat": TOWN_HALL[1],
        "place_chosen_by": "map",
        "source": "web",
        "description": "Tiefes Schlagloch vor dem Rathaus, Radfahrer stürzen.",
    }
    return Draft(**(values | changes))


@pytest.fixture
def report() -> Callable[..., Receipt]:
    """Submit a report by the real action, and route it unless told otherwise."""

    def submit(
        town: Town,
        category: str = "pothole",
        *,
        routed: bool = True,
        photos: int = 0,
        **changes: Any,
    ) -> Receipt:
        receipt = submit_report(
            town=town.municipality,
            draft=draft(town.categories[category].code, **changes),
            files=[BytesIO(jpeg_full_of_canaries()) for _number in range(photos)],
            now=timezone.now(),
        )
        if routed:
            route_report(receipt.report.pk)
            receipt.report.refresh_from_db()
        return receipt

    return submit


def fresh(receipt: Receipt) -> Report:
    """The report as it stands in the database now."""
    return Report.objects.select_related("municipality", "category", "office").get(
        pk=receipt.report.pk
    )
