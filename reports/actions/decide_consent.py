"""The reporter lets one body know who they are, or takes that back; also later, by the receipt."""

from datetime import datetime
from typing import Any

from reports.actors import CITIZEN
from reports.additions import Done, lock_own, once
from reports.editing import save_case
from reports.history import record
from reports.idempotency import Idempotency
from reports.messages import tell_office_news
from reports.models import Report
from reports.outside import BodyConsent, Passing
from reports.queries.bodies import bodies_asking


class BodyUnknown(Exception):
    """The town does not ask about this body for this kind of report."""


def decide_consent(
    report_id: int,
    *,
    body_id: int,
    is_allowed: bool,
    now: datetime,
    idempotency: Idempotency | None = None,
) -> Done:
    """Write what the reporter decided; the same again changes nothing.

    What was passed on already cannot be called back: then the office is told. Raises BodyUnknown,
    ClosedToCitizens, TooManyAdditions, KeyReused.
    """

    def write() -> tuple[Report, dict[str, Any]]:
        report = lock_own(report_id)
        stands = BodyConsent.objects.filter(report=report, body=body_id, revoked_at=None)
        if is_allowed and not stands.exists():
            _give(report, body_id, now)
        elif not is_allowed and stands.update(revoked_at=now):
            _record_revoked(report, body_id, now)
        return report, {"body": body_id, "allowed": is_allowed}

    sent = {"body": body_id, "allowed": str(is_allowed)}
    return once(report_id, write, idempotency=idempotency, sent=sent)


def _give(report: Report, body_id: int, now: datetime) -> None:
    asked = {body.pk for body in bodies_asking(report.municipality_id, report.category_id)}
    if body_id not in asked:
        raise BodyUnknown
    write_consents(report, [body_id], now=now)


def write_consents(report: Report, body_ids: list[int], *, now: datetime) -> None:
    """Keep consents that were given, each in the history; the caller holds the lock."""
    BodyConsent.objects.bulk_create(
        BodyConsent(report=report, body_id=body_id, given_at=now) for body_id in body_ids
    )
    for body_id in body_ids:
        record(report, "consent_given", by=CITIZEN, at=now, version=report.version, body=body_id)


def _record_revoked(report: Report, body_id: int, now: datetime) -> None:
    is_out = Passing.objects.filter(report=report, body=body_id, with_contact=True).exists()
    if is_out:
        report.unread_since = report.unread_since or now
    save_case(report, "unread_since", now=now)
    record(
        report,
        "consent_revoked",
        by=CITIZEN,
        at=now,
        version=report.version,
        body=body_id,
        out=is_out,
    )
    if is_out:
        tell_office_news(report, news="consent_revoked")
