"""What the two database roles of the running system can do at most, asked of PostgreSQL itself."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import ProgrammingError, connections, transaction
from django.db.utils import DatabaseError, InternalError
from django.utils import timezone

from accounts.models import Municipality
from reports.actions.submit import Receipt
from routing.models import Area
from tests.databases import connect_as_owner
from tests.people import Town

pytestmark = pytest.mark.django_db

# What PostGIS lets everybody read: reference systems and which columns are geometries.
POSTGIS = {"spatial_ref_sys", "geometry_columns", "geography_columns", "raster_columns"}
OURS = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f')
      AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'
"""
REFUSED = "permission denied|must be owner|append-only"


@pytest.fixture
def public_role(db: None) -> Iterator[Any]:
    """A cursor of the role that serves the public."""
    with connections["public"].cursor() as cursor:
        yield cursor


@pytest.fixture
def app_role(db: None) -> Iterator[Any]:
    """A cursor of the role the application runs as."""
    with connections["default"].cursor() as cursor:
        yield cursor


def test_the_connection_is_the_role_it_is_meant_to_be(public_role: Any, app_role: Any) -> None:
    roles = []
    for cursor in (public_role, app_role):
        cursor.execute(
            "SELECT r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolbypassrls"
            " FROM pg_roles r WHERE r.rolname = current_user"
        )
        roles.append(cursor.fetchone())

    assert roles == [
        ("anliegen_public", False, False, False, False),
        ("anliegen_app", False, False, False, False),
    ]


def test_an_area_begins_and_ends_with_the_day_of_its_town(
    heilbronn: Town, public_role: Any
) -> None:
    """The day in Kiritimati and that twelve hours behind UTC are never the same one."""

    def seen_in(zone: str) -> set[str]:
        Municipality.objects.filter(pk=town.pk).update(time_zone=zone)
        public_role.execute("SELECT key FROM open_data.areas WHERE key IN ('new', 'old')")
        return {key for (key,) in public_role.fetchall()}

    town = heilbronn.municipality
    begins = timezone.now().astimezone(ZoneInfo("Pacific/Kiritimati")).date()
    shape = Area(municipality=town, level="district", name="Mitte", geometry=town.coverage)
    for shape.key, shape.valid_from, shape.valid_to in (
        ("old", None, begins - timedelta(days=1)),
        ("new", begins, None),
    ):
        shape.pk = None
        shape.save()

    assert seen_in("Pacific/Kiritimati") == {"new"}
    assert seen_in("Etc/GMT+12") == {"old"}


def test_the_public_role_reads_open_data_and_nothing_else(public_role: Any) -> None:
    public_role.execute(
        f"SELECT nspname, relname FROM ({OURS}) AS ours"
        " WHERE has_table_privilege(format('%I.%I', nspname, relname), 'SELECT')"
        " OR has_any_column_privilege(format('%I.%I', nspname, relname), 'SELECT')"
    )
    readable = {(schema, name) for schema, name in public_role.fetchall() if name not in POSTGIS}

    assert {schema for schema, _name in readable} == {"open_data"}
    assert {name for _schema, name in readable} == {
        *("reports", "photos", "removed", "municipalities", "areas", "categories"),
        *("updates", "attributes", "statistics", "deletion_days"),
        *("snapshots", "snapshot_files", "snapshot_notes"),
        *("assets", "asset_layers", "report_assets", "incidents", "services"),
    }


def test_the_public_role_is_refused_when_it_tries(public_role: Any) -> None:
    for table in (
        "reports_report",
        "reports_submission",
        "reports_contact",
        "published_report",
        "accounts_user",
        "django_session",
        "notifications_message",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            public_role.execute(f"SELECT * FROM public.{table} LIMIT 1")


def test_the_public_role_writes_nothing(public_role: Any) -> None:
    public_role.execute(
        f"SELECT nspname, relname FROM ({OURS}) AS ours"
        " WHERE has_table_privilege(format('%I.%I', nspname, relname),"
        " 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
    )
    assert public_role.fetchall() == []
    public_role.execute("SELECT has_database_privilege(current_database(), 'CREATE')")
    assert public_role.fetchone() == (False,)
    for statement in (
        "UPDATE open_data.reports SET text = ''",
        "INSERT INTO open_data.removed VALUES ('x', 'x', now())",
        "DELETE FROM open_data.photos",
        "CREATE TABLE open_data.mine (x int)",
        "CREATE TABLE public.mine (x int)",
        "SELECT nextval('reports_report_id_seq')",
        "SELECT reports_next_number(1, 2026)",
        "SET ROLE anliegen_app",
    ):
        with pytest.raises(DatabaseError):
            public_role.execute(statement)


def test_the_public_role_calls_none_of_our_functions_with_more_rights(public_role: Any) -> None:
    public_role.execute(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname IN ('public', 'open_data') AND p.prosecdef"
        " AND has_function_privilege(p.oid, 'EXECUTE')"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    )
    assert public_role.fetchall() == []


def test_the_views_show_named_columns_of_published_tables_only(app_role: Any) -> None:
    app_role.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'open_data'"
    )
    columns = {name for (name,) in app_role.fetchall()}

    private = {
        *("secret_version", "email", "phone", "recipient", "description", "answers", "assignee_id"),
        *("api_client_id", "accuracy_m", "source", "is_confidential", "screening", "revision"),
        *("default_office_id", "control_centre_email", "token_hash", "original_key"),
    }
    assert columns & private == set()


def test_a_new_column_is_private_until_a_view_names_it(db: None) -> None:
    name = settings.DATABASES["default"]["NAME"]
    with connect_as_owner(name) as owner, owner.transaction(force_rollback=True):
        owner.execute("ALTER TABLE published_report ADD COLUMN of_the_office text DEFAULT 'geheim'")
        shown = owner.execute("SELECT * FROM open_data.reports").description or []
        may = owner.execute(
            "SELECT has_column_privilege(%s, 'published_report', 'of_the_office', 'SELECT')",
            [settings.DB_USERS["public"]],
        ).fetchone()

    assert "of_the_office" not in {column.name for column in shown}
    assert may == (False,)


def test_the_public_connection_gives_up_after_two_seconds(public_role: Any) -> None:
    public_role.execute("SHOW statement_timeout")
    assert public_role.fetchone() == ("2s",)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reports_timelineentry SET kind = 'x'",
        "DELETE FROM reports_timelineentry",
        "TRUNCATE reports_timelineentry",
        "TRUNCATE reports_report CASCADE",
        "ALTER TABLE reports_timelineentry DISABLE TRIGGER ALL",
        "DROP TRIGGER timeline_no_change ON reports_timelineentry",
        "DROP TABLE reports_timelineentry",
        "ALTER TABLE reports_report ADD COLUMN x int",
        "CREATE TABLE mine (x int)",
        "CREATE SCHEMA mine",
        "CREATE OR REPLACE FUNCTION reports_timeline_refuse() RETURNS trigger"
        " LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "CREATE OR REPLACE VIEW open_data.reports AS SELECT * FROM reports_contact",
        "SET session_replication_role = replica",
        "SET ROLE anliegen_owner",
    ],
)
def test_the_app_role_neither_rewrites_history_nor_changes_tables(
    heilbronn: Town, report: Any, statement: str
) -> None:
    receipt: Receipt = report(heilbronn, routed=False)
    entries = receipt.report.timeline.count()

    with (
        pytest.raises((ProgrammingError, InternalError), match=REFUSED),
        transaction.atomic(),
        connections["default"].cursor() as cursor,
    ):
        cursor.execute(statement)

    assert receipt.report.timeline.count() == entries
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reports_timeline_broken()")
        assert cursor.fetchone() == (0,)


def test_the_app_role_cannot_pass_its_rights_on(app_role: Any, public_role: Any) -> None:
    app_role.execute("GRANT SELECT ON reports_contact TO anliegen_public")  # a warning, no right

    public_role.execute("SELECT has_table_privilege('public.reports_contact', 'SELECT')")
    assert public_role.fetchone() == (False,)


def test_the_app_role_owns_nothing(app_role: Any) -> None:
    app_role.execute(f"""
        SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
        WHERE r.rolname IN ('anliegen_app', 'anliegen_public')
          AND c.relname IN (SELECT relname FROM ({OURS}) AS ours)
    """)
    assert app_role.fetchall() == []
