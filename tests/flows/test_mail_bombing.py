"""Nobody can flood an address by typing it into a form: one mail an hour until it is confirmed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from accounts import derived_codes
from notifications import outbox
from notifications.models import MailTurn, Message
from notifications.rendering import Rendered, render
from reports.draft import Sender
from reports.models import Contact, Report, Screening
from reports.receipts import CONFIRM_PURPOSE, find_by_number
from tests.people import Town

pytestmark = pytest.mark.django_db

# The first mail is due the blink after its turn was taken.
HOUR = timedelta(hours=1) - timedelta(seconds=1)
VICTIM = Sender(email="opfer@beispiel.example")


def mails() -> list[Message]:
    return list(Message.objects.filter(event="report_received").order_by("next_at"))


def read(message: Message) -> Rendered:
    return render(Message.objects.select_related("municipality").get(pk=message.pk))


def test_the_first_goes_at_once_and_the_rest_are_one_mail_an_hour_later(
    heilbronn: Town, report: Any
) -> None:
    receipts = [report(heilbronn, sender=VICTIM, routed=False) for _turn in range(4)]

    first, second = mails()
    assert first.next_at <= timezone.now()
    assert second.next_at - first.next_at >= HOUR
    assert receipts[0].number in read(first).body
    for receipt in receipts:  # also the first, which nobody has confirmed so far
        assert receipt.number in read(second).body, receipt.number


def test_every_line_opens_its_own_report(heilbronn: Town, report: Any) -> None:
    receipts = [report(heilbronn, sender=VICTIM, routed=False) for _turn in range(3)]

    body = read(mails()[1]).body

    for receipt in receipts:
        assert f"/meldung/{receipt.number}/zugang/?code={receipt.secret}" in body
    assert "Auf die Bestätigung dieser Adresse warten auch:" in body
    assert "warten auch" not in read(mails()[0]).body


def test_a_mail_of_many_says_how_many_more(heilbronn: Town, report: Any) -> None:
    for _turn in range(26):
        report(heilbronn, sender=VICTIM, routed=False)

    assert len(mails()) == 2
    assert "und 5 weitere" in read(mails()[1]).body
    assert Contact.objects.filter(email=VICTIM.email).count() == 26


def test_spelling_makes_no_other_address_and_towns_share_the_hour(
    heilbronn: Town, heidenheim: Town, report: Any
) -> None:
    report(heilbronn, sender=VICTIM, routed=False)
    report(heidenheim, sender=Sender(email=VICTIM.email.upper()), routed=False, lon=10.15)
    report(heilbronn, sender=VICTIM, routed=False)

    turns = [mail.next_at for mail in mails()]
    assert len(turns) == 3
    assert all(after - before >= HOUR for before, after in pairwise(turns))
    for mail in mails():  # each town is its own controller
        numbers = set(Report.objects.values_list("number", flat=True))
        named = {number for number in numbers if number in read(mail).body}
        assert len({number[:2] for number in named}) == 1


def test_others_do_not_wait(heilbronn: Town, report: Any) -> None:
    report(heilbronn, sender=VICTIM, routed=False)
    report(heilbronn, sender=Sender(email="andere@beispiel.example"), routed=False)

    assert all(mail.next_at <= timezone.now() for mail in mails())


def test_a_mail_that_has_left_takes_nothing_more(heilbronn: Town, report: Any) -> None:
    for _turn in range(2):
        report(heilbronn, sender=VICTIM, routed=False)
    outbox.cancel(mails()[1].key)

    late = report(heilbronn, sender=VICTIM, routed=False)

    third = Message.objects.get(event="report_received", subject_ref=late.number)
    assert third.next_at - mails()[1].next_at >= HOUR
    assert late.number in read(third).body


def test_after_the_hour_a_mail_goes_at_once_again(heilbronn: Town, report: Any) -> None:
    report(heilbronn, sender=VICTIM, routed=False)
    MailTurn.objects.update(turn_at=timezone.now() - timedelta(minutes=61))

    report(heilbronn, sender=VICTIM, routed=False)

    assert all(mail.next_at <= timezone.now() for mail in mails())


def test_no_turn_beyond_the_time_for_confirming(heilbronn: Town, report: Any) -> None:
    report(heilbronn, sender=VICTIM, routed=False)
    MailTurn.objects.update(turn_at=timezone.now() + timedelta(hours=47), municipality=None)

    receipt = report(heilbronn, sender=VICTIM, routed=False)

    assert len(mails()) == 1
    assert find_by_number(None, receipt.number)


def test_fifty_at_the_same_moment_make_two_mails_and_lose_no_report(
    heilbronn: Town, report: Any
) -> None:
    def send(_number: int) -> str:
        try:
            number: str = report(heilbronn, sender=VICTIM, routed=False).number
            return number
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(send, range(50)))

    first, second = mails()
    others = second.context["others"]
    assert second.next_at - first.next_at >= HOUR
    assert len(set(numbers)) == Contact.objects.filter(email=VICTIM.email).count() == 50
    lines = len(others["lines"]) - 1 + others["more"]
    # The mail is about one report; its lines are the rest, those of before it included.
    assert lines in {48, 49}


def test_an_address_that_is_locked_costs_the_mail_and_not_the_report(
    heilbronn: Town, report: Any
) -> None:
    report(heilbronn, sender=VICTIM, routed=False)
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT FROM notifications_mailturn FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 50")
        receipt = report(heilbronn, sender=VICTIM, routed=False)
    finally:
        other.rollback()
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 2000")

    assert find_by_number(None, receipt.number)
    assert len(mails()) == 1


class TestConfirmingTogether:
    @pytest.fixture
    def three(self, heilbronn: Town, heidenheim: Town, report: Any) -> list[Any]:
        """Three of one person, one of somebody else, one in another town, one held back."""
        mine = [report(heilbronn, sender=VICTIM, routed=False) for _turn in range(3)]
        report(heilbronn, sender=Sender(email="andere@beispiel.example"), routed=False)
        report(heidenheim, sender=VICTIM, routed=False, lon=10.15)
        held = report(heilbronn, sender=VICTIM, routed=False)
        Report.objects.filter(pk=held.report.pk).update(screening=Screening.HELD)
        return mine

    def address(self, receipt: Any) -> str:
        code = derived_codes.derive(CONFIRM_PURPOSE, receipt.report.pk, 1)
        return f"/heilbronn/bestaetigen/{receipt.number}/?code={code}"

    def confirmed(self) -> set[int]:
        rows = Contact.objects.filter(email_confirmed_at__isnull=False)
        return set(rows.values_list("report_id", flat=True))

    def test_one_page_confirms_all_that_wait(self, client: Client, three: list[Any]) -> None:
        page = client.get(self.address(three[1])).content.decode()
        assert all(receipt.number in page for receipt in three)
        assert self.confirmed() == set()

        client.post(self.address(three[1]), {"alle": "1"})

        assert self.confirmed() == {receipt.report.pk for receipt in three}

    def test_or_only_the_one(self, client: Client, three: list[Any]) -> None:
        client.post(self.address(three[1]))

        assert self.confirmed() == {three[1].report.pk}

    def test_a_wrong_code_shows_and_confirms_nothing(
        self, client: Client, three: list[Any]
    ) -> None:
        wrong = self.address(three[0]).rpartition("=")[0] + "=AAAAA-AAAAA"

        assert three[1].number not in client.get(wrong).content.decode()
        assert client.post(wrong, {"alle": "1"}).status_code == 404
        assert self.confirmed() == set()
