"""Forget who wanted to join in and never confirmed it."""

from datetime import datetime

from django.db import transaction

from reports import erasing
from reports.participation import Support

BATCH = 500


def forget_unconfirmed_supports(*, now: datetime) -> int:
    """Delete supports nobody confirmed in time; returns how many."""
    late = Support.objects.filter(confirmed_at__isnull=True, confirm_until__lt=now)
    keys = list(late.order_by("pk").values_list("pk", flat=True)[:BATCH])
    return sum(_delete(pk, now) for pk in keys)


def _delete(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        rows = Support.objects.select_for_update(skip_locked=True, of=("self",))
        support = rows.select_related("report").defer("report__place").filter(pk=pk).first()
        # Somebody may just have confirmed.
        if support is None or support.confirmed_at is not None:
            return False
        erasing.erase_support(support, now=now)
    return True
