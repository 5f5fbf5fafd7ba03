"""Small made-up registers of lamps, bins and playgrounds, and demo cases that name a thing."""

from dataclasses import dataclass, replace

from accounts.models import Municipality
from demo.towns import CONTENT
from geofiles.point_tables import PointColumns, open_table
from reports.models import Report
from reports.named_asset import NamedAsset
from routing.asset import AssetLayer
from routing.asset_import import Wish, import_assets
from routing.assets import assets_near
from routing.models import Category

# So close that whoever reported it stood beside it.
BESIDE_M = 20


@dataclass(frozen=True)
class _Layer:
    code: str
    name: str
    one: str
    icon: str
    category: str
    detail: str
    label: str = "{one} {key}"


_LAYERS = (
    _Layer("leuchten", "Straßenlampen", "Leuchte", "lamp", "licht.strassenlampe", "mast"),
    _Layer("papierkoerbe", "Papierkörbe", "Papierkorb", "bin", "sauber.papierkorb", "groesse"),
    _Layer(
        *("spielplaetze", "Spielplätze", "Spielplatz", "playground", "gruen.spielplatz", "name"),
        label="{one} {name}",
    ),
)


def load_assets(town: Municipality) -> int:
    """Create or update the layers of a demo town; how many things there are."""
    path = CONTENT / town.slug / "assets.csv"
    opened = open_table(path, columns=PointColumns())
    count = 0
    for each in _LAYERS:
        rows = tuple(row for row in opened.rows if row.fields["layer"] == each.code)
        layer = _layer(town, each)
        wish = Wish(
            layer, "key", {each.detail: "detail"}, source="eigene Angaben für die Vorführung"
        )
        report = import_assets(replace(opened, rows=rows), wish)
        count += len(rows) - report.counts["refused"]
    return count


def name_assets(town: Municipality) -> int:
    """Let cases name the thing of their kind that stands beside them; how many do."""
    cases = Report.objects.filter(municipality=town).exclude(import_key=None)
    named = 0
    for report in cases.select_related("category"):
        near = assets_near(town.pk, report.category.code, report.place, limit=1)
        if near and (near[0].distance_m or 0) <= BESIDE_M:
            _row, is_new = NamedAsset.objects.get_or_create(report=report, asset_id=near[0].id)
            named += is_new
    return named


def _layer(town: Municipality, each: _Layer) -> AssetLayer:
    layer, is_new = AssetLayer.objects.get_or_create(
        municipality=town,
        code=each.code,
        defaults={
            "name": each.name,
            "one": each.one,
            "icon": each.icon,
            "label_template": each.label,
            "public_attributes": [each.detail],
            # Small registers: conspicuous is what comes twice.
            "repeat_count": 2,
            "repeat_months": 12,
        },
    )
    if is_new:
        layer.categories.set(Category.objects.filter(municipality=town, code=each.category))
    return layer
