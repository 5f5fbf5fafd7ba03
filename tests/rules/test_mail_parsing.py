"""Mails as they come: proper, broken, huge, nested, lying. None of them may raise."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postbox.html_text import text_of_html
from postbox.parsing import MOST_FILES, TEXT_LIMIT, parse
from postbox.quoting import own_words
from tests.photo_samples import jpeg_full_of_canaries

JPEG = jpeg_full_of_canaries()


def mail(**headers):
    """A proper mail of Erika's; more headers by name with _ for -."""
    message = EmailMessage()
    message["From"] = "Erika Müßtermann <erika@buerger.example>"
    message["To"] = "meldungen@heilbronn.example"
    message["Subject"] = "Laterne kaputt – Kaiserstraße"
    message["Message-ID"] = "<1@buerger.example>"
    message["Date"] = "Mon, 23 Nov 2026 10:00:00 +0100"
    message.set_content("Die Laterne vor Nr. 12 ist aus.\n")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return message


def test_a_proper_mail():
    message = mail()
    message.add_alternative("<p>Die <b>Laterne</b></p>", subtype="html")
    message.add_attachment(JPEG, maintype="image", subtype="jpeg", filename="Foto.jpg")

    parsed = parse(message.as_bytes())

    assert parsed.sender_name == "Erika Müßtermann"
    assert parsed.sender_email == "erika@buerger.example"
    assert parsed.subject == "Laterne kaputt – Kaiserstraße"
    assert parsed.body == "Die Laterne vor Nr. 12 ist aus."
    assert [(file.name, file.content) for file in parsed.files] == [("Foto.jpg", JPEG)]
    assert not parsed.is_automatic
    assert not parsed.is_spam
    assert not parsed.is_bounce


def test_html_alone_becomes_words():
    message = mail()
    message.set_content(
        "<html><head><style>p{}</style><title>x</title></head><body><p>Grüße&nbsp;aus<br>Böckingen"
        "</p><script>alert(1)</script><ul><li>eins<li>zwei</ul></body></html>",
        subtype="html",
    )

    body = parse(message.as_bytes()).body

    assert "Grüße aus\nBöckingen" in body
    assert "eins" in body
    assert "alert" not in body
    assert "p{}" not in body


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Auto_Submitted", "auto-replied"),
        ("Precedence", "bulk"),
        ("List_Id", "<news.example>"),
        ("X_Autoreply", "yes"),
    ],
)
def test_what_a_machine_wrote_is_known_as_such(header, value):
    assert parse(mail(**{header: value}).as_bytes()).is_automatic


def test_auto_submitted_no_is_a_person():
    assert not parse(mail(Auto_Submitted="no").as_bytes()).is_automatic


@pytest.mark.parametrize("header", ["X_Spam_Flag", "X_Spam_Status", "X_Spam"])
def test_the_filter_before_us_is_believed(header):
    assert parse(mail(**{header: "Yes, score=9"}).as_bytes()).is_spam


def test_numbers_come_from_subject_and_plus_address():
    message = mail(Delivered_To="meldungen+hn-2026-000007@heilbronn.example")
    message.replace_header("Subject", "AW: Ihre Meldung HN-2026-000004 ist eingegangen")

    parsed = parse(message.as_bytes(), recipient="x+HN-2026-000009@heilbronn.example")

    assert parsed.numbers == ("HN-2026-000009", "HN-2026-000007", "HN-2026-000004")


def test_a_bounce_names_the_mail_that_came_back():
    raw = (
        b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nSubject: failed\r\n"
        b"Message-ID: <dsn@mx.example>\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nSorry\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        b"Final-Recipient: rfc822; erika@buerger.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <ours@anliegen.example>\r\n"
        b"--b--\r\n"
    )

    assert parse(raw).bounced == ("<ours@anliegen.example>",)
    late = parse(raw.replace(b"Action: failed", b"Action: delayed"))
    assert late.is_bounce
    assert late.bounced == ()


def test_relays_on_the_way_make_no_second_mail_of_it():
    raw = mail().as_bytes()
    other = mail()
    other.set_content("Ganz andere Worte.")

    assert parse(b"Received: by mx2\r\n" + raw).key == parse(raw).key
    assert parse(other.as_bytes()).key != parse(raw).key, "a guessed Message-ID keeps nothing out"


def test_a_reply_without_what_it_quotes():
    text = "Ja, immer noch.\n\nAm 23.11.2026 um 10:00 schrieb Stadt Heilbronn:\n> Ist sie aus?\n"

    assert own_words(text) == "Ja, immer noch."
    assert own_words("> nur Zitat") == "> nur Zitat"
    assert own_words("Text\n-- \nErika") == "Text"


def test_small_pictures_inside_the_text_are_logos():
    message = mail()
    message.add_attachment(b"logo", maintype="image", subtype="png", filename="logo.png")
    part = next(iter(message.iter_attachments()))
    part.replace_header("Content-Disposition", 'inline; filename="logo.png"')

    assert parse(message.as_bytes()).files[0].is_decoration


def nested(depth):
    """A mail of parts within parts."""
    head = b"From: a@b.example\r\nSubject: tief\r\n"
    body = b"Content-Type: text/plain\r\n\r\nganz innen\r\n"
    for level in range(depth):
        mark = b"b%d" % level
        body = (
            b"Content-Type: multipart/mixed; boundary=" + mark + b"\r\n\r\n--" + mark + b"\r\n"
            + body + b"\r\n--" + mark + b"--\r\n"
        )  # fmt: skip
    return head + body


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 50,
        b"Subject",
        b"\xff\xfe\xfd",
        b"From: \xe4\xf6\r\nSubject: =?utf-8?q?=ZZ?= =?x-nix?b?!!!?=\r\n\r\nText",
        b"From: <<<>>>@@\r\nContent-Type: text/plain; charset=klingonisch\r\n\r\n\xe4",
        b"Content-Type: multipart/mixed\r\n\r\nkeine Grenze",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n--",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!nicht!!!",
        b"Content-Type: image/jpeg; name*=utf-99''%ff\r\n\r\nbytes",
        b"Content-Type: message/rfc822\r\n\r\nSubject: innen\r\n\r\nweitergeleitet",
        b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\n\x78\x9f\x3e\x22",
        b"Date: gestern\r\nMessage-ID: \r\nReferences: <\r\n\r\nText",
        nested(20),
        nested(3000),
        b"Subject: " + b"x" * 500_000 + b"\r\n\r\n" + b"y" * 500_000,
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000 + b"<![x<!DOCTYPE<!--",
    ],
)
def test_nothing_breaks_it(raw):
    parsed = parse(raw)

    assert len(parsed.key) == 64
    assert len(parsed.body) <= TEXT_LIMIT
    for text in (parsed.body, parsed.reply, parsed.subject, parsed.sender_email):
        assert "\x00" not in text
        text.encode()


def test_parts_deep_inside_are_read_as_far_as_anybody_nests():
    assert parse(nested(20)).body == "ganz innen"


def test_a_thousand_files_are_not_all_taken():
    message = mail()
    for number in range(60):
        message.add_attachment(b"x", maintype="application", subtype="pdf", filename=f"{number}")

    assert len(parse(message.as_bytes()).files) == MOST_FILES


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_mail(raw):
    parse(raw)


@given(st.text(max_size=500))
def test_any_text_is_html(html):
    text_of_html(html)
