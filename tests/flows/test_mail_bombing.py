"""Nobody can flood an address by typing it into a form: one mail an hour until it is confirmed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from accounts import limits
from notifications.models import Message
from reports.draft import Sender
from reports.models import Contact
from reports.receipts import find_by_number
from tests.people import Town

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
VICTIM = Sender(email="opfer@beispiel.example")


@pytest.fixture(autouse=True)
def _as_in_production(settings: Settings) -> None:
    settings.STRANGER_MAIL_EVERY = HOUR


def mails() -> list[Message]:
    return list(Message.objects.filter(event="report_received").order_by("next_at"))


def test_the_first_goes_at_once_and_the_others_wait_their_turn(
    heilbronn: Town, report: Any
) -> None:
    for _turn in range(4):
        report(heilbronn, sender=VICTIM, routed=False)

    [first, *others] = mails()
    assert first.next_at <= timezone.now()
    for before, after in pairwise(others):
        assert after.next_at - before.next_at == HOUR
    assert all(mail.next_at > timezone.now() for mail in others)


def test_spelling_makes_no_other_address(heilbronn: Town, heidenheim: Town, report: Any) -> None:
    report(heilbronn, sender=VICTIM, routed=False)
    report(heidenheim, sender=Sender(email=VICTIM.email.upper()), routed=False, lon=10.15)

    assert [mail.next_at > timezone.now() for mail in mails()] == [False, True]


def test_others_do_not_wait(heilbronn: Town, report: Any) -> None:
    report(heilbronn, sender=VICTIM, routed=False)
    report(heilbronn, sender=Sender(email="andere@beispiel.example"), routed=False)

    assert all(mail.next_at <= timezone.now() for mail in mails())


def test_a_flood_loses_its_mails_and_no_report(
    heilbronn: Town, report: Any, settings: Settings
) -> None:
    settings.CONFIRM_ADDRESS_WITHIN = timedelta(hours=3)
    receipts = [report(heilbronn, sender=VICTIM, routed=False) for _turn in range(6)]

    assert len(mails()) == 3
    assert all(find_by_number(None, receipt.number) for receipt in receipts)
    assert Contact.objects.filter(email=VICTIM.email).count() == 6


def test_two_at_the_same_moment_take_two_turns(db: None) -> None:
    def take(_number: int) -> Any:
        try:
            return limits.take_turn("mail", "x", every=HOUR, within=timedelta(hours=20))
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as pool:
        turns = list(pool.map(take, range(8)))

    assert None not in turns
    assert len(set(turns)) == 8
