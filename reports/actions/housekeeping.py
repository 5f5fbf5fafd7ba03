"""What is forgotten by itself after a time; reports are never among it."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction

from accounts.limits import forget_old_windows
from notifications import outbox
from reports.models import Contact, IdempotencyRecord

KEEP_KEYS = timedelta(days=7)
KEEP_COUNTERS = timedelta(days=2)
BATCH = 500


def forget_what_is_due(*, now: datetime) -> dict[str, int]:
    """Erase unconfirmed addresses past their time, old keys, counters and sessions; counts.

    The report of an unconfirmed address stays and is worked on.
    """
    addresses = _forget_unconfirmed_addresses(now)
    keys, _rows = IdempotencyRecord.objects.filter(created_at__lt=now - KEEP_KEYS).delete()
    sessions, _rows = Session.objects.filter(expire_date__lt=now).delete()
    return {
        "addresses": addresses,
        "keys": keys,
        "counters": forget_old_windows(now - KEEP_COUNTERS),
        "sessions": sessions,
    }


def _forget_unconfirmed_addresses(now: datetime) -> int:
    late = Contact.objects.filter(
        email_confirmed_at__isnull=True, confirm_until__lt=now, erased_at__isnull=True
    ).exclude(email="")
    numbers = list(late.values_list("report__number", flat=True)[:BATCH])
    for number in numbers:
        with transaction.atomic():
            contact = late.filter(report__number=number)
            contact.filter(name="", phone="").update(email="", confirm_until=None, erased_at=now)
            contact.update(email="", confirm_until=None)
            outbox.erase(number)
    return len(numbers)
