"""Finds GDAL, GEOS and PROJ inside the pyogrio, shapely and pyproj wheels.

Debian 12 ships a GDAL that Django 5.2 warns about, and the wheels spare operators the system
packages. Their file names carry a hash, so they are looked up by pattern.
"""

import importlib.util
import os
from pathlib import Path


def _bundled(package: str, pattern: str) -> str | None:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent.parent / f"{package}.libs"
    found = sorted(folder.glob(pattern))
    return str(found[0]) if found else None


def gdal_library() -> str | None:
    """Path of libgdal in pyogrio's wheel, or None to let Django search the system."""
    return os.environ.get("GDAL_LIBRARY_PATH") or _bundled("pyogrio", "libgdal*.so*")


def geos_library() -> str | None:
    """Path of libgeos_c in shapely's wheel, or None to let Django search the system."""
    return os.environ.get("GEOS_LIBRARY_PATH") or _bundled("shapely", "libgeos_c*.so*")


def point_proj_to_its_data() -> None:
    """Set PROJ_DATA and GDAL_DATA for the libraries of the wheels, unless the operator did."""
    spec = importlib.util.find_spec("pyogrio")
    if spec is None or spec.origin is None:
        return
    package = Path(spec.origin).parent
    for variable, folder in (("PROJ_DATA", "proj_data"), ("GDAL_DATA", "gdal_data")):
        if (package / folder).is_dir():
            os.environ.setdefault(variable, str(package / folder))
