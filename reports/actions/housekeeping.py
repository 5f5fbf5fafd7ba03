"""What is forgotten by itself after a time; reports are never among it."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db.models import Q

from accounts.limits import forget_old_windows
from reports.models import Contact, IdempotencyRecord

KEEP_KEYS = timedelta(days=7)
KEEP_COUNTERS = timedelta(days=2)


def forget_what_is_due(*, now: datetime) -> dict[str, int]:
    """Erase unconfirmed addresses past their time, old keys, counters and sessions; counts.

    The report of an unconfirmed address stays and is worked on.
    """
    late = Contact.objects.filter(
        email_confirmed_at__isnull=True, confirm_until__lt=now, erased_at__isnull=True
    ).exclude(email="")
    addresses = late.filter(Q(name="") & Q(phone="")).update(email="", erased_at=now)
    addresses += late.update(email="", confirm_until=None)
    keys, _rows = IdempotencyRecord.objects.filter(created_at__lt=now - KEEP_KEYS).delete()
    sessions, _rows = Session.objects.filter(expire_date__lt=now).delete()
    return {
        "addresses": addresses,
        "keys": keys,
        "counters": forget_old_windows(now - KEEP_COUNTERS),
        "sessions": sessions,
    }
