"""Fingerprints of reports that were held back serve to find a wave; then they are forgotten."""

from datetime import datetime, timedelta

from reports.abuse import BlockedSender, Suspicion

KEEP_FINGERPRINTS = timedelta(days=30)
KEEP_EXPIRED_BLOCKS = timedelta(days=90)


def forget_traces(*, now: datetime) -> int:
    """Empty the fingerprints of decided reports, and drop blocks long past; returns how many."""
    decided = Suspicion.objects.filter(decided_at__lt=now - KEEP_FINGERPRINTS)
    emptied = decided.exclude(peer_key="", cell_key="", text_key="").update(
        peer_key="", cell_key="", text_key="", batch=None
    )
    long_ago = (now - KEEP_EXPIRED_BLOCKS).date()
    dropped, _rows = BlockedSender.objects.filter(expires_on__lt=long_ago).delete()
    return emptied + dropped
