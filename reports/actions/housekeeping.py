"""What lives for days at most is forgotten every hour; cases have their classes (retain.py)."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.absence import forget_absences
from accounts.limits import forget_old_windows
from leases import heartbeats
from notifications import outbox
from notifications.stranger_mail import forget_old_turns
from places.remote import forget_old_answers
from reports.actions.fetch_photo import REMOTE_PHOTOS_KEPT, forget_addresses
from reports.actions.follow_sensor import READINGS_KEPT, forget_readings
from reports.actions.forget_participation import forget_unconfirmed_supports
from reports.actions.forget_traces import forget_traces
from reports.actions.look_at import forget_looks
from reports.actions.receive_upload import forget_expired as forget_expired_uploads
from reports.actions.settle_mail import forget_mails
from reports.actions.try_rules import forget_replays
from reports.desk_entry import EntryDraft
from reports.messages import rights_ref
from reports.models import Contact, IdempotencyRecord, Report
from reports.rights import PersonLookup, RightsRequest

KEEP_KEYS = timedelta(days=7)
KEEP_COUNTERS = timedelta(days=2)
KEEP_HEARTBEATS = timedelta(days=7)
# The relay may be away for days; the address is kept no longer than that.
KEEP_RIGHTS_MAILS = timedelta(days=3)
# As long as somebody may ask who looked for them.
KEEP_LOOKUPS = timedelta(days=3 * 365)
KEEP_LOOKS = timedelta(hours=12)
KEEP_UNSENT_ENTRIES = timedelta(days=3)
BATCH = 500


def forget_what_is_due(*, now: datetime) -> dict[str, int]:
    """Erase unconfirmed addresses past their time, old keys, counters, sessions; returns counts.

    The report of an unconfirmed address stays and is worked on.
    """
    addresses = _forget_unconfirmed_addresses(now)
    keys, _rows = IdempotencyRecord.objects.filter(created_at__lt=now - KEEP_KEYS).delete()
    too_old = EntryDraft.objects.filter(updated_at__lt=now - KEEP_UNSENT_ENTRIES)
    unsent_entries, _rows = too_old.delete()
    sessions, _rows = Session.objects.filter(expire_date__lt=now).delete()
    return {
        "addresses": addresses,
        "keys": keys,
        "unsent_entries": unsent_entries,
        "uploads": forget_expired_uploads(now=now),
        "remote_photos": forget_addresses(before=now - REMOTE_PHOTOS_KEPT),
        "counters": forget_old_windows(now - KEEP_COUNTERS),
        "sessions": sessions,
        "absences": forget_absences(before=timezone.localdate(now)),
        "mails": forget_mails(now=now),
        "traces": forget_traces(now=now),
        "looks": forget_looks(before=now - KEEP_LOOKS),
        "person_lookups": PersonLookup.objects.filter(at__lt=now - KEEP_LOOKUPS).delete()[0],
        "rights_mails": _forget_rights_mails(now),
        "mail_turns": forget_old_turns(now - KEEP_COUNTERS),
        "heartbeats": heartbeats.forget(KEEP_HEARTBEATS),
        "unconfirmed_supports": forget_unconfirmed_supports(now=now),
        "geocoder_answers": forget_old_answers(timezone.localdate(now)),
        "rule_replays": forget_replays(now=now),
        "sensor_readings": forget_readings(before=now - READINGS_KEPT),
    }


def _forget_unconfirmed_addresses(now: datetime) -> int:
    late = _late(now).order_by("confirm_until").values_list("report_id", flat=True)
    return sum(_forget_address(report_id, now) for report_id in list(late[:BATCH]))


def _forget_rights_mails(now: datetime) -> int:
    """The answer to a request is filed apart from its case; it has gone out long ago."""
    before, after = now - KEEP_RIGHTS_MAILS, now - 2 * KEEP_RIGHTS_MAILS
    decided = RightsRequest.objects.filter(decided_at__range=(after, before))
    keys = decided.order_by("pk").values_list("pk", flat=True)
    return sum(outbox.erase(rights_ref(pk)) for pk in keys)


def _late(now: datetime) -> QuerySet[Contact]:
    unconfirmed = Contact.objects.filter(email_confirmed_at__isnull=True, confirm_until__lt=now)
    return unconfirmed.exclude(email="")


def _forget_address(report_id: int, now: datetime) -> bool:
    """Erase one address and the mails to it; False if somebody works on the case right now."""
    with transaction.atomic():
        # In the same order as whoever confirms: first the report, then the contact.
        reports = Report.objects.select_for_update(no_key=True, skip_locked=True)
        report = reports.filter(pk=report_id).first()
        contact = _late(now).filter(report=report).first() if report else None
        if report is None or contact is None:
            return False
        contact.email, contact.confirm_until = "", None
        if not (contact.name or contact.phone or contact.postal_address):
            contact.erased_at = now
        contact.save(update_fields=["email", "confirm_until", "erased_at"])
        outbox.erase(report.number)
    return True
