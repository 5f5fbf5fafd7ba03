"""Addresses nobody confirmed are forgotten, files nobody names are swept, and it is all proved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import derived_codes, limits
from leases.models import Lane, WorkState
from notifications import outbox
from reports import photo_storage
from reports.actions.confirm_address import (
    ConfirmationExpired,
    ConfirmationInvalid,
    confirm_address,
)
from reports.actions.derive_photo import derive_photo
from reports.actions.housekeeping import forget_what_is_due
from reports.actions.publish import publish_report
from reports.actions.renew_secret import renew_receipt_secret
from reports.actions.screen import screen
from reports.actions.submit import Receipt, submit_report
from reports.actions.sweep_files import sweep_files
from reports.idempotency import Idempotency
from reports.models import (
    Contact,
    Effect,
    IdempotencyRecord,
    Photo,
    Publication,
    Report,
    Screening,
    TimelineEntry,
)
from reports.photo_storage import STORES
from reports.queries.reconcile import reconcile
from reports.receipts import CONFIRM_PURPOSE, find_by_receipt, opens, secret_of
from reports.tasks import drain
from tests.databases import connect_as_owner
from tests.people import ERIKA, Town, draft, fresh
from tests.threads import at_once

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
DAY = timedelta(days=1)
ONLY_EMAIL = replace(ERIKA, name="", phone="")


def code_of(receipt: Receipt) -> str:
    contact = Contact.objects.get(report=receipt.report)
    return derived_codes.derive(CONFIRM_PURPOSE, receipt.report.pk, contact.confirm_version)


def addressed_to_erika(receipt: Receipt) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT recipient || context::text FROM notifications_message WHERE subject_ref = %s",
            [receipt.number],
        )
        return [row[0] for row in cursor.fetchall() if "erika" in row[0].lower()]


# Confirming


def test_an_address_is_confirmed_once_and_a_second_click_changes_nothing(
    heilbronn: Town, report: Submit
) -> None:
    receipt = report(heilbronn, sender=ERIKA)
    now = timezone.now()
    first = confirm_address(receipt.report, code_of(receipt), now=now)

    again = confirm_address(receipt.report, code_of(receipt).lower(), now=now + DAY)

    assert first.email_confirmed_at == again.email_confirmed_at == now
    assert TimelineEntry.objects.filter(kind="address_confirmed").count() == 1


@pytest.mark.parametrize("wrong", ["", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", "x" * 5000, "äöü"])
def test_a_wrong_code_confirms_nothing(heilbronn: Town, report: Submit, wrong: str) -> None:
    receipt = report(heilbronn, sender=ERIKA)

    with pytest.raises(ConfirmationInvalid):
        confirm_address(receipt.report, wrong, now=timezone.now())

    assert Contact.objects.get().email_confirmed_at is None


def test_the_code_of_one_report_opens_no_other(heilbronn: Town, report: Submit) -> None:
    mine, other = report(heilbronn, sender=ERIKA), report(heilbronn, sender=ERIKA)

    with pytest.raises(ConfirmationInvalid):
        confirm_address(other.report, code_of(mine), now=timezone.now())
    with pytest.raises(ConfirmationInvalid):
        confirm_address(mine.report, mine.secret, now=timezone.now())


def test_a_late_click_is_told_that_it_is_late(heilbronn: Town, report: Submit) -> None:
    receipt = report(heilbronn, sender=ERIKA)
    until = Contact.objects.get().confirm_until
    assert until is not None

    confirm_now = until + timedelta(seconds=1)
    with pytest.raises(ConfirmationExpired):
        confirm_address(receipt.report, code_of(receipt), now=confirm_now)


def test_only_a_post_confirms_so_that_mail_scanners_confirm_nothing(
    heilbronn: Town, report: Submit, client: Client
) -> None:
    receipt = report(heilbronn, sender=ERIKA)
    address = f"/heilbronn/bestaetigen/{receipt.number}/"
    code = code_of(receipt)

    for method in (client.get, client.head):
        assert method(address, {"code": code}).status_code == 200
        assert Contact.objects.get().email_confirmed_at is None
    assert client.put(address, {"code": code}).status_code == 405
    assert client.post(address, {"code": "falsch"}).status_code != 200
    assert Contact.objects.get().email_confirmed_at is None

    for _click in range(2):
        assert client.post(address, {"code": code}).status_code == 200
    assert Contact.objects.get().email_confirmed_at is not None


def test_clicking_while_staff_release_the_report_does_not_deadlock(
    heilbronn: Town, report: Submit
) -> None:
    mona = heilbronn.people["mona"]
    for _round in range(5):
        receipt = report(heilbronn, sender=ERIKA)
        Report.objects.filter(pk=receipt.report.pk).update(screening=Screening.HELD)
        code, version = code_of(receipt), fresh(receipt).version

        def act(
            number: int, receipt: Receipt = receipt, code: str = code, version: int = version
        ) -> object:
            if number:
                return confirm_address(receipt.report, code, now=timezone.now())
            return screen(
                receipt.report.pk,
                verdict=Screening.CLEAR,
                by=mona,
                now=timezone.now(),
                expected_version=version,
            )

        results = at_once(2, act)
        assert not [each for each in results if isinstance(each, Exception)]
        assert Contact.objects.get(report=receipt.report).email_confirmed_at is not None


# Forgetting


def test_an_unconfirmed_address_is_erased_with_its_mails_and_the_report_stays(
    heilbronn: Town, report: Submit
) -> None:
    receipt = report(heilbronn, routed=False, sender=ONLY_EMAIL)
    assert addressed_to_erika(receipt)

    counts = forget_what_is_due(now=timezone.now() + settings.CONFIRM_ADDRESS_WITHIN + DAY)

    assert counts["addresses"] == 1
    contact = Contact.objects.get()
    assert (contact.email, contact.erased_at is not None) == ("", True)
    assert addressed_to_erika(receipt) == []
    drain(Lane.CITIZEN)
    case = fresh(receipt)
    assert case.office == heilbronn.offices["66"]
    assert case.submission.description
    assert forget_what_is_due(now=timezone.now() + 9 * DAY)["addresses"] == 0


def test_name_and_telephone_stay_when_only_the_address_was_not_confirmed(
    heilbronn: Town, report: Submit
) -> None:
    report(heilbronn, sender=ERIKA)

    forget_what_is_due(now=timezone.now() + 9 * DAY)

    contact = Contact.objects.get()
    assert (contact.email, contact.name, contact.erased_at) == ("", ERIKA.name, None)


def test_a_confirmed_or_still_fresh_address_is_kept(heilbronn: Town, report: Submit) -> None:
    confirmed, waiting = report(heilbronn, sender=ERIKA), report(heilbronn, sender=ERIKA)
    confirm_address(confirmed.report, code_of(confirmed), now=timezone.now())

    assert forget_what_is_due(now=timezone.now())["addresses"] == 0
    forget_what_is_due(now=timezone.now() + 9 * DAY)

    assert Contact.objects.get(report=confirmed.report).email == ERIKA.email
    assert addressed_to_erika(confirmed)
    assert Contact.objects.get(report=waiting.report).email == ""


def test_confirming_while_the_house_is_kept_ends_consistently(
    heilbronn: Town, report: Submit
) -> None:
    for _round in range(6):
        receipt = report(heilbronn, sender=ONLY_EMAIL)
        until = Contact.objects.get(report=receipt.report).confirm_until
        assert until is not None
        code = code_of(receipt)

        def act(
            number: int, receipt: Receipt = receipt, until: datetime = until, code: str = code
        ) -> object:
            if number:
                return forget_what_is_due(now=until + timedelta(seconds=1))
            return confirm_address(receipt.report, code, now=until)

        at_once(2, act)
        contact = Contact.objects.get(report=receipt.report)
        confirmed = contact.email_confirmed_at is not None
        assert confirmed is bool(contact.email)
        assert confirmed is bool(addressed_to_erika(receipt))


def test_old_keys_and_counters_are_forgotten_and_reports_never(heilbronn: Town) -> None:
    submit_report(
        town=heilbronn.municipality,
        draft=draft(),
        idempotency=Idempotency("web", "one-form-filled-once"),
        now=timezone.now(),
    )
    limits.count_attempt("reports", "192.0.2.1", limit=1, window=timedelta(hours=1))

    counts = forget_what_is_due(now=timezone.now() + 8 * DAY)

    assert (counts["keys"], counts["counters"]) == (1, 1)
    assert not IdempotencyRecord.objects.exists()
    assert Report.objects.count() == 1


def test_a_renewed_secret_locks_the_old_one_out(heilbronn: Town, report: Submit) -> None:
    receipt = report(heilbronn)

    renewed = renew_receipt_secret(report_id=receipt.report.pk, now=timezone.now())

    assert not opens(renewed, receipt.secret)
    assert find_by_receipt(None, receipt.number, receipt.secret) is None
    found = find_by_receipt(heilbronn.municipality, receipt.number.lower(), secret_of(renewed))
    assert found == renewed


# Sweeping


@pytest.fixture
def stores_in_use(heilbronn: Town, report: Submit) -> Receipt:
    """Empty stores, then one report with an approved and published photo."""
    for alias in STORES:
        for name, _written in list(photo_storage.stored_names(alias)):
            photo_storage._remove(alias, name)
    receipt = report(heilbronn, photos=1)
    derive_photo(Photo.objects.get().pk)
    Photo.objects.update(publication=Publication.APPROVED)
    publish_report(receipt.report.pk, now=timezone.now())
    return receipt


def stored() -> dict[str, set[str]]:
    return {alias: {name for name, _at in photo_storage.stored_names(alias)} for alias in STORES}


def test_files_without_a_row_are_swept_after_a_day_and_others_stay(
    stores_in_use: Receipt,
) -> None:
    named = stored()
    photo_storage.keep_original(b"never sent", context="photo:heilbronn")
    withdrawn = photo_storage.keep_staff_derivative(b"withdrawn", ".jpg")
    photo_storage.publish_copy(withdrawn)
    half_written = Path(settings.SEALED_ROOT) / "ab" / ".unfinished-1"
    half_written.parent.mkdir(exist_ok=True)
    half_written.write_bytes(b"x")

    assert sum(sweep_files(now=timezone.now()).values()) == 0
    removed = sweep_files(now=timezone.now() + DAY + timedelta(minutes=1))

    assert removed == {"sealed": 1, "staff_photos": 1, "published_photos": 1, "unfinished": 1}
    assert stored() == named


def test_a_file_written_again_since_it_was_listed_is_kept(stores_in_use: Receipt) -> None:
    name = photo_storage.keep_staff_derivative(b"again", ".jpg")

    written = timezone.now() - timedelta(hours=1)
    assert photo_storage.remove_old("staff_photos", name, before=written) is False
    assert photo_storage.is_stored("staff_photos", name)


def test_a_database_that_does_not_fit_the_files_removes_nothing(stores_in_use: Receipt) -> None:
    strangers = {
        photo_storage.keep_original(b"x", context=f"photo:{number}") for number in range(120)
    }
    later = timezone.now() + 2 * DAY

    assert sweep_files(now=later)["sealed"] == 0
    assert strangers <= stored()["sealed"]
    assert sweep_files(now=later, whatever_the_share=True)["sealed"] == 120


# Proving


@pytest.fixture
def in_order(stores_in_use: Receipt) -> Receipt:
    """Everything paid."""
    for lane in Lane.values:
        drain(lane)
    return stores_in_use


def findings() -> dict[str, int]:
    later = timezone.now() + 2 * DAY
    return {each.name: each.count for each in reconcile(now=later) if each.count}


def test_a_house_in_order_has_no_findings(in_order: Receipt) -> None:
    assert findings() == {}
    output = StringIO()
    call_command("reconcile", stdout=output)
    assert "0  history_broken" in output.getvalue()


def test_every_fault_has_a_name_and_an_example(in_order: Receipt, heilbronn: Town) -> None:
    case = in_order.report
    sealed = Photo.objects.get().original_key
    Effect.objects.filter(kind=Effect.Kind.ROUTE).update(state=WorkState.DEAD)
    Report.objects.filter(pk=case.pk).update(routed_at=None, office=None, district=None)
    photo_storage.delete_original(sealed)
    for name in stored()["published_photos"]:
        photo_storage.remove_derivative(name)
    photo_storage.keep_staff_derivative(b"orphan", ".jpg")
    type(heilbronn.offices["67"]).objects.filter(key="67").update(email="nobody")
    with connect_as_owner(settings.DATABASES["default"]["NAME"]) as owner:
        owner.execute("ALTER TABLE reports_timelineentry DISABLE TRIGGER timeline_no_change")
        owner.execute("UPDATE reports_timelineentry SET data = '{}' WHERE seq = 1")
        owner.execute("ALTER TABLE reports_timelineentry ENABLE TRIGGER timeline_no_change")

    found = findings()

    assert (
        found.items()
        >= {
            "reports_nobody_will_route": 1,
            "effects_dead": 1,
            "rows_without_file_sealed": 1,
            "files_without_row_staff_photos": 1,
            "history_broken": 1,
            "offices_without_mailbox": 1,
            "public_rows_outdated": 1,
        }.items()
    )
    assert found["rows_without_file_published_photos"] > 1
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("reconcile", stdout=output)
    assert f"reports_nobody_will_route  z. B. {case.number}" in output.getvalue()


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Effect.Kind.DERIVE_PHOTO, "photos_nobody_will_derive"),
        (Effect.Kind.ROUTE, "reports_nobody_will_route"),
        (Effect.Kind.PUBLISH, "approved_reports_not_public"),
    ],
)
def test_an_effect_that_was_never_booked_is_missed(
    heilbronn: Town, report: Submit, kind: Effect.Kind, name: str
) -> None:
    # Nothing is public before rules were asked.
    report(heilbronn, routed=kind == Effect.Kind.PUBLISH, photos=1)
    assert name not in findings()

    Effect.objects.filter(kind=kind).delete()

    assert findings()[name] == 1


def test_given_up_work_is_listed_and_taken_up_again(in_order: Receipt) -> None:
    Effect.objects.filter(kind=Effect.Kind.ROUTE).update(
        state=WorkState.DEAD, attempts=8, last_error="OperationalError"
    )
    output = StringIO()

    call_command("replay_dead", stdout=output)
    assert Effect.objects.filter(state=WorkState.DEAD).count() == 1
    call_command("replay_dead", "--kind", "route", "--yes", stdout=output)
    drain(Lane.CITIZEN)

    assert f"{in_order.number}  route  OperationalError" in output.getvalue()
    assert not Effect.objects.exclude(state=WorkState.DONE).exists()


def test_erasing_survives_a_message_that_was_erased_before(heilbronn: Town, report: Submit) -> None:
    receipt = report(heilbronn, sender=ONLY_EMAIL)
    outbox.erase(receipt.number)

    assert forget_what_is_due(now=timezone.now() + 9 * DAY)["addresses"] == 1


def test_a_case_somebody_works_on_right_now_is_left_for_the_next_turn(
    heilbronn: Town, report: Submit
) -> None:
    receipt = report(heilbronn, sender=ONLY_EMAIL)
    later = timezone.now() + 9 * DAY

    with transaction.atomic():
        Report.objects.select_for_update(no_key=True).get(pk=receipt.report.pk)
        (counts,) = at_once(1, lambda _number: forget_what_is_due(now=later))

    assert isinstance(counts, dict)
    assert counts["addresses"] == 0
    assert forget_what_is_due(now=later)["addresses"] == 1


def test_sealed_files_belong_to_their_owner_only(stores_in_use: Receipt) -> None:
    for name in stored()["sealed"]:
        mode = (Path(settings.SEALED_ROOT) / name).stat().st_mode & 0o777
        assert mode == 0o600
