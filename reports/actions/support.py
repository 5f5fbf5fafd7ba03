"""Support: "Betrifft mich auch" by other citizens, counted in public, once per person or device.

By e-mail with a confirmed address, or by a device that names itself. Supports of a duplicate count
on the leading case. Leaving takes the support back and forgets whoever it was.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import derived_codes, limits
from accounts.models import Municipality
from notifications import outbox, push
from reports.actions.publish import may_be_public, republish
from reports.additions import Done, once
from reports.draft import can_be_mailed
from reports.editing import is_shown
from reports.idempotency import Idempotency
from reports.letters_to_others import ask_supporter, supporter_ref
from reports.models import Report
from reports.others import hash_of_person, leading_case
from reports.participation import Support
from reports.publication import policy_of
from reports.receipts import LEAVE_PURPOSE, SUPPORT_PURPOSE, find_by_number
from routing.models import PublicationPolicy

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# From one network; many telephones may share one (RFC 6598).
SUPPORTS_AN_HOUR, SUPPORTS_OF_ONE_A_DAY = 60, 30


class SupportClosed(Exception):
    """The case has ended, or its policy lets no count out."""


class TooManySupports(Exception):
    """More came from one network than people live there; `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"{retry_after} s")
        self.retry_after = retry_after


class SupportInvalid(Exception):
    """The code belongs to no support of this report."""


class SupportExpired(Exception):
    """The link was used too late; whoever still wants to can say it again."""


class AddressInvalid(Exception):
    """No mail can be sent to this."""


def find_public(town: Municipality | None, number: str) -> Report | None:
    """The report with a number if strangers may know of it."""
    report = find_by_number(town, number)
    return report if report is not None and may_be_public(report) else None


def is_supportable(report: Report) -> bool:
    """Whether others can say that it affects them: open, public, and not only coarsely."""
    coarse = policy_of(report) == PublicationPolicy.COARSE
    return report.is_open and may_be_public(report) and not coarse


def support_by_address(
    report: Report,
    email: str,
    *,
    language: str,
    peer: str,
    now: datetime,
    idempotency: Idempotency | None = None,
) -> Done:
    """Note an address and ask it to confirm; whoever supports already is not asked again.

    The answer tells nobody whether an address was known. `peer` is the network it comes from.
    Raises SupportClosed, AddressInvalid, TooManySupports, KeyReused.
    """
    address = email.strip()
    if not is_supportable(report):
        raise SupportClosed
    if not address or not can_be_mailed(address):
        raise AddressInvalid
    _bound(report, peer)
    person = hash_of_person("email", address.casefold())

    def write() -> tuple[Report, dict[str, Any]]:
        support, is_new = Support.objects.get_or_create(
            report=report,
            person_hash=person,
            defaults={"email": address, "language": language[:8], **_asked(now)},
        )
        if is_new or _ask_again(support, now):
            ask_supporter(report, support)
        return report, {"state": "asked"}

    return once(report.pk, write, idempotency=idempotency, sent={"person": person}, by_others=True)


def support_by_device(
    report: Report,
    device: str,
    *,
    peer: str,
    now: datetime,
    idempotency: Idempotency | None = None,
) -> Done:
    """Count a device that names itself, without any address; twice is once.

    Raises SupportClosed, TooManySupports, KeyReused.
    """
    if not is_supportable(report):
        raise SupportClosed
    _bound(report, peer)
    person = hash_of_person("device", device)

    def write() -> tuple[Report, dict[str, Any]]:
        _support, is_new = Support.objects.get_or_create(
            report=report, person_hash=person, defaults={"confirmed_at": now}
        )
        if is_new:
            _recount(report)
        return report, {"state": "counted"}

    return once(report.pk, write, idempotency=idempotency, sent={"person": person}, by_others=True)


def _bound(report: Report, peer: str) -> None:
    """A household or an office may join in, a script may not make a crowd."""
    for parts, limit, window in (
        (("supports", peer), SUPPORTS_AN_HOUR, HOUR),
        (("supports-of", report.number, peer), SUPPORTS_OF_ONE_A_DAY, DAY),
    ):
        verdict = limits.count_attempt(*parts, limit=limit, window=window)
        if not verdict.allowed:
            raise TooManySupports(verdict.retry_after)


def confirm_support(report: Report, support_id: int, code: str, *, now: datetime) -> Support:
    """Count somebody whose address is confirmed by the code; a second click changes nothing.

    Raises SupportInvalid, SupportExpired.
    """
    with transaction.atomic():
        support = _locked(report, support_id)
        if support is None or support.nonce is None:
            raise SupportInvalid
        if not derived_codes.matches(code, SUPPORT_PURPOSE, support.pk, support.nonce):
            raise SupportInvalid
        if support.confirmed_at is not None:
            return support
        if support.confirm_until is None or support.confirm_until < now:
            raise SupportExpired
        support.confirmed_at = now
        support.save(update_fields=["confirmed_at"])
        _recount(report)
    return support


def leave_support(report: Report, support_id: int, code: str) -> None:
    """Take a support back by the code of any mail; twice is once. Raises SupportInvalid."""
    if not derived_codes.matches(code, LEAVE_PURPOSE, support_id, 1):
        raise SupportInvalid
    with transaction.atomic():
        support = _locked(report, support_id)
        if support is not None:
            _forget(report, support)


def leave_by_device(report: Report, device: str) -> None:
    """Take the support of a device back; where there is none, nothing happens."""
    with transaction.atomic():
        support = (
            Support.objects.select_for_update()
            .filter(report=report, person_hash=hash_of_person("device", device))
            .first()
        )
        if support is not None:
            _forget(report, support)


def device_supports(report_number: str, device: str) -> bool:
    """Whether a device has said that a report affects it. One query."""
    person = hash_of_person("device", device)
    return Support.objects.filter(report__number=report_number, person_hash=person).exists()


def support_of_device(report_number: str, device: str) -> Support | None:
    """The support of a device, or None. One query."""
    person = hash_of_person("device", device)
    return (
        Support.objects.filter(report__number=report_number, person_hash=person)
        .select_related("report")
        .first()
    )


def _asked(now: datetime) -> dict[str, object]:
    return {
        "nonce": secrets.randbits(62),
        "confirm_until": now + settings.CONFIRM_ADDRESS_WITHIN,
    }


def _ask_again(support: Support, now: datetime) -> bool:
    """A link that ran out is replaced; one that still works has been mailed already."""
    late = support.confirm_until is not None and support.confirm_until < now
    if support.confirmed_at is not None or not late:
        return False
    for name, value in _asked(now).items():
        setattr(support, name, value)
    support.save(update_fields=["nonce", "confirm_until"])
    return True


def _locked(report: Report, support_id: int) -> Support | None:
    return Support.objects.select_for_update().filter(pk=support_id, report=report).first()


def _forget(report: Report, support: Support) -> None:
    subject = supporter_ref(report.number, support.pk)
    outbox.erase(subject)
    push.forget_devices([subject])
    was_counted = support.confirmed_at is not None
    support.delete()
    if was_counted:
        _recount(report)


def _recount(report: Report) -> None:
    """Let the public count follow, on this report and on the one that leads it."""
    for report_id in sorted({report.pk, leading_case(report.pk)}):
        case = Report.objects.select_related("category").get(pk=report_id)
        if is_shown(case):
            republish(case)
