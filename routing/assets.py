"""Which things of the inventory lie here, and which one is meant by a number.

The door to the inventory for everybody above: values out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Q, QuerySet

from routing.asset import Asset, AssetLayer, number_of
from routing.coverage import degrees_high, degrees_wide, is_on_earth
from routing.decision import AssetFacts

MOST_NEAR = 8
MOST_NAMED = 6
MOST_OF_A_REPORT = 10


# The index chooses by a box of the layer's radius, the distance on the sphere decides. Its columns
# are those of FoundAsset.
_NEAREST = """
    SELECT a.id, l.code || ':' || a.key, a.label, l.code, l.name, l.icon,
           round(ST_X(a.place)::numeric, 7)::float8, round(ST_Y(a.place)::numeric, 7)::float8,
           round(away.metres)::int
    FROM ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS here
    JOIN routing_assetlayer l ON l.municipality_id = %(town)s AND l.is_active
    JOIN routing_asset a ON a.layer_id = l.id AND a.gone_since IS NULL
        AND a.place && ST_Expand(here, l.radius_m * %(wide)s, l.radius_m * %(high)s)
    CROSS JOIN LATERAL (SELECT ST_DistanceSphere(a.place, here) AS metres) AS away
    WHERE away.metres <= l.radius_m
        AND EXISTS (
            SELECT FROM routing_assetlayer_categories lc
            JOIN routing_category c ON c.id = lc.category_id
            WHERE lc.assetlayer_id = l.id AND c.code = %(category)s
        )
    ORDER BY away.metres, a.id
    LIMIT %(limit)s
"""


@dataclass(frozen=True)
class FoundAsset:
    """A thing as it is offered for choosing; `distance_m` where a point was asked for."""

    id: int
    reference: str
    label: str
    layer_code: str
    layer_name: str
    icon: str
    lon: float
    lat: float
    distance_m: int | None = None


class AssetsUnknown(Exception):
    """References that name nothing in this town, or nothing that may be chosen here."""

    def __init__(self, references: Sequence[str]) -> None:
        super().__init__(", ".join(references))
        self.references = references


def assets_near(
    municipality_id: int,
    category_code: str,
    point: Point,
    *,
    limit: int = MOST_NEAR,
) -> list[FoundAsset]:
    """Things a report of a category may be about, around a point (WGS84), the nearest first.

    Each layer has its own radius; what is no longer in the register is not offered. One statement,
    written out: through models and their shapes it took six times as long.
    """
    if not is_on_earth(point):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _NEAREST,
            {
                "town": municipality_id,
                "category": category_code,
                "lon": point.x,
                "lat": point.y,
                "high": degrees_high(1),
                "wide": degrees_wide(1, point.y),
                "limit": limit,
            },
        )
        return [FoundAsset(*row) for row in cursor.fetchall()]


def assets_named(
    municipality_id: int,
    words: str,
    *,
    category_code: str = "",
    gone_too: bool = False,
) -> list[FoundAsset]:
    """What somebody means by a number: "Leuchte 4711", "4711", "leuchte-4711". Two queries.

    With the name of a kind in front only that layer is looked at. Things that are gone are found
    where `gone_too`, for a look at their history.
    """
    layers = AssetLayer.objects.filter(municipality_id=municipality_id, is_active=True)
    if category_code:
        layers = layers.filter(categories__code=category_code)
    wanted = _numbers_by_layer(layers, words)
    if not wanted:
        return []
    rows = Asset.objects.filter(wanted).select_related("layer")
    if not gone_too:
        rows = rows.filter(gone_since__isnull=True)
    return [_found(row) for row in rows.order_by("layer__name", "key")[:MOST_NAMED]]


def assets_by_reference(
    municipality_id: int, references: Sequence[str], *, for_public: bool
) -> list[Asset]:
    """The things that references (`lampen:4711`) name, in the order given; one query if any.

    Raises AssetsUnknown.
    """
    wanted = list(dict.fromkeys(references))
    if not wanted:
        return []
    pairs = Q()
    for reference in wanted:
        code, _colon, key = reference.partition(":")
        pairs |= Q(layer__code=code[:40], key=key[:80])
    rows = Asset.objects.filter(
        pairs,
        layer__municipality_id=municipality_id,
        layer__is_active=True,
        gone_since__isnull=True,
    ).select_related("layer")
    if for_public:
        rows = rows.filter(layer__is_public=True)
    found = {asset.reference: asset for asset in rows}
    missing = [reference for reference in wanted if reference not in found]
    if missing:
        raise AssetsUnknown(missing)
    return [found[reference] for reference in wanted]


def asset_of(municipality_id: int, layer_code: str, key: str) -> Asset | None:
    """One thing of a town, also one that is gone, or None. One query."""
    return (
        Asset.objects.filter(
            layer__municipality_id=municipality_id, layer__code=layer_code[:40], key=key[:80]
        )
        .select_related("layer")
        .first()
    )


def facts_of(assets: Iterable[Asset]) -> tuple[AssetFacts, ...]:
    """Things as decisions need them; `layer` must be loaded."""
    return tuple(AssetFacts(each.layer.code, each.key, dict(each.attributes)) for each in assets)


def numbers_meant(words: str, *kinds: str) -> list[str]:
    """The numbers that words may mean in a layer: as they stand, and without its name in front."""
    plain = number_of(words)
    names = [name for name in map(number_of, kinds) if name]
    return sorted({plain, *(plain.removeprefix(name) for name in names)} - {""})


def _numbers_by_layer(layers: QuerySet[AssetLayer], words: str) -> Q | None:
    condition = Q()
    for pk, one, many in layers.values_list("pk", "one", "name"):
        meant = numbers_meant(words, one, many)
        if meant:
            condition |= Q(layer_id=pk, number__in=meant)
    return condition or None


def _found(asset: Asset) -> FoundAsset:
    return FoundAsset(
        id=asset.pk,
        reference=asset.reference,
        label=asset.label,
        layer_code=asset.layer.code,
        layer_name=asset.layer.name,
        icon=asset.layer.icon,
        lon=round(asset.place.x, 7),
        lat=round(asset.place.y, 7),
    )
