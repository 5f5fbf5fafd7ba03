"""A small drawing of what an import would change, as SVG: no script, nothing from outside."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import shapely
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from shapely.geometry.base import BaseGeometry

WIDTH, HIGHEST = 640, 640
MOST_SHAPES = 2_000
# Also told apart by the dash of the edge, not by colour alone.
STYLES = {
    "created": ("#1b7a3d", ""),
    "new version": ("#b25000", "6 3"),
    "updated": ("#b25000", "6 3"),
    "gone": ("#b00020", "2 3"),
    "unchanged": ("#5b6770", ""),
    "skipped": ("#5b6770", ""),
}


@dataclass(frozen=True)
class Drawn:
    """A shape in degrees with its name and what becomes of it."""

    shape: BaseGeometry
    name: str
    outcome: str


def drawing_of(drawn: Iterable[Drawn]) -> SafeString | str:
    """The shapes on one sheet, north up; empty where there is nothing to draw."""
    shapes = list(drawn)[:MOST_SHAPES]
    if not shapes:
        return ""
    bounds = shapely.total_bounds([each.shape for each in shapes])
    west, south, east, north = (float(edge) for edge in bounds)
    narrow = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * narrow, 1e-4), max(north - south, 1e-4)
    scale = min(WIDTH / wide, HIGHEST / high)

    def at(lon: float, lat: float) -> str:
        return f"{(lon - west) * narrow * scale:.1f},{(north - lat) * scale:.1f}"

    parts = format_html_join(
        "",
        '<path d="{}" fill="{}" fill-opacity="0.18" stroke="{}" stroke-dasharray="{}">'
        "<title>{}</title></path>",
        (
            (_path(each.shape, at), colour, colour, dash, each.name)
            for each in shapes
            for colour, dash in [STYLES.get(each.outcome, STYLES["unchanged"])]
        ),
    )
    return format_html(
        '<svg viewBox="-4 -4 {} {}" role="img" width="{}" class="import-map">{}</svg>',
        round(wide * scale) + 8,
        round(high * scale) + 8,
        WIDTH,
        parts,
    )


def _path(shape: BaseGeometry, at: Callable[[float, float], str]) -> str:
    if isinstance(shape, shapely.Point):
        x, y = (float(word) for word in at(shape.x, shape.y).split(","))
        return f"M{x - 2:.1f},{y:.1f}a2,2 0 1,0 4,0a2,2 0 1,0 -4,0"
    simple = shape.simplify(0.0001)
    polygons = getattr(simple, "geoms", [simple])
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    return "".join(f"M{'L'.join(at(*xy[:2]) for xy in ring.coords)}Z" for ring in rings)
