"""Texts: plain substitution from an allow-list, complete in both languages, harmless by design."""

import re
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.derived_codes import derive
from accounts.models import Municipality
from leases.models import Lane
from notifications.event_shapes import Audience
from notifications.events import CITIZENS, EVENTS, Event
from notifications.models import Message, Template
from notifications.rendering import check_template, compose, fill_lines, render
from notifications.values import one_line, plain, spoken
from notifications.wording import LANGUAGES, Wording, default_wording, footer, nearest_language
from tests.notifications.conftest import LINK, RECEIVED, STATUS, Book

ANY_TEXT = st.text(max_size=80) | st.from_regex(r"[{}%a-z_ \n.|:\[\]\"']{0,60}")
ANY_VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    ANY_TEXT,
    st.dictionaries(st.sampled_from(["derive", "url", "x"]), ANY_TEXT | st.lists(st.integers())),
)
ANY_NAME = st.sampled_from(sorted({*EVENTS["report_closed"].usable(), "why"}))
# A line for each pattern: how many cases, of which category, in which district, to which office.
MADE_OF_NAMES = {"rule_proposals": {"proposals"}}
BOTH = [(code, language) for code in EVENTS for language in LANGUAGES]


def examples(event: Event) -> dict[str, Any]:
    return {name: one.example for name, one in event.usable().items()}


@pytest.mark.parametrize(("code", "language"), BOTH)
def test_every_event_has_a_sound_text_in_both_languages(code: str, language: str) -> None:
    wording = default_wording(code, language)

    assert check_template(code, wording.subject, wording.body) == []
    mail = compose(EVENTS[code], wording, examples(EVENTS[code]), language)
    assert not re.search(r"[{}]", mail.subject + mail.body)
    assert "Stadt Heilbronn" in mail.body.partition("\n-- \n")[2]
    assert "meldungen@heilbronn.example" in mail.body.partition("\n-- \n")[2]


@pytest.mark.parametrize(("code", "language"), BOTH)
def test_texts_to_offices_hold_no_free_text(code: str, language: str) -> None:
    if EVENTS[code].audience in {*CITIZENS, Audience.OUTSIDE}:
        return  # bodies and firms get what somebody cleared for them
    several_lines = {name for name, one in EVENTS[code].declared().items() if one.multiline}
    assert several_lines <= MADE_OF_NAMES.get(code, set())


def test_footers_tell_why_and_how_to_stop() -> None:
    for event in EVENTS.values():
        for language in LANGUAGES:
            assert "{{ official_name }}" in footer(event.audience, language)
    assert "bestätigt haben" in footer(EVENTS["report_status"].audience, "de")
    assert "{{ stop_link }}" in footer(EVENTS["report_status"].audience, "de")


def test_the_first_mail_says_that_work_goes_on_without_confirmation(
    town: Municipality, book: Book
) -> None:
    mail = render(book(event="report_received", context=RECEIVED, lane=Lane.CITIZEN))

    secret = derive("receipt", 1, 1)
    assert "wird bereits bearbeitet" in mail.body
    assert "bestätigt nur die Adresse" in mail.body
    assert "48 Stunden" in mail.body
    assert f"Geheimer Zugangscode: {secret}" in mail.body
    assert f"{LINK}{secret}" in mail.body
    assert f"{LINK}x{derive('confirm', 1, 1)}" in mail.body
    assert "07131 56-0" in mail.body
    assert secret not in mail.subject
    assert mail.way_out == ""


def test_a_way_out_appears_where_one_is_given(book: Book) -> None:
    stop = "https://anliegen.example/heilbronn/stop/"
    mail = render(book(event="report_status", context=STATUS | {"stop_link": stop}))

    assert mail.way_out == stop
    assert f"Weniger oder keine E-Mails zu dieser Meldung: {stop}" in mail.body


def test_the_question_whether_it_is_right_is_asked_only_with_a_link(book: Book) -> None:
    without = render(book("a", event="report_closed", context=STATUS))
    with_link = render(
        book("b", event="report_closed", context=STATUS | {"feedback_link": "https://x.example/"})
    )

    assert "Stimmt das?" not in without.body
    assert "Stimmt das?" in with_link.body


def test_lines_without_values_are_left_out(book: Book) -> None:
    body = render(book(event="report_status", context=STATUS | {"closing_reason": ""})).body

    assert "Grund:" not in body
    assert "Stand: in Bearbeitung" in body
    assert "\n\n\n" not in body


def test_an_answer_keeps_its_paragraphs_and_is_never_evaluated(book: Book) -> None:
    answer = "Erstens {{ secret }}.\r\n\r\nZweitens {% debug %} {number.__class__} %(x)s"
    body = render(book(event="report_status", context=STATUS | {"answer": answer})).body

    assert "Erstens {{ secret }}.\n\nZweitens {% debug %} {number.__class__} %(x)s" in body


def test_codes_and_yes_and_no_are_said_in_the_language_of_the_message() -> None:
    event = EVENTS["dispatch_attention"]
    values = examples(event) | {"why": "offer_expired", "danger": True}

    with translation.override("en"):  # the language of whoever happens to be served is no matter
        german = compose(event, default_wording(event.code, "de"), values, "de").body
    english = compose(event, default_wording(event.code, "en"), values, "en").body

    assert "Eine angebotene Abgabe wurde nicht rechtzeitig angenommen." in german
    assert "Gefahr: ja" in german
    assert "An offered handover was not accepted in time." in english
    assert "Danger: yes" in english


def test_the_nearest_language_is_used() -> None:
    assert [nearest_language(code) for code in ("en-GB", "EN_us", "fr", "", "de")] == [
        *("en", "en", "de", "de", "de")
    ]


def test_a_municipality_may_have_its_own_words(town: Municipality, book: Book) -> None:
    Template.objects.create(
        municipality=town,
        event="report_status",
        language="de",
        subject="Neues zu {{number}}",
        body="Servus!\n{{ answer }}\n{{ gone }} {{ receipt_link }}",
    )
    mail = render(book(event="report_status", context=STATUS))

    assert mail.subject == "Neues zu HN-2026-000001"
    assert mail.body.startswith("Servus!\n https://anliegen.example/heilbronn/")
    english = render(book("en", event="report_status", context=STATUS, language="en"))
    assert english.subject == "Your report HN-2026-000001: in Bearbeitung"


@pytest.mark.parametrize(
    ("subject", "body", "complaint"),
    [
        ("x", "{{ nonsense }} {{ receipt_link }}", "{{ nonsense }} gibt es"),
        ("{{ nonsense }}", "{{ receipt_link }}", "{{ nonsense }} gibt es"),
        ("x", "{{ number.__class__ }} {{ receipt_link }}", "Geschweifte Klammern"),
        ("x", "{{ number|safe }} {{ receipt_link }}", "Geschweifte Klammern"),
        ("x", "{% load x %} {{ receipt_link }}", "Geschweifte Klammern"),
        ("x", "{number} {{ receipt_link }}", "Geschweifte Klammern"),
        ("{{ answer }}", "{{ receipt_link }}", "darf nicht im Betreff"),
        ("{{ receipt_link }}", "{{ receipt_link }}", "darf nicht im Betreff"),
        ("x\r\nBcc: y", "{{ receipt_link }}", "in einer Zeile"),
        ("x", "kein Link", "fehlt der Platzhalter {{ receipt_link }}"),
        (" ", "{{ receipt_link }}", "nicht leer"),
    ],
)
def test_wordings_that_would_not_work_are_refused(subject: str, body: str, complaint: str) -> None:
    problems = check_template("report_status", subject, body)

    assert any(complaint in problem for problem in problems)


def test_an_unknown_event_is_refused() -> None:
    assert check_template("report_sneezed", "x", "y") == ["Diesen Anlass gibt es nicht."]


@given(
    code=st.sampled_from(sorted(EVENTS)),
    subject=ANY_TEXT,
    body=ANY_TEXT,
    values=st.dictionaries(
        st.sampled_from(sorted({*EVENTS["report_closed"].usable(), "why"})), ANY_VALUE
    ),
    language=ANY_TEXT,
)
def test_nothing_makes_rendering_fail_or_adds_a_header(
    code: str, subject: str, body: str, values: dict[str, Any], language: str
) -> None:
    mail = compose(EVENTS[code], Wording(subject, body), values, language)

    assert mail.subject.strip()
    assert len(mail.subject.splitlines()) == 1
    assert "\r" not in mail.body
    assert "\x00" not in mail.body


@given(
    body=ANY_TEXT,
    name=st.sampled_from(["number", "gone"]),
    word=st.from_regex(r"[a-z]*", fullmatch=True),
)
def test_braces_never_survive_in_the_wording(body: str, name: str, word: str) -> None:
    text = fill_lines(f"{body}{{{{ {name} }}}}{body}", {"number": word})

    assert "{" not in text
    assert "}" not in text


@given(text=st.text())
def test_one_line_is_one_line_for_every_reader(text: str) -> None:
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert line == one_line(line)
    assert plain(plain(text)) == plain(text)
    line.encode()


@given(value=ANY_VALUE)
def test_no_value_makes_speaking_fail(value: Any) -> None:
    for placeholder in EVENTS["report_closed"].usable().values():
        assert isinstance(spoken(placeholder, value), str)


def test_rendering_an_erased_message_is_possible(town: Municipality) -> None:
    message = Message(municipality=town, event="report_status", language="de", context={})

    assert render(message).subject
