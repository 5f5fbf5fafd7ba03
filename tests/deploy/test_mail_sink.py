"""The mail sink keeps what it accepts, misbehaves exactly as ordered, and is for this machine."""

import http.client
import json
import smtplib
import stat
import time

import pytest

from deploy.local.mailsink import MODES, MailSink

TEXT = (
    "From: Rathaus <rathaus@heilbronn.example>\r\nTo: erika@buerger.example\r\n"
    "Subject: Ihre Meldung HN-2026-004711\r\nMessage-ID: <1@heilbronn.example>\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nGrüße: http://127.0.0.1:8000/x?a=1&b=2.\r\n"
)
ERIKA = "erika@buerger.example"


def send(sink: MailSink, to: str = ERIKA, text: str = TEXT) -> None:
    """Send one mail as a sender that does not wait for ever."""
    with smtplib.SMTP("127.0.0.1", sink.smtp_port, timeout=5) as client:
        client.sendmail("rathaus@heilbronn.example", [to], text.encode())


def ask(
    sink: MailSink, path: str, method: str = "GET", body: object = None, **headers: str
) -> tuple[int, str]:
    """Status and body of a page of the sink."""
    connection = http.client.HTTPConnection("127.0.0.1", sink.page_port, timeout=5)
    try:
        payload = None if body is None else json.dumps(body)
        connection.request(method, path, payload, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_a_mail_is_kept_as_it_came(sink):
    send(sink)

    (mail,) = sink.wait_for(to="erika")
    assert (mail.subject, mail.message_id) == (
        "Ihre Meldung HN-2026-004711", "<1@heilbronn.example>"
    )  # fmt: skip
    assert "Grüße" in mail.body
    assert mail.raw.strip() == TEXT.encode().strip()


def test_a_broken_mail_is_kept_too(sink):
    send(
        sink,
        text="Subject: =?utf-8?b?broken\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\xff",
    )

    assert sink.wait_for()


def test_mails_survive_a_restart(sink, tmp_path):
    send(sink)
    sink.stop()

    with MailSink(store=tmp_path / "mail") as again:
        assert [mail.subject for mail in again.messages] == ["Ihre Meldung HN-2026-004711"]
        send(again)
        assert [mail.id for mail in again.wait_for(2)] == [1, 2]
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", ["421", "451", "550", "552"])
def test_a_refusal_carries_its_code_and_keeps_nothing(sink, mode):
    sink.set_mode(mode)

    with pytest.raises(smtplib.SMTPException) as refused:
        send(sink)

    assert mode in str(refused.value)
    assert sink.messages == []


def test_hanging_up_before_the_text_keeps_nothing(sink):
    sink.set_mode("drop_before_data")

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sink)
    assert sink.messages == []


def test_hanging_up_after_the_text_keeps_the_mail(sink):
    """The case in which a sender cannot know whether the mail was taken."""
    sink.set_mode("drop_after_data")

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sink)
    assert len(sink.messages) == 1


def test_saying_nothing_after_the_text_ends_with_a_hang_up(sink):
    sink.set_mode("accept_then_hang", delay=0.2)

    begun = time.monotonic()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sink)
    assert time.monotonic() - begun >= 0.2
    assert len(sink.messages) == 1


def test_slow_is_slow_and_then_good(sink):
    sink.set_mode("slow", delay=0.2)

    begun = time.monotonic()
    send(sink)
    assert time.monotonic() - begun >= 0.2


def test_a_mode_ends_after_its_count(sink):
    sink.set_mode("451", count=1)

    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(sink)
    send(sink)
    assert len(sink.messages) == 1


def test_a_mode_can_concern_one_recipient_only(sink):
    sink.set_mode("550", recipient="karl")

    send(sink)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(sink, to="karl@buerger.example")
    assert [mail.to for mail in sink.messages] == [(ERIKA,)]


def test_an_unknown_mode_is_refused(sink):
    with pytest.raises(ValueError, match="mode must be one of normal, slow"):
        sink.set_mode("moody")

    status, body = ask(sink, "/api/mode", "POST", {"mode": "moody"})
    assert status == 400
    assert "drop_after_data" in body
    assert sink.mode.name == "normal"


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_can_be_set_over_http(sink, mode):
    assert ask(sink, "/api/mode", "POST", {"mode": mode, "count": 2}) == (
        200, json.dumps({"mode": mode, "count": 2})
    )  # fmt: skip


def test_waiting_in_vain_says_what_did_arrive(sink):
    send(sink)

    with pytest.raises(TimeoutError, match=r"2 mails to '' expected within 0\.1 s, got .*004711"):
        sink.wait_for(2, timeout=0.1)


def test_the_page_shows_mails_with_links_and_without_danger(sink):
    send(sink, text=TEXT.replace("Ihre Meldung", "<script>alert(1)</script>"))

    status, page = ask(sink, "/")
    assert status == 200
    assert "1 mail" in page
    assert "<script>" not in page
    _status, mail = ask(sink, "/mails/1")
    assert '<a href="http://127.0.0.1:8000/x?a=1&amp;b=2" rel="noreferrer">' in mail
    assert ask(sink, "/raw/1")[1].strip() == TEXT.replace(
        "Ihre Meldung", "<script>alert(1)</script>"
    ).strip()  # fmt: skip


def test_mails_can_be_asked_for_by_recipient_and_time(sink):
    send(sink)
    send(sink, to="karl@buerger.example")

    found = json.loads(ask(sink, "/api/messages?to=karl")[1])
    assert (found["count"], found["messages"][0]["to"]) == (1, ["karl@buerger.example"])
    assert json.loads(ask(sink, "/api/messages?since=1")[1])["count"] == 1
    assert ask(sink, "/api/messages?since=yesterday")[0] == 400


def test_forgetting_deletes_the_files(sink, tmp_path):
    send(sink)
    assert list((tmp_path / "mail").iterdir())

    assert ask(sink, "/api/messages", "DELETE")[0] == 200

    assert sink.messages == []
    assert list((tmp_path / "mail").iterdir()) == []


@pytest.mark.parametrize(
    "headers", [{"Host": "mails.example"}, {"Origin": "https://elsewhere.example"}]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_pages_of_other_sites_cannot_ask(sink, headers, method):
    send(sink)

    assert ask(sink, "/api/messages", method, **headers)[0] == 403
    assert len(sink.messages) == 1


@pytest.mark.parametrize("path", ["/mails/99", "/api/messages/99", "/raw/99", "/etc/passwd"])
def test_what_is_not_there_is_not_found(sink, path):
    assert ask(sink, path)[0] == 404
