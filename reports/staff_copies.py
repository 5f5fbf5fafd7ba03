"""Copies of photos for staff: made once, named by rows, swept when no row names them any more.

Equal pictures share a file, so nobody removes one by hand: take its name out of the row, and the
daily sweep (actions/sweep_files.py) asks every row before it removes.
"""

from typing import Any

from reports import photo_storage
from reports.photos import Derivatives

Copies = dict[str, dict[str, Any]]


def keep(made: Derivatives) -> Copies:
    """Store derivatives and name them as a row does: {"320": {"webp": name, …}, …}."""
    kept: Copies = {}
    for image in made.files:
        entry = kept.setdefault(str(image.size), {"width": image.width, "height": image.height})
        entry[image.format.lower()] = photo_storage.keep_staff_derivative(image.data, image.suffix)
    return kept


def largest(copies: Copies) -> tuple[dict[str, Any], bytes]:
    """The largest copy: what its row says of it (width, height), and the JPEG.

    Raises FileNotFoundError.
    """
    copy = copies[max(copies, key=int)]
    return copy, photo_storage.read_staff_derivative(copy["jpeg"])
