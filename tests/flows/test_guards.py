"""What the database itself refuses, whoever asks."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from reports.actors import CITIZEN
from reports.history import record, write_remark
from reports.models import Remark, TimelineEntry
from reports.published import PublicReport

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
        "CREATE SEQUENCE receipt_number_1_2031",
        "ALTER SEQUENCE reports_report_id_seq RESTART",
        "DELETE FROM django_migrations",
        "CREATE OR REPLACE VIEW open_data.reports AS SELECT * FROM reports_report",
        "SELECT reports_next_number(1, 12)",
        "SET ROLE anliegen_owner",
        "COPY reports_report TO PROGRAM 'cat'",
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


def test_numbers_come_from_the_owners_sequence_and_no_other(heilbronn):
    town, year = heilbronn.municipality, 2026
    with connection.cursor() as cursor:
        cursor.execute("SELECT reports_next_number(%s, %s)", [town.pk, year])
        (first,) = cursor.fetchone()
        cursor.execute(f"CREATE TEMP SEQUENCE receipt_number_{town.pk}_{year} START 900")
        cursor.execute("SELECT reports_next_number(%s, %s)", [town.pk, year])
        (second,) = cursor.fetchone()
    connection.close()

    assert second == first + 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM public.published_report",
        "SELECT * FROM public.reports_report",
        "SELECT * FROM public.accounts_user",
        "SELECT * FROM public.django_session",
        "SELECT public.reports_next_number(1, 2026)",
        "SELECT * FROM public.reports_timeline_broken()",
        "DELETE FROM open_data.reports",
        "UPDATE open_data.municipalities SET name = 'x'",
        "CREATE TABLE mine (id int)",
        "CREATE TABLE open_data.mine (id int)",
        "SET ROLE anliegen_app",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
def test_the_public_reader_can_read_the_views_and_do_nothing_else(heilbronn, statement):
    with pytest.raises(DatabaseError), connections["public"].cursor() as cursor:
        cursor.execute(statement)


def test_the_public_reader_sees_exactly_the_columns_that_are_meant(db):
    with connections["public"].cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.table_privileges"
            " WHERE grantee = current_user"
        )
        readable = {f"{schema}.{name}" for schema, name in cursor.fetchall()}
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'open_data' AND table_name = 'reports'"
        )
        columns = {row[0] for row in cursor.fetchall()}

    assert readable == {
        f"open_data.{view}"
        for view in (
            *("reports", "photos", "removed", "updates", "attributes"),
            *("municipalities", "areas", "categories", "statistics", "deletion_days", "incidents"),
            *("snapshots", "snapshot_files", "snapshot_notes"),
            *("assets", "asset_layers", "report_assets", "services"),
        )
    }
    # The place in the order of changes and the photos of feeds are read by SQL of their own.
    meant = {field.column for field in PublicReport._meta.concrete_fields}
    assert columns == meant | {"change", "photo_names"}
    assert not columns & {"id", "revision", "report_id"}
