"""Derives default offices and rules from cases an office has already worked on.

Meant for a town's first day: its old cases know who did what. The result is a proposal in the
form of ordinary rules, which people read, change and switch off like any other.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from accounts.models import Municipality, Office
from routing.models import Area, AreaLevel, Category, Rule
from routing.rules.versions import in_force_rules, write_version

MIN_CASES = 5
MIN_SHARE = 0.6
FIRST_PRIORITY = 1000
_DERIVED_NAME = re.compile(r"[0-9]+ von [0-9]+ Fällen in ")


@dataclass(frozen=True)
class WorkedCase:
    """A case of the past: category code, WGS84 point, and the key of the office that had it."""

    category_code: str
    lon: float
    lat: float
    office_key: str


@dataclass(frozen=True)
class Finding:
    """An office for a category, in one district or (district_id None) everywhere, with evidence."""

    category_code: str
    district_id: int | None
    district_name: str
    office_key: str
    cases: int
    of: int

    @property
    def share(self) -> float:
        """Part of the cases that went to this office."""
        return self.cases / self.of


def derive(town: Municipality, cases: Iterable[WorkedCase]) -> list[Finding]:
    """Majority office per category, and per district where it clearly differs (≥ 5 cases, 60 %)."""
    districts = _districts(town)
    everywhere: dict[str, Counter[str]] = defaultdict(Counter)
    by_district: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for case in cases:
        everywhere[case.category_code][case.office_key] += 1
        found = _district_of(districts, case)
        if found is not None:
            by_district[case.category_code, found.pk][case.office_key] += 1
    names = {area.pk: area.name for area, _prepared in districts}
    findings = [
        Finding(code, None, "", office, count, offices.total())
        for code, offices in sorted(everywhere.items())
        for office, count in offices.most_common(1)
    ]
    default = {finding.category_code: finding.office_key for finding in findings}
    for (code, district), offices in sorted(by_district.items()):
        office, count = offices.most_common(1)[0]
        clear = count >= MIN_CASES and count / offices.total() >= MIN_SHARE
        if clear and office != default[code]:
            findings.append(
                Finding(code, district, names[district], office, count, offices.total())
            )
    return findings


def apply(town: Municipality, findings: Sequence[Finding]) -> None:
    """Set default offices and write the rules of districts after the rules a town has already.

    Rules of an earlier run are replaced; those that people have written stay.
    """
    offices = {office.key: office for office in Office.objects.filter(municipality=town)}
    categories = {row.code: row for row in Category.objects.filter(municipality=town)}
    with transaction.atomic():
        for finding in findings:
            if finding.district_id is None:
                category = categories[finding.category_code]
                category.default_office = offices[finding.office_key]
                category.save(update_fields=["default_office"])
        now = timezone.now()
        kept = [rule for rule in in_force_rules(town.pk, now) if not _is_derived(rule)]
        first = max(FIRST_PRIORITY, max((rule.priority for rule in kept), default=0) + 10)
        local = [finding for finding in findings if finding.district_id is not None]
        derived = [
            Rule(
                municipality=town,
                priority=first + 10 * position,
                name=f"{finding.cases} von {finding.of} Fällen in {finding.district_name}"[:120],
                category=categories[finding.category_code],
                area_id=finding.district_id,
                office=offices[finding.office_key],
            )
            for position, finding in enumerate(local)
        ]
        write_version(
            town.pk, [*kept, *derived], reason="Aus bearbeiteten Fällen abgeleitet", now=now
        )


def _is_derived(rule: Rule) -> bool:
    return rule.priority >= FIRST_PRIORITY and _DERIVED_NAME.match(rule.name) is not None


_Districts = list[tuple[Area, object]]


def _districts(town: Municipality) -> list[tuple[Area, "object"]]:
    areas = Area.objects.filter(municipality=town, level=AreaLevel.DISTRICT).order_by("pk")
    return [(area, area.geometry.prepared) for area in areas]


def _district_of(districts: _Districts, case: WorkedCase) -> Area | None:
    point = Point(case.lon, case.lat, srid=4326)
    for area, prepared in districts:
        if prepared.covers(point):  # type: ignore[attr-defined]
            return area
    return None
