"""Erase everything held on an address in a municipality: cases, supports, mails, queues."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from reports import erasing, erasure_list
from reports.actions.erase_on_request import OnHold, erase_on_request
from reports.actions.settle_mail import erase_mail
from reports.models import Report
from reports.participation import Support
from reports.queries.person import Found, find_person
from reports.rights import ErasedKey, PersonLookup


@dataclass
class Erasure:
    """What went, what went in part because work goes on, and what a hold keeps (numbers)."""

    erased: int = 0
    partly: int = 0
    held: int = 0


def erase_person(
    town_id: int, address: str, *, reason: str, by: User | None, now: datetime
) -> Erasure:
    """Erase and remember it for the next restore; what a hold keeps is counted."""
    found = find_person(town_id, address)
    look_up(town_id, address, PersonLookup.Purpose.ERASE, reason=reason, by=by, found=found)
    key = erasure_list.hash_of_address(address)
    with transaction.atomic():
        erasure_list.remember(ErasedKey.Kind.ADDRESS, key, now=now)
    return erase_found(found, now=now)


def erase_found(found: Found, *, now: datetime) -> Erasure:
    """Erase what was found, each case in transactions of its own."""
    done = Erasure()
    for report in found.reports:
        try:
            whole = erase_on_request(report.pk, now=now)
        except OnHold:
            done.held += 1
        except Report.DoesNotExist:
            continue
        else:
            done.erased, done.partly = done.erased + whole, done.partly + (not whole)
    for support in found.supports:
        _erase_support(support.pk, now)
        done.erased += 1
    for mail in found.mails:
        erase_mail(mail, now=now)
        done.erased += 1
    return done


def look_up(
    town_id: int,
    address: str,
    purpose: PersonLookup.Purpose,
    *,
    reason: str,
    by: User | None,
    found: Found,
) -> None:
    """Write down who looked for a person, and why."""
    PersonLookup.objects.create(
        municipality_id=town_id,
        person_hash=erasure_list.hash_of_address(address),
        purpose=purpose,
        reason=reason.strip()[:200],
        found=found.count,
        by=by,
    )


def _erase_support(pk: int, now: datetime) -> None:
    with transaction.atomic():
        rows = Support.objects.select_for_update(of=("self",)).select_related("report")
        support = rows.filter(pk=pk, erased_at__isnull=True).first()
        if support is not None:
            erasing.erase_support(support, now=now)
