"""Past cases as rules saw them when they came in: category, place, time, answers, text, things.

What was corrected since is taken back: the category is that of the arrival. What was erased is
gone: a text that was deleted holds no words any more.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.gis.db.models.functions import GeoFunc
from django.db.models import F, FloatField, Q

from accounts.models import Municipality
from reports.models import Report, RoutingDecision, Screening, TimelineEntry
from reports.named_asset import NamedAsset
from routing.answers import dangerous_answers, questions_of
from routing.areas_of_many import AreasOfMany, DatedPlace
from routing.assignment import words_of_answers
from routing.facts import AreaFacts, AssetFacts, CaseFacts, CategoryFacts, RuleFacts
from routing.models import Category
from routing.question_info import QuestionInfo
from routing.replay import PastCase
from routing.rules.conditions import AboutAsset, Mentions, leaves_of
from routing.town_loading import category_facts

CHUNK = 2000
_AUTOMATIC = ("rule", "category", "dispatch")
_AT_INTAKE = ("recategorised", "danger_named")
_NOTHING: dict[str, Any] = {}


@dataclass(frozen=True)
class Position:
    """How far the cases of a period were read: arrival and id of the last one."""

    received_at: datetime
    id: int


@dataclass(frozen=True)
class Wants:
    """What rules look at that costs a query or much reading."""

    text: bool
    assets: bool


def wants_of(*tables: Sequence[RuleFacts]) -> Wants:
    """What the conditions of sets of rules look at."""
    leaves = [leaf for table in tables for rule in table for leaf in leaves_of(rule.condition)]
    return Wants(
        text=any(isinstance(leaf, Mentions) for leaf in leaves),
        assets=any(isinstance(leaf, AboutAsset) for leaf in leaves),
    )


@dataclass(frozen=True)
class _Row:
    id: int
    category_id: int
    received_at: datetime
    routed_at: datetime | None
    import_key: str | None
    source: str
    office_id: int | None
    lon: float
    lat: float
    answers: dict[str, Any] | None
    text: str | None = None


class PastCases:
    """The cases of a town that arrived from one local day to another, both included.

    Spam is left out. What is read once (categories, questions, areas) is kept with it.
    """

    def __init__(self, town: Municipality, first: date, last: date) -> None:
        self.zone = town.tz
        self.begins = datetime.combine(first, time(), self.zone)
        ends = datetime.combine(last + timedelta(days=1), time(), self.zone)
        self._reports = Report.objects.filter(
            municipality=town, received_at__gte=self.begins, received_at__lt=ends
        ).exclude(screening=Screening.SPAM)
        self._areas = AreasOfMany(town.pk)
        self._categories = _categories(town.pk)
        self._by_code = {each.code: each for each in self._categories.values()}
        self._questions: dict[int, list[QuestionInfo]] = {}

    def count(self) -> int:
        """How many there are; one query."""
        return self._reports.count()

    def after(
        self, position: Position | None, wants: Wants
    ) -> tuple[list[PastCase], Position | None]:
        """The next cases in order of arrival, and how far that is; None behind the last ones.

        At most six queries, whatever the number of cases.
        """
        rows = self._page(position, wants)
        if not rows:
            return [], None
        ids = [row.id for row in rows]
        places = [
            DatedPlace(row.id, row.lon, row.lat, row.received_at.astimezone(self.zone).date())
            for row in rows
        ]
        areas, first, known = self._areas.at(places), _first_offices(ids), _at_intake(ids)
        assets = _assets(ids) if wants.assets else {}
        cases = [
            PastCase(
                id=row.id,
                case=self._facts(
                    row, areas.get(row.id, ()), known.get(row.id, {}), tuple(assets.get(row.id, ()))
                ),
                first=first.get(row.id),
                now=row.office_id,
            )
            for row in rows
        ]
        return cases, Position(rows[-1].received_at, rows[-1].id)

    def _page(self, position: Position | None, wants: Wants) -> list[_Row]:
        reports = self._reports
        if position is not None:
            same_moment = Q(received_at=position.received_at, pk__gt=position.id)
            later = Q(received_at__gt=position.received_at)
            # The first condition lets the index begin where the last page ended.
            reports = reports.filter(received_at__gte=position.received_at).filter(
                later | same_moment
            )
        text = ("submission__description",) if wants.text else ()
        rows = reports.order_by("received_at", "pk").values_list(
            *("pk", "category_id", "received_at", "routed_at", "import_key", "source"),
            *("office_id", _Lon(F("place")), _Lat(F("place")), "submission__answers", *text),
        )[:CHUNK]
        return [_Row(*row) for row in rows]

    def _facts(
        self,
        row: _Row,
        areas: tuple[AreaFacts, ...],
        known: dict[str, str],
        assets: tuple[AssetFacts, ...],
    ) -> CaseFacts:
        category = self._category(row.category_id, known.get("recategorised"))
        answers = row.answers or _NOTHING
        questions = self._questions_of(category.id) if answers else []
        # As routing does it: only what was taken over from elsewhere is old when it is decided.
        is_old = row.import_key is not None and row.routed_at is not None
        age = row.routed_at - row.received_at if is_old and row.routed_at else timedelta(0)
        return CaseFacts(
            category=category,
            areas=areas,
            at=row.received_at,
            danger="danger_named" in known,
            danger_answers=tuple(dangerous_answers(questions, answers)) if answers else (),
            assets=assets,
            text=row.text or "",
            source=row.source,
            answers=answers,
            answer_words=words_of_answers(questions, answers) if answers else (),
            age=age,
        )

    def _category(self, category_id: int, code_before: str | None) -> CategoryFacts:
        if code_before is not None and code_before in self._by_code:
            return self._by_code[code_before]
        return self._categories[category_id]

    def _questions_of(self, category_id: int) -> list[QuestionInfo]:
        found = self._questions.get(category_id)
        if found is None:
            found = self._questions[category_id] = questions_of(category_id)
        return found


class _Lon(GeoFunc):
    function = "ST_X"
    output_field = FloatField()


class _Lat(GeoFunc):
    function = "ST_Y"
    output_field = FloatField()


def _categories(municipality_id: int) -> dict[int, CategoryFacts]:
    rows = Category.objects.filter(municipality_id=municipality_id).select_related("parent")
    return {row.pk: category_facts(row) for row in rows}


def _first_offices(ids: Sequence[int]) -> dict[int, int]:
    """The office routing first gave each case to; not where somebody had chosen before it."""
    rows = (
        RoutingDecision.objects.filter(report__in=ids, basis__in=_AUTOMATIC)
        .order_by("report_id", "pk")
        .distinct("report_id")
    )
    return dict(rows.values_list("report_id", "office_id"))


def _at_intake(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """By case: the code of its first category where that was corrected, whether danger was
    named."""
    rows = TimelineEntry.objects.filter(report__in=ids, kind__in=_AT_INTAKE)
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for report_id, kind, before in _in_order(rows.values_list("report_id", "kind", "data__from")):
        found[report_id].setdefault(kind, before or "")
    return found


def _in_order(rows: Any) -> Iterable[tuple[int, str, str | None]]:
    ordered: Iterable[tuple[int, str, str | None]] = rows.order_by("report_id", "seq")
    return ordered


def _assets(ids: Sequence[int]) -> dict[int, list[AssetFacts]]:
    rows = NamedAsset.objects.filter(report__in=ids).order_by("pk")
    found: dict[int, list[AssetFacts]] = defaultdict(list)
    values = ("report_id", "asset__layer__code", "asset__key", "asset__attributes")
    for report_id, layer, key, attributes in rows.values_list(*values):
        found[report_id].append(AssetFacts(layer, key, attributes))
    return found
