"""Map tiles through our own cache: visitors never speak to an outside tile server."""

import hashlib
import logging
import math
import tempfile
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Municipality
from accounts.towns import town_of
from public_web import tile_source
from public_web.tile_source import TileUnavailable
from reports.queries import public

logger = logging.getLogger(__name__)

MAX_ZOOM = 19
KEEP_SECONDS = 14 * 24 * 3600
PNG, JPEG, WEBP = b"\x89PNG", b"\xff\xd8\xff", b"RIFF"


@require_safe
def tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """One tile of the server the town chose; 404 where it has none or it cannot be reached."""
    town = town_of(request)
    if not town.tile_url or z > MAX_ZOOM or not (x < 2**z and y < 2**z):
        raise Http404
    cached = _cache_path(town, z, x, y)
    data = _fresh(cached) or _fetch(town, z, x, y, cached) or _stale(cached)
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type=_content_type(data))
    response["Cache-Control"] = "public, max-age=86400"
    return response


def _cache_path(town: Municipality, z: int, x: int, y: int) -> Path:
    source = hashlib.sha256(town.tile_url.encode()).hexdigest()[:12]
    return Path(settings.TILE_CACHE_ROOT) / source / str(z) / str(x) / f"{y}.tile"


def _fresh(path: Path) -> bytes | None:
    try:
        age = timezone.now().timestamp() - path.stat().st_mtime
        return path.read_bytes() if age < KEEP_SECONDS else None
    except OSError:
        return None


def _stale(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _fetch(town: Municipality, z: int, x: int, y: int, cached: Path) -> bytes | None:
    if not _is_near(town, z, x, y):
        return None
    # The address was set by the town's administration; nothing of the visitor is passed on.
    url = town.tile_url.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y))
    try:
        data = tile_source.fetch(url)
    except TileUnavailable:
        return None
    if not data.startswith((PNG, JPEG, WEBP)):
        return None
    _keep(cached, data)
    return data


def _is_near(town: Municipality, z: int, x: int, y: int) -> bool:
    """Whether a tile shows the town or what lies beside it: our cache does not hold the world."""
    facts = public.town(town.slug)
    if facts is None:
        return False
    width, height = facts.east - facts.west, facts.north - facts.south
    return (
        _lon(x, z) < facts.east + width
        and _lon(x + 1, z) > facts.west - width
        and _lat(y + 1, z) < facts.north + height
        and _lat(y, z) > facts.south - height
    )


def _lon(x: int, z: int) -> float:
    return x / (1 << z) * 360.0 - 180.0


def _lat(y: int, z: int) -> float:
    """The northern edge of a row of tiles in the web Mercator grid (EPSG:3857)."""
    return math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * y / (1 << z)))))


def _keep(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
    except OSError as problem:
        logger.warning("tile cache not writable: %s", type(problem).__name__)


def _content_type(data: bytes) -> str:
    if data.startswith(PNG):
        return "image/png"
    return "image/webp" if data.startswith(WEBP) else "image/jpeg"
