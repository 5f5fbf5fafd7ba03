"""Things of the inventory and their cases, for staff: what a case names, how often it failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Now

from reports.lifecycle import Status
from reports.models import Report, Screening
from reports.named_asset import NamedAsset
from reports.policies import Staff, visible_cases
from routing.asset import Asset, AssetLayer
from routing.assets import FoundAsset, assets_named, numbers_meant

MONTH = timedelta(days=365.25 / 12)
MOST_CASES = 200
# What nobody has to do anything about is no failure of the thing.
_NO_FAILURE = Q(report__status__in=[Status.WITHDRAWN, Status.DUPLICATE]) | Q(
    report__screening=Screening.SPAM
)


@dataclass(frozen=True)
class NamedThing:
    """A thing a case names; `recent` counts its cases within the layer's months, this one too."""

    asset: Asset
    recent: int

    @property
    def is_repeat(self) -> bool:
        """Whether it failed as often as its layer calls conspicuous."""
        return self.recent >= self.asset.layer.repeat_count


@dataclass(frozen=True)
class CaseOfThing:
    """A case of a thing; `days_after` since the case before came in, None for the first."""

    report: Report
    days_after: int | None


@dataclass(frozen=True)
class History:
    """Everything a thing went through, the newest first, as one person may see it.

    `hidden` counts cases the person may not open; `usual_days` is the mean time between cases.
    """

    asset: Asset
    cases: Sequence[CaseOfThing]
    hidden: int
    recent: int
    usual_days: int | None

    @property
    def is_repeat(self) -> bool:
        """Whether it failed as often as its layer calls conspicuous."""
        return self.recent >= self.asset.layer.repeat_count


def assets_of(report_id: int) -> list[Asset]:
    """What a report names, in the order of naming. One query."""
    rows = NamedAsset.objects.filter(report_id=report_id).select_related("asset__layer")
    return [row.asset for row in rows.order_by("pk")]


def things_of(report: Report) -> list[NamedThing]:
    """What a case names, with how often each failed lately before and with it. Two queries."""
    return with_failures(report, assets_of(report.pk))


def with_failures(report: Report, assets: Sequence[Asset]) -> list[NamedThing]:
    """The same of things that are known already. One query where there are any."""
    if not assets:
        return []
    months = {asset.layer_id: asset.layer.repeat_months for asset in assets}
    within = Q()
    for layer_id, span in months.items():
        since = report.received_at - span * MONTH
        within |= Q(asset__layer_id=layer_id, report__received_at__gt=since)
    rows = NamedAsset.objects.filter(
        within, asset__in=assets, report__received_at__lte=report.received_at
    ).exclude(_NO_FAILURE & ~Q(report=report))
    counts = dict(rows.values_list("asset").annotate(cases=Count("pk")))
    return [NamedThing(asset, counts.get(asset.pk, 1)) for asset in assets]


def history_of(staff: Staff, asset: Asset, *, now: datetime) -> History:
    """The cases of a thing. Three queries."""
    named = NamedAsset.objects.filter(asset=asset)
    total = named.count()
    reports = list(
        Report.objects.filter(visible_cases(staff), named_assets__asset=asset)
        .select_related("category", "office")
        .order_by("-received_at", "-pk")[:MOST_CASES]
    )
    since = now - asset.layer.repeat_months * MONTH
    recent = named.filter(report__received_at__gt=since).exclude(_NO_FAILURE).count()
    return History(asset, _with_intervals(reports), total - len(reports), recent, _usual(reports))


def found_things(staff: Staff, words: str) -> list[FoundAsset]:
    """What a clerk means by a number, also things that are gone. Two queries."""
    return assets_named(staff.municipality_id, words, gone_too=True)


def about_thing(staff: Staff, words: str) -> Q:
    """The filter on reports for a typed number ("Leuchte 4711"); nothing for other words.

    One query for the layers of the town.
    """
    if not any(letter.isdigit() for letter in words) or len(words) > 80:
        return Q(pk__in=[])
    meant = Q(pk__in=[])
    layers = AssetLayer.objects.filter(municipality_id=staff.municipality_id)
    for pk, one, many in layers.values_list("pk", "one", "name"):
        meant |= Q(layer_id=pk, number__in=numbers_meant(words, one, many))
    named = NamedAsset.objects.filter(asset__in=Asset.objects.filter(meant))
    return Q(pk__in=named.values("report_id"))


def layers_of(staff: Staff) -> QuerySet[AssetLayer]:
    """The layers of a town with how many things stand, are gone, and are conspicuous. One query."""
    standing = Q(assets__gone_since__isnull=True)
    return (
        AssetLayer.objects.filter(municipality_id=staff.municipality_id)
        .annotate(
            standing=Count("assets", filter=standing),
            gone=Count("assets", filter=~standing),
        )
        .order_by("name")
    )


def conspicuous(staff: Staff, *, limit: int = 50) -> list[Asset]:
    """Things that failed at least as often as their layer calls conspicuous, worst first.

    Each carries `cases` and `first_at`. One query.
    """
    since = Now() - F("asset__layer__repeat_months") * MONTH
    rows = (
        NamedAsset.objects.filter(
            asset__layer__municipality_id=staff.municipality_id, report__received_at__gt=since
        )
        .exclude(_NO_FAILURE)
        .values("asset_id", "asset__layer__repeat_count")
        .annotate(cases=Count("pk"), first_at=Min("report__received_at"))
        .filter(cases__gte=F("asset__layer__repeat_count"))
        .order_by("-cases", "asset_id")[:limit]
    )
    counted = {row["asset_id"]: row["cases"] for row in rows}
    found = Asset.objects.filter(pk__in=counted).select_related("layer")
    for asset in found:
        asset.cases = counted[asset.pk]  # type: ignore[attr-defined]
    return sorted(found, key=lambda asset: (-counted[asset.pk], asset.label))


def _with_intervals(reports: Sequence[Report]) -> list[CaseOfThing]:
    earlier: Sequence[Report | None] = [*reports[1:], *([None] if reports else [])]
    return [
        CaseOfThing(
            report, (report.received_at - before.received_at).days if before is not None else None
        )
        for report, before in zip(reports, earlier, strict=True)
    ]


def _usual(reports: Sequence[Report]) -> int | None:
    if len(reports) < 2:
        return None
    span = reports[0].received_at - reports[-1].received_at
    return round(span.days / (len(reports) - 1))
