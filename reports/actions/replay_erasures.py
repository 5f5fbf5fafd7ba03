"""Erase again, after a backup was restored, what had been erased on request since it was made.

The list holds keyed hashes, so every address and number that is here is hashed and compared.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import transaction

from reports import erasure_list
from reports.actions.erase_case import Why
from reports.actions.erase_on_request import OnHold, erase_on_request
from reports.actions.erase_person import erase_found
from reports.erasure_list import hash_of_address, hash_of_number
from reports.inbox import IncomingMail
from reports.models import Contact, Report
from reports.participation import Support
from reports.queries.person import find_person
from reports.retention import DeletionProof
from reports.rights import ErasedKey

logger = logging.getLogger(__name__)
REPLAY = Why(DeletionProof.Cause.REPLAY)
Listed = dict[tuple[str, str], datetime]


def replay_erasures(*, now: datetime, path: Path | None = None) -> int:
    """Erase what the list names and is here again; returns how many cases and persons.

    What somebody has sent after their erasure is theirs to send, and stays.
    """
    listed = erasure_list.listed(path)
    with transaction.atomic():
        ErasedKey.objects.bulk_create(
            [ErasedKey(kind=kind, key=key, at=at) for (kind, key), at in sorted(listed.items())],
            ignore_conflicts=True,
        )
    return _persons(_of(ErasedKey.Kind.ADDRESS, listed), now) + _cases(
        _of(ErasedKey.Kind.CASE, listed), now
    )


def _of(kind: ErasedKey.Kind, listed: Listed) -> dict[str, datetime]:
    return {key: at for (each, key), at in listed.items() if each == kind}


def _persons(keys: dict[str, datetime], now: datetime) -> int:
    count = 0
    for town_id, address in sorted(set(_addresses())):
        at = keys.get(hash_of_address(address))
        found = find_person(town_id, address).until(at) if at else None
        if found is not None and found.count:
            erase_found(found, now=now)
            count += 1
    return count


def _addresses() -> Iterator[tuple[int, str]]:
    contacts = Contact.objects.exclude(email="")
    yield from contacts.values_list("report__municipality_id", "email").iterator()
    supports = Support.objects.exclude(email="")
    yield from supports.values_list("report__municipality_id", "email").iterator()
    mails = IncomingMail.objects.exclude(sender_email="")
    yield from mails.values_list("municipality_id", "sender_email").iterator()


def _cases(keys: dict[str, datetime], now: datetime) -> int:
    count = 0
    rows = Report.objects.filter(anonymised_at__isnull=True).values_list("pk", "number")
    for pk, number in rows.iterator():
        if hash_of_number(number) not in keys:
            continue
        try:
            erase_on_request(pk, now=now, why=REPLAY)
        except OnHold:
            logger.warning("replay: a hold keeps a case", extra={"row": pk})
        else:
            count += 1
    return count
