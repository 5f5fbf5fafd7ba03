"""A partner system sends an update: a message to the office or, where it works cases, their state.

A message never changes the state by itself. A partner whose key names a member of staff acts in
that person's name and with that person's rights, which end at their office.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import ApiClient
from reports.actions.change_status import change_status
from reports.actions.fetch_photo import book_photos
from reports.additions import Done, lock_own, once, record_addition
from reports.editing import checked_text
from reports.history import write_remark
from reports.idempotency import Idempotency
from reports.lifecycle import MOVES, ClosingReason, Status
from reports.models import Remark, Report, TimelineEntry
from reports.policies import NotPermitted, load_staff, may_work


@dataclass(frozen=True)
class PartnerUpdate:
    """What a partner says of a case: the state in its own word, what that would be here, text."""

    word: str
    to: Status | None = None
    closing_reason: ClosingReason | None = None
    text: str = ""
    photo_urls: Sequence[str] = ()


def take_update(
    report_id: int,
    *,
    update: PartnerUpdate,
    client: ApiClient,
    now: datetime,
    idempotency: Idempotency | None = None,
) -> Done:
    """Keep an update of a partner's own report or of a case of its office, and tell the office.

    The outcome holds `seq`, the entry's place in the history, and `moved`. The text of a move is
    the public answer. Raises NotPermitted, ClosedToCitizens, TextTooLong, TooManyAdditions,
    KeyReused and, for a move, ClosingIncomplete.
    """

    def write() -> tuple[Report, dict[str, Any]]:
        report = lock_own(report_id)
        works = _works_on(report, client)
        if not works and report.api_client_id != client.pk:
            raise NotPermitted
        moved = works and _is_move(report, update.to)
        if moved:
            _move(report, update, client, now)
        else:
            _tell(report, update, client, now)
        book_photos(report, update.photo_urls)
        return report, {"seq": _last_seq(report), "moved": moved}

    sent = {"word": update.word, "text": update.text, "photos": list(update.photo_urls)}
    return once(report_id, write, idempotency=idempotency, sent=sent)


def _works_on(report: Report, client: ApiClient) -> bool:
    person = client.acts_as
    return person is not None and may_work(load_staff(person, report.municipality_id), report)


def _is_move(report: Report, to: Status | None) -> bool:
    return to is not None and to in MOVES[Status(report.status)]


def _move(report: Report, update: PartnerUpdate, client: ApiClient, now: datetime) -> None:
    assert update.to is not None and client.acts_as is not None  # noqa: S101, PT018 - looked at before
    change_status(
        report.pk,
        to=update.to,
        by=client.acts_as,
        now=now,
        expected_version=report.version,
        answer=update.text,
        closing_reason=update.closing_reason,
    )


def _tell(report: Report, update: PartnerUpdate, client: ApiClient, now: datetime) -> None:
    text = update.text.strip()
    remark = write_remark(report, Remark.Kind.CITIZEN, checked_text(text, "text")) if text else None
    record_addition(
        report,
        "partner_wrote",
        news="message",
        now=now,
        remark=remark,
        client=client.pk,
        partner_status=update.word,
    )


def _last_seq(report: Report) -> int:
    entries = TimelineEntry.objects.filter(report=report).order_by("-seq")
    return entries.values_list("seq", flat=True)[0]
