"""Every night cases are forgotten by their class, part by part, and nothing on hold is touched."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports import photo_storage
from reports.actions import erase_case as steps
from reports.actions.derive_photo import derive_photo
from reports.actions.publish import publish_report
from reports.actions.retain import retain
from reports.actions.submit import Receipt
from reports.actions.sweep_files import sweep_files
from reports.erasure_list import hash_of_number
from reports.models import Contact, Photo, Remark, Report, Submission
from reports.published import PublishedReport, Tombstone
from reports.queries.reconcile import reconcile
from reports.receipts import find_by_receipt
from reports.retention import (
    DAYS_OF,
    ClassOfCategory,
    DeletionClass,
    DeletionProof,
    Part,
    RetentionRun,
)
from tests.people import ERIKA, Town, fresh

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
DAY = timedelta(days=1)


@pytest.fixture
def ended(heilbronn: Town, report: Submit) -> Callable[..., Receipt]:
    """A case with everything in it, published with text, closed so many days ago."""

    def make(days: float, category: str = "pothole", **changes: Any) -> Receipt:
        receipt = report(heilbronn, category, photos=1, sender=ERIKA, **changes)
        close(receipt, days)
        return receipt

    return make


def close(receipt: Receipt, days: float) -> None:
    at = timezone.now() - days * DAY
    Report.objects.filter(pk=receipt.report.pk).update(
        status="done",
        closing_reason="done",
        closed_at=at,
        received_at=at - 5 * DAY,
        publication="approved",
        text_publication="approved",
    )
    publish_report(receipt.report.pk, now=at)


def hold(receipt: Receipt, until: date, town: Town) -> None:
    Report.objects.filter(pk=receipt.report.pk).update(
        hold_until=until,
        hold_set_by=town.people["clara"],
        hold_set_at=timezone.now(),
        hold_remark_id=1,
    )


def everything_of(report_id: int) -> list[tuple[Any, ...]]:
    """Every row that belongs to a case, as it stands."""
    tables = {
        "reports_report": "id",
        **dict.fromkeys(
            ["reports_submission", "reports_contact", "reports_remark", "reports_photo",
             "reports_timelineentry", "reports_support", "reports_effect"],
            "report_id",
        ),
    }  # fmt: skip
    rows = []
    with connection.cursor() as cursor:
        for table, column in tables.items():
            cursor.execute(f"SELECT * FROM {table} WHERE {column} = %s ORDER BY 1", [report_id])
            rows += cursor.fetchall()
    return rows


def test_parts_go_one_after_the_other_and_an_anonymous_row_stays(
    heilbronn: Town, ended: Callable[..., Receipt]
) -> None:
    case = ended(0)
    derive_photo(Photo.objects.get().pk)
    sealed = Photo.objects.get().original_key
    closed, number = fresh(case).closed_at, case.number
    assert closed is not None
    order = {31: "supports", 91: "contact", 181: "originals", 366: "public", 731: "case"}

    for day in order:
        retain(now=closed + (day - 2) * DAY)  # too early by a day
        before = DeletionProof.objects.count()
        counts = retain(now=closed + day * DAY)
        assert DeletionProof.objects.count() - before == sum(counts.values())
        publish_report(case.report.pk, now=closed + day * DAY)
        if day == 181:
            assert not photo_storage.is_stored("sealed", sealed)
        if day == 366:
            assert (row := PublishedReport.objects.get(number=number)).text == ""
            assert row.category_code == "strasse.schlagloch"

    left = fresh(case)
    assert left.anonymised_at is not None
    assert left.number == f"HN-0000-{left.pk:06d}"
    assert (left.status, left.category, left.office) == (
        "done",
        heilbronn.categories["pothole"],
        heilbronn.offices["66"],
    )
    assert left.received_at.astimezone(heilbronn.municipality.tz).day == 1
    assert left.closed_at is not None
    assert left.closed_at - left.received_at == 5 * DAY
    assert left.place.coords != case.report.place.coords
    assert Submission.objects.get().description == Contact.objects.get().email == ""
    assert not Photo.objects.exists()
    # The number opens nothing any more, and the public feed says that it is gone.
    assert find_by_receipt(heilbronn.municipality, number, case.secret) is None
    assert Client().get(f"/heilbronn/meldung/{number}/").status_code in {404, 410}
    assert Tombstone.objects.filter(number=number).exists()
    assert DeletionProof.objects.get(part=Part.CASE).case_hash == hash_of_number(number)
    assert not [each for each in reconcile() if each.name == "history_broken" and each.count]
    assert sum(retain(now=closed + 2000 * DAY).values()) == 0


def test_a_category_has_its_own_class(heilbronn: Town, ended: Callable[..., Receipt]) -> None:
    early = DeletionClass.objects.create(
        municipality=heilbronn.municipality, name="früh", contact_days=10, case_days=30
    )
    ClassOfCategory.objects.create(category=heilbronn.categories["noise"], deletion_class=early)
    noise, pothole = ended(31, "noise"), ended(31)

    retain(now=timezone.now())

    assert fresh(noise).anonymised_at is not None
    assert fresh(pothole).anonymised_at is None
    assert Contact.objects.get(report=pothole.report).email != ""


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    days=st.fixed_dictionaries({name: st.integers(1, 2000) for name in set(DAYS_OF.values())}),
    later=st.integers(0, 4000),
    restricted=st.booleans(),
)
def test_whatever_the_classes_nothing_on_hold_is_touched(
    heilbronn: Town,
    ended: Callable[..., Receipt],
    days: dict[str, int],
    later: int,
    restricted: bool,
) -> None:
    now = timezone.now() + later * DAY
    DeletionClass.objects.update_or_create(
        municipality=heilbronn.municipality,
        is_standard=True,
        defaults={"name": "irgendeine", **days},
    )
    case = ended(2001)
    if restricted:
        Report.objects.filter(pk=case.report.pk).update(restricted_at=now)
    else:
        hold(case, timezone.localdate(now), heilbronn)
    before = everything_of(case.report.pk)

    retain(now=now)

    assert everything_of(case.report.pk) == before


def test_a_job_that_was_killed_goes_on_the_next_night(
    heilbronn: Town, ended: Callable[..., Receipt], monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [ended(800) for _number in range(3)]
    done: list[int] = []
    publish = steps.publish_report

    def killed(report_id: int, *, now: datetime) -> None:
        if len(done) == 1:
            raise SystemExit  # between the content of the second case and its number
        done.append(report_id)
        publish(report_id, now=now)

    monkeypatch.setattr(steps, "publish_report", killed)
    with pytest.raises(SystemExit):
        retain(now=timezone.now())
    assert RetentionRun.objects.get().ended_at is None
    assert [fresh(case).anonymised_at is None for case in cases] == [False, True, True]
    monkeypatch.undo()

    assert retain(now=timezone.now())["case"] == 2
    assert all(fresh(case).anonymised_at for case in cases)
    assert not Remark.objects.exclude(body="").exists()


def test_a_dry_run_says_what_and_changes_nothing(
    heilbronn: Town, ended: Callable[..., Receipt]
) -> None:
    case = ended(100)
    said = StringIO()
    before = everything_of(case.report.pk)

    call_command("retention", "--dry-run", stdout=said)

    assert "Kontaktdaten: 1" in said.getvalue()
    assert everything_of(case.report.pk) == before
    again = StringIO()
    call_command("retention", "--dry-run", stdout=again)
    assert again.getvalue() == said.getvalue()
    done = StringIO()
    call_command("retention", stdout=done)
    assert Contact.objects.get().erased_at is not None
    # What was announced, what was done and what the proofs tell are the same report.
    proofs = Counter(DeletionProof.objects.values_list("part", flat=True))
    proved = [f"  {Part(part).label}: {count}" for part, count in proofs.items()]
    announced = [line for line in said.getvalue().splitlines() if line.startswith("  ")]
    assert sorted(announced) == sorted(done.getvalue().splitlines()) == sorted(proved)


def test_nobody_can_rewrite_what_was_deleted(
    heilbronn: Town, ended: Callable[..., Receipt]
) -> None:
    ended(100)
    retain(now=timezone.now())

    for statement in (
        "UPDATE reports_deletionproof SET part = 'x'",
        "DELETE FROM reports_deletionproof",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_files_that_went_are_no_orphans(heilbronn: Town, ended: Callable[..., Receipt]) -> None:
    case = ended(800)
    derive_photo(Photo.objects.get(report=case.report).pk)

    retain(now=timezone.now())
    sweep_files(now=timezone.now() + timedelta(hours=25), whatever_the_share=True)

    findings = {each.name: each.count for each in reconcile(now=timezone.now() + 3 * DAY)}
    assert not [name for name, count in findings.items() if count and "file" in name]


def test_the_deletion_concept_tells_the_real_defaults() -> None:
    said = StringIO()
    call_command("retention", "--defaults", stdout=said)

    concept = Path("docs/datenschutz/loeschkonzept.md").read_text(encoding="utf-8")
    _before, _mark, rest = concept.partition("--defaults -->\n")
    assert rest.partition("<!-- /generated")[0] == said.getvalue()


def test_the_privacy_page_tells_the_days_of_the_town(heilbronn: Town) -> None:
    page = "/heilbronn/seite/datenschutz/"
    shipped = Client().get(page).content.decode()
    for days in ("contact_days", "original_days", "public_days", "case_days"):
        assert f": {getattr(DeletionClass(), days)} Tage nach Abschluss" in shipped
    DeletionClass.objects.create(
        municipality=heilbronn.municipality, name="eigene", is_standard=True, contact_days=47
    )

    assert "Kontaktdaten: 47 Tage" in Client().get(page).content.decode()
