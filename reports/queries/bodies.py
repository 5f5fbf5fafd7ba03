"""Which bodies outside the town hall could have a case, and whom the reporter allowed what."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from reports.delegating import Firm
from reports.models import Report
from reports.outside import BodyConsent, OutsideBody
from routing.models import Area


@dataclass(frozen=True)
class BodyChoice:
    """A body of the directory: whether it fits kind and place of a case, whether it may know."""

    body: OutsideBody
    fits: bool
    has_consent: bool


def bodies_for(report: Report) -> list[BodyChoice]:
    """The town's bodies, those that fit first. Five queries."""
    allowed = set(standing_consents(report).values_list("body_id", flat=True))
    around = set(
        Area.objects.filter(
            municipality_id=report.municipality_id, geometry__intersects=report.place
        ).values_list("pk", flat=True)
    )
    rows = (
        _offered(report.municipality_id)
        .prefetch_related("categories")
        .prefetch_related(Prefetch("areas", Area.objects.only("pk")))
    )
    choices = [
        BodyChoice(
            body=body,
            fits=_takes(body, report) and _lies_in(body, around),
            has_consent=body.pk in allowed,
        )
        for body in rows
    ]
    return sorted(choices, key=lambda choice: (not choice.fits, choice.body.name))


def firms_of(report: Report) -> list[Firm]:
    """The firms and crews of the town's directory, by name. One query."""
    rows = Firm.objects.filter(municipality_id=report.municipality_id, is_active=True)
    return list(rows.order_by("name"))


def standing_consents(report: Report) -> QuerySet[BodyConsent]:
    """Consents of a report that were not taken back."""
    return BodyConsent.objects.filter(report=report, revoked_at__isnull=True)


def bodies_asking(town_id: int, category_id: int) -> list[OutsideBody]:
    """Bodies about which the form of a category asks for consent. One query."""
    rows = _offered(town_id).filter(asks_consent=True, categories=category_id)
    return list(rows.order_by("name"))


@dataclass(frozen=True)
class Sharing:
    """One body the reporter was asked about, and what they said."""

    body_id: int
    name: str
    is_allowed: bool


def sharing_of(report: Report) -> list[Sharing]:
    """Bodies the town asks about for this kind of report, and those allowed before. Two queries."""
    allowed = {consent.body for consent in standing_consents(report).select_related("body")}
    asked = bodies_asking(report.municipality_id, report.category_id)
    bodies = sorted({*asked, *allowed}, key=lambda body: body.name)
    return [Sharing(body.pk, body.name, body in allowed) for body in bodies]


def asked_by_code(town_id: int, category_code: str) -> list[OutsideBody]:
    """The same by the code of a category. One query."""
    rows = _offered(town_id).filter(asks_consent=True, categories__code=category_code)
    return list(rows.order_by("name").distinct())


def _offered(town_id: int) -> QuerySet[OutsideBody]:
    return OutsideBody.objects.filter(municipality_id=town_id, is_active=True)


def _takes(body: OutsideBody, report: Report) -> bool:
    kinds = {category.pk for category in body.categories.all()}
    return not kinds or not kinds.isdisjoint({report.category_id, report.category.parent_id})


def _lies_in(body: OutsideBody, around: Collection[int]) -> bool:
    wanted = {area.pk for area in body.areas.all()}
    return not wanted or not wanted.isdisjoint(around)
