"""Takes a town's gazetteer over from a file: as often as wanted, version by version.

Places are recognised by name (and part of town), house numbers by street and number, so that ids
stay. What a file does not name any more goes, as far as it came from that file; what other files
brought stays. All or nothing in one transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import shapely
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import transaction
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from accounts.models import Municipality
from geofiles.layers import LayerUnreadable
from places.folding import fold
from places.gazetteer_files import Entry, Reading
from places.gazetteer_streets import PartOf, Wanted, WantedNumber, WantedPlace, places_of
from places.models import HouseNumber, Place, PlaceKind, Source

BATCH = 2_000
# Buildings of a town may stand a little outside its outline, which is often generalised.
BEYOND_DEGREES = 0.005
# More than this share of a source does not vanish by mistake.
LOST_SHARE, FEW_ROWS = 0.2, 20

Outcome = Literal["created", "updated", "unchanged", "removed"]


@dataclass(frozen=True)
class Wish:
    """Where a reading goes: the town, the key of its source, and whom the data is from."""

    municipality: Municipality
    source_key: str
    attribution: str = ""
    part_of: PartOf | None = None
    located: Mapping[str, BaseGeometry] = field(default_factory=dict)
    may_shrink: bool = False


@dataclass
class ImportReport:
    """What an import did, in numbers, what it left out and why, and what to look at."""

    version: int = 0
    places: Counter[Outcome] = field(default_factory=Counter)
    numbers: Counter[Outcome] = field(default_factory=Counter)
    approximate: int = 0
    nowhere: int = 0
    skipped: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def import_gazetteer(reading: Reading, wish: Wish, *, dry_run: bool = False) -> ImportReport:
    """Create, update and remove a town's places of one source; the same file changes nothing.

    `dry_run` reports the same and keeps nothing. Raises LayerUnreadable where nothing of the file
    lies in the town, or where much would be lost and the wish does not allow it.
    """
    report = ImportReport(skipped=list(reading.skipped))
    inside = _inside(reading.entries, wish.municipality, report)
    if not inside:
        raise LayerUnreadable(
            f"Die Datei enthält nichts, was in {wish.municipality.name} liegt. Falsche Datei, "
            "falsches Koordinatensystem oder vertauschte Achsen?"
        )
    wanted = places_of(inside, part_of=wish.part_of, located=wish.located)
    report.skipped.extend(wanted.skipped)
    report.warnings.extend(wanted.warnings)
    with transaction.atomic():
        _write(wanted, wish, report)
        if dry_run:
            transaction.set_rollback(True)
    return report


def shapes_by_name(reading: Reading) -> dict[str, BaseGeometry]:
    """The shapes of another layer by the folded name they carry, e.g. trees by their street."""
    found: dict[str, list[BaseGeometry]] = defaultdict(list)
    for entry in reading.entries:
        if entry.shape is not None:
            found[fold(entry.name)].append(entry.shape)
    return {name: shapely.union_all(shapes) for name, shapes in found.items()}


def _inside(entries: Iterable[Entry], town: Municipality, report: ImportReport) -> list[Entry]:
    coverage = shapely.from_wkb(bytes(town.coverage.wkb)).buffer(BEYOND_DEGREES)
    shapely.prepare(coverage)
    found = []
    for entry in entries:
        if entry.shape is None or coverage.intersects(entry.shape):
            found.append(entry)
        else:
            report.skipped.append((entry.row, f"{entry.name}: liegt außerhalb von {town.name}"))
    return found


def _write(wanted: Wanted, wish: Wish, report: ImportReport) -> None:
    source, _is_new = Source.objects.select_for_update().get_or_create(
        municipality=wish.municipality, key=wish.source_key
    )
    writer = _Writer(source, report)
    writer.write(wanted.places, may_shrink=wish.may_shrink)
    changed = sum(
        counts[outcome]
        for counts in (report.places, report.numbers)
        for outcome in ("created", "updated", "removed")
    )
    if changed:
        source.version += 1
    source.attribution = wish.attribution[:200] or source.attribution
    source.imported_at = timezone.now()
    source.save()
    report.version = source.version


class _Writer:
    """Compares what a file wants with what is there, and writes the difference in batches."""

    def __init__(self, source: Source, report: ImportReport) -> None:
        self.source, self.report = source, report
        self.version = source.version + 1
        self.known: dict[tuple[str, bool], list[Place]] = defaultdict(list)
        self.keys: set[str] = set()
        for place in Place.objects.filter(municipality_id=source.municipality_id).order_by("pk"):
            self.known[_name_key(place.folded, place.kind)].append(place)
            self.keys.add(place.key)
        self.ours = sum(
            place.source_id == source.pk for places in self.known.values() for place in places
        )
        self.new: list[Place] = []
        self.changed: list[Place] = []
        self.seen: set[int] = set()

    def write(self, wanted: Sequence[WantedPlace], *, may_shrink: bool) -> None:
        """Write places, then their house numbers, then remove what is gone."""
        pairs = [(each, self._match(each)) for each in wanted]
        places = [
            (each, self._create(each) if place is None else self._refresh(each, place))
            for each, place in pairs
        ]
        Place.objects.bulk_create(self.new, batch_size=BATCH)
        fields = ["name", "kind", "part", "point", "shape", "radius_m", "is_approximate"]
        fields += ["source", "version"]
        Place.objects.bulk_update(self.changed, fields, batch_size=BATCH)
        self.seen = {place.pk for _each, place in places}
        numbers = _NumberWriter(self.source, self.version, self.report.numbers)
        for each, place in places:
            numbers.add(place, each.numbers)
        numbers.write()
        self._remove(numbers, may_shrink=may_shrink)

    def _match(self, wanted: WantedPlace) -> Place | None:
        """The place meant: of the same part of town, else the only one of the name."""
        candidates = self.known[_name_key(wanted.folded, wanted.kind)]
        same = [place for place in candidates if fold(place.part) == fold(wanted.part)]
        if same:
            return same[0]
        if wanted.is_one_of_several:
            return None
        alone = len(candidates) == 1 and not (wanted.part and candidates[0].part)
        return candidates[0] if alone else None

    def _create(self, wanted: WantedPlace) -> Place:
        place = Place(
            municipality_id=self.source.municipality_id,
            source=self.source,
            version=self.version,
            key=self._free_key(wanted),
            folded=wanted.folded,
        )
        self._fill(place, wanted)
        self.known[_name_key(wanted.folded, wanted.kind)].append(place)
        self.new.append(place)
        self.report.places["created"] += 1
        return place

    def _free_key(self, wanted: WantedPlace) -> str:
        key = f"{'s' if wanted.kind == PlaceKind.STREET else 'o'}.{wanted.folded}"
        if wanted.is_one_of_several or key in self.keys:
            key = f"{key}~{fold(wanted.part)}"[:190]
        free, turn = key, 1
        while free in self.keys:
            turn += 1
            free = f"{key}~{turn}"
        self.keys.add(free)
        return free

    def _refresh(self, wanted: WantedPlace, place: Place) -> Place:
        self._note(wanted, place)
        is_ours = place.source_id == self.source.pk
        # Another source's place gains what it lacks and keeps what it has.
        gains = place.point is None or (place.is_approximate and not wanted.is_approximate)
        if not is_ours and not (gains and wanted.middle is not None):
            self.report.places["unchanged"] += 1
            return place
        before = _facts(place)
        self._fill(place, wanted)
        if _facts(place) == before:
            self.report.places["unchanged"] += 1
            return place
        place.version = self.version
        self.changed.append(place)
        self.report.places["updated"] += 1
        return place

    def _note(self, wanted: WantedPlace, place: Place) -> None:
        if wanted.middle is None and place.point is None:
            self.report.nowhere += 1

    def _fill(self, place: Place, wanted: WantedPlace) -> None:
        place.name, place.kind = wanted.name, wanted.kind
        place.part = wanted.part or place.part
        middle = wanted.middle
        if middle is not None:
            lon, lat, place.radius_m = middle
            place.point = Point(lon, lat, srid=4326)
            place.shape = _geos(wanted.shape)  # a single point says no more than `point`
            place.is_approximate = wanted.is_approximate
            self.report.approximate += wanted.is_approximate
        elif place.pk is None:
            self.report.nowhere += 1

    def _remove(self, numbers: "_NumberWriter", *, may_shrink: bool) -> None:
        gone = [
            place
            for places in self.known.values()
            for place in places
            if place.source_id == self.source.pk and place.pk not in self.seen
        ]
        kept = set(
            HouseNumber.objects.filter(street__in=[place.pk for place in gone])
            .exclude(source=self.source)
            .values_list("street_id", flat=True)
        )
        for place in gone:
            if place.pk in kept:
                self.report.warnings.append(
                    f"{place.name} fehlt in der Datei und bleibt, weil eine andere Quelle "
                    "Hausnummern dazu hat."
                )
        gone = [place for place in gone if place.pk not in kept]
        lost_numbers = numbers.gone()
        lost, before = len(gone) + len(lost_numbers), self.ours + len(numbers.ours)
        if lost > FEW_ROWS and lost > LOST_SHARE * before and not may_shrink:
            raise LayerUnreadable(
                f"{lost} von {before} Einträgen dieser Quelle stehen nicht mehr in der Datei. "
                "Wenn das stimmt, bitte mit --may-shrink wiederholen."
            )
        HouseNumber.objects.filter(pk__in=lost_numbers).delete()
        Place.objects.filter(pk__in=[place.pk for place in gone]).delete()
        self.report.places["removed"] += len(gone)
        self.report.numbers["removed"] += len(lost_numbers)


class _NumberWriter:
    """The house numbers of one import; what other sources brought is left as it is."""

    def __init__(self, source: Source, version: int, counts: Counter[Outcome]) -> None:
        self.source, self.version, self.counts = source, version, counts
        rows = HouseNumber.objects.filter(street__municipality_id=source.municipality_id)
        self.known = {(row.street_id, row.number, row.suffix): row for row in rows.iterator()}
        self.ours = {row.pk for row in self.known.values() if row.source_id == source.pk}
        self.new: list[HouseNumber] = []
        self.changed: list[HouseNumber] = []
        self.seen: set[int] = set()

    def add(self, street: Place, numbers: Mapping[tuple[int, str], WantedNumber]) -> None:
        """Note the numbers of a street."""
        for (number, suffix), wanted in numbers.items():
            row = self.known.get((street.pk, number, suffix))
            if row is None:
                row = HouseNumber(street=street, source=self.source, number=number, suffix=suffix)
                self._fill(row, wanted)
                self.new.append(row)
                self.counts["created"] += 1
                continue
            self.seen.add(row.pk)
            same = (round(row.point.x, 6), round(row.point.y, 6), row.postcode) == (
                wanted.lon,
                wanted.lat,
                wanted.postcode or row.postcode,
            )
            if same or row.source_id != self.source.pk:
                self.counts["unchanged"] += 1
                continue
            self._fill(row, wanted)
            self.changed.append(row)
            self.counts["updated"] += 1

    def write(self) -> None:
        """Write what is new or changed."""
        HouseNumber.objects.bulk_create(self.new, batch_size=BATCH)
        fields = ["point", "postcode", "version"]
        HouseNumber.objects.bulk_update(self.changed, fields, batch_size=BATCH)

    def gone(self) -> list[int]:
        """Numbers of this source that the file does not name any more."""
        return sorted(self.ours - self.seen)

    def _fill(self, row: HouseNumber, wanted: WantedNumber) -> None:
        row.point = Point(wanted.lon, wanted.lat, srid=4326)
        row.postcode = wanted.postcode or row.postcode
        row.version = self.version


def _name_key(folded: str, kind: str) -> tuple[str, bool]:
    return folded, kind == PlaceKind.STREET


def _facts(place: Place) -> tuple[object, ...]:
    point = place.point.coords if place.point else None
    shape = place.shape.wkb if place.shape else None
    return (place.name, place.kind, place.part, point, shape, place.radius_m, place.is_approximate)


def _geos(shape: BaseGeometry | None) -> GEOSGeometry | None:
    if shape is None or shape.geom_type == "Point":
        return None
    return GEOSGeometry(memoryview(shapely.to_wkb(shape)), srid=4326)
