"""What the database itself refuses, whoever asks."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from reports.actors import CITIZEN
from reports.history import record, write_remark
from reports.models import Remark, TimelineEntry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reports_timelineentry SET kind = 'forged'",
        "DELETE FROM reports_timelineentry",
        "TRUNCATE reports_timelineentry",
        "TRUNCATE reports_report CASCADE",
        "ALTER TABLE reports_timelineentry DISABLE TRIGGER ALL",
        "DROP TABLE reports_timelineentry",
        "CREATE TABLE mine (id int)",
    ],
)
def test_the_app_role_cannot_touch_history(heilbronn, report, statement):
    report(heilbronn)

    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_chain_holds_and_a_forged_entry_is_found(heilbronn, report):
    from django.conf import settings

    from tests.databases import connect_as_owner

    first = report(heilbronn).report
    report(heilbronn)
    broken = "SELECT count(*) FROM reports_timeline_broken()"
    with connection.cursor() as cursor:
        cursor.execute(broken)
        assert cursor.fetchone() == (0,)

    with connect_as_owner(settings.DATABASES["default"]["NAME"]) as owner:
        owner.execute("ALTER TABLE reports_timelineentry DISABLE TRIGGER timeline_no_change")
        owner.execute(
            "UPDATE reports_timelineentry SET kind = 'forged' WHERE report_id = %s AND seq = 1",
            [first.pk],
        )
        owner.execute("ALTER TABLE reports_timelineentry ENABLE TRIGGER timeline_no_change")

    with connection.cursor() as cursor:
        cursor.execute("SELECT report, seq FROM reports_timeline_broken()")
        assert cursor.fetchall() == [(first.pk, 1)]


def test_an_erased_remark_leaves_the_chain_whole(heilbronn, report):
    case = report(heilbronn).report
    remark = write_remark(case, Remark.Kind.CITIZEN, "Ich heiße Erika Mustermann.")
    with transaction.atomic():
        record(case, "citizen_message", by=CITIZEN, remark=remark)

    Remark.objects.filter(pk=remark.pk).update(body="", salt="", erased_at=case.received_at)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reports_timeline_broken()")
        assert cursor.fetchone() == (0,)
    entry = TimelineEntry.objects.get(kind="citizen_message")
    assert "Erika" not in str(entry.data)
    assert len(entry.remark_hash) == 64


def test_a_case_cannot_get_an_office_of_another_town(heilbronn, heidenheim, report):
    case = report(heilbronn).report
    case.office = heidenheim.offices["66"]

    with pytest.raises(IntegrityError), transaction.atomic():
        case.save(update_fields=["office"])


def test_a_town_cannot_lose_its_dispatch_office(heilbronn):
    office = heilbronn.offices["dispatch"]
    office.is_dispatch = False

    with pytest.raises(IntegrityError), transaction.atomic():
        office.save(update_fields=["is_dispatch"])


def test_closing_without_a_reason_is_refused_by_the_database(heilbronn, report):
    case = report(heilbronn).report
    case.status, case.closed_at = "done", case.received_at

    with pytest.raises(IntegrityError), transaction.atomic():
        case.save(update_fields=["status", "closed_at"])
