"""Offers of other offices that wait for an answer."""

from dataclasses import dataclass

from django.db.models import Q

from reports.models import Handover, Remark
from reports.policies import Staff


@dataclass(frozen=True)
class OfferRow:
    """An offer that waits for the person's office, with the reason of the giving one."""

    handover: Handover
    reason: str
    excerpt: str
    address: str


def offers(staff: Staff) -> list[OfferRow]:
    """Offers to the person's offices, the one that ends first on top. Two queries."""
    waiting = list(
        Handover.objects.filter(
            receives(staff),
            state=Handover.State.OFFERED,
            report__municipality_id=staff.municipality_id,
        )
        .select_related("from_office", "to_office", "report__category", "report__submission")
        .order_by("answer_until", "pk")
    )
    reasons = dict(
        Remark.objects.filter(pk__in=[offer.reason_remark_id for offer in waiting]).values_list(
            "pk", "body"
        )
    )
    return [
        OfferRow(
            handover=offer,
            reason=reasons.get(offer.reason_remark_id, ""),
            excerpt=offer.report.submission.description,
            address=offer.report.submission.address,
        )
        for offer in waiting
    ]


def receives(staff: Staff) -> Q:
    """Offers to the own offices, for dispatchers also to the dispatch office."""
    own = Q(to_office_id__in=staff.offices)
    return own | Q(to_office__is_dispatch=True) if staff.is_dispatcher else own
