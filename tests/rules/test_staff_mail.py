"""A mailbox nobody can write to stops nothing, and shows in the log by what it should have got."""

import json
import logging
from collections.abc import Callable

import pytest

from backend.logs import JsonLines
from notifications.models import Message
from reports.actions.submit import Receipt
from reports.messages import mail_office, tell_dispatch_of_held
from tests.people import Town

pytestmark = pytest.mark.django_db


def test_it_is_logged_by_event_and_case_and_never_by_address(
    heilbronn: Town, report: Callable[..., Receipt], caplog: pytest.LogCaptureFixture
) -> None:
    case = report(heilbronn).report
    broken, works = heilbronn.offices["66"], heilbronn.offices["67"]
    broken.email = "kein Postfach"

    with caplog.at_level(logging.ERROR, logger="reports"):
        for office in (broken, works):
            mail_office(case, office, event="office_copy", key=f"copy:{office.pk}")
        tell_dispatch_of_held(broken, key="held", waiting=3, late=1, hours=4, link="")

    assert [message.key for message in Message.objects.filter(event="office_copy")] == [
        f"copy:{works.pk}"
    ]
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    assert [(line["message"], line["event"], line["ref"]) for line in lines] == [
        ("no deliverable address", "office_copy", case.number),
        ("no deliverable address", "held_waiting", ""),
    ]
    assert "Postfach" not in caplog.text
