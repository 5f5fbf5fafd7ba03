"""Rules that corrections by hand propose: "14 von 15 Fällen dieser Art gingen an …"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from accounts.models import Office
from reports.models import Report, Screening
from reports.rule_proposals import RuleVerdict
from routing.assignment import assign
from routing.models import Area, Category

WINDOW = timedelta(days=180)
LEAST_CASES = 5
LEAST_SHARE = 0.8
# A proposal that was decided comes back when so many more cases went the same way.
GROWTH = 3
SHOWN = 20


@dataclass(frozen=True)
class Proposal:
    """Kind of report, district, office, and how many of how many cases went there by hand."""

    category: Category
    district: Area
    office: Office
    went_there: int
    of_all: int
    cases: Sequence[Report]

    @property
    def key(self) -> tuple[int, int, int]:
        """Category, district and office by id."""
        return self.category.pk, self.district.pk, self.office.pk

    @property
    def anchor(self) -> str:
        """Where it stands on the page of proposals."""
        return "vorschlag-{}-{}-{}".format(*self.key)


def rule_proposals(municipality_id: int, *, now: datetime) -> list[Proposal]:
    """What is worth a rule today, strongest evidence first; not what rules do already."""
    return [
        proposal
        for row in _counted(municipality_id, now)
        if (proposal := _proposal(municipality_id, row, now)) is not None
    ]


def find_proposal(
    municipality_id: int, *, key: tuple[int, int, int], now: datetime
) -> Proposal | None:
    """The proposal for category, district and office (ids), if it still stands."""
    wanted = dict(zip(("category_id", "district_id", "office_id"), key, strict=True))
    rows = [
        row
        for row in _counted(municipality_id, now)
        if all(row[name] == value for name, value in wanted.items())
    ]
    return _proposal(municipality_id, rows[0], now) if rows else None


def _window(municipality_id: int, now: datetime) -> QuerySet[Report]:
    return Report.objects.filter(
        municipality_id=municipality_id,
        received_at__gte=now - WINDOW,
        screening=Screening.CLEAR,
        office__isnull=False,
        district__isnull=False,
    )


def _counted(municipality_id: int, now: datetime) -> list[dict[str, int]]:
    cases = _window(municipality_id, now)
    totals = {
        (row["category_id"], row["district_id"]): row["n"]
        for row in cases.values("category_id", "district_id").annotate(n=Count("pk"))
    }
    by_hand = (
        cases.filter(office_chosen_by_hand=True)
        .values("category_id", "district_id", "office_id")
        .annotate(n=Count("pk"))
    )
    verdicts = {
        (row.category_id, row.district_id, row.office_id): row.went_there
        for row in RuleVerdict.objects.filter(municipality_id=municipality_id)
    }
    found: list[dict[str, int]] = []
    for row in by_hand.order_by("-n", "category_id", "district_id"):
        key = (row["category_id"], row["district_id"], row["office_id"])
        of_all = totals[key[:2]]
        is_enough = row["n"] >= LEAST_CASES and row["n"] >= LEAST_SHARE * of_all
        if is_enough and row["n"] >= verdicts.get(key, -GROWTH) + GROWTH:
            names = ("category_id", "district_id", "office_id")
            found.append({**dict(zip(names, key, strict=True)), "n": row["n"], "of_all": of_all})
    return found


def _proposal(municipality_id: int, row: dict[str, int], now: datetime) -> Proposal | None:
    of_these = Q(category=row["category_id"], district=row["district_id"], office=row["office_id"])
    cases = _window(municipality_id, now).filter(of_these, office_chosen_by_hand=True)
    newest = list(cases.order_by("-pk")[:SHOWN])
    today = assign(
        municipality_id=municipality_id,
        category_id=row["category_id"],
        point=newest[0].place,
        at=now,
    )
    if today.office_id == row["office_id"]:
        return None
    return Proposal(
        category=Category.objects.get(pk=row["category_id"]),
        district=Area.objects.only("pk", "name").get(pk=row["district_id"]),
        office=Office.objects.get(pk=row["office_id"]),
        went_there=row["n"],
        of_all=row["of_all"],
        cases=newest,
    )
