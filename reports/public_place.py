"""The public point of a case: rounded by its category, and never on a private parcel if moved."""

from dataclasses import dataclass

from django.utils import timezone

from reports.models import Report
from reports.place_precision import cells_around, snap_to_grid
from reports.publication import grid_of, ground_rule
from routing.ground import Ground, ground_around, is_on_private_ground
from routing.models import PrivateGround

Position = tuple[float, float]


@dataclass(frozen=True)
class PublicPlace:
    """Where the public sees a case (WGS84), and whether that was moved off private ground."""

    lon: float
    lat: float
    is_moved: bool = False


def public_place(report: Report) -> PublicPlace:
    """One place for every exit. No query, unless places move off private parcels here."""
    lon, lat, grid = report.place.x, report.place.y, grid_of(report)
    if ground_rule(report) == PrivateGround.SNAP and is_private(report):
        ground = ground_around(
            report.municipality_id, report.place, timezone.localdate(report.received_at)
        )
        return PublicPlace(*off_private_ground(ground, lon, lat, grid), is_moved=True)
    return PublicPlace(*snap_to_grid(lon, lat, grid))


def is_private(report: Report) -> bool:
    """Whether the place of a case lies on a parcel known to be private. One query."""
    day = timezone.localdate(report.received_at)
    return is_on_private_ground(report.municipality_id, report.place, day)


def off_private_ground(ground: Ground, lon: float, lat: float, grid_m: int) -> Position:
    """The nearest cell of the grid, from the street on, whose middle is nobody's garden.

    Where all around is private it is the position in the street itself.
    """
    in_street = ground.beside(lon, lat)
    free = (cell for cell in cells_around(*in_street, grid_m) if not ground.is_private(*cell))
    return next(free, in_street)
