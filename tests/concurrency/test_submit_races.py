"""The same report sent many times at once becomes one report, and everybody gets its receipt."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts import limits
from reports import photo_intake, photo_storage
from reports.actions import submit
from reports.actions.submit import Receipt, submit_report
from reports.actions.sweep_files import sweep_files
from reports.draft import Draft, Sender, SubmissionInvalid
from reports.idempotency import Idempotency, KeyReused, hashed_key, reserve
from reports.models import Contact, Effect, IdempotencyRecord, Photo, Report, TimelineEntry
from tests.environment import FILES
from tests.people import ERIKA, Town, draft
from tests.photo_samples import jpeg_full_of_canaries
from tests.processes import ROOT
from tests.threads import at_once, succeeded

pytestmark = pytest.mark.django_db

KEY = Idempotency("v1.reports", "6f1c2f0e-key-of-one-phone")
# Made once: its colour profile carries the second in which it was made.
PHOTO = jpeg_full_of_canaries()


def send(
    town: Town, sent: Draft | None = None, *, key: Idempotency | None = KEY, photos: int = 0
) -> Receipt:
    return submit_report(
        town=town.municipality,
        draft=sent or draft(sender=ERIKA),
        files=[BytesIO(PHOTO) for _number in range(photos)],
        idempotency=key,
        now=timezone.now(),
    )


def told(receipt: Receipt) -> dict[str, Any]:
    """All that the sender gets to see."""
    return {
        "number": receipt.number,
        "secret": receipt.secret,
        "advice": receipt.advice,
        "refused": receipt.refused_photos,
        "received_at": receipt.report.received_at,
    }


def sealed() -> set[str]:
    return {name for name, _written in photo_storage.stored_names("sealed")}


@pytest.fixture(autouse=True)
def _empty_store() -> None:
    for name in sealed():
        photo_storage.delete_original(name)


def send_patiently(town: Town) -> Receipt:
    """Like a phone: whoever waited too long for a twin is asked to come again, and does."""
    for _attempt in range(5):
        try:
            return send(town, photos=1)
        except OperationalError:
            connection.close()
    return send(town, photos=1)


def test_fifty_equal_requests_make_one_report(heilbronn: Town) -> None:
    results = succeeded(at_once(50, lambda _number: send_patiently(heilbronn)))

    assert [told(result) for result in results] == [told(results[0])] * 50
    assert sum(not result.replayed for result in results) == 1
    report = Report.objects.get()
    assert IdempotencyRecord.objects.get().report_id == report.pk
    assert TimelineEntry.objects.filter(report=report).count() == 1
    assert sorted(Effect.objects.values_list("kind", flat=True)) == [
        "derive_photo",
        "route",
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM notifications_message")
        assert cursor.fetchone() == (1,)
    # What the twins had sealed meanwhile is gone again; the photo of the report is there.
    assert sealed() == {Photo.objects.get().original_key}


def test_a_later_replay_seals_nothing_and_says_the_same(heilbronn: Town) -> None:
    first = send(heilbronn, photos=2)
    files = sealed()

    again = send(heilbronn, photos=2)

    assert told(again) == told(first)
    assert again.replayed
    assert sealed() == files
    assert Photo.objects.count() == 2


def test_another_body_under_the_same_key_is_refused_and_changes_nothing(heilbronn: Town) -> None:
    first = send(heilbronn)

    for other in (
        draft(sender=ERIKA, description="Etwas anderes."),
        draft(sender=replace(ERIKA, email="somebody@else.example")),
        draft("gruen.baum", sender=ERIKA),
    ):
        with pytest.raises(KeyReused):
            send(heilbronn, other)
    with pytest.raises(KeyReused):
        send(heilbronn, photos=1)

    assert Report.objects.get().number == first.number
    assert sealed() == set()


def test_of_different_bodies_at_once_one_wins(heilbronn: Town) -> None:
    def race(number: int) -> Receipt:
        return send(heilbronn, draft(description=f"Fassung {number % 2}"), photos=1)

    results = at_once(16, race)

    winners = [result for result in results if isinstance(result, Receipt)]
    losers = [result for result in results if not isinstance(result, Receipt)]
    assert len({winner.number for winner in winners}) == 1
    assert len(winners) == 8
    assert {type(loser) for loser in losers} == {KeyReused}
    assert Report.objects.count() == 1
    assert len(sealed()) == 1


def test_a_refused_first_attempt_frees_the_key(heilbronn: Town) -> None:
    with pytest.raises(SubmissionInvalid):
        send(heilbronn, draft(description=" "))

    assert send(heilbronn, draft()).replayed is False


def test_a_first_attempt_that_breaks_frees_the_key_and_its_file_is_swept(
    heilbronn: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: Any, **_more: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(submit, "_contact_of", away)
        with pytest.raises(OperationalError):
            send(heilbronn, photos=1)
    assert Report.objects.count() == 0
    (orphan,) = sealed()

    receipt = send(heilbronn, photos=1)
    removed = sweep_files(now=timezone.now() + timedelta(hours=25))

    assert receipt.replayed is False
    assert removed["sealed"] == 1
    assert sealed() == {Photo.objects.get().original_key}
    assert orphan not in sealed()


def test_what_was_accepted_stays_accepted_when_the_category_is_gone(heilbronn: Town) -> None:
    first = send(heilbronn)
    category = heilbronn.categories["pothole"]
    category.is_active = False
    category.save(update_fields=["is_active"])

    assert told(send(heilbronn)) == told(first)


def test_keys_of_two_clients_and_two_doors_never_meet(heilbronn: Town) -> None:
    keys = [KEY, replace(KEY, scope="client:7"), replace(KEY, endpoint="web"), None, None]

    numbers = {send(heilbronn, key=key).number for key in keys}

    assert len(numbers) == len(keys)
    stored = IdempotencyRecord.objects.values_list("key_hash", flat=True)
    assert not any(KEY.key in value for value in stored)


def test_numbers_of_many_reports_at_once_are_different(heilbronn: Town) -> None:
    results = succeeded(at_once(20, lambda _number: send(heilbronn, key=None)))

    numbers = {result.number for result in results}
    year = timezone.now().astimezone(heilbronn.municipality.tz).year
    assert len(numbers) == 20
    assert all(number.startswith(f"HN-{year}-") for number in numbers)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (draft(description="Loch\x00"), "description"),
        (draft(description="Loch \ud83d"), "description"),
        (draft(address="Allee\x00"), "address"),
        (draft(sender=Sender(name="E\x00rika")), "name"),
        (draft(sender=Sender(name="E" * 121)), "name"),
        (draft(sender=Sender(phone="0" * 41)), "phone"),
        (draft(sender=Sender(email="erika@")), "email"),
        (draft(sender=Sender(email=f"erika@{'ä' * 64}.example")), "email"),
        (draft(sender=Sender(email=f"{'e' * 60}@{'x.' * 120}example")), "email"),
        (draft(sender=Sender(email='"a\x01b"@buerger.example')), "email"),
    ],
)
def test_what_cannot_be_stored_or_mailed_is_a_fault_of_the_field(
    heilbronn: Town, sent: Draft, field: str
) -> None:
    with pytest.raises(SubmissionInvalid) as refused:
        send(heilbronn, sent)

    assert list(refused.value.errors) == [field]
    assert Report.objects.count() == 0


def test_the_address_of_a_held_report_waits_for_its_release(heilbronn: Town) -> None:
    now = timezone.now()
    receipt = submit_report(
        town=heilbronn.municipality,
        draft=draft(sender=ERIKA),
        now=now,
        screening=submit.Screening.HELD,
    )

    contact = Contact.objects.get(report=receipt.report)
    assert contact.confirm_until == now + submit.HELD_ADDRESS_KEPT


def test_an_attempt_is_counted_exactly_even_in_a_burst(db: None) -> None:
    window = timedelta(hours=1)

    def attempt(_number: int) -> bool:
        return limits.count_attempt("reports", "192.0.2.7", limit=20, window=window).allowed

    allowed = succeeded(at_once(50, attempt))

    assert sum(allowed) == 20
    assert limits.attempts("reports", "192.0.2.7", window=window) == 50


# Redis away

SUBMIT = """
import sys, time
import django; django.setup()
from django.utils import timezone
from accounts.models import Municipality
from reports.actions.submit import submit_report
from reports.draft import Draft, Sender
town = Municipality.objects.get(slug="heilbronn")
slowest = 0.0
for number in range(4):
    started = time.monotonic()
    submit_report(town=town, now=timezone.now(), draft=Draft(
        category_code="strasse.schlagloch", lon=9.2187, lat=49.1427, place_chosen_by="map",
        source="app", description="Loch", sender=Sender(email="erika@buerger.example")))
    slowest = max(slowest, time.monotonic() - started)
print(slowest)
"""


@pytest.mark.parametrize("redis", ["absent", "frozen"])
def test_a_report_is_accepted_in_time_without_redis(heilbronn: Town, redis: str) -> None:
    path = FILES / f"redis-{redis}.sock"
    listener = _deaf(path) if redis == "frozen" else None
    try:
        done = subprocess.run(
            [sys.executable, "-c", SUBMIT],
            cwd=ROOT,
            env=os.environ
            | {"DJANGO_SETTINGS_MODULE": "backend.settings", "ANLIEGEN_REDIS_SOCKET": str(path)},
            capture_output=True,
            text=True,
            timeout=120,
        )
    finally:
        if listener is not None:
            listener.close()

    assert done.returncode == 0, done.stderr
    assert Report.objects.count() == 4
    assert Effect.objects.filter(kind=Effect.Kind.ROUTE).count() == 4
    # A broker that is waited for would cost more than this, on any machine.
    assert float(done.stdout.split()[-1]) < 10, done.stdout


def _deaf(path: Path) -> socket.socket:
    """A Redis that accepts connections and never says a word."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(50)
    return listener


def test_a_twin_that_never_ends_makes_nobody_wait_for_ever(heilbronn: Town) -> None:
    waited: list[float] = []

    def late(_number: int) -> Receipt:
        started = time.monotonic()
        try:
            return send(heilbronn)
        finally:
            waited.append(time.monotonic() - started)

    with transaction.atomic():
        hashed = hashed_key(KEY, asdict(draft(sender=ERIKA)))
        reserve(hashed)
        (result,) = at_once(1, late)
        transaction.set_rollback(True)

    assert isinstance(result, OperationalError)
    assert waited[0] < 5
    assert send(heilbronn).replayed is False


def test_files_are_there_before_the_rows_that_name_them(
    heilbronn: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    write: Callable[..., list[Photo]] = photo_intake.write

    def look(report: Report, kept: Any) -> list[Photo]:
        seen.extend(photo_storage.is_stored("sealed", photo.key) for photo in kept)
        return write(report, kept)

    monkeypatch.setattr(photo_intake, "write", look)
    send(heilbronn, photos=3)

    assert seen == [True] * 3
