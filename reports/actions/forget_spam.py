"""Spam is forgotten after a month: words, answers, address and photos; the bare row stays.

The row, its number and its timeline stay, because numbers are never given twice and history is
never rewritten; nothing in them says what was written or by whom. Until then a mistake can be
taken back.
"""

from datetime import datetime, timedelta

from django.db import transaction

from notifications import outbox
from reports.abuse import BlockedSender, Suspicion
from reports.models import Contact, Photo, Remark, Report, Screening, Submission

KEEP_SPAM = timedelta(days=30)
KEEP_FINGERPRINTS = timedelta(days=30)
KEEP_EXPIRED_BLOCKS = timedelta(days=90)
_BATCH = 500


def forget_spam(*, now: datetime) -> int:
    """Erase what was marked as spam a month ago; returns how many reports.

    A deletion lock (Löschsperre) keeps it. Files without a row are swept afterwards.
    """
    due = Suspicion.objects.filter(
        decided_at__lt=now - KEEP_SPAM,
        report__screening=Screening.SPAM,
        report__submission__erased_at__isnull=True,
    ).exclude(report__hold_until__gte=now.date())
    ids = list(due.order_by("decided_at").values_list("report_id", flat=True)[:_BATCH])
    return sum(_forget(report_id, now) for report_id in ids)


def _forget(report_id: int, now: datetime) -> bool:
    """Erase one; False if somebody works on the case right now."""
    with transaction.atomic():
        rows = Report.objects.select_for_update(no_key=True, skip_locked=True)
        report = rows.filter(pk=report_id, screening=Screening.SPAM).first()
        if report is None:
            return False
        Submission.objects.filter(report=report).update(
            description="", public_text="", address="", answers={}, erased_at=now
        )
        Contact.objects.filter(report=report).update(
            name="", email="", phone="", postal_address="", confirm_until=None, erased_at=now
        )
        Remark.objects.filter(report=report).update(body="", salt="", erased_at=now)
        Photo.objects.filter(report=report).delete()
        outbox.erase(report.number, staff_too=True)
    return True


def forget_traces(*, now: datetime) -> int:
    """Empty the fingerprints of decided reports, and drop blocks long past; returns how many."""
    decided = Suspicion.objects.filter(decided_at__lt=now - KEEP_FINGERPRINTS)
    emptied = decided.exclude(peer_key="", cell_key="", text_key="").update(
        peer_key="", cell_key="", text_key="", batch=None
    )
    long_ago = (now - KEEP_EXPIRED_BLOCKS).date()
    dropped, _rows = BlockedSender.objects.filter(expires_on__lt=long_ago).delete()
    return emptied + dropped
