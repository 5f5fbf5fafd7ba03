"""What citizens wrote is in its own tables only: not in logs, Redis, tasks or error texts."""

import base64
import contextlib
import io
import json
import logging
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
import redis
from django.conf import settings
from django.db import IntegrityError, connection
from django.utils import timezone

from backend.logs import JsonLines, RedactingFilter, trace_of
from deploy.local.mailsink import MailSink
from leases.models import Lane, WorkState
from notifications.tasks import drain as deliver
from reports.actions.housekeeping import forget_what_is_due
from reports.actions.submit import Receipt, submit_report
from reports.draft import Draft, Sender
from reports.models import Contact, Effect, Photo, PhotoState, Report, TimelineEntry
from reports.tasks import drain, keep_house
from tests.databases import connect_as_owner
from tests.people import Town, draft
from tests.photo_samples import CANARY, encoded, jpeg_full_of_canaries, picture
from tests.processes import Worker, eventually

pytestmark = pytest.mark.django_db

ERIKA = Sender(
    name="Kanaria Vogelsang",
    email="kanaria.vogelsang@zwitscher.example",
    phone="0170 5557788",
)
WORDS = "Nachbar Xaver Quittenbaum, Kennzeichen HN-XQ 77, hat den Baum gefällt."
ADDRESS = "Quittengasse 77a"
CANARIES = (
    "Kanaria",
    "Vogelsang",
    "kanaria.",
    "zwitscher",
    "5557788",
    "Xaver",
    "Quittenbaum",
    "HN-XQ",
    "Quittengasse",
    CANARY,
)


def dangerous_draft() -> Draft:
    """An alarm carries the address, so even mails to staff hold a citizen's words."""
    return draft("strasse.einbruch", sender=ERIKA, description=WORDS, address=ADDRESS)


def found_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary.lower() in text.lower()]


def leaking_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if found_in(line)]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Exactly what production would write, and our own parts from DEBUG on."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    handler.addFilter(RedactingFilter())
    names = ("reports", "notifications", "leases", "django.request")
    before = {name: logging.getLogger(name).level for name in names}
    logging.getLogger().addHandler(handler)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield written
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def redis_client() -> redis.Redis:
    return redis.Redis(
        unix_socket_path=os.environ["ANLIEGEN_REDIS_SOCKET"],
        db=int(os.environ["ANLIEGEN_REDIS_DB"]),
    )


def everything_in(client: redis.Redis) -> str:
    """Keys and values of the whole database, with the bodies of messages decoded."""
    readers: dict[bytes, Callable[[Any], Any]] = {
        b"string": client.get,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": client.smembers,
        b"hash": client.hgetall,
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        b"none": lambda key: None,  # taken by a worker since it was listed
    }
    texts = []
    for key in client.scan_iter():
        value = readers[client.type(key)](key)
        texts.append(f"{key!r} {value!r}")
        if isinstance(value, list):
            texts += [_body(each) for each in value if isinstance(each, bytes)]
    return "\n".join(texts)


def _body(message: bytes) -> str:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return base64.b64decode(json.loads(message)["body"]).decode()
    return ""


def our_messages(client: redis.Redis) -> list[tuple[str, list[Any]]]:
    """Queue and positional arguments of every waiting message."""
    waiting = []
    for lane in Lane.values:
        for raw in client.lrange(f"anliegen-{settings.ENVIRONMENT}:{lane}", 0, -1):
            arguments, keywords, _embedded = json.loads(_body(raw))
            assert keywords == {}
            waiting.append((lane, arguments))
    return waiting


@contextlib.contextmanager
def refusing(table: str, condition: str) -> Iterator[None]:
    """Make the database refuse rows, with a DETAIL that quotes the whole row."""
    with connect_as_owner(settings.DATABASES["default"]["NAME"]) as owner:
        owner.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT refused_for_a_test CHECK ({condition}) NOT VALID"
        )
        try:
            yield
        finally:
            owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT refused_for_a_test")


def submit(town: Town, *photos: bytes) -> Receipt:
    return submit_report(
        town=town.municipality,
        draft=dangerous_draft(),
        files=[BytesIO(photo) for photo in photos],
        now=timezone.now(),
    )


def broken_jpeg() -> bytes:
    """A header that promises a picture, and then the citizen's words instead of one."""
    return encoded(picture(), "JPEG")[:400] + CANARY.encode() * 40


def make_everything_due() -> None:
    with connection.cursor() as cursor:
        for table in ("reports_effect", "notifications_message"):
            cursor.execute(
                f"UPDATE {table} SET next_at = now(), lease_until = NULL"
                " WHERE state IN ('pending', 'uncertain')"
            )


def test_nothing_leaks_while_everything_goes_wrong(
    heilbronn: Town, mail_sink: MailSink, log: io.StringIO, redis_client: redis.Redis
) -> None:
    redis_client.flushdb()
    receipt = submit(heilbronn, jpeg_full_of_canaries(), broken_jpeg())
    messages = our_messages(redis_client)
    assert messages
    assert all(arguments == [lane] for lane, arguments in messages)

    with refusing("notifications_message", "event <> 'danger_alert'"):
        for _turn in range(3):
            drain(Lane.CITIZEN)
            make_everything_due()
    for mode in ("550", "421", "drop_after_data", "drop_before_data"):
        mail_sink.set_mode(mode)
        for lane in (Lane.CITIZEN, Lane.STAFF):
            drain(lane)
            deliver(lane)
        make_everything_due()
    for _turn in range(2):
        drain(Lane.MEDIA)
        make_everything_due()

    assert Photo.objects.get(ordinal=2).state == PhotoState.FAILED
    assert Photo.objects.get(ordinal=1).state == PhotoState.READY
    failed = Effect.objects.filter(last_error="IntegrityError")
    assert failed.exists() or "IntegrityError" in log.getvalue()
    assert "effect failed" in log.getvalue()
    assert leaking_lines(log.getvalue()) == []
    assert receipt.secret not in log.getvalue()
    assert found_in(everything_in(redis_client)) == []
    with connection.cursor() as cursor:
        for table in ("reports_effect", "notifications_message"):
            cursor.execute(f"SELECT coalesce(string_agg(last_error, ' '), '') FROM {table}")
            assert found_in(cursor.fetchone()[0]) == []
    history = [str(each) for each in TimelineEntry.objects.values_list("kind", "data")]
    assert found_in(" ".join(history)) == []


@pytest.mark.workers
def test_nothing_leaks_from_real_processes(
    heilbronn: Town,
    web: str,
    web_log: Callable[[], str],
    worker: Worker,
    mail_sink: MailSink,
    redis_client: redis.Redis,
) -> None:
    mail_sink.set_mode("550")
    body = {
        "category": "strasse.einbruch",
        "lon": 9.2187,
        "lat": 49.1427,
        "place_chosen_by": "map",
        "description": WORDS,
        "address": ADDRESS,
        "name": ERIKA.name,
        "email": ERIKA.email,
        "phone": ERIKA.phone,
    }
    with httpx.Client(base_url=web, timeout=30) as client:
        with refusing("reports_submission", f"address <> '{ADDRESS}'"):
            refused = client.post("/api/v1/reports", json=body)
        with refusing("notifications_message", "event <> 'danger_alert'"):
            accepted = client.post(
                "/api/v1/reports",
                data={"report": json.dumps(body)},
                files={"photos": ("Quittenbaum.jpg", broken_jpeg(), "image/jpeg")},
            )
            eventually(
                lambda: Effect.objects.filter(last_error="IntegrityError").exists(),
                saying="the alarm failed",
            )
        answer = accepted.json()
        nothing = client.get(f"/heilbronn/meldung/{answer['number']}/zugang/?code={ERIKA.email}")
        lost = client.get(f"/heilbronn/Quittengasse?wer={ERIKA.name}")
    eventually(
        lambda: (
            Photo.objects.filter(state=PhotoState.FAILED).exists()
            and Report.objects.filter(office__isnull=False).exists()
            and _mail_failed()
        ),
        within=40,
        saying="routed, photo and mail failed",
    )

    assert refused.status_code == 500
    assert found_in(refused.text) == []
    assert accepted.status_code == 201
    assert nothing.status_code in {200, 302, 404}
    assert lost.status_code == 404
    written = worker.log.read_text() + web_log()
    assert "IntegrityError" in written
    assert "unexpected error in the API" in written
    # The path of a page that was asked for is the asker's own word.
    written = written.replace("/heilbronn/Quittengasse", "")
    assert leaking_lines(written) == []
    assert answer["secret"] not in written
    assert found_in(everything_in(redis_client)) == []


def _mail_failed() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM notifications_message WHERE state = 'dead'")
        return bool(cursor.fetchone()[0])


def test_a_failed_task_is_told_without_its_words(log: io.StringIO) -> None:
    error = ValueError(f"{ERIKA.name} <{ERIKA.email}>")

    def fail(**_more: Any) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("reports.tasks.forget_what_is_due", fail)
        result = keep_house.apply()

    assert result.failed()
    assert "reports.tasks.keep_house" in log.getvalue()
    assert "ValueError" in log.getvalue()
    assert found_in(log.getvalue()) == []


def test_a_trace_names_types_codes_and_places_of_the_whole_chain(heilbronn: Town) -> None:
    receipt = submit(heilbronn)
    with refusing("reports_contact", "name = ''"), pytest.raises(IntegrityError) as refused:
        Contact.objects.filter(report=receipt.report).update(phone="1")

    assert found_in(str(refused.value)), "the words are there, so leaving them out is a deed"
    trace = trace_of(refused.value)
    assert trace[0] == "django.db.utils.IntegrityError"
    (cause,) = [line for line in trace if line.startswith("psycopg.")]
    assert "23514" in cause
    assert "refused_for_a_test" in cause
    assert any("test_no_personal_data_leaks.py" in line for line in trace)
    assert found_in("\n".join(trace)) == []


@pytest.mark.parametrize(
    "line",
    [
        "7KQ2M-7KQ2M-7KQ2M-7KQ2M-7KQ2M opened",
        f"mail to {ERIKA.email} refused",
        "token anl_AbCdEfGhIjKlMnOpQrStUvWx",
        "GET /heilbronn/meldung/HN-2026-000001/zugang/?code=geheim",
    ],
)
def test_secrets_are_cut_out_of_any_line(log: io.StringIO, line: str) -> None:
    logging.getLogger("somebody.else").warning("%s", line)

    said = json.loads(log.getvalue().splitlines()[-1])["message"]
    assert "…" in said
    for secret in ("7KQ2M", "zwitscher", "anl_", "geheim"):
        assert secret not in said


def test_erasing_an_address_leaves_it_nowhere(
    heilbronn: Town, mail_sink: MailSink, redis_client: redis.Redis
) -> None:
    submit(heilbronn)
    drain(Lane.CITIZEN)

    forget_what_is_due(now=timezone.now() + timedelta(days=9))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(recipient || context::text, ' ') FROM notifications_message"
        )
        kept = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM notifications_message WHERE state = 'pending'")
        assert cursor.fetchone()[0] >= 1  # offices and the person on call still hear of it
    assert ERIKA.email not in kept
    assert ADDRESS not in kept
    assert WorkState.DEAD not in set(Effect.objects.values_list("state", flat=True))
