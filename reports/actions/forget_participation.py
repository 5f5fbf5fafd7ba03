"""Forget who joined in and what citizens wrote, some time after a case has ended.

Figures stay: how many were affected, and whether a repair was true.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from notifications import outbox
from reports.lifecycle import OPEN
from reports.messages import supporter_ref
from reports.models import Remark, Report
from reports.participation import Support
from reports.reply_tasks import forget_caller

# Long enough for a repair to be contradicted and the case to go on.
SUPPORTERS_KEPT = timedelta(days=30)
BATCH = 500


def forget_unconfirmed_supports(*, now: datetime) -> int:
    """Delete supports nobody confirmed in time; returns how many."""
    late = Support.objects.filter(confirmed_at__isnull=True, confirm_until__lt=now)
    return sum(_delete(pk, now) for pk in _keys(late))


def forget_supporters(*, now: datetime) -> int:
    """Erase who supported cases that ended some time ago, duplicates with their leading case."""
    goes_on = Q(report__leading__status__in=OPEN) | Q(
        report__leading__closed_at__gte=now - SUPPORTERS_KEPT
    )
    ended = Support.objects.filter(
        erased_at__isnull=True,
        confirmed_at__isnull=False,
        report__closed_at__lt=now - SUPPORTERS_KEPT,
    ).exclude(goes_on)
    return sum(_erase(pk, now) for pk in _keys(ended))


def forget_citizens_words(*, now: datetime) -> int:
    """Erase what citizens wrote after reporting, unless a hold keeps it; returns how many texts."""
    ended = Report.objects.filter(closed_at__lt=now - settings.CITIZENS_WORDS_KEPT)
    free = ended.filter(Q(hold_until__isnull=True) | Q(hold_until__lt=now.date()))
    texts = Remark.objects.filter(
        kind=Remark.Kind.CITIZEN, erased_at__isnull=True, report__in=free
    ).order_by("pk")
    due = list(texts.values_list("pk", flat=True)[:BATCH])
    return Remark.objects.filter(pk__in=due).update(body="", salt="", erased_at=now)


def _keys(supports: QuerySet[Support]) -> list[int]:
    return list(supports.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _delete(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        support = _locked(pk)
        # Somebody may just have confirmed.
        if support is None or support.confirmed_at is not None:
            return False
        outbox.erase(supporter_ref(support.report.number, pk))
        support.delete()
    return True


def _erase(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        support = _locked(pk)
        if support is None:
            return False
        outbox.erase(supporter_ref(support.report.number, pk))
        # A hash of an address can be tried out; a random one points to nobody.
        support.person_hash, support.email, support.nonce = secrets.token_hex(32), "", None
        support.erased_at = now
        support.save(update_fields=["person_hash", "email", "nonce", "erased_at"])
        forget_caller(pk, now=now)
    return True


def _locked(pk: int) -> Support | None:
    rows = Support.objects.select_for_update(skip_locked=True, of=("self",))
    return rows.select_related("report").defer("report__place").filter(pk=pk).first()
