"""The daily copies: an index with checksums and changelog, and each day as one file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.files.storage import storages
from django.db import connections
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from opendata import descriptions
from opendata.answers import Body, answer, data_view, single_words, town_or_404
from opendata.archive import HEADER, STORE
from opendata.columns import ARCHIVED
from opendata.files import File, send
from reports.queries.public_facts import TownFacts

NOTES = 100
FILE = "reports.csv.gz"


@dataclass(frozen=True)
class Parts:
    """The header and stored parts of a copy, one behind the other."""

    files: tuple[tuple[str, int], ...]

    @property
    def size(self) -> int:
        """Bytes altogether."""
        return len(HEADER) + sum(size for _name, size in self.files)

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to and without `end`."""
        at = 0
        for name, size in (("", len(HEADER)), *self.files):
            first, last = max(start - at, 0), min(end - at, size)
            at += size
            if first < last:
                data = self._data(name)
                yield data[first:last]

    def _data(self, name: str) -> bytes:
        if not name:
            return HEADER
        with storages[STORE].open(name) as file:
            data: bytes = file.read()
        return data


@data_view
def index(request: HttpRequest, slug: str) -> HttpResponseBase:
    """All copies for people."""
    town = town_or_404(request, slug)
    context = {"facts": town, "snapshots": _snapshots(town), "notes": _notes(town)}
    return render(request, "opendata/snapshots.html", context)


@data_view
def manifest(request: HttpRequest, slug: str) -> HttpResponseBase:
    """All copies for programs: size, checksum, version, changelog."""
    town = town_or_404(request, slug)
    single_words(request, known=())
    base = request.build_absolute_uri(reverse("opendata:snapshots", args=[town.slug]))
    document = {
        "licence": town.licence,
        "snapshots": [{**each, "url": f"{base}{each['day']}/{FILE}"} for each in _snapshots(town)],
        "changelog": _notes(town),
    }
    content = json.dumps(document, default=str, ensure_ascii=False, indent=1).encode()
    return answer(request, Body([content], "application/json", (content,)))


@data_view
def table(request: HttpRequest, slug: str, day: date) -> HttpResponseBase:
    """The table of a day."""
    town = town_or_404(request, slug)
    single_words(request, known=())
    found = [each for each in _snapshots(town) if each["day"] == day]
    if not found:
        raise Http404
    files = _rows(
        "SELECT name, size FROM open_data.snapshot_files WHERE snapshot_id = %s ORDER BY block",
        [found[0]["id"]],
    )
    content = Parts(tuple((each["name"], each["size"]) for each in files))
    name = f"{town.slug}-reports-{day.isoformat()}.csv.gz"
    return send(request, File(content, "application/gzip", found[0]["sha256"], name))


@data_view
def checksum(request: HttpRequest, slug: str, day: date) -> HttpResponseBase:
    """The checksum of a day as `sha256sum -c` reads it."""
    town = town_or_404(request, slug)
    found = [each for each in _snapshots(town) if each["day"] == day]
    if not found:
        raise Http404
    content = f"{found[0]['sha256']}  {FILE}\n".encode()
    return answer(request, Body([content], "text/plain; charset=utf-8", (content,)))


@data_view
def data_package(request: HttpRequest, slug: str, day: date) -> HttpResponseBase:
    """Frictionless datapackage.json of a day."""
    town = town_or_404(request, slug)
    if not any(each["day"] == day for each in _snapshots(town)):
        raise Http404
    document = descriptions.data_package(town, csv_name=FILE, columns=ARCHIVED)
    document["resources"][0]["compression"] = "gz"
    content = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return answer(request, Body([content], "application/json", (content,)))


def _snapshots(town: TownFacts) -> list[dict[str, Any]]:
    return _rows(
        "SELECT id, day, version, rows, size, sha256, made_at FROM open_data.snapshots"
        " WHERE municipality_slug = %s ORDER BY day DESC",
        [town.slug],
    )


def _notes(town: TownFacts) -> list[dict[str, Any]]:
    return _rows(
        "SELECT day, version, removed, sha256, at FROM open_data.snapshot_notes"
        " WHERE municipality_slug = %s ORDER BY at DESC, day DESC LIMIT %s",
        [town.slug, NOTES],
    )


def _rows(sql: str, values: list[Any]) -> list[dict[str, Any]]:
    with connections["public"].cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
