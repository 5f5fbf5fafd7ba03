"""One place where a public place and a public time become less exact than the real ones. Pure."""

import math
from datetime import datetime, tzinfo

METRES_PER_DEGREE = 111_320.0


def snap_to_grid(lon: float, lat: float, grid_m: int) -> tuple[float, float]:
    """Centre of the grid cell of about `grid_m` metres that holds a WGS84 point.

    The same point gives the same cell at every exit, and neighbours cannot be told apart inside
    one cell. At most five decimals (RFC 7946, section 11.2).
    """
    lat_step = grid_m / METRES_PER_DEGREE
    cell_lat = (math.floor(lat / lat_step) + 0.5) * lat_step
    lon_step = grid_m / (METRES_PER_DEGREE * max(math.cos(math.radians(cell_lat)), 0.01))
    cell_lon = (math.floor(lon / lon_step) + 0.5) * lon_step
    return round(cell_lon, 5), round(cell_lat, 5)


def cells_around(lon: float, lat: float, grid_m: int, rings: int = 2) -> list[tuple[float, float]]:
    """Centres of the cell of a WGS84 point and of the cells around it, the nearest first."""
    lat_step = grid_m / METRES_PER_DEGREE
    narrow = max(math.cos(math.radians(lat)), 0.01)
    lon_step = lat_step / narrow
    steps = range(-rings, rings + 1)
    cells = {
        snap_to_grid(lon + across * lon_step, lat + along * lat_step, grid_m)
        for across in steps
        for along in steps
    }
    return sorted(cells, key=lambda cell: math.hypot((cell[0] - lon) * narrow, cell[1] - lat))


def truncate_time(at: datetime, precision: str, local: tzinfo) -> datetime:
    """Cut a time to the minute, the local day or the local month."""
    if precision == "minute":
        return at.replace(second=0, microsecond=0)
    midnight = at.astimezone(local).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if precision == "day" else midnight.replace(day=1)
