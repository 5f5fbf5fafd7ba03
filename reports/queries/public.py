"""The only exit of published data: the map, the API and the feeds read here and nowhere else.

Everything is read through the connection `public`, whose role sees the schema open_data and nothing
more. Fields are named one by one; the time of publication stays inside, because it would be more
exact than the times the policy lets out.
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.contrib.gis.db.models import MultiPolygonField
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Point, Polygon
from django.db.models import Count, Expression, F, FloatField, Func, Q, QuerySet, Value
from django.utils.dateparse import parse_datetime

from reports.lifecycle import OPEN
from reports.published import (
    PublicArea,
    PublicAttributes,
    PublicCategory,
    PublicMunicipality,
    PublicPhoto,
    PublicReport,
    PublicUpdate,
)
from reports.queries.public_facts import (
    CategoryFacts,
    Counts,
    MapPoint,
    MapPoints,
    Outline,
    PhotoCopy,
    PhotoFile,
    ReportFacts,
    ReportPage,
    TownFacts,
    UpdateFacts,
)
from reports.queries.public_feeds import feed_state
from reports.queries.public_filters import Box, Circle, Filters
from reports.queries.public_requests import Wanted, conditions

CONNECTION = "public"
PAGE_SIZE, MAX_PAGE_SIZE = 20, 100
MAP_LIMIT = 2_000

_NUMBER = re.compile(r"[A-ZÄÖÜ]{1,5}-[0-9]{4}-[0-9]{6,12}")
_PHOTO_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\.(webp|jpg)")
EVERYTHING = Filters()


class CursorInvalid(Exception):
    """The page cursor is not one this installation gave out."""


def _x(column: str) -> Func:
    return Func(F(column), function="ST_X", output_field=FloatField())


def _y(column: str) -> Func:
    return Func(F(column), function="ST_Y", output_field=FloatField())


def _outline(column: str) -> AsGeoJSON:
    # Outer rings against the clock (RFC 7946, section 3.1.6), five decimals (section 11.2).
    turned = Func(F(column), function="ST_ForcePolygonCCW", output_field=MultiPolygonField())
    return AsGeoJSON(turned, precision=5)


def _edge(function: str) -> Func:
    return Func(F("coverage"), function=function, output_field=FloatField())


_REPORT_COLUMNS = tuple(
    field.name for field in fields(ReportFacts) if field.name not in {"photos", "distance_m"}
)
_POINT_COLUMNS = tuple(field.name for field in fields(MapPoint))
_TOWN_COLUMNS = tuple(field.name for field in fields(TownFacts))
_CATEGORY_COLUMNS = tuple(field.name for field in fields(CategoryFacts))
_UPDATE_COLUMNS = tuple(field.name for field in fields(UpdateFacts))


def list_reports(
    town_slug: str | None,
    filters: Filters = EVERYTHING,
    cursor: str | None = None,
    *,
    page_size: int = PAGE_SIZE,
) -> ReportPage:
    """Published reports page by page: the nearest first around a place, else the newest first.

    `town_slug` None means all municipalities of the installation. Two queries. Raises
    CursorInvalid.
    """
    rows = _matching(town_slug, filters)
    order: _Order = _ByDistance(filters.around) if filters.around else _ByTime()
    rows = order.after(rows, _decoded(cursor)) if cursor else order.of(rows)
    size = max(1, min(page_size, MAX_PAGE_SIZE))
    found = [_facts(row) for row in rows.values(*_REPORT_COLUMNS, *order.extra)[: size + 1]]
    page = _with_photos(found[:size])
    more = len(found) > size
    return ReportPage(page, _encoded(order.position(page[-1])) if more else None)


def get_report(number: str, town_slug: str | None = None) -> ReportFacts | None:
    """The public facts of one report, or None where there is no such number or it is not public.

    `town_slug` restricts to one municipality. Two queries.
    """
    wanted = number.strip().upper()
    if not _NUMBER.fullmatch(wanted):
        return None
    row = (
        _with_place(_matching(town_slug, EVERYTHING).filter(number=wanted))
        .values(*_REPORT_COLUMNS)
        .first()
    )
    return _with_photos([_facts(row)])[0] if row else None


def requests(town_slug: str, wanted: Wanted, *, offset: int = 0, limit: int) -> list[ReportFacts]:
    """Published reports a partner system asks for, the newest first. Two queries."""
    rows = _with_place(_wanted(town_slug, wanted)).order_by("-received_at", "number")
    found = rows.values(*_REPORT_COLUMNS)[offset : offset + limit]
    return _with_photos([_facts(row) for row in found])


def count_requests(town_slug: str, wanted: Wanted) -> int:
    """How many published reports that would be. One query."""
    return _wanted(town_slug, wanted).count()


def updates(
    town_slug: str, *, since: datetime, until: datetime | None, limit: int
) -> list[UpdateFacts]:
    """Public answers and status changes that became visible in a span, oldest first. One query."""
    rows = PublicUpdate.objects.using(CONNECTION).filter(
        municipality_slug=town_slug, visible_at__gte=since
    )
    if until is not None:
        rows = rows.filter(visible_at__lte=until)
    ordered = rows.order_by("visible_at", "number", "seq").values_list(*_UPDATE_COLUMNS)
    return [UpdateFacts(*values) for values in ordered[:limit]]


def updates_of(numbers: Sequence[str]) -> dict[str, list[UpdateFacts]]:
    """The public answers and status changes of reports, oldest first. One query."""
    rows = PublicUpdate.objects.using(CONNECTION).filter(number__in=numbers)
    found: dict[str, list[UpdateFacts]] = {}
    for values in rows.order_by("number", "seq").values_list(*_UPDATE_COLUMNS):
        facts = UpdateFacts(*values)
        found.setdefault(facts.number, []).append(facts)
    return found


def attributes_of(numbers: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Answers to public questions by number (see published.py for their shape). One query."""
    rows = PublicAttributes.objects.using(CONNECTION).filter(number__in=numbers)
    return dict(rows.values_list("number", "attributes"))


def map_points(
    town_slug: str, bbox: Box | None, filters: Filters = EVERYTHING, limit: int = MAP_LIMIT
) -> MapPoints:
    """Dots for a map of one town, at most `limit`, the newest first. One query."""
    rows = _with_place(_matching(town_slug, replace(filters, box=bbox or filters.box)))
    ordered = rows.order_by("-received_at", "number").values_list(*_POINT_COLUMNS)
    found = [MapPoint(*values) for values in ordered[: limit + 1]]
    return MapPoints(found[:limit], is_complete=len(found) <= limit)


def counts(town_slug: str) -> Counts:
    """How many published reports a town has by status. One query, two after a change."""
    return _counts(town_slug, feed_state(town_slug).mark)


@lru_cache(maxsize=500)
def _counts(town_slug: str, _mark: str) -> Counts:
    # Of a million reports it takes half a second, and every visitor of the first page asks.
    rows = (
        _matching(town_slug, EVERYTHING)
        .order_by()
        .values_list("status")
        .annotate(reports=Count("number"))
    )
    by_status = dict(rows)
    total = sum(by_status.values())
    still_open = sum(by_status.get(status, 0) for status in OPEN)
    return Counts(total, still_open, total - still_open, by_status)


def photo_file(name: str, town_slug: str | None = None) -> PhotoFile | None:
    """The file behind a photo name if it may be handed out now, else None. One query."""
    if not _PHOTO_NAME.fullmatch(name):
        return None
    shown = _matching(town_slug, EVERYTHING).order_by().values("number")
    photo = PublicPhoto.objects.using(CONNECTION).filter(name=name, number__in=shown).first()
    if photo is None:
        return None
    return PhotoFile(photo.name, f"image/{photo.format}", photo.width, photo.height, photo.number)


def categories(town_slug: str) -> list[CategoryFacts]:
    """The kinds of report of a town that may appear in public, by group and name. One query."""
    rows = PublicCategory.objects.using(CONNECTION).filter(municipality_slug=town_slug)
    ordered = rows.order_by("group_name", "name", "code")
    return [CategoryFacts(*values) for values in ordered.values_list(*_CATEGORY_COLUMNS)]


def districts(town_slug: str, box: Box | None = None) -> list[Outline]:
    """The outlines of a town's districts, or of the town itself where it has none drawn.

    With a `box` only those that touch it.
    """
    drawn = PublicArea.objects.using(CONNECTION).filter(
        municipality_slug=town_slug, level="district"
    )
    shown = drawn.filter(geometry__intersects=_rectangle(box)) if box else drawn
    rows = shown.annotate(outline=_outline("geometry")).order_by("name", "key")
    found = [Outline(*row) for row in rows.values_list("key", "level", "name", "outline")]
    return found if found or (box and drawn.exists()) else _whole_town(town_slug, box)


def towns() -> list[TownFacts]:
    """All municipalities that are open to the public, by name. One query."""
    return _town_facts(_live_towns().order_by("name", "slug"))


def towns_at(lon: float, lat: float) -> list[TownFacts]:
    """The municipalities whose area covers a place (WGS84). One query."""
    here = Point(lon, lat, srid=4326)
    return _town_facts(_live_towns().filter(coverage__covers=here).order_by("name", "slug"))


def town(slug: str) -> TownFacts | None:
    """One municipality, or None where it is unknown or not open yet. One query."""
    return next(iter(_town_facts(_live_towns().filter(slug=slug))), None)


class _ByTime:
    """The newest first; numbers decide between reports of the same minute."""

    extra: tuple[str, ...] = ()

    def of(self, rows: QuerySet[PublicReport]) -> QuerySet[PublicReport]:
        return _with_place(rows).order_by("-received_at", "number")

    def after(self, rows: QuerySet[PublicReport], position: list[Any]) -> QuerySet[PublicReport]:
        at = _moment(position[0])
        # The first condition lets the index find the start, the second decides about equal times.
        behind = Q(received_at__lt=at) | Q(number__gt=position[1])
        return self.of(rows.filter(received_at__lte=at).filter(behind))

    def position(self, last: ReportFacts) -> list[Any]:
        return [last.received_at.isoformat(), last.number]


class _ByDistance:
    """The nearest first; numbers decide between reports in the same place."""

    extra = ("distance_m",)

    def __init__(self, around: Circle) -> None:
        self.around = around

    def of(self, rows: QuerySet[PublicReport]) -> QuerySet[PublicReport]:
        measured = _with_place(rows).annotate(distance_m=_distance(self.around))
        return measured.filter(distance_m__lte=self.around.radius_m).order_by(
            "distance_m", "number"
        )

    def after(self, rows: QuerySet[PublicReport], position: list[Any]) -> QuerySet[PublicReport]:
        metres = position[0]
        if type(metres) is not float or not math.isfinite(metres):
            raise CursorInvalid
        behind = Q(distance_m__gt=metres) | Q(distance_m=metres, number__gt=position[1])
        return self.of(rows).filter(behind)

    def position(self, last: ReportFacts) -> list[Any]:
        return [last.distance_m, last.number]


_Order = _ByTime | _ByDistance


def _matching(town_slug: str | None, filters: Filters) -> QuerySet[PublicReport]:
    rows = PublicReport.objects.using(CONNECTION)
    if town_slug is None:
        rows = rows.filter(municipality_slug__in=_live_towns().values("slug"))
    else:
        rows = rows.filter(municipality_slug=town_slug)
    for condition in _conditions(filters):
        rows = rows.filter(condition)
    return rows


def _wanted(town_slug: str, wanted: Wanted) -> QuerySet[PublicReport]:
    rows = PublicReport.objects.using(CONNECTION).filter(municipality_slug=town_slug)
    for condition in conditions(wanted):
        rows = rows.filter(condition)
    if wanted.around and not wanted.numbers:
        rows = rows.filter(_inside(wanted.around.box)).alias(metres=_distance(wanted.around))
        rows = rows.filter(metres__lte=wanted.around.radius_m)
    return rows


def _conditions(filters: Filters) -> Iterable[Q]:
    if filters.categories:
        below = PublicCategory.objects.using(CONNECTION).filter(group_code__in=filters.categories)
        yield Q(category_code__in=filters.categories) | Q(category_code__in=below.values("code"))
    if filters.statuses:
        yield Q(status__in=filters.statuses)
    if filters.since:
        yield Q(updated_at__gte=filters.since)
    if filters.box:
        yield _inside(filters.box)
    if filters.around:
        yield _inside(filters.around.box)


def _inside(box: Box) -> Q:
    # A point's box is the point itself, so the index alone decides.
    return Q(place__bboverlaps=_rectangle(box))


def _rectangle(box: Box) -> Polygon:
    rectangle = Polygon.from_bbox((box.west, box.south, box.east, box.north))
    rectangle.srid = 4326
    return rectangle


def _distance(around: Circle) -> Expression:
    centre = Func(
        Func(Value(around.lon), Value(around.lat), function="ST_MakePoint"),
        Value(4326),
        function="ST_SetSRID",
        output_field=FloatField(),
    )
    return Func(F("place"), centre, function="ST_DistanceSphere", output_field=FloatField())


def _with_place(rows: QuerySet[PublicReport]) -> QuerySet[PublicReport]:
    return rows.annotate(lon=_x("place"), lat=_y("place"))


def _facts(row: dict[str, Any]) -> ReportFacts:
    return ReportFacts(**row)


def _with_photos(reports: Sequence[ReportFacts]) -> list[ReportFacts]:
    copies: dict[str, list[PhotoCopy]] = {}
    photos = (
        PublicPhoto.objects.using(CONNECTION)
        .filter(number__in=[report.number for report in reports])
        .order_by("number", "ordinal", "size", "format")
    )
    for photo in photos:
        copies.setdefault(photo.number, []).append(
            PhotoCopy(
                ordinal=photo.ordinal,
                size=photo.size,
                format=photo.format,
                width=photo.width,
                height=photo.height,
                name=photo.name,
            )
        )
    return [replace(report, photos=tuple(copies.get(report.number, ()))) for report in reports]


def _live_towns() -> QuerySet[PublicMunicipality]:
    return PublicMunicipality.objects.using(CONNECTION)


def _town_facts(rows: QuerySet[PublicMunicipality]) -> list[TownFacts]:
    placed = rows.annotate(
        lon=_x("center"),
        lat=_y("center"),
        west=_edge("ST_XMin"),
        south=_edge("ST_YMin"),
        east=_edge("ST_XMax"),
        north=_edge("ST_YMax"),
    )
    return [TownFacts(*values) for values in placed.values_list(*_TOWN_COLUMNS)]


def _whole_town(slug: str, box: Box | None) -> list[Outline]:
    rows = _live_towns().filter(slug=slug).annotate(outline=_outline("coverage"))
    if box is not None:
        rows = rows.filter(coverage__intersects=_rectangle(box))
    return [
        Outline(key, "municipality", name, outline)
        for key, name, outline in rows.values_list("slug", "name", "outline")
    ]


def _moment(word: Any) -> datetime:
    try:
        at = parse_datetime(word)
    except (TypeError, ValueError):
        raise CursorInvalid from None
    if at is None or at.tzinfo is None:
        raise CursorInvalid
    return at


def _encoded(position: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def _decoded(cursor: str) -> list[Any]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        position = json.loads(text)
    except (binascii.Error, ValueError, RecursionError):
        raise CursorInvalid from None
    shaped = isinstance(position, list) and len(position) == 2 and isinstance(position[1], str)
    if not shaped or not _NUMBER.fullmatch(position[1]):
        raise CursorInvalid
    return list(position)
