"""Rows written together are the rows the ORM would have written one by one."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leases.statements import Statement, insertion_of, send
from reports.models import Remark, Report, Submission
from tests.people import Town, draft

pytestmark = pytest.mark.django_db


def copy_of(report: Report, number: str) -> Report:
    """An unsaved twin with a key of its own."""
    twin = Report.objects.get(pk=report.pk)
    twin.pk, twin.number, twin._state.adding = report.pk + 1_000_000, number, True
    return twin


@pytest.fixture
def report(heilbronn: Town) -> Report:
    from reports.actions.submit import submit_report

    return submit_report(
        town=heilbronn.municipality, draft=draft(accuracy_m=12.5), now=timezone.now()
    ).report


def comparable(report: Report) -> dict[str, Any]:
    return model_to_dict(report, exclude=["id", "number"]) | {"at": report.received_at}


def test_one_round_trip_writes_what_the_orm_would(report: Report) -> None:
    saved, sent = copy_of(report, "HN-2031-000001"), copy_of(report, "HN-2031-000002")
    sent.pk += 1
    saved.save(force_insert=True)
    words = Submission(report=sent, description="Loch; DROP TABLE 'x' %s", answers={"lage": "ä"})

    with CaptureQueriesContext(connection) as asked:
        send([insertion_of(sent), insertion_of(words)])

    assert len(asked) == 1
    assert comparable(Report.objects.get(pk=sent.pk)) == comparable(Report.objects.get(pk=saved.pk))
    assert Submission.objects.get(pk=sent.pk).description == "Loch; DROP TABLE 'x' %s"
    assert Submission.objects.get(pk=sent.pk).answers == {"lage": "ä"}


def test_the_database_fills_what_it_decides(report: Report) -> None:
    send([insertion_of(Remark(report=report, kind=Remark.Kind.NOTE, body="Notiz", salt="s"))])

    (written,) = Remark.objects.filter(report=report)
    assert written.created_at <= timezone.now()


def test_statements_fail_together(report: Report) -> None:
    note = insertion_of(Remark(report=report, kind=Remark.Kind.NOTE, body="Notiz", salt="s"))
    with pytest.raises(IntegrityError), transaction.atomic():
        send([note, Statement("INSERT INTO reports_submission (report_id) VALUES (%s)", [-1])])

    assert not Remark.objects.exists()
