"""A person's whole life here: reports, is worked on, gets a copy, is erased and is nowhere left."""

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts.derived_codes import derive
from leases.models import Lane
from notifications.models import Message
from reports.actions.add_text import add_text
from reports.actions.confirm_address import ConfirmationInvalid, confirm_address
from reports.actions.publish import publish_report
from reports.actions.sweep_files import sweep_files
from reports.models import Contact, Photo, Report
from reports.outside import BodyConsent, OutsideBody, Passing
from reports.person_export import export_report
from reports.published import PublishedReport, Tombstone
from reports.queries.reconcile import reconcile
from reports.receipts import CONFIRM_PURPOSE
from reports.rights import PersonLookup, RightsRequest
from reports.tasks import drain
from tests.factories import PASSWORD, RoleFactory, UserFactory
from tests.flows.test_housekeeping import code_of
from tests.flows.test_no_personal_data_leaks import everything_in
from tests.people import ERIKA, Town, fresh
from tests.photo_samples import CANARY

pytestmark = pytest.mark.django_db
CANARIES = ("Erika Mustermann", "erika@buerger.example", "5550100", "Wortkanarie", "Gassenkanarie")


@pytest.fixture(autouse=True)
def own_list(settings: Settings, tmp_path: Path) -> None:
    settings.ERASURE_LIST = str(tmp_path / "erasures.jsonl")


@pytest.fixture
def officer(heilbronn: Town) -> Client:
    """The data protection officer, who has just given the password again."""
    person = UserFactory(first_name="Petra", last_name="Privat")
    RoleFactory(user=person, municipality=heilbronn.municipality, role="privacy")
    device = TOTPDevice.objects.create(user=person, confirmed=True)
    browser = Client()
    browser.force_login(person)
    session = browser.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return browser


def confirm_again(browser: Client) -> None:
    """A wrong code first, then the right one."""
    page = "/desk/datenschutz/bestaetigen/"
    code = f"{totp(TOTPDevice.objects.get().bin_key):06d}"
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert browser.post(page, {"password": PASSWORD, "code": wrong}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    answer = browser.post(page, {"password": PASSWORD, "code": code})
    assert answer.status_code == 302, answer.content.decode()[:500]


@pytest.fixture
def life(heilbronn: Town, report: Callable[..., Any]) -> Any:
    """Erika's report, worked on, confirmed, published with text; closed."""
    receipt = report(
        heilbronn,
        photos=1,
        sender=ERIKA,
        description="Wortkanarie vor dem Rathaus",
        address="Gassenkanarie 5",
    )
    confirm_address(fresh(receipt), code_of(receipt), now=timezone.now())
    add_text(receipt.report.pk, text="Wortkanarie, zweite", now=timezone.now())
    drain(Lane.MEDIA.value)
    clara = Client()
    clara.force_login(heilbronn.people["clara"])
    version = fresh(receipt).version
    answer = clara.post(
        f"/desk/vorgang/{receipt.number}/abschliessen/",
        {"version": version, "outcome": "erledigt", "text": "Behoben."},
    )
    assert answer.status_code == 302
    Report.objects.update(publication="approved", text_publication="approved")
    publish_report(receipt.report.pk, now=timezone.now())
    assert "Wortkanarie" in PublishedReport.objects.get().text
    return receipt


def holder(receipt: Any) -> Client:
    browser = Client()
    browser.get(f"/heilbronn/meldung/{receipt.number}/zugang/", {"code": receipt.secret})
    return browser


def everything_stored(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every text and JSON column of every table, every file, all of Redis."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            " WHERE table_schema IN ('public', 'open_data')"
            " AND data_type IN ('text', 'character varying', 'jsonb', 'ARRAY')"
        )
        for schema, table, column in cursor.fetchall():
            if schema == "open_data":
                continue  # views on tables that are read anyway
            cursor.execute(f'SELECT string_agg("{column}"::text, chr(10)) FROM {schema}."{table}"')
            yield f"{table}.{column}", cursor.fetchone()[0] or ""
    for root in (settings.MEDIA_ROOT, settings.SEALED_ROOT):
        for file in Path(root).rglob("*"):
            if file.is_file():
                yield str(file), file.read_bytes().decode("latin-1")
    client = redis.Redis(
        unix_socket_path=os.environ["ANLIEGEN_REDIS_SOCKET"],
        db=int(os.environ["ANLIEGEN_REDIS_DB"]),
    )
    yield "redis", everything_in(client)


def found(settings: Settings, words: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        (where, word)
        for where, text in everything_stored(settings)
        for word in words
        if word in text
    ]


def test_from_copy_to_erasure_and_nowhere_left(
    life: Any, officer: Client, settings: Settings
) -> None:
    browser = holder(life)
    page = f"/heilbronn/meine/{life.number}/daten/"
    assert {where.split(".")[0] for where, _word in found(settings, CANARIES)} >= {
        "reports_contact",
        "reports_submission",
        "reports_remark",
        "notifications_message",
        "published_report",
    }

    # A copy only with the secret once more: JSON, a page, the photo as it was sent.
    assert browser.post(page, {"was": "kopie", "secret": "falsch"}).status_code == 422
    copy = browser.post(page, {"was": "kopie", "secret": life.secret})
    with zipfile.ZipFile(io.BytesIO(b"".join(copy.streaming_content))) as archive:  # type: ignore[attr-defined]
        data = json.loads(archive.read("daten.json"))
        names = archive.namelist()
        assert "Wortkanarie" in archive.read("uebersicht.html").decode()
        photo = next(name for name in names if name.startswith("fotos/"))
        assert CANARY.encode() in archive.read(photo)  # as it was sent, with all it says
    assert data["meldungen"][0]["kontakt"]["e_mail"] == ERIKA.email
    assert "Clara" not in json.dumps(data)

    # The request, its deadline, a second one refused kindly.
    asked = browser.post(page, {"was": "antrag", "right": "erase", "text": "Wortkanarie, bitte"})
    assert asked.status_code == 302
    again = browser.post(page, {"was": "antrag", "right": "erase", "text": ""})
    assert "schon beantragt" in again.content.decode()
    request = RightsRequest.objects.get()
    assert 28 <= (request.due_on - timezone.localdate()).days <= 31

    # Nobody decides without the password once more; then everything goes.
    decide = f"/desk/datenschutz/{request.pk}/"
    assert "Wortkanarie, bitte" in officer.get("/desk/datenschutz/").content.decode()
    assert officer.post(decide, {"entscheidung": "grant"}).url.endswith("/bestaetigen/")  # type: ignore[attr-defined]
    assert RightsRequest.objects.get().state == "open"
    confirm_again(officer)
    officer.post(decide, {"entscheidung": "grant"})
    assert Message.objects.filter(event="rights_decided", recipient=ERIKA.email).exists()
    _later(settings)

    assert RightsRequest.objects.get().state == "done"
    assert found(settings, CANARIES) == []
    assert not Photo.objects.exists()
    assert Tombstone.objects.filter(number=life.number).exists()
    assert Client().get(f"/heilbronn/meldung/{life.number}/").status_code in {404, 410}
    assert not [each for each in reconcile() if each.name == "history_broken" and each.count]


def _later(settings: Settings) -> None:
    """Housekeeping after the answer has gone out, and the daily sweep."""
    from reports.actions.housekeeping import forget_what_is_due

    later = timezone.now() + timedelta(days=4)
    forget_what_is_due(now=later)
    sweep_files(now=later, whatever_the_share=True)


def test_a_hold_wins_and_says_so(heilbronn: Town, life: Any, officer: Client) -> None:
    Report.objects.update(
        hold_until=timezone.localdate() + timedelta(days=900),
        hold_set_by=heilbronn.people["clara"],
        hold_set_at=timezone.now(),
        hold_remark_id=1,
    )
    page = f"/heilbronn/meine/{life.number}/daten/"
    holder(life).post(page, {"was": "antrag", "right": "erase"})
    confirm_again(officer)

    officer.post(f"/desk/datenschutz/{RightsRequest.objects.get().pk}/", {"entscheidung": "grant"})

    decided = RightsRequest.objects.get()
    assert (decided.state, decided.ground) == ("refused", "claims")
    assert Contact.objects.get().email == ERIKA.email
    assert "abgelehnt" in holder(life).get(f"/heilbronn/meine/{life.number}/").content.decode()


def test_an_open_case_is_worked_on_without_the_person(
    heilbronn: Town, report: Callable[..., Any], officer: Client
) -> None:
    case = report(heilbronn, sender=ERIKA)
    holder(case).post(f"/heilbronn/meine/{case.number}/daten/", {"was": "antrag", "right": "erase"})
    confirm_again(officer)

    officer.post(f"/desk/datenschutz/{RightsRequest.objects.get().pk}/", {"entscheidung": "grant"})

    assert RightsRequest.objects.get().state == "partly"
    assert Contact.objects.get().email == ""
    assert fresh(case).submission.description
    assert fresh(case).publication == "withheld"


def test_correcting_and_freezing(heilbronn: Town, life: Any, officer: Client) -> None:
    page = f"/heilbronn/meine/{life.number}/daten/"
    holder(life).post(page, {"was": "antrag", "right": "rectify", "text": "Es war gegenüber"})
    holder(life).post(page, {"was": "antrag", "right": "restrict"})
    confirm_again(officer)
    rectify, restrict = RightsRequest.objects.order_by("pk")

    officer.post(
        f"/desk/datenschutz/{rectify.pk}/",
        {
            "entscheidung": "grant",
            "description": "Gegenüber vom Rathaus",
            "email": "erika.neu@buerger.example",
        },
    )
    assert contact_works(life) == "erika.neu@buerger.example"
    officer.post(f"/desk/datenschutz/{restrict.pk}/", {"entscheidung": "grant"})

    case = fresh(life)
    assert case.submission.description == "Gegenüber vom Rathaus"
    assert case.restricted_at is not None
    publish_report(case.pk, now=timezone.now())
    assert not PublishedReport.objects.exists()
    clara = Client()
    clara.force_login(heilbronn.people["clara"])
    answer = clara.post(
        f"/desk/vorgang/{case.number}/antworten/", {"version": case.version, "text": "Hallo"}
    )
    assert answer.status_code == 403
    lifted = clara.post(
        f"/desk/vorgang/{case.number}/einschraenkung-aufheben/", {"version": case.version}
    )
    assert lifted.status_code == 302
    assert fresh(life).restricted_at is None


def contact_works(life: Any) -> str:
    """A corrected address hears nothing until its owner follows the link that went there."""
    contact = Contact.objects.get()
    assert contact.email_confirmed_at is None
    decided, link = Message.objects.order_by("-pk")[:2][::-1]
    assert (decided.event, decided.recipient) == ("rights_decided", "erika@buerger.example")
    assert (link.event, link.recipient) == ("report_received", contact.email)
    with pytest.raises(ConfirmationInvalid):
        confirm_address(fresh(life), derive(CONFIRM_PURPOSE, life.report.pk, 1), now=timezone.now())
    return confirm_address(fresh(life), code_of(life), now=timezone.now()).email


def test_a_text_that_stays_stays_public(life: Any, officer: Client) -> None:
    page = f"/heilbronn/meine/{life.number}/daten/"
    holder(life).post(page, {"was": "antrag", "right": "rectify", "text": "Mein Name fehlt"})
    confirm_again(officer)
    asked = RightsRequest.objects.get()
    words = fresh(life).submission.description

    officer.post(
        f"/desk/datenschutz/{asked.pk}/",
        {"entscheidung": "grant", "description": words, "name": "Erika M."},
    )

    assert Contact.objects.get().name == "Erika M."
    assert fresh(life).text_publication == "approved"


def test_a_mistyped_correction_changes_nothing_and_says_where(life: Any, officer: Client) -> None:
    page = f"/heilbronn/meine/{life.number}/daten/"
    holder(life).post(page, {"was": "antrag", "right": "rectify", "text": "Falsche Adresse"})
    confirm_again(officer)
    asked = RightsRequest.objects.get()

    answer = officer.post(
        f"/desk/datenschutz/{asked.pk}/",
        {"entscheidung": "grant", "email": "erika@", "name": "Erika Musterfrau"},
    )

    assert answer.status_code == 422
    assert 'value="Erika Musterfrau"' in answer.content.decode()
    assert RightsRequest.objects.get().state == "open"
    assert Contact.objects.get().name == "Erika Mustermann"


def test_the_copy_names_consents_and_who_was_told(
    heilbronn: Town, life: Any, settings: Settings
) -> None:
    body = OutsideBody.objects.create(
        municipality=heilbronn.municipality, name="Stadtwerke", kind="other",
        channel="mail", email="netz@werke.example",
    )  # fmt: skip
    BodyConsent.objects.create(report=life.report, body=body)
    Passing.objects.create(
        report=life.report, body=body, channel="mail", letter_remark_id=1, with_contact=True,
        passed_by=heilbronn.people["clara"], follow_up_on=timezone.localdate(), photos=[1],
    )  # fmt: skip

    with zipfile.ZipFile(export_report(fresh(life), now=timezone.now())) as copy:
        (case,) = json.loads(copy.read("daten.json"))["meldungen"]
        page = copy.read("uebersicht.html").decode()

    assert [each["wofuer"] for each in case["einwilligungen"]] == [
        "E-Mails zum Vorgang: alle Neuigkeiten",
        "Kontaktdaten an Stadtwerke",
    ]
    (passed,) = case["weitergaben"]
    assert (passed["an"], passed["mit_kontaktdaten"], passed["fotos"]) == ("Stadtwerke", True, [1])
    assert "mit Ihren Kontaktdaten" in page


def test_whoever_looks_for_a_person_is_written_down_and_a_restore_erases_again(
    heilbronn: Town, life: Any, officer: Client, settings: Settings
) -> None:
    row = Report.objects.filter(pk=life.report.pk)
    before = (row.values().get(), Contact.objects.values().get())
    sent = {"address": ERIKA.email, "reason": "Antrag vom 3. März"}
    assert officer.post("/desk/datenschutz/person/", sent).status_code == 302
    confirm_again(officer)
    assert life.number in officer.post("/desk/datenschutz/person/", sent).content.decode()
    officer.post("/desk/datenschutz/person/", sent | {"was": "erase"})
    assert Contact.objects.get().email == ERIKA.email  # asked once more first
    officer.post("/desk/datenschutz/person/", sent | {"was": "erase", "sicher": "ja"})

    assert Contact.objects.get().email == ""
    assert set(PersonLookup.objects.values_list("purpose", flat=True)) == {"look", "erase"}
    assert ERIKA.email not in Path(settings.ERASURE_LIST).read_text()
    # The backup of yesterday comes back: the row and the address are there again.
    row.update(**{k: v for k, v in before[0].items() if k != "id"})
    Contact.objects.update(**{k: v for k, v in before[1].items() if k != "report_id"})

    call_command("replay_erasures")

    assert Contact.objects.get().email == ""
    assert fresh(life).anonymised_at is not None
