"""Cases of another system come over with dates, states and offices: once, and nobody is mailed."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Municipality, Office
from leases.models import Lane
from reports.actions.publish import public_values
from reports.actions.take_over import BATCH, OldRecord, Outcome, take_over
from reports.draft import Sender
from reports.lifecycle import ClosingReason, Status
from reports.models import Effect, Publication, Remark, Report, RoutingDecision, TimelineEntry
from reports.old_records import WordMap, read_records
from reports.published import PublishedReport
from reports.queries.reconcile import reconcile
from reports.tasks import drain
from routing import derivation, town_setup
from routing.models import Category, PublicationPolicy, RuleSet
from routing.rules.versions import in_force_rules
from tests.factories import RuleFactory
from tests.people import BOECKINGEN, TOWN_HALL, Town
from tests.threads import at_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LAST_YEAR = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)  # 2026 already in Heilbronn


def old(key: str = "A-1", **changes: Any) -> OldRecord:
    record = OldRecord(
        key=key,
        category_code="strasse.schlagloch",
        lon=TOWN_HALL[0],
        lat=TOWN_HALL[1],
        received_at=LAST_YEAR,
        status=Status.DONE,
        description="Tiefes Loch",
        office_key="67",
        closed_at=LAST_YEAR + timedelta(days=3),
        closing_reason=ClosingReason.DONE,
        answer="Verfüllt.",
        answered_at=LAST_YEAR + timedelta(days=3),
        sender=Sender(name="Erika Mustermann", email="erika@buerger.example"),
    )
    return replace(record, **changes)


def run(town: Town, *records: OldRecord) -> Outcome:
    return take_over(town.municipality, records, now=NOW)


def messages() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM notifications_message")
        return int(cursor.fetchone()[0])


def pay_everything() -> None:
    for lane in (Lane.BULK, Lane.CITIZEN, Lane.STAFF):
        drain(lane)


def test_dates_states_and_offices_are_kept(heilbronn: Town) -> None:
    outcome = run(heilbronn, old())

    case = Report.objects.select_related("office", "district").get()
    assert outcome.taken == 1
    assert outcome.numbers == {"A-1": case.number}
    assert case.number.startswith("HN-2026-")
    assert (case.received_at, case.closed_at) == (LAST_YEAR, LAST_YEAR + timedelta(days=3))
    assert (case.status, case.closing_reason) == ("done", "done")
    assert case.office == heilbronn.offices["67"]
    assert case.district is not None
    assert case.district.name == "Innenstadt"
    assert case.first_answered_at == case.closed_at
    assert [entry.kind for entry in TimelineEntry.objects.order_by("seq")] == [
        "received",
        "routed",
        "answered",
        "status_changed",
        "taken_over",
    ]
    assert list(Remark.objects.values_list("body", flat=True)) == ["Verfüllt."]


def test_nobody_is_mailed_or_alarmed(heilbronn: Town) -> None:
    run(
        heilbronn,
        old("1"),
        old("2", office_key=""),
        old("3", status=Status.RECEIVED, closed_at=None, closing_reason=None, office_key=""),
        old("4", category_code="strasse.einbruch", is_danger=True, office_key=""),
    )
    pay_everything()

    assert messages() == 0
    assert not Effect.objects.filter(kind=Effect.Kind.ALERT).exists()
    assert not Report.objects.filter(office=None).exists()


def test_the_same_file_twice_makes_nothing_twice(heilbronn: Town) -> None:
    records = [old(f"A-{number}") for number in range(BATCH + 3)]
    first = run(heilbronn, *records)
    pay_everything()

    again = run(heilbronn, *records, old("A-new"), old("A-new"))

    assert (first.taken, first.known) == (BATCH + 3, 0)
    assert (again.taken, again.known) == (1, BATCH + 4)
    assert Report.objects.count() == BATCH + 4
    assert len(set(Report.objects.values_list("number", flat=True))) == BATCH + 4
    assert set(RoutingDecision.objects.values_list("basis", flat=True)) == {"import"}


def test_two_runs_at_once_make_nothing_twice(heilbronn: Town) -> None:
    records = [old(f"A-{number}") for number in range(30)]

    at_once(3, lambda _number: run(heilbronn, *records))
    run(heilbronn, *records)

    assert Report.objects.count() == 30


def test_cases_without_an_office_are_routed_in_bulk_and_published_there(heilbronn: Town) -> None:
    run(heilbronn, *(old(f"A-{number}", office_key="") for number in range(5)))
    lanes = set(Effect.objects.values_list("lane", flat=True))
    pay_everything()

    assert lanes == {Lane.BULK}
    assert set(Effect.objects.values_list("lane", flat=True)) == {Lane.BULK}
    assert set(Report.objects.values_list("office__key", flat=True)) == {"66"}
    assert PublishedReport.objects.count() == 5


def test_what_is_taken_over_is_in_order(heilbronn: Town) -> None:
    run(heilbronn, old("1"), old("2", office_key=""), old("3", category_code="ordnung.laerm"))
    pay_everything()

    assert [each for each in reconcile() if each.count] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reports_timeline_broken()")
        assert cursor.fetchone() == (0,)


def test_the_public_sees_no_text_that_was_not_approved_and_no_confidential_case(
    heilbronn: Town,
) -> None:
    run(
        heilbronn,
        old("automatic"),
        old("secret", is_confidential=True),
        old("never", category_code="ordnung.laerm"),
        old("pending", category_code="gruen.baum"),
        old("approved", category_code="gruen.baum", report_approved=True, text_approved=True),
    )
    pay_everything()

    texts = dict(PublishedReport.objects.values_list("number", "text"))
    keys = dict(Report.objects.values_list("number", "import_key"))
    assert {keys[number]: text for number, text in texts.items()} == {
        "automatic": "",
        "approved": "Tiefes Loch",
    }
    assert Report.objects.get(import_key="secret").publication == Publication.WITHHELD
    automatic = Report.objects.select_related(
        "municipality", "category__parent", "office", "district", "submission"
    ).get(import_key="automatic")
    assert public_values(automatic)["completion_hours"] == 72.0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lon": 13.4, "lat": 52.5}, "outside"),
        ({"category_code": "unbekannt"}, "unknown_category"),
        ({"office_key": "99"}, "unknown_office"),
        ({"received_at": NOW + timedelta(minutes=1)}, "in_the_future"),
        ({"closed_at": NOW + timedelta(minutes=1)}, "in_the_future"),
        ({"closed_at": LAST_YEAR - timedelta(days=1)}, "ends_before_it_began"),
        ({"answered_at": LAST_YEAR - timedelta(days=1)}, "ends_before_it_began"),
        ({"received_at": datetime(1, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))}, "implausible_date"),
        ({"key": "k" * 121}, "key_too_long"),
    ],
)
def test_what_is_refused_has_a_reason_and_stops_no_other(
    heilbronn: Town, changes: dict[str, Any], code: str
) -> None:
    outcome = run(heilbronn, old("before"), replace(old("bad"), **changes), old("after"))

    (refusal,) = outcome.refused
    assert refusal.code == code
    assert refusal.message
    assert outcome.taken == 2


# Files


def words(heilbronn: Town) -> WordMap:
    return WordMap(
        columns={
            "key": "id",
            "category": "category",
            "lon": "lon",
            "lat": "lat",
            "received_at": "date",
            "closed_at": "done",
            "text": "text",
        },
        categories={"Loch": "strasse.schlagloch"},
        offices={},
        zone=ZoneInfo("Europe/Berlin"),
    )


def read(heilbronn: Town, *rows: dict[str, Any]) -> list[Any]:
    base = {"id": "7", "category": "Loch", "lon": "9.21", "lat": "49.14", "date": "2026-07-01"}
    return list(read_records(iter([base | row for row in rows]), words(heilbronn)))


def test_local_times_are_understood_around_the_change_of_clocks(heilbronn: Town) -> None:
    summer, winter, twice = read(
        heilbronn,
        {"date": "2026-07-01 00:30:00"},
        {"date": "2026-12-01 00:30:00"},
        {"date": "2026-10-25 02:30:00"},
    )

    assert summer.received_at.astimezone(UTC) == datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert winter.received_at.astimezone(UTC) == datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert twice.received_at.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"date": ""}, "no_date"),
        ({"date": "gestern"}, "no_date"),
        ({"date": "0001-01-01"}, "no_date"),
        ({"lon": "nan"}, "no_point"),
        ({"lat": ""}, "no_point"),
        ({"category": "Drachen"}, "unknown_category"),
    ],
)
def test_a_row_that_is_no_case_is_refused_by_name(
    heilbronn: Town, row: dict[str, str], code: str
) -> None:
    (refused,) = read(heilbronn, row)

    assert (refused.key, refused.code) == ("7", code)


def test_halves_of_characters_and_zero_bytes_do_not_stop_a_file(heilbronn: Town) -> None:
    (record,) = read(heilbronn, {"text": "Loch \ud83d und \x00 mehr"})

    run(heilbronn, record)

    assert Report.objects.get().submission.description == "Loch ? und  mehr"


def test_equal_rows_without_a_key_are_told_apart_and_known_again(heilbronn: Town) -> None:
    rows = [{"id": ""}, {"id": ""}, {"id": "", "lon": "9.22"}]

    first, again = read(heilbronn, *rows), read(heilbronn, *rows)

    assert len({record.key for record in first}) == 3
    assert [record.key for record in first] == [record.key for record in again]


def command(town: Town, file: Path, *more: str) -> str:
    output = StringIO()
    call_command("import_reports", town.slug, str(file), *more, stdout=output)
    return output.getvalue()


def test_the_command_reads_csv_and_lists_what_it_refused(heilbronn: Town, tmp_path: Path) -> None:
    file, protocol = tmp_path / "old.csv.gz", tmp_path / "refused.tsv"
    with gzip.open(file, "wt", encoding="utf-8-sig") as out:
        out.write("id;category;lon;lat;reported_at;office\n")
        out.write("1;Schlagloch;9,2187;49,1427;2026-01-02 10:00;Grünflächenamt\n")
        out.write("2;Schlagloch;13,4;52,5;2026-01-02 10:00;\n")
        out.write("3;Drachen;9,2187;49,1427;2026-01-02 10:00;\n")

    said = command(heilbronn, file, "--refused", str(protocol))
    again = command(heilbronn, file)

    assert "1 übernommen, 0 schon vorhanden, 2 abgelehnt" in said
    assert "0 übernommen, 1 schon vorhanden, 2 abgelehnt" in again
    assert protocol.read_text().splitlines() == [
        "3\tunknown_category\tAnliegenart 'Drachen' ist nicht zugeordnet",
        "2\toutside\tOrt außerhalb von Heilbronn",
    ]
    assert Report.objects.get().office == heilbronn.offices["67"]


def test_the_command_reads_georeport_in_both_forms(heilbronn: Town, tmp_path: Path) -> None:
    record = {
        "service_request_id": "G-1",
        "status": "closed",
        "service_code": "strasse.schlagloch",
        "description": "Loch",
        "requested_datetime": "2026-03-01T10:00:00+01:00",
        "lat": BOECKINGEN[1],
        "long": BOECKINGEN[0],
    }
    as_json, as_xml = tmp_path / "g.json", tmp_path / "g.xml"
    as_json.write_text(json.dumps([record]))
    fields = "".join(f"<{name}>{value}</{name}>" for name, value in record.items())
    as_xml.write_text(f"<service_requests><request>{fields}</request></service_requests>")
    mapping = ("--map", "category=service_code")

    command(heilbronn, as_json, *mapping)
    said = command(heilbronn, as_xml, *mapping)

    assert "0 übernommen, 1 schon vorhanden" in said
    case = Report.objects.get()
    assert (case.import_key, case.status) == ("G-1", "done")
    assert case.district is not None
    assert case.district.name == "Böckingen"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xml", b"<requests><request>"),
        ("b.xml", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><requests/>'),
        ("c.xml", '<?xml version="1.0" encoding="utf-16"?><requests/>'.encode("utf-16")),
        ("d.json", b"{"),
        ("e.json", b'{"else": []}'),
        ("f.pdf", b"%PDF"),
        ("g.csv", b""),
    ],
)
def test_an_unreadable_file_is_named_without_a_traceback(
    heilbronn: Town, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(CommandError):
        command(heilbronn, tmp_path / name)
    assert not Report.objects.exists()


def test_a_file_that_breaks_off_keeps_what_came_before(heilbronn: Town, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    lines = [f"{n},Schlagloch,9.2187,49.1427,2026-01-02" for n in range(BATCH)]
    file.write_text("\n".join(["id,category,lon,lat,date", *lines, f'x,"{"y" * 200_000}"\n']))

    with pytest.raises(CommandError, match="Zeile"):
        command(heilbronn, file)

    assert Report.objects.count() == BATCH


# Setting a town up again


def test_loading_again_overwrites_only_what_the_file_tells(heilbronn: Town) -> None:
    town = heilbronn.municipality
    rows = [
        {"code": "tiere", "name_de": "Tiere"},
        {"code": "tiere.ratten", "parent_code": "tiere", "name_de": "Ratten"},
    ]
    town_setup.load_categories(town, rows)
    Category.objects.filter(municipality=town, code="tiere.ratten").update(
        publication_policy=PublicationPolicy.NEVER,
        is_active=False,
        default_office=heilbronn.offices["67"],
    )
    Office.objects.filter(pk=heilbronn.offices["66"].pk).update(email="tiefbau@heilbronn.example")

    town_setup.load_categories(town, [*rows[:1], rows[1] | {"name_de": "Ratten und Mäuse"}])
    town_setup.load_office(town, {"key": "66", "name": "Tiefbauamt"})

    category = Category.objects.get(code="tiere.ratten")
    assert category.name == "Ratten und Mäuse"
    assert category.publication_policy == PublicationPolicy.NEVER
    assert category.is_active is False
    assert category.default_office == heilbronn.offices["67"]
    office = Office.objects.get(pk=heilbronn.offices["66"].pk)
    assert (office.name, office.email) == ("Tiefbauamt", "tiefbau@heilbronn.example")


def test_the_dispatch_office_can_change_hands_by_file(heilbronn: Town) -> None:
    town = heilbronn.municipality
    facts = town_setup.TownFacts(
        slug=town.slug,
        name="Heilbronn am Neckar",
        receipt_prefix="XX",
        coverage=town.coverage,
        contact_email="anders@heilbronn.example",
    )

    town_setup.create_town(facts, [{"key": "66", "name": "Tiefbauamt", "is_dispatch": "1"}])

    fresh = Municipality.objects.get(pk=town.pk)
    assert (fresh.name, fresh.receipt_prefix) == ("Heilbronn am Neckar", "HN")
    assert fresh.contact_email == town.contact_email
    assert Office.objects.get(municipality=town, is_dispatch=True).key == "66"


def cases() -> Iterator[derivation.WorkedCase]:
    for number in range(20):
        lon, lat = BOECKINGEN if number % 2 else TOWN_HALL
        yield derivation.WorkedCase("gruen.baum", lon, lat, "66" if number % 2 else "67")
    yield derivation.WorkedCase("gruen.baum", *TOWN_HALL, "67")


def test_deriving_again_replaces_its_own_rules_and_no_others(heilbronn: Town) -> None:
    town = heilbronn.municipality
    RuleFactory(municipality=town, priority=5000, name="Von Hand", office=heilbronn.offices["66"])

    for _run in range(2):
        derivation.apply(town, derivation.derive(town, cases()))

    names = ["Von Hand", "10 von 10 Fällen in Böckingen"]
    assert [rule.name for rule in in_force_rules(town.pk, timezone.now())] == names
    # What says nothing new makes no version.
    assert RuleSet.objects.filter(municipality=town).count() == 2
    assert Category.objects.get(code="gruen.baum").default_office == heilbronn.offices["67"]


def test_progress_is_told_for_every_batch(heilbronn: Town) -> None:
    told: list[int] = []

    take_over(
        heilbronn.municipality,
        [old(str(number)) for number in range(BATCH + 1)],
        now=timezone.now(),
        progress=told.append,
    )

    assert told == [BATCH, BATCH + 1]
