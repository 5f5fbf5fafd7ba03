"""Attach somebody who calls about a case that is there already, instead of making another one."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from reports.actions.publish import republish
from reports.actors import Actor
from reports.desk_entry import AttachedCaller
from reports.draft import Sender
from reports.editing import is_shown
from reports.history import record, write_remark
from reports.models import AnswerBy, Publication, Remark, Report, Screening
from reports.others import hash_of_person
from reports.participation import Support
from reports.policies import NotPermitted, Staff, circle_of, may_enter, may_see
from reports.reply_tasks import owe_reply

TEXT_LIMIT = 4000


class CaseHasEnded(Exception):
    """The case is closed; what is wrong again is a new report."""


class ContactUnfit(Exception):
    """The way to answer lacks what it needs; `field` says what."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def attach_caller(
    number: str,
    *,
    staff: Staff,
    by: User,
    sender: Sender,
    text: str = "",
    form_key: str,
    office_id: int | None,
    now: datetime,
) -> Report:
    """Note one more concerned person on a case: counted as a support, answered by call or letter.

    What the person said goes into the case as a note. The same form sent twice is one person.
    Raises Report.DoesNotExist, NotPermitted, CaseHasEnded, ContactUnfit.
    """
    _check(sender)
    person = _person(by, form_key)
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality", "category", "office")
            .defer("municipality__coverage", "municipality__pages")
            .get(number=number, municipality_id=staff.municipality_id)
        )
        if not may_attach(staff, report):
            raise NotPermitted
        support, is_new = Support.objects.get_or_create(
            report=report, person_hash=person, defaults={"confirmed_at": now, "created_at": now}
        )
        if not is_new:
            return report
        if not report.is_open:
            raise CaseHasEnded
        caller = AttachedCaller.objects.create(
            support=support,
            name=sender.name.strip(),
            phone=sender.phone.strip(),
            postal_address=sender.postal_address.strip(),
            answer_by=sender.answer_by,
            attached_by=by,
            attached_at=now,
        )
        said = text.strip()[:TEXT_LIMIT]
        remark = write_remark(report, Remark.Kind.NOTE, said) if said else None
        codes: dict[str, Any] = {} if office_id is None else {"office": office_id}
        record(report, "caller_attached", by=Actor.staff(by), remark=remark, at=now, **codes)
        if caller.answer_by == AnswerBy.LETTER:
            owe_reply(report, caller, event="report_received", now=now)
        if is_shown(report):
            republish(report)
    return report


def was_attached(by: User, form_key: str) -> bool:
    """Whether this form has attached somebody already. One query."""
    return Support.objects.filter(person_hash=_person(by, form_key)).exists()


def _person(by: User, form_key: str) -> str:
    return hash_of_person("caller", f"{by.pk}:{form_key}")


def may_attach(staff: Staff, report: Report) -> bool:
    """Cases the person sees, and those everybody may know of."""
    is_public = (
        report.publication == Publication.APPROVED
        and report.screening == Screening.CLEAR
        and not report.is_confidential
    )
    return may_enter(staff) and (is_public or may_see(staff, report, circle_of(report)))


def _check(sender: Sender) -> None:
    needed = {AnswerBy.CALL: "phone", AnswerBy.LETTER: "postal_address"}.get(
        AnswerBy(sender.answer_by)
    )
    if needed and not getattr(sender, needed).strip():
        raise ContactUnfit(needed)
    if sender.answer_by == AnswerBy.EMAIL:
        # Strangers' addresses are asked by link, which only the public page can do.
        raise ContactUnfit("email")
