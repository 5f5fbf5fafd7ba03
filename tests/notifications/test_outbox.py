"""Booking messages: once per key, safe addresses, declared values, and what staff may see."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import Municipality
from leases.models import Lane, WorkState
from notifications import outbox
from notifications.events import UnknownEvent
from notifications.models import Channel, Message
from notifications.values import ContextMismatch
from tests.notifications.conftest import NEW_CASE, RECEIVED, STATUS, Book, make_town

pytestmark = pytest.mark.django_db


def test_a_key_is_booked_once(town: Municipality, book: Book) -> None:
    first = book("once")

    again = outbox.queue(
        municipality_id=town.pk,
        key="once",
        event="office_new_case",
        recipient="other@heilbronn.example",
        context=NEW_CASE,
        lane=Lane.STAFF,
    )

    assert again is False
    assert Message.objects.get().recipient == first.recipient


def test_a_booking_vanishes_with_its_transaction(book: Book) -> None:
    with transaction.atomic():
        book("never")
        transaction.set_rollback(True)

    assert not Message.objects.exists()


def test_a_worker_is_woken_after_the_commit_and_not_before(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[str, str]] = []
    monkeypatch.setattr("leases.wakeups.wake", lambda task, lane: woken.append((task, lane)))

    with transaction.atomic():
        book("a")
        book("b", not_before=timezone.now() + timedelta(hours=1))
        assert woken == []

    assert woken == [(outbox.DRAIN, "staff")]


def test_the_message_id_depends_on_the_key_alone(book: Book) -> None:
    before = book("same").message_id
    Message.objects.all().delete()

    assert book("same").message_id == before
    assert book("other").message_id != before


def test_several_are_booked_at_once(town: Municipality, book: Book) -> None:
    book("b")
    letters = [
        outbox.Letter(
            town.pk, key, "office_new_case", "amt66@heilbronn.example", NEW_CASE, Lane.STAFF
        )
        for key in ("c", "b", "a")
    ]

    assert outbox.queue_many(letters) == 2
    assert Message.objects.count() == 3


@pytest.mark.parametrize(
    "recipient",
    [
        "erika@buerger.example\r\nBcc: x@evil.example",
        "erika@buerger.example\n",
        "erika\x00@buerger.example",
        "erika\u2028@buerger.example",
        '"erika\x0b"@buerger.example',
        "erika@buerger.example,x@evil.example",
        "Erika <erika@buerger.example>",
        "erika@",
        "@buerger.example",
        "erika",
        "",
        "müller@buerger.example",
        "e@" + "x" * 260 + ".example",
    ],
)
def test_an_address_that_could_smuggle_a_header_is_refused(book: Book, recipient: str) -> None:
    with pytest.raises(outbox.RecipientRefused) as refusal:
        book(recipient=recipient)

    assert recipient not in str(refusal.value) or not recipient
    assert not Message.objects.exists()


def test_values_must_be_the_declared_ones(book: Book) -> None:
    with pytest.raises(ContextMismatch, match=r"unknown \['reporter'\]"):
        book(context=NEW_CASE | {"reporter": "Erika"})
    with pytest.raises(ContextMismatch, match=r"missing \['desk_link'\]"):
        book(context={"number": "1", "category": "x"})
    with pytest.raises(ContextMismatch, match="district: list"):
        book(context=NEW_CASE | {"district": ["a"]})
    with pytest.raises(ContextMismatch, match="secret"):
        book(event="report_received", context=RECEIVED | {"secret": {"derive": ["receipt"]}})
    with pytest.raises(ContextMismatch, match="confirm_link"):
        book(
            event="report_received",
            context=RECEIVED
            | {"confirm_link": {"url": "javascript:alert(1)", "derive": ["confirm", 1, 1]}},
        )
    with pytest.raises(UnknownEvent):
        book(event="report_sneezed")


def test_what_postgresql_cannot_store_is_cleaned_and_not_fatal(book: Book) -> None:
    stored = book(context=NEW_CASE | {"district": "Böck\x00ingen\ud800"})

    assert stored.context["district"] == "Böckingen?"


def test_lazy_words_are_stored_in_the_language_of_the_message(book: Book) -> None:
    context = STATUS | {"status": gettext_lazy("wartet")}

    assert book("de", event="report_status", context=context).context["status"] == "wartet"
    assert (
        book("en", event="report_status", context=context, language="en").context["status"]
        == "waiting"
    )


def test_secrets_are_never_stored(book: Book) -> None:
    from accounts.derived_codes import derive

    book(event="report_received", context=RECEIVED)

    with connection.cursor() as cursor:
        cursor.execute("SELECT m::text FROM notifications_message m")
        assert derive("receipt", 1, 1) not in cursor.fetchone()[0]


def test_staff_see_states_with_masked_addresses(town: Municipality, book: Book) -> None:
    book()
    Message.objects.update(state=WorkState.DEAD, last_error="refused RCPT 550 5.1.1")

    (state,) = outbox.states_for("HN-2026-000001")

    assert state.event_label == "neuer Vorgang im Amt"
    assert state.state_label == "gescheitert"
    assert state.last_error == "endgültig abgewiesen (RCPT 550 5.1.1)"
    assert state.recipient == "a…@heilbronn.example"
    assert outbox.trouble([town.pk]) == [state]
    assert outbox.trouble([town.pk + 1]) == []
    assert outbox.masked("e@buerger.example") == "…@buerger.example"


def test_a_failed_message_is_sent_again_under_a_new_key(town: Municipality, book: Book) -> None:
    old = book("k")
    Message.objects.update(state=WorkState.DEAD, last_error="refused RCPT 550")

    key = outbox.resend(old.pk, municipality_id=town.pk)
    second_click = outbox.resend(old.pk, municipality_id=town.pk)

    assert key == second_click == "k#2"
    new = Message.objects.get(key=key)
    assert (new.recipient, new.context, new.subject_ref) == (
        old.recipient,
        old.context,
        old.subject_ref,
    )
    assert new.message_id != old.message_id
    old.refresh_from_db()
    assert (old.state, old.last_error) == ("cancelled", "superseded refused RCPT 550")
    assert outbox.trouble([town.pk]) == []


def test_a_message_that_went_out_can_be_sent_a_third_time(town: Municipality, book: Book) -> None:
    old = book("k")
    Message.objects.update(state=WorkState.DONE)
    outbox.resend(old.pk, municipality_id=town.pk)
    Message.objects.update(state=WorkState.DONE)

    assert outbox.resend(old.pk, municipality_id=town.pk) == "k#3"
    old.refresh_from_db()
    assert old.state == WorkState.DONE


def test_what_is_on_its_way_or_erased_or_foreign_is_not_sent_again(
    town: Municipality, book: Book
) -> None:
    old = book("k")
    foreign = make_town()
    with pytest.raises(outbox.CannotResend):
        outbox.resend(old.pk, municipality_id=town.pk)
    with pytest.raises(outbox.UnknownMessage):
        outbox.resend(old.pk, municipality_id=foreign.pk)
    with pytest.raises(outbox.UnknownMessage):
        outbox.dismiss(old.pk, municipality_id=foreign.pk)
    outbox.erase("HN-2026-000001", staff_too=True)
    with pytest.raises(outbox.CannotResend):
        outbox.resend(old.pk, municipality_id=town.pk)


def test_twenty_clicks_at_once_send_again_once(town: Municipality, book: Book) -> None:
    old = book("k")
    Message.objects.update(state=WorkState.DEAD)
    keys: list[str] = []

    def click() -> None:
        try:
            keys.append(outbox.resend(old.pk, municipality_id=town.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert keys == ["k#2"] * 8
    assert Message.objects.count() == 2


def test_a_failed_message_can_be_ticked_off(town: Municipality, book: Book) -> None:
    old = book("k")
    assert outbox.dismiss(old.pk, municipality_id=town.pk) is False
    Message.objects.update(state=WorkState.DEAD)

    assert outbox.dismiss(old.pk, municipality_id=town.pk) is True
    assert outbox.backlog().dead == 0


def test_a_waiting_message_can_be_called_off_a_leased_one_not(book: Book) -> None:
    book("k")
    Message.objects.update(state=WorkState.LEASED)
    assert outbox.cancel("k") is False

    Message.objects.update(state=WorkState.PENDING)
    assert outbox.cancel("k") is True
    assert Message.objects.get().state == WorkState.CANCELLED


def test_erasing_forgets_the_citizen_and_spares_the_office(book: Book) -> None:
    sent = book("sent", event="report_status", context=STATUS, recipient="erika@buerger.example")
    Message.objects.update(state=WorkState.DONE)
    book("open", event="report_status", context=STATUS, recipient="erika@buerger.example")
    book("office")

    assert outbox.erase("HN-2026-000001") == 2

    for message in Message.objects.filter(key__in=["sent", "open"]):
        assert (message.recipient, message.context) == ("", {})
        assert message.erased_at is not None
    sent.refresh_from_db()
    assert sent.state == WorkState.DONE
    assert Message.objects.get(key="open").state == WorkState.CANCELLED
    assert Message.objects.get(key="office").state == WorkState.PENDING
    assert outbox.erase("HN-2026-000001") == 0
    assert outbox.erase("HN-2026-000001", staff_too=True) == 1


def test_erasing_takes_a_citizens_words_out_of_what_offices_got(book: Book) -> None:
    book("alert", event="danger_alert", context=NEW_CASE | {"place": "bei Familie Muster"})
    book("plain")

    assert outbox.erase("HN-2026-000001") == 1

    alert = Message.objects.get(key="alert")
    assert (alert.context, alert.state) == (NEW_CASE, WorkState.PENDING)
    assert alert.recipient
    assert outbox.erase("HN-2026-000001") == 0


def test_due_messages_are_counted_per_lane(book: Book) -> None:
    book("now")
    book("later", not_before=timezone.now() + timedelta(hours=1))
    book("citizen", lane=Lane.CITIZEN)

    assert outbox.due_by_lane() == {"staff": 1, "citizen": 1}
    assert outbox.has_due("staff", Channel.EMAIL)
    assert not outbox.has_due("bulk", Channel.EMAIL)
    assert outbox.backlog().open == 3
