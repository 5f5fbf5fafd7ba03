"""Make the case in the other town of this installation that a case was passed on to.

Two transactions, each once: the report there under the key of the passing, then the link here.
A worker that dies in between finds the same report again.
"""

from datetime import datetime
from io import BytesIO
from typing import Any

from django.db import transaction

from reports import staff_copies
from reports.actions.submit import Receipt, submit_report
from reports.actors import OUTSIDE, SYSTEM
from reports.draft import Draft, Sender, SubmissionInvalid
from reports.history import record
from reports.idempotency import Idempotency
from reports.masks import copies_for_others
from reports.messages import tell_office_news
from reports.models import Contact, Report
from reports.outside import OutsideBody, Passing
from reports.queries.passed import find_passing, passed
from routing import catalogue


def their_category(body: OutsideBody, code: str) -> str:
    """The code under which the other town takes such a case, or "" where it takes none."""
    town_id = body.to_municipality_id
    wanted = (code, body.their_category_code)
    known = (one for one in wanted if town_id and one and catalogue.find_category(town_id, one))
    return next(known, "")


def pass_to_town(passing_id: int, *, now: datetime) -> None:
    """Submit the case there and link both; safe to run twice.

    Where the other town takes it no more, the office here reads so and passes it on otherwise.
    """
    here = Passing.objects.values_list("report__municipality_id", flat=True).get(pk=passing_id)
    passing = find_passing(here, passing_id)
    if passing is None or passing.there_id is not None or not passing.is_open:
        return
    try:
        receipt = _submit(passing, now)
    except SubmissionInvalid:
        _tell_refused(passing, now)
        return
    with transaction.atomic():
        locked = Passing.objects.select_for_update(no_key=True).get(pk=passing_id)
        if locked.there_id is not None:
            return
        locked.there = receipt.report
        locked.save(update_fields=["there"])
        _record(passing.report, "passed_to_town", now, number=receipt.number, passing=passing_id)
        town, number = passing.report.municipality.slug, passing.report.number
        _record(receipt.report, "came_from_town", now, number=number, town=town)


def _submit(passing: Passing, now: datetime) -> Receipt:
    known, report, body = passed(passing), passing.report, passing.body
    town = body.to_municipality
    assert town is not None  # noqa: S101 - a constraint of the table says so
    copies = [copies_for_others(photo) for photo in known.photos]
    draft = Draft(
        category_code=their_category(body, report.category.code),
        lon=report.place.x,
        lat=report.place.y,
        place_chosen_by=report.place_chosen_by,
        source="neighbour",
        accuracy_m=report.accuracy_m,
        description="\n\n".join(filter(None, [known.letter, known.text])),
        address=known.place,
        sender=_sender(passing),
        language=report.language,
        passed_on=True,
    )
    return submit_report(
        town=town,
        draft=draft,
        files=[BytesIO(staff_copies.largest(each)[1]) for each in copies],
        idempotency=Idempotency("passing", str(passing.pk)),
        by=OUTSIDE,
        now=now,
    )


def _sender(passing: Passing) -> Sender:
    contact = Contact.objects.filter(report=passing.report, erased_at__isnull=True).first()
    if contact is None or not passing.with_contact:
        return Sender()
    return Sender(
        name=contact.name,
        email=contact.email if contact.email_confirmed_at else "",
        phone=contact.phone,
        postal_address=contact.postal_address,
        answer_by=contact.answer_by,
    )


def _tell_refused(passing: Passing, now: datetime) -> None:
    with transaction.atomic():
        report = _locked(passing.report_id)
        if report.unread_since is None:
            report.unread_since = now
            report.save(update_fields=["unread_since"])
            tell_office_news(report, news="outside")
        record(
            report,
            "body_refused",
            by=SYSTEM,
            at=now,
            version=report.version,
            passing=passing.pk,
            body=passing.body_id,
        )


def _record(report: Report, kind: str, now: datetime, **data: Any) -> None:
    locked = _locked(report.pk)
    record(locked, kind, by=SYSTEM, at=now, version=locked.version, **data)


def _locked(report_id: int) -> Report:
    return (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("municipality", "category", "office")
        .defer("municipality__coverage", "municipality__pages")
        .get(pk=report_id)
    )
