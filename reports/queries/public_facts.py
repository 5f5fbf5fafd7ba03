"""What everybody may know, as values: the shapes that reports/queries/public.py hands out."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PhotoCopy:
    """One size of an approved photo; `name` leads to the file (see photo_file)."""

    ordinal: int
    size: int
    format: str
    width: int
    height: int
    name: str


@dataclass(frozen=True)
class ReportFacts:
    """What everybody may know of a report. Place and times are as exact as its category allows."""

    number: str
    municipality_slug: str
    category_code: str
    category_name: str
    group_name: str
    status: str
    closing_reason: str
    received_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    lon: float
    lat: float
    precision_m: int
    time_precision: str
    district: str
    office_name: str
    text: str
    answer: str
    first_answer_hours: float | None
    completion_hours: float | None
    supports: int | None
    photos: tuple[PhotoCopy, ...] = ()
    distance_m: float | None = None


@dataclass(frozen=True)
class UpdateFacts:
    """A public entry of a report's history: an answer, a new status, or both.

    `visible_at` is when it could first be seen, rounded up to the minute.
    """

    update_id: str
    number: str
    seq: int
    kind: str
    status: str
    closing_reason: str
    waiting_for: str
    text: str
    visible_at: datetime


@dataclass(frozen=True)
class ReportPage:
    """One page of a list; `next_cursor` is None on the last one."""

    reports: list[ReportFacts]
    next_cursor: str | None


@dataclass(frozen=True)
class MapPoint:
    """A report as a dot on the map."""

    number: str
    lon: float
    lat: float
    precision_m: int
    category_code: str
    category_name: str
    status: str
    received_at: datetime


@dataclass(frozen=True)
class MapPoints:
    """Dots inside a rectangle, newest first; not complete where there were more than the limit."""

    points: list[MapPoint]
    is_complete: bool


@dataclass(frozen=True)
class PhotoFile:
    """A public file that may be handed out: its name in the storage, type and size in pixels."""

    name: str
    content_type: str
    width: int
    height: int
    number: str


@dataclass(frozen=True)
class CategoryFacts:
    """A kind of report that may appear in public."""

    code: str
    name: str
    name_en: str
    group_code: str
    group_name: str
    icon: str
    publication_policy: str


@dataclass(frozen=True)
class Outline:
    """A district, or the whole town where it has none; `geometry` is GeoJSON text (RFC 7946)."""

    key: str
    level: str
    name: str
    geometry: str


@dataclass(frozen=True)
class Counts:
    """How many published reports a town has, in total and by status."""

    total: int
    open: int
    closed: int
    by_status: dict[str, int]


@dataclass(frozen=True)
class TownFacts:
    """A municipality that takes part, with the middle of its map and the rectangle around it."""

    slug: str
    name: str
    official_name: str
    state: str
    host_name: str | None
    contact_email: str
    contact_phone: str
    website: str
    emergency_contact: str
    time_zone: str
    licence: str
    attribution: str
    contributor: str
    lon: float
    lat: float
    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class FeedState:
    """Stands for the content of a town's feed: any change changes the mark."""

    mark: str
    last_change: datetime | None


@dataclass(frozen=True)
class Change:
    """That a report was published, changed or (`is_removed`) taken off, at the policy's precision.

    `change` is its place in the order of changes.
    """

    number: str
    change: int
    changed_at: datetime
    is_removed: bool


@dataclass(frozen=True)
class Changes:
    """Some changes in their order, and where to go on; `has_more` says whether to do so at once."""

    changes: list[Change]
    last: int
    has_more: bool


@dataclass(frozen=True)
class Entry:
    """A report as a news reader shows it, place in degrees."""

    number: str
    category_name: str
    status: str
    updated_at: datetime
    district: str
    text: str
    answer: str
    lon: float
    lat: float
