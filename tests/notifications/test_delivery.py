"""Delivery against a real relay: each phase has its meaning, and nothing is sent twice."""

import email
import email.policy
import select
import smtplib
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts.derived_codes import derive
from accounts.models import Municipality
from deploy.local.mailsink import MailSink
from leases.claiming import Outcome, claim_due
from leases.models import WorkState
from notifications import delivery, outbox
from notifications.channels import MailCarrier
from notifications.faults import TemporaryFailure
from notifications.models import Message, Template
from notifications.smtp import SmtpRelay
from notifications.tasks import drain
from tests.notifications.conftest import RECEIVED, STATUS, Book
from tests.notifications.scripted_relay import ScriptedRelay

pytestmark = pytest.mark.django_db

Deliver = Callable[[], None]
DueNow = Callable[[Message], None]


def test_a_message_is_delivered_and_settled(
    town: Municipality, book: Book, deliver: Deliver, mail_sink: MailSink
) -> None:
    message = book(
        event="report_received", context=RECEIVED, recipient="erika@bücher.example", language="de"
    )

    deliver()

    (mail,) = mail_sink.messages
    parsed = email.message_from_bytes(mail.raw, policy=email.policy.default)
    assert mail.to == ("erika@xn--bcher-kva.example",)
    assert parsed["Subject"] == "Ihre Meldung HN-2026-000001 ist eingegangen"
    assert parsed["Message-ID"] == message.message_id
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["From"].addresses[0].display_name == "Stadt Heilbronn – Mängelmelder"
    assert parsed["From"].addresses[0].addr_spec == f"maengelmelder@{settings.MAIL_FROM_DOMAIN}"
    assert parsed["Reply-To"].addresses[0].addr_spec == town.contact_email
    assert parsed["To"].addresses[0].addr_spec == "erika@xn--bcher-kva.example"
    assert parsed["Date"].datetime.utcoffset() is not None
    assert parsed["List-Unsubscribe"] is None
    assert parsed.get_content_type() == "text/plain"
    assert derive("receipt", 1, 1) in parsed.get_content()
    assert all(len(line) <= 78 for line in mail.raw.split(b"\r\n"))
    message.refresh_from_db()
    assert message.state == WorkState.DONE
    assert message.sent_at == message.settled_at is not None
    assert message.failing_since is None
    assert derive("receipt", 1, 1) not in str(Message.objects.values().get())


def test_a_way_out_becomes_a_header_in_one_piece(
    book: Book, deliver: Deliver, mail_sink: MailSink
) -> None:
    link = f"https://anliegen.example/heilbronn/{'x' * 150}/?code=1"
    book(event="report_status", context=STATUS | {"stop_link": link})

    deliver()

    parsed = email.message_from_bytes(mail_sink.messages[0].raw, policy=email.policy.default)
    assert parsed["List-Unsubscribe"] == f"<{link}>"
    # RFC 8058: one POST of the mail program is enough.
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_one_click_is_offered_over_https_only(
    book: Book, deliver: Deliver, mail_sink: MailSink
) -> None:
    book(event="report_status", context=STATUS | {"stop_link": "http://anliegen.example/x"})

    deliver()

    parsed = email.message_from_bytes(mail_sink.messages[0].raw, policy=email.policy.default)
    assert parsed["List-Unsubscribe"] == "<http://anliegen.example/x>"
    assert parsed["List-Unsubscribe-Post"] is None


def test_the_same_key_is_one_mail_however_often_it_is_drained(
    book: Book, deliver: Deliver, mail_sink: MailSink
) -> None:
    for _ in range(3):
        book("once")
        deliver()

    assert len(mail_sink.messages) == 1


def test_one_lane_leaves_the_others_alone(book: Book, mail_sink: MailSink) -> None:
    book()

    drain("citizen", "argument of tomorrow", also="this")

    assert mail_sink.messages == []


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("451", "deferred RCPT 451 4.3.0"),
        ("drop_before_data", "cut DATA SMTPServerDisconnected"),
    ],
)
def test_before_the_end_of_data_a_failure_is_tried_again(
    book: Book, deliver: Deliver, due_now: DueNow, mail_sink: MailSink, mode: str, error: str
) -> None:
    message = book()
    mail_sink.set_mode(mode, count=1)

    deliver()

    message.refresh_from_db()
    assert (message.state, message.last_error, message.attempts) == ("pending", error, 1)
    assert timedelta(seconds=7) < message.next_at - timezone.now() < timedelta(seconds=13)
    assert message.failing_since is not None
    due_now(message)
    deliver()
    assert [mail.message_id for mail in mail_sink.messages] == [message.message_id]


@pytest.mark.parametrize(
    ("mode", "error"), [("550", "refused RCPT 550 5.1.1"), ("552", "refused end 552 5.3.4")]
)
def test_a_permanent_refusal_is_final_and_others_still_flow(
    town: Municipality,
    book: Book,
    deliver: Deliver,
    mail_sink: MailSink,
    mode: str,
    error: str,
) -> None:
    bad = book("bad", recipient="nobody@heilbronn.example")
    for number in range(12):
        book(f"good{number}")
    mail_sink.set_mode(mode, recipient="nobody")

    deliver()

    bad.refresh_from_db()
    assert (bad.state, bad.last_error) == ("dead", error)
    assert len(mail_sink.messages) == 12
    (listed,) = outbox.trouble([town.pk])
    assert listed.last_error.startswith("endgültig abgewiesen")


@pytest.mark.parametrize("mode", ["drop_after_data", "accept_then_hang"])
def test_without_an_answer_the_outcome_is_uncertain_and_repeated_once(
    book: Book, deliver: Deliver, due_now: DueNow, mail_sink: MailSink, mode: str
) -> None:
    message = book()
    mail_sink.set_mode(mode, count=1, delay=4)

    deliver()

    message.refresh_from_db()
    assert message.state == "uncertain"
    assert message.last_error.startswith("unanswered")
    assert timedelta(minutes=14) < message.next_at - timezone.now() < timedelta(minutes=16)
    due_now(message)
    deliver()
    message.refresh_from_db()
    assert message.state == "done"
    assert [mail.message_id for mail in mail_sink.messages] == [message.message_id] * 2


def test_unanswered_twice_is_given_up_and_listed(
    town: Municipality, book: Book, deliver: Deliver, due_now: DueNow, mail_sink: MailSink
) -> None:
    message = book()
    mail_sink.set_mode("drop_after_data")
    deliver()
    due_now(message)

    deliver()

    message.refresh_from_db()
    assert message.state == "dead"
    assert outbox.trouble([town.pk])[0].last_error.startswith("übergeben, aber")
    due_now(message)
    deliver()
    assert len(mail_sink.messages) == 2


def test_doubt_survives_a_failure_in_between(
    book: Book, deliver: Deliver, due_now: DueNow, mail_sink: MailSink
) -> None:
    message = book()
    for mode in ("drop_after_data", "451", "drop_before_data"):
        mail_sink.set_mode(mode, count=1)
        due_now(message)
        deliver()
        message.refresh_from_db()
        assert message.state == "uncertain"
    mail_sink.set_mode("drop_after_data", count=1)
    due_now(message)
    deliver()

    message.refresh_from_db()
    assert message.state == "dead"
    assert len(mail_sink.messages) == 2


def test_while_the_relay_is_away_nothing_is_claimed(
    book: Book, deliver: Deliver, mail_sink: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [book(f"k{number}") for number in range(5)]
    monkeypatch.setattr(settings, "EMAIL_PORT", 1)
    deliver()
    messages[0].refresh_from_db()
    assert (messages[0].state, messages[0].attempts) == ("pending", 0)

    monkeypatch.setattr(settings, "EMAIL_PORT", mail_sink.smtp_port)
    deliver()

    assert len(mail_sink.messages) == 5


def test_a_relay_that_closes_its_door_costs_no_patience(
    book: Book, deliver: Deliver, due_now: DueNow, mail_sink: MailSink
) -> None:
    message = book()
    mail_sink.set_mode("421", count=1)

    deliver()

    message.refresh_from_db()
    assert message.last_error == "unreachable MAIL 421 4.3.2"
    assert message.next_at - timezone.now() < timedelta(seconds=4)
    assert message.failing_since is None


def test_patience_ends_after_72_hours_of_failing(
    book: Book, deliver: Deliver, mail_sink: MailSink
) -> None:
    message = book()
    Message.objects.update(failing_since=F("created_at") - timedelta(hours=73))
    mail_sink.set_mode("451")

    deliver()

    message.refresh_from_db()
    assert message.state == "dead"


def test_pauses_grow_to_an_hour() -> None:
    pauses = [delivery.back_off(attempt) for attempt in range(1, 200)]

    assert 8 <= pauses[0] <= 12
    assert 16 <= pauses[1] <= 24
    assert all(2880 <= pause <= 4320 for pause in pauses[10:])


@pytest.mark.parametrize(
    "poison",
    [
        {"recipient": "x@y.example\r\nRCPT TO:<z@evil.example>"},
        {"recipient": "no address"},
        {"recipient": "müller@y.example"},
        {"event": "report_sneezed"},
        {"context": "no mapping"},
    ],
)
def test_a_poisoned_row_dies_alone(
    book: Book,
    deliver: Deliver,
    due_now: DueNow,
    mail_sink: MailSink,
    poison: dict[str, str],
) -> None:
    message = book("poison")
    Message.objects.update(**poison)
    book("good")

    for _ in range(delivery.POISON_ATTEMPTS):
        due_now(message)
        deliver()

    message.refresh_from_db()
    assert (message.state, message.attempts) == ("dead", delivery.POISON_ATTEMPTS)
    assert message.last_error.startswith("broken ")
    assert "evil" not in message.last_error
    assert len(mail_sink.messages) == 1
    due_now(message)
    deliver()
    message.refresh_from_db()
    assert message.attempts == delivery.POISON_ATTEMPTS


def test_line_breaks_in_stored_values_and_wordings_add_no_header(
    town: Municipality, book: Book, deliver: Deliver, mail_sink: MailSink
) -> None:
    evil = "x\r\nBcc: victim@evil.example\r\n\r\nbody\u2028Bcc: y"
    Template.objects.create(
        municipality=town, event="report_status", subject=f"{{{{ number }}}} {evil}"[:140], body="b"
    )
    town.official_name = "Stadt\r\nBcc: victim@evil.example"
    town.save()
    message = book(event="report_status", context=STATUS)
    Message.objects.filter(pk=message.pk).update(context=STATUS | {"number": evil})

    deliver()

    (mail,) = mail_sink.messages
    parsed = email.message_from_bytes(mail.raw, policy=email.policy.default)
    assert parsed["Bcc"] is None
    assert mail.to == ("amt66@heilbronn.example",)
    assert parsed.defects == []
    assert sorted(parsed.keys()) == sorted(set(parsed.keys()))


def test_an_erased_message_is_not_sent(book: Book, deliver: Deliver, mail_sink: MailSink) -> None:
    book(event="report_status", context=STATUS)
    outbox.erase("HN-2026-000001")

    deliver()

    assert mail_sink.messages == []


def test_two_workers_send_each_message_once(book: Book, mail_sink: MailSink) -> None:
    for number in range(40):
        book(f"k{number}")

    def work() -> None:
        try:
            drain("staff")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ids = [mail.message_id for mail in mail_sink.messages]
    assert len(ids) == len(set(ids)) == 40
    assert set(Message.objects.values_list("state", "attempts")) == {("done", 1)}


def test_a_late_worker_changes_nothing(book: Book, due_now: DueNow) -> None:
    message = book()
    (late,) = claim_due(Message, "staff", limit=1, lease=0.0)
    due_now(message)
    (newer,) = claim_due(Message, "staff", limit=1, lease=60)

    assert delivery.record(late, Outcome.dead("refused")) is False
    assert delivery.record(newer, Outcome.done()) is True
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("done", 2)


def test_the_final_dot_is_not_sent_when_the_lease_is_nearly_over(
    book: Book, mail_sink: MailSink
) -> None:
    message = book()
    (claim,) = claim_due(Message, "staff", limit=1, lease=60)
    carrier = MailCarrier()

    outcome = delivery.deliver(claim, carrier, until=time.monotonic() + 1)

    carrier.close()
    assert (outcome.state, outcome.error) == (WorkState.PENDING, "no_time")
    delivery.record(claim, outcome)
    message.refresh_from_db()
    assert message.failing_since is None
    assert mail_sink.messages == []


def test_a_batch_is_put_back_when_the_time_is_up(book: Book, mail_sink: MailSink) -> None:
    for number in range(3):
        book(f"k{number}")
    claims = claim_due(Message, "staff", limit=3, lease=60)
    now = time.monotonic()

    delivery.deliver_batch(claims, MailCarrier(), claimed_at=now, stop_at=now - 1)

    assert set(Message.objects.values_list("state", "last_error")) == {("pending", "no_time")}
    assert mail_sink.messages == []


def test_no_transaction_is_open_while_the_relay_is_talked_to(
    book: Book, deliver: Deliver, mail_sink: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    book()
    seen: list[bool] = []
    original = MailCarrier.hand_over

    def watched(self: MailCarrier, *args: object, **kwargs: object) -> None:
        seen.append(connection.in_atomic_block)
        connection.close()  # the database may even go away meanwhile
        original(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(MailCarrier, "hand_over", watched)

    deliver()

    assert seen == [False]
    assert Message.objects.get().state == "done"


@pytest.mark.parametrize(
    ("answers", "state", "error"),
    [
        ({"end": "451 4.2.1 later"}, "pending", "deferred end 451 4.2.1"),
        ({"end": "554 5.7.1 spam from erika@x.example"}, "dead", "refused end 554 5.7.1"),
        ({"end": "what?"}, "uncertain", "unanswered end -1"),
        ({"end": "354 more"}, "uncertain", "unanswered end 354"),
        ({"end": "x" * 10_000}, "uncertain", "unanswered SMTPResponseException"),
        ({"end": None}, "uncertain", "unanswered SMTPServerDisconnected"),
        ({"end": "250-one\r\n250 two"}, "done", ""),
        ({"RCPT": "251 will forward"}, "done", ""),
        ({"RCPT": "450 4.2.0 greylisted"}, "pending", "deferred RCPT 450 4.2.0"),
        ({"RCPT": None}, "pending", "cut RCPT SMTPServerDisconnected"),
        ({"DATA": "554 no"}, "dead", "refused DATA 554"),
        ({"MAIL": "553 5.7.1 sender rejected"}, "pending", "deferred MAIL 553 5.7.1"),
        ({"greeting": "554 go away"}, "pending", ""),
        ({"greeting": None}, "pending", ""),
        ({"EHLO": "500 what", "HELO": "250 fine"}, "done", ""),
    ],
)
def test_each_phase_has_its_meaning(
    book: Book,
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
    answers: dict[str, str | None],
    state: str,
    error: str,
) -> None:
    message = book()
    with ScriptedRelay(answers) as relay:
        monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        monkeypatch.setattr(settings, "EMAIL_PORT", relay.port)
        deliver()

    message.refresh_from_db()
    assert message.state == state
    assert message.last_error.startswith(error)
    assert "erika" not in message.last_error


@pytest.mark.parametrize("size", [10, 20_000_000])
def test_a_relay_that_hangs_up_inside_the_content_has_not_accepted(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    send = smtplib.SMTP.send

    def until_it_hangs_up(self: smtplib.SMTP, words: str | bytes) -> None:
        send(self, words)
        if words == content:
            assert self.sock is not None
            assert select.select([self.sock], [], [], 30)[0]

    monkeypatch.setattr(smtplib.SMTP, "send", until_it_hangs_up)
    monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
    content, until = b"x" * size + b"\r\n", time.monotonic() + 30
    with ScriptedRelay({"content": None}) as relay:
        monkeypatch.setattr(settings, "EMAIL_PORT", relay.port)
        with pytest.raises(TemporaryFailure, match="cut content"):
            SmtpRelay().hand_over("a@x.example", "b@x.example", content, until=until)


def test_a_connection_that_died_in_between_is_replaced(
    book: Book, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        book(f"k{number}")
    with ScriptedRelay({}, mails_per_connection=1) as relay:
        monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        monkeypatch.setattr(settings, "EMAIL_PORT", relay.port)
        deliver()

    assert set(Message.objects.values_list("state", "attempts")) == {("done", 1)}
    assert relay.mails == 3
