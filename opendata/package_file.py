"""The GeoPackage of a town: made when somebody asks, kept until the data changes."""

import fcntl
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from opendata import geopackage
from opendata.answers import data_view, seconds, single_words, town_or_404
from opendata.columns import FEATURE_NAMES
from opendata.feeds import extract
from opendata.files import File, send
from reports.queries import public_feeds
from reports.queries.public_facts import TownFacts
from reports.queries.public_feeds import Extract
from reports.queries.public_filters import Filters

CONTENT_TYPE = "application/geopackage+sqlite3"
_PIECE = 256 * 1024


@dataclass(frozen=True)
class OnDisk:
    """A file of ours as content."""

    path: Path
    size: int

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to and without `end`."""
        with self.path.open("rb") as file:
            file.seek(start)
            while start < end and (piece := file.read(min(_PIECE, end - start))):
                start += len(piece)
                yield piece


@data_view
def reports_gpkg(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Published reports as GeoPackage."""
    town = town_or_404(request, slug)
    single_words(request, known=())
    state = public_feeds.feed_state(town.slug)
    wanted = extract(request, town, Filters())
    etag = _etag(town, wanted, state.mark)
    path = _made(town, wanted, etag, state.last_change or datetime(2000, 1, 1, tzinfo=UTC))
    content = OnDisk(path, path.stat().st_size)
    file = File(content, CONTENT_TYPE, etag, f"{town.slug}-reports.gpkg", seconds(state))
    return send(request, file)


def forget_stale(town_slug: str) -> int:
    """Remove files that are older than the last change of the data; returns how many."""
    last = seconds(public_feeds.feed_state(town_slug)) or 0
    stale = [path for path in _files(town_slug) if path.stat().st_mtime < last]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def forget_outdated(town_slug: str, keep: Path | None = None) -> int:
    """Remove files of a town that show what it was; returns how many."""
    outdated = [path for path in _files(town_slug) if path != keep]
    for path in outdated:
        path.unlink(missing_ok=True)
    return len(outdated)


def _made(town: TownFacts, wanted: Extract, etag: str, changed_at: datetime) -> Path:
    path = _folder() / f"{town.slug}.{etag}.gpkg"
    if path.exists():
        return path
    with _alone(town.slug):
        if not path.exists():
            forget_outdated(town.slug)
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                made = Path(folder) / "reports.gpkg"
                batches = public_feeds.row_batches(wanted, (*FEATURE_NAMES, "lon", "lat"))
                geopackage.write(made, batches, town, changed_at)
                made.replace(path)
    return path


def _etag(town: TownFacts, wanted: Extract, mark: str) -> str:
    content = repr((settings.RELEASE, geopackage.FORM, FEATURE_NAMES, town, wanted, mark))
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def _files(town_slug: str) -> list[Path]:
    return list(_folder().glob(f"{town_slug}.*.gpkg"))


def _folder() -> Path:
    folder: Path = settings.OPEN_DATA_ROOT / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _alone(town_slug: str) -> Iterator[None]:
    """Let one process make a town's file while others wait for it."""
    with (_folder() / f"{town_slug}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
