"""What operators have: a test mail and checks of the settings."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Municipality
from deploy.local.mailsink import MailSink
from notifications.checks import check_lease, check_texts
from notifications.models import Message
from notifications.tasks import TIME_LIMIT, drain


@pytest.mark.django_db
def test_a_test_mail_goes_the_usual_way(town: Municipality, mail_sink: MailSink) -> None:
    out = StringIO()

    call_command("send_test_mail", "heilbronn", "it@rathaus.example", "--here", stdout=out)

    assert "übergeben" in out.getvalue()
    assert mail_sink.messages[0].subject == "Testnachricht von Stadt Heilbronn"


@pytest.mark.django_db
def test_a_test_mail_tells_what_is_wrong(town: Municipality, mail_sink: MailSink) -> None:
    mail_sink.set_mode("550")
    with pytest.raises(CommandError, match=r"endgültig abgewiesen \(RCPT 550 5\.1\.1\)"):
        call_command("send_test_mail", "heilbronn", "it@rathaus.example", "--here")
    with pytest.raises(CommandError, match="no mail address"):
        call_command("send_test_mail", "heilbronn", "it")
    with pytest.raises(CommandError, match="no municipality"):
        call_command("send_test_mail", "entenhausen", "it@rathaus.example")
    with pytest.raises(CommandError, match="Not sent: wartet"):
        call_command("send_test_mail", "heilbronn", "it@rathaus.example", "--wait", "0")
    assert Message.objects.count() == 2


def test_a_lease_too_short_to_send_anything_stops_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert check_lease(None) == []
    monkeypatch.setitem(settings.LEASE_SECONDS, "message", settings.SMTP_DATA_TIMEOUT_SECONDS)

    assert [problem.id for problem in check_lease(None)] == ["notifications.E001"]


def test_no_text_is_missing() -> None:
    assert check_texts(None) == []


def test_a_worker_is_not_killed_before_it_could_record_what_it_sent() -> None:
    longest = settings.SMTP_DATA_TIMEOUT_SECONDS + settings.LEASE_SECONDS["message"]

    assert drain.time_limit == TIME_LIMIT > longest
