"""Figures in the desk: everybody sees the figures they answer for, and the cases behind them."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from reports.models import Report
from tests.factories import RoleFactory, UserFactory
from tests.people import ERIKA, fresh

pytestmark = pytest.mark.django_db

PAGE = "/desk/auswertung/"


@pytest.fixture
def browser(heilbronn):
    """A browser in which somebody of Heilbronn is signed in."""

    def signed_in(name):
        client = Client()
        client.force_login(heilbronn.people[name])
        return client

    return signed_in


def words(answer):
    """The text of a page without its tags, blanks made one."""
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def last_days(days=30):
    today = timezone.localdate()
    first = today - timedelta(days=days)
    return {"zeitraum": "eigener", "von": first.isoformat(), "bis": today.isoformat()}


def test_a_clerk_sees_the_own_office_and_the_town_is_for_those_who_answer_for_it(
    heilbronn, heidenheim, report, browser
):
    report(heilbronn, sender=ERIKA, description="Wortkanarie am Rathaus")
    report(heilbronn)
    report(heilbronn, "tree")
    report(heidenheim, lon=10.15, lat=49.14)
    asked = last_days()

    clara = browser("clara").get(PAGE, asked)
    assert "Amt für Straßenwesen" in words(clara)
    assert "Eingegangen 2 davor" in words(clara)
    assert "Grünflächenamt" not in words(clara)
    assert browser("clara").get(PAGE, asked | {"amt": "67"}).status_code == 404
    assert browser("clara").get(PAGE, asked | {"amt": "nirgends"}).status_code == 404

    dora = browser("dora").get(PAGE, asked | {"nach": "amt"})
    assert "Eingegangen 3 davor" in words(dora)
    assert "67 Grünflächenamt" in words(dora)
    # Max heads Amt 66, so its figures are his; the town's are for who heads no single office.
    assert "Eingegangen 2 davor" in words(browser("max").get(PAGE, asked))
    town_head = UserFactory(first_name="Maja", last_name="Mayor")
    RoleFactory(user=town_head, municipality=heilbronn.municipality, role=Role.MANAGER)
    heilbronn.people["maja"] = town_head
    assert "Eingegangen 3 davor" in words(browser("maja").get(PAGE, asked))
    assert browser("mona").get(PAGE).status_code == 403
    for page in (clara, dora):
        assert b"Wortkanarie" not in page.content
        assert b"Mustermann" not in page.content


def test_a_number_leads_to_its_cases_as_far_as_they_are_for_this_person(heilbronn, report, browser):
    secret, open_one = report(heilbronn), report(heilbronn)
    Report.objects.filter(pk=secret.report.pk).update(is_confidential=True, publication="withheld")
    asked = last_days() | {"zahl": "received"}

    max_sees = words(browser("max").get(f"{PAGE}vorgaenge/", asked))
    assert "Eingegangen: 2" in max_sees
    assert "1 Vorgang davon ist nicht für Sie einsehbar" in max_sees
    assert open_one.number in max_sees
    assert secret.number not in max_sees
    assert secret.number in words(browser("clara").get(f"{PAGE}vorgaenge/", asked))
    assert browser("max").get(f"{PAGE}vorgaenge/", {"zahl": "by_person"}).status_code == 404


def test_every_chart_has_its_table_and_the_table_its_file(heilbronn, report, browser):
    report(heilbronn)
    page = browser("dora").get(PAGE, last_days()).content.decode()

    assert page.count('role="img"') == 3
    # Whatever scrolls sideways can be reached with the keyboard, and has a name.
    boxes = re.findall(r'<div class="figure-scroll[^>]*>', page)
    assert boxes
    assert all('tabindex="0"' in box and "aria-labelledby" in box for box in boxes)
    assert all('aria-label="' in chart for chart in re.findall(r"<svg [^>]*role=[^>]*>", page))
    files = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*\.csv[^"]*)"', page)]
    assert len(files) == 4
    told = {}
    for link in files:
        answer = browser("dora").get(link)
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len({len(row) for row in rows}) == 1
        told[rows[0][0]] = rows
    assert told["Anliegenart"][1][:4] == ["Schlagloch", "1", "0", "1"]
    assert told["Kennzahl"][1][:2] == ["Eingegangen", "1"]
    assert browser("dora").get(f"{PAGE}tabelle.csv", {"tabelle": "personen"}).status_code == 404


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"von": "2026-03-02", "bis": "2026-03-01"}, "Der letzte Tag liegt vor dem ersten."),
        ({"zeitraum": "eigener", "von": "morgen"}, "Bitte geben Sie zwei Tage an"),
        ({"zeitraum": "2026-99"}, "Bitte geben Sie zwei Tage an"),
        ({"von": "2000-01-01", "bis": "2026-01-01"}, "höchstens fünf Jahre"),
        ({"nach": "person", "art": "x\x00'--"}, "keine Vorgänge"),
    ],
)
def test_senseless_wishes_get_a_sentence(heilbronn, browser, asked, sentence):
    assert sentence in words(browser("dora").get(PAGE, asked))


def test_where_few_people_work_only_quantities_are_told(heilbronn, report, browser, settings):
    receipt = report(heilbronn)
    now = timezone.now()
    Report.objects.filter(pk=receipt.report.pk).update(
        status="done", closing_reason="done", closed_at=now, first_answered_at=now,
        reopened_count=1,
    )  # fmt: skip
    assert fresh(receipt).due_at
    asked = last_days()

    assert "100 %" in words(browser("clara").get(PAGE, asked))
    settings.SMALLEST_UNIT = 5
    page = words(browser("clara").get(PAGE, asked))
    assert "Gezeigt werden nur Mengen" in page
    assert "100 %" not in page
    assert "Eingegangen 1 davor" in page
    offices = words(browser("dora").get(PAGE, asked | {"nach": "amt"}))
    assert "66 Amt für Straßenwesen 1 1 0 – – – – – – –" in offices, "no time and no share"


def test_the_page_asks_a_fixed_number_of_queries(
    heilbronn, report, browser, django_assert_num_queries
):
    dora = browser("dora")
    dora.get(PAGE, last_days())
    with django_assert_num_queries(10):
        dora.get(PAGE, last_days())
    for _turn in range(3):
        report(heilbronn)
    with django_assert_num_queries(10):
        dora.get(PAGE, last_days())
