"""Factories make the smallest valid row; reports are made by the real action (people.report)."""

from datetime import timedelta
from typing import Any

import factory
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import Municipality, Office, Role, RoleAssignment, User
from routing.asset import Asset, AssetLayer, number_of
from routing.category_notice import CategoryNotice
from routing.models import (
    Area,
    Category,
    OnCallShift,
    PublicationPolicy,
    Question,
    Rule,
    RuleSet,
)
from routing.rules.versions import BEGINNING

PASSWORD = "ein langes Kennwort fürs Rathaus"


def square(west: float, south: float, east: float, north: float) -> MultiPolygon:
    """A rectangle in WGS84."""
    return MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=4326)


class MunicipalityFactory(DjangoModelFactory[Municipality]):
    class Meta:
        model = Municipality

    slug = factory.Sequence(lambda n: f"stadt-{n}")
    name = factory.LazyAttribute(lambda town: town.slug.title())
    official_name = factory.LazyAttribute(lambda town: f"Stadt {town.name}")
    receipt_prefix = factory.Sequence(lambda n: "T" + chr(65 + n // 26 % 26) + chr(65 + n % 26))
    coverage = factory.LazyFunction(lambda: square(9.10, 49.05, 9.35, 49.25))
    center = factory.LazyFunction(lambda: Point(9.22, 49.14, srid=4326))
    contact_email = factory.LazyAttribute(lambda town: f"meldungen@{town.slug}.example")


class OfficeFactory(DjangoModelFactory[Office]):
    class Meta:
        model = Office

    municipality = factory.SubFactory(MunicipalityFactory)
    key = factory.Sequence(lambda n: f"amt-{n}")
    name = factory.Sequence(lambda n: f"Amt {n}")
    email = factory.LazyAttribute(lambda office: f"{office.key}@{office.municipality.slug}.example")


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    first_name = "Kim"
    last_name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.LazyAttribute(
        lambda user: f"{user.first_name}.{user.last_name}@rathaus.example".lower().replace(" ", "")
    )

    @factory.post_generation
    def password(self, create: bool, extracted: str | None, **kwargs: Any) -> None:
        self.set_password(extracted or PASSWORD)  # type: ignore[attr-defined]
        if create:
            self.save()  # type: ignore[attr-defined]


class RoleFactory(DjangoModelFactory[RoleAssignment]):
    class Meta:
        model = RoleAssignment

    user = factory.SubFactory(UserFactory)
    municipality = factory.SubFactory(MunicipalityFactory)
    role = Role.DISPATCHER


class AreaFactory(DjangoModelFactory[Area]):
    class Meta:
        model = Area

    municipality = factory.SubFactory(MunicipalityFactory)
    key = factory.Sequence(lambda n: f"gebiet-{n}")
    name = factory.LazyAttribute(lambda area: area.key.title())
    geometry = factory.LazyFunction(lambda: square(9.10, 49.05, 9.20, 49.25))


class CategoryFactory(DjangoModelFactory[Category]):
    class Meta:
        model = Category

    municipality = factory.SubFactory(MunicipalityFactory)
    code = factory.Sequence(lambda n: f"art-{n}")
    name = factory.LazyAttribute(lambda category: category.code.title())
    publication_policy = PublicationPolicy.AFTER_APPROVAL


class QuestionFactory(DjangoModelFactory[Question]):
    class Meta:
        model = Question

    category = factory.SubFactory(CategoryFactory)
    code = factory.Sequence(lambda n: f"frage-{n}")
    order = factory.Sequence(lambda n: n + 1)
    datatype = "string"
    text = "Wie lautet die Nummer?"


class CategoryNoticeFactory(DjangoModelFactory[CategoryNotice]):
    class Meta:
        model = CategoryNotice

    municipality = factory.SubFactory(MunicipalityFactory)
    text = "Hinweis"


class AssetLayerFactory(DjangoModelFactory[AssetLayer]):
    class Meta:
        model = AssetLayer
        skip_postgeneration_save = True

    municipality = factory.SubFactory(MunicipalityFactory)
    code = factory.Sequence(lambda n: f"ebene-{n}")
    name = factory.LazyAttribute(lambda layer: layer.code.title())
    one = "Leuchte"

    @factory.post_generation
    def served(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.categories.set(extracted or ())  # type: ignore[attr-defined]


class AssetFactory(DjangoModelFactory[Asset]):
    class Meta:
        model = Asset

    layer = factory.SubFactory(AssetLayerFactory)
    key = factory.Sequence(lambda n: f"{n + 1}")
    number = factory.LazyAttribute(lambda asset: number_of(asset.key))
    label = factory.LazyAttribute(lambda asset: asset.layer.label_of(asset.key, {}))
    place = factory.LazyFunction(lambda: Point(9.2187, 49.1427, srid=4326))


class RuleFactory(DjangoModelFactory[Rule]):
    class Meta:
        model = Rule

    municipality = factory.SubFactory(MunicipalityFactory)
    rule_set = factory.LazyAttribute(lambda rule: rule_set_of(rule.municipality))
    priority = factory.Sequence(lambda n: (n + 1) * 10)
    name = factory.LazyAttribute(lambda rule: f"Regel {rule.priority}")


def rule_set_of(municipality: Municipality) -> RuleSet:
    """The rules a town goes by since ever."""
    values = {"in_force_from": BEGINNING, "reason": "Probe"}
    return RuleSet.objects.get_or_create(municipality=municipality, version=1, defaults=values)[0]


class OnCallShiftFactory(DjangoModelFactory[OnCallShift]):
    class Meta:
        model = OnCallShift

    municipality = factory.SubFactory(MunicipalityFactory)
    person = factory.SubFactory(UserFactory)
    starts_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=1))
