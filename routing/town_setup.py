"""Sets a town up from plain rows: offices, categories, questions, districts, rules.

The same readers serve the demo, `add_municipality`, and a city's own spreadsheets. Loading twice
updates by key and never deletes: what a city switched off stays off for a reason.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon
from django.db import transaction

from accounts.models import Municipality, Office
from routing.area_import import key_of, read_table
from routing.models import (
    Area,
    AreaLevel,
    Category,
    CategoryTranslation,
    PublicationPolicy,
)

Row = Mapping[str, str]


class SetupInvalid(Exception):
    """A row of a set-up file makes no sense; the message names file, line and column."""


@dataclass(frozen=True)
class TownFacts:
    """What a municipality is, apart from its offices and categories."""

    slug: str
    name: str
    receipt_prefix: str
    coverage: MultiPolygon
    contact_email: str
    official_name: str = ""
    state: str = "BW"
    center: Point | None = None
    further: Mapping[str, Any] = field(default_factory=dict)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a UTF-8 CSV file (comma or semicolon, also .gz), values stripped."""
    return list(read_table(path))


def as_multipolygon(geometry: GEOSGeometry) -> MultiPolygon:
    """A polygon or multipolygon in WGS84 as MultiPolygon; raises SetupInvalid for anything else."""
    if isinstance(geometry, Polygon):
        geometry = MultiPolygon(geometry, srid=geometry.srid or 4326)
    if not isinstance(geometry, MultiPolygon):
        raise SetupInvalid(f"a surface is needed, not a {geometry.geom_type}")
    geometry.srid = 4326
    return geometry


def create_town(facts: TownFacts, offices: Iterable[Row]) -> Municipality:
    """Create or update a town together with its offices; exactly one office is the dispatch.

    Of a town that exists, name, outline and what is given `further` are brought up to date;
    its address and prefix are in use already and stay. Raises SetupInvalid where no row, or more
    than one, says is_dispatch.
    """
    rows = list(offices)
    if sum(flag(row.get("is_dispatch")) for row in rows) != 1:
        raise SetupInvalid(f"{facts.slug}: exactly one office must have is_dispatch = 1")
    values = {
        "name": facts.name,
        "official_name": facts.official_name or f"Stadt {facts.name}",
        "receipt_prefix": facts.receipt_prefix,
        "state": facts.state,
        "coverage": facts.coverage,
        "center": facts.center or facts.coverage.point_on_surface,
        "contact_email": facts.contact_email,
        **facts.further,
    }
    with transaction.atomic():
        town, _new = Municipality.objects.update_or_create(
            slug=facts.slug,
            defaults={"name": facts.name, "coverage": facts.coverage, **facts.further},
            create_defaults=values,
        )
        # The old one first gives up its part, so that there never are two.
        chosen = [row["key"] for row in rows if flag(row.get("is_dispatch"))]
        dispatch = Office.objects.filter(municipality=town, is_dispatch=True)
        dispatch.exclude(key__in=chosen).update(is_dispatch=False)
        for row in rows:
            load_office(town, row)
    return town


def load_office(town: Municipality, row: Row) -> Office:
    """Create or update one office by key."""
    values: dict[str, Any] = {
        "number": row.get("number", ""),
        "name": row["name"],
        "short_name": row.get("short_name", ""),
        "email": row.get("email") or town.contact_email,
        "phone": row.get("phone", ""),
        "is_dispatch": flag(row.get("is_dispatch")),
        "valid_from": date.fromisoformat(row["valid_from"]) if row.get("valid_from") else None,
        "note": row.get("note", "")[:200],
    }
    office, _new = Office.objects.update_or_create(
        municipality=town,
        key=row["key"],
        defaults=_told(values, row) | {"is_dispatch": values["is_dispatch"]},
        create_defaults=values,
    )
    return office


def load_categories(town: Municipality, rows: Iterable[Row]) -> dict[str, Category]:
    """Create or update categories by code, groups before their members; returns them by code."""
    offices = {office.key: office for office in Office.objects.filter(municipality=town)}
    loaded: dict[str, Category] = {}
    ordered = sorted(enumerate(rows), key=lambda item: (bool(item[1].get("parent_code")), item[0]))
    for position, row in ordered:
        parent = loaded.get(row.get("parent_code", ""))
        if row.get("parent_code") and parent is None:
            raise SetupInvalid(f"category {row['code']}: unknown group {row['parent_code']}")
        loaded[row["code"]] = _load_category(town, row, parent, offices, position)
    return loaded


def _load_category(
    town: Municipality,
    row: Row,
    parent: Category | None,
    offices: Mapping[str, Office],
    position: int,
) -> Category:
    key = row.get("office_key", "")
    if key and key not in offices:
        raise SetupInvalid(f"category {row['code']}: unknown office {key}")
    values: dict[str, Any] = {
        "parent": parent,
        "name": row["name_de"][:100],
        "description": row.get("description_de", ""),
        "notice": row.get("notice_de", ""),
        "keywords": [word.strip() for word in row.get("keywords", "").split(";") if word],
        "icon": row.get("icon", ""),
        "default_office": offices.get(key),
        "publication_policy": row.get("publication_policy") or PublicationPolicy.AFTER_APPROVAL,
        "public_grid_m": int(row.get("public_grid_m") or 10),
        "first_answer_hours": int(row.get("first_answer_hours") or 24),
        "completion_hours": int(row.get("completion_hours") or 80),
        "is_danger": flag(row.get("danger")),
        "duplicate_radius_m": int(row.get("duplicate_radius_m") or 50),
        "is_active": flag(row.get("active") or "1"),
        "sort_order": position,
    }
    category, _new = Category.objects.update_or_create(
        municipality=town,
        code=row["code"],
        defaults=_told(values, row) | {"parent": parent, "sort_order": position},
        create_defaults=values,
    )
    if row.get("name_en"):
        CategoryTranslation.objects.update_or_create(
            category=category,
            language="en",
            defaults={
                "name": row["name_en"][:100],
                "description": row.get("description_en", ""),
                "notice": row.get("notice_en", ""),
            },
        )
    return category


def load_districts(town: Municipality, collection: Mapping[str, Any], *, source: str) -> None:
    """Create or update districts from a GeoJSON FeatureCollection whose features have a name."""
    for feature in collection["features"]:
        name = feature["properties"]["name"]
        Area.objects.update_or_create(
            municipality=town,
            level=AreaLevel.DISTRICT,
            key=key_of(name),
            valid_from=None,
            defaults={
                "name": name,
                "geometry": as_multipolygon(GEOSGeometry(json.dumps(feature["geometry"]))),
                "source": source,
            },
        )


# Columns whose name is not that of the field they fill.
_COLUMN_OF = {
    "name": "name_de",
    "description": "description_de",
    "notice": "notice_de",
    "default_office": "office_key",
    "is_danger": "danger",
    "is_active": "active",
}


def _told(values: Mapping[str, Any], row: Row) -> dict[str, Any]:
    """The values a file says something about.

    What it is silent on stays as people have set it since: a mailbox, a narrower policy, a
    category that was switched off.
    """
    return {
        name: value
        for name, value in values.items()
        if row.get(name) or row.get(_COLUMN_OF.get(name, name))
    }


def flag(value: str | None) -> bool:
    """Whether a cell says yes."""
    return (value or "0").strip().lower() in {"1", "true", "ja", "yes"}


def category_words(town: Municipality) -> dict[str, str]:
    """Code by every word a category is known by: code, name, keywords (a file's own words too)."""
    words: dict[str, str] = {}
    for code, name, keywords in Category.objects.filter(municipality=town).values_list(
        "code", "name", "keywords"
    ):
        words |= {code: code, name: code} | dict.fromkeys(keywords, code)
    return words


def office_words(town: Municipality) -> dict[str, str]:
    """Key by every word an office is known by: key and name."""
    words: dict[str, str] = {}
    for key, name in Office.objects.filter(municipality=town).values_list("key", "name"):
        words |= {key: key, name: key}
    return words


def categories_from_words(words: Iterable[str], *, separator: str = " > ") -> list[dict[str, str]]:
    """Rows for load_categories from a file's own words, e.g. "Straßen > Schlagloch".

    The whole word is kept as a keyword, so that the same file can be read afterwards.
    """
    rows: dict[str, dict[str, str]] = {}
    for word in sorted(set(words)):
        group, found, name = word.rpartition(separator)
        group_name = group if found else "Sonstiges"
        group_code = key_of(group_name)[:30]
        rows.setdefault(group_code, {"code": group_code, "name_de": group_name})
        code = f"{group_code}.{key_of(name)}"[:60]
        rows[code] = {
            "code": code,
            "parent_code": group_code,
            "name_de": name,
            "keywords": word[:120],
        }
    return list(rows.values())
