"""Questions that come with an answer, and the telephone before the form, in a real browser."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from reports.models import Report
from tests.browser.conftest import barriers, sideways
from tests.factories import QuestionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

PICTURES = os.environ.get("ANLIEGEN_PICTURES", "")


@pytest.fixture
def town(heilbronn):
    """A pothole is asked for its size, a large one for its depth and a plate."""
    category = heilbronn.categories["pothole"]
    options = [
        {"key": "klein", "de": "Klein"},
        {"key": "gross", "de": "Groß"},
        {
            "key": "privat",
            "de": "Auf einem Privatgrundstück",
            "stop": True,
            "anyway": True,
            "advice_de": "Bitte wenden Sie sich an den Eigentümer.",
        },
    ]
    only_large = {"question": "groesse", "is": "equals", "value": "gross"}
    more = (
        {"code": "tiefe", "text": "Wie tief ist es?", "datatype": "number", "unit": "cm"},
        {"code": "kennzeichen", "text": "Welches Kennzeichen?", "is_confidential": True},
    )
    QuestionFactory(
        category=category, code="groesse", text="Wie groß ist es?", datatype="single",
        options=options, order=1, is_required=True,
    )  # fmt: skip
    for order, question in enumerate(more, start=2):
        QuestionFactory(category=category, order=order, condition=only_large, **question)
    return heilbronn


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at the pages."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def test_questions_and_warnings_appear_while_typing(site, town, phone):
    phone.goto(f"{site}/heilbronn/melden/strasse.schlagloch/")
    depth = phone.get_by_label("Wie tief ist es?")
    expect(depth).to_be_hidden()

    phone.get_by_label("Groß").check()
    expect(depth).to_be_visible()
    expect(phone.locator("[data-questions-status]")).to_contain_text("Wie tief ist es?")
    phone.get_by_label("Auf einem Privatgrundstück").check()
    expect(depth).to_be_hidden()
    expect(phone.get_by_text("an den Eigentümer")).to_be_visible()
    picture(phone, "stop-360")
    phone.get_by_label("Groß").check()
    depth.fill("12")

    what = phone.get_by_label("Was ist Ihnen aufgefallen?")
    what.fill("Seit gestern Gas-Geruch am Gully, Falschparker davor")
    notices = phone.locator("[data-word-notices]")
    expect(notices.get_by_role("link", name="112 anrufen")).to_be_visible()
    expect(notices).to_contain_text("Ordnungsamt")
    picture(phone, "notices-360")
    assert sideways(phone) <= 0
    assert barriers(phone) == []

    phone.get_by_label("Ich habe schon angerufen").check()
    phone.get_by_label(re.compile("Trotzdem melden")).check()
    phone.get_by_role("button", name="Meinen Standort verwenden").tap()
    expect(phone.locator("[name=lat]")).not_to_have_value("")
    phone.get_by_role("button", name="Meldung absenden").tap()

    phone.wait_for_url(re.compile("/meine/"))
    report = Report.objects.get()
    assert (report.is_danger, report.is_confidential) == (True, True)
    assert report.submission.answers == {"groesse": "gross", "tiefe": 12}


def test_without_scripts_a_page_stands_between_form_and_sending(site, town, plain):
    plain.goto(f"{site}/heilbronn/melden/strasse.schlagloch/")
    plain.get_by_label("Groß").check()
    plain.get_by_label("Stadtteil").select_option("Innenstadt")
    plain.get_by_label("Was ist Ihnen aufgefallen?").fill("Hier strömt Gas aus")
    plain.get_by_role("button", name="Meldung absenden").click()

    expect(plain.get_by_text("Zu Ihren Antworten gibt es noch Fragen")).to_be_visible()
    picture(plain, "more-questions-360")
    plain.get_by_label("Wie tief ist es?").fill("zehn")
    plain.get_by_role("button", name="Meldung absenden").click()

    expect(plain.get_by_role("heading", name="Erst anrufen, dann melden")).to_be_visible()
    assert sideways(plain) <= 0
    picture(plain, "between-360")
    plain.get_by_role("button", name="Ich habe schon angerufen").click()

    expect(plain.get_by_text("Bitte geben Sie eine Zahl ein").first).to_be_visible()
    picture(plain, "error-360")
    plain.get_by_label("Wie tief ist es?").fill("10")
    plain.get_by_role("button", name="Meldung absenden").click()
    plain.wait_for_url(re.compile("/meine/"))
    assert Report.objects.get().submission.answers == {"groesse": "gross", "tiefe": 10}


def test_the_pages_on_the_way_have_no_barriers(site, town, desktop):
    desktop.goto(f"{site}/heilbronn/melden/strasse.schlagloch/")
    desktop.get_by_role("radio", name="Klein").check()
    desktop.get_by_role("button", name="Kartenmitte wählen").click()
    desktop.get_by_label("Was ist Ihnen aufgefallen?").fill("Falschparker im Halteverbot")
    expect(desktop.locator("[data-word-notices]")).to_contain_text("Ordnungsamt")
    picture(desktop, "parking-1280")
    desktop.get_by_role("button", name="Meldung absenden").click()
    expect(desktop.get_by_role("heading", name="Bitte lesen Sie das zuerst")).to_be_visible()
    assert barriers(desktop) == []
    picture(desktop, "parking-between-1280")
    desktop.goto(f"{site}/heilbronn/melden/gibt.es-nicht/")
    assert barriers(desktop) == []
    picture(desktop, "not-offered-1280")
