"""The inventory as everybody may see it: the second door of the public exit (see public.py).

Read through the connection `public`, from views that hold public layers only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.db.models import F, Q

from reports.published import PublicAsset, PublicAssetLayer, PublicReportAssets
from reports.queries.public import CONNECTION
from routing.assets import MOST_NAMED, MOST_NEAR, numbers_meant
from routing.coverage import box_around, is_on_earth

MOST_CASES = 100


@dataclass(frozen=True)
class AssetFacts:
    """A thing as everybody may see it; `distance_m` where a place was asked for."""

    reference: str
    label: str
    layer_code: str
    layer_name: str
    icon: str
    key: str
    lon: float
    lat: float
    attributes: Mapping[str, str]
    is_gone: bool
    distance_m: int | None = None


def kinds_offered(town_slug: str, category_code: str) -> list[str]:
    """What a thing of each layer of a category is called ("Leuchte"), by name. One query."""
    rows = _layers(town_slug, category_code).order_by("one")
    return list(rows.values_list("one", flat=True))


def assets_near(
    town_slug: str, category_code: str, lon: float, lat: float, *, limit: int = MOST_NEAR
) -> list[AssetFacts]:
    """Things a report of a category may be about, the nearest first, each layer in its radius.

    Two queries, one where the category has no layers.
    """
    point = Point(lon, lat, srid=4326)
    layers = _layers(town_slug, category_code)
    radii = dict(layers.values_list("layer_code", "radius_m")) if is_on_earth(point) else {}
    if not radii:
        return []
    rows = (
        PublicAsset.objects.using(CONNECTION)
        .filter(municipality_slug=town_slug, layer_code__in=list(radii), gone_since__isnull=True)
        .filter(place__coveredby=box_around(point, max(radii.values())))
        .annotate(metres=Distance("place", point))
        .filter(metres__lte=F("radius_m"))
        .order_by("metres", "id")
    )
    return [_facts(row, row.metres.m) for row in rows[:limit]]


def assets_named(town_slug: str, category_code: str, words: str) -> list[AssetFacts]:
    """What somebody means by a number they read ("Leuchte 4711", "4711"). Two queries."""
    meant = Q()
    for code, one, many in _layers(town_slug, category_code).values_list(
        "layer_code", "one", "layer_name"
    ):
        numbers = numbers_meant(words, one, many)
        if numbers:
            meant |= Q(layer_code=code, number__in=numbers)
    if not meant:
        return []
    rows = PublicAsset.objects.using(CONNECTION).filter(
        meant, municipality_slug=town_slug, gone_since__isnull=True
    )
    return [_facts(row) for row in rows.order_by("layer_name", "key")[:MOST_NAMED]]


def assets_by_reference(town_slug: str, references: Sequence[str]) -> list[AssetFacts]:
    """The things that references name, in their order, without what is not public. One query."""
    wanted = Q()
    for reference in references:
        code, _colon, key = reference.partition(":")
        wanted |= Q(layer_code=code[:40], key=key[:80])
    if not wanted:
        return []
    rows = PublicAsset.objects.using(CONNECTION).filter(wanted, municipality_slug=town_slug)
    found = {facts.reference: facts for facts in map(_facts, rows)}
    return [found[reference] for reference in references if reference in found]


def get_asset(town_slug: str, layer_code: str, key: str) -> AssetFacts | None:
    """One thing, also one that is no longer there, or None where it is not public. One query."""
    return next(iter(assets_by_reference(town_slug, [f"{layer_code}:{key}"])), None)


def numbers_about(town_slug: str, reference: str) -> list[str]:
    """Numbers of the published reports about a thing, the newest numbers first. One query."""
    rows = PublicReportAssets.objects.using(CONNECTION).filter(
        municipality_slug=town_slug, assets__contains=[{"reference": reference}]
    )
    return list(rows.order_by("-number").values_list("number", flat=True)[:MOST_CASES])


def named_by(numbers: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Things named by published reports (their shape: published.py), by number. One query."""
    rows = PublicReportAssets.objects.using(CONNECTION).filter(number__in=numbers)
    return dict(rows.values_list("number", "assets"))


def _layers(town_slug: str, category_code: str) -> Any:
    return PublicAssetLayer.objects.using(CONNECTION).filter(
        municipality_slug=town_slug, category_code=category_code
    )


def _facts(row: PublicAsset, metres: float | None = None) -> AssetFacts:
    return AssetFacts(
        reference=f"{row.layer_code}:{row.key}",
        label=row.label,
        layer_code=row.layer_code,
        layer_name=row.layer_name,
        icon=row.icon,
        key=row.key,
        lon=round(row.place.x, 7),
        lat=round(row.place.y, 7),
        attributes=row.attributes,
        is_gone=row.gone_since is not None,
        distance_m=None if metres is None else round(metres),
    )
