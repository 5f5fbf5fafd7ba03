"""A call taken down in a real browser by keyboard alone; what happens when the window closes."""

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.gis.geos import Point
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Page, expect

from places.models import Place, PlaceKind, Source
from reports.desk_entry import EntryDraft
from reports.models import Contact, Report
from reports.others import count_supports
from reports.receipts import secret_of
from tests.browser.conftest import PHONE, barriers, sideways
from tests.factories import QuestionFactory
from tests.people import TOWN_HALL

pytestmark = [pytest.mark.django_db, pytest.mark.browser]


@pytest.fixture
def town(heilbronn):
    """Heilbronn with a market square, a question about potholes and a synonym for them."""
    pothole = heilbronn.categories["pothole"]
    pothole.keywords = ["Straßenloch"]
    pothole.save()
    QuestionFactory(category=pothole, code="tiefe", text="Wie tief in cm?", datatype="number")
    source = Source.objects.create(municipality=heilbronn.municipality, key="test")
    Place.objects.create(
        municipality=heilbronn.municipality,
        source=source,
        version=0,
        kind=PlaceKind.SQUARE,
        key="marktplatz",
        name="Marktplatz",
        folded="marktplatz",
        point=Point(*TOWN_HALL, srid=4326),
        radius_m=40,
    )
    return heilbronn


def sign_in(page: Page, site: str, person) -> None:
    """Give the browser a session of this person."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": site}]
    )


class Keyboard:
    """Types and counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.pressed += len(words)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def focus(self) -> str:
        """The label of what has the focus."""
        return self.page.evaluate(
            "document.activeElement.labels?.[0]?.innerText ?? document.activeElement.innerText"
        ).strip()


def test_a_call_by_keyboard_alone(site, town, report, desktop):
    earlier = report(town, "pothole", address="Marktplatz 3")
    sign_in(desktop, site, town.people["clara"])
    desktop.goto(f"{site}/desk/")
    keys = Keyboard(desktop)

    keys.press("e")
    expect(desktop.get_by_role("heading", name="Neue Meldung aufnehmen")).to_be_visible()
    expect(desktop.get_by_label("Ort", exact=True)).to_be_focused()
    keys.type("marktpl")
    expect(desktop.get_by_role("option", name="Marktplatz")).to_be_visible()
    keys.press("Enter")
    keys.type("strassenloch")
    expect(desktop.get_by_role("option", name="Schlagloch")).to_be_visible()
    keys.press("Enter")
    expect(desktop.get_by_role("heading", name="Schon gemeldet?")).to_be_visible()
    expect(desktop.get_by_role("link", name=earlier.number)).to_be_visible()
    assert keys.focus().startswith("Wie tief")
    keys.type("12")
    keys.press("Enter")
    assert keys.focus().startswith("Was ist los?")
    keys.type("Tiefes Loch, Radfahrerin gestürzt")
    keys.press("Tab", "Enter")
    assert keys.focus().startswith("Name")
    keys.type("Schmitt")
    keys.press("Enter")
    keys.type("07131 5550123")
    keys.press("Enter", "ArrowDown")
    assert keys.focus() == "Rückruf"
    keys.press("Control+Enter")

    expect(desktop.get_by_role("heading", name="Nummer und Code durchgeben")).to_be_visible()
    made = Report.objects.exclude(pk=earlier.report.pk).get()
    assert (made.source, made.place_chosen_by, made.category.code) == (
        "phone",
        "address",
        "strasse.schlagloch",
    )
    assert made.submission.answers == {"tiefe": 12}
    assert Contact.objects.get(report=made).answer_by == "call"
    for group in secret_of(made).split("-"):
        expect(desktop.locator(".dictate__text", has_text=group)).to_be_visible()
    assert keys.pressed < 110
    assert barriers(desktop) == []

    keys.press("n")
    expect(desktop.get_by_role("heading", name="Neue Meldung aufnehmen")).to_be_visible()
    assert not EntryDraft.objects.exists()
    assert barriers(desktop) == []


def test_enter_waits_for_a_place_that_is_still_on_its_way(site, town, desktop):
    sign_in(desktop, site, town.people["clara"])
    desktop.goto(f"{site}/desk/aufnahme/")
    expect(desktop.get_by_label("Ort", exact=True)).to_be_focused()
    keys = Keyboard(desktop)

    keys.type("marktplatz")
    keys.press("Enter")

    expect(desktop.get_by_label("Anliegenart", exact=True)).to_be_focused()
    expect(desktop.get_by_text("Ort gewählt")).to_be_visible()
    keys.type("baum")
    keys.press("Enter")
    expect(desktop.get_by_label("Was ist los?")).to_be_focused()


# The last letters and Enter from one hand, faster than any list can follow.
FAST_HAND = """(field) => {
  field.value = "strassenloch";
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  const key = { key: "Enter", bubbles: true, cancelable: true };
  field.dispatchEvent(new KeyboardEvent("keydown", key));
}"""


def test_enter_never_takes_what_belonged_to_the_first_letters(site, town, desktop):
    sign_in(desktop, site, town.people["clara"])
    desktop.goto(f"{site}/desk/aufnahme/")
    kind = desktop.get_by_label("Anliegenart", exact=True)
    kind.focus()
    kind.press_sequentially("bau")
    expect(desktop.get_by_role("option", name="Baum")).to_be_visible()

    kind.evaluate(FAST_HAND)

    expect(kind).to_have_value("Schlagloch")
    expect(desktop.get_by_label("Wie tief")).to_be_focused()


def test_similar_cases_are_one_key_away(site, town, report, desktop):
    earlier = report(town, "pothole")
    sign_in(desktop, site, town.people["clara"])
    desktop.goto(f"{site}/desk/aufnahme/")
    expect(desktop.get_by_label("Ort", exact=True)).to_be_focused()
    keys = Keyboard(desktop)
    keys.type("marktpl")
    expect(desktop.get_by_role("option", name="Marktplatz")).to_be_visible()
    keys.press("Enter")
    expect(desktop.get_by_role("link", name=earlier.number)).to_be_visible()

    keys.press("F2")

    assert keys.focus() == "Anhängen"
    keys.press("Enter")
    assert keys.focus().startswith("Name")
    keys.type("Frau Zwei")
    keys.press("Control+Enter")
    expect(desktop.get_by_text(f"An {earlier.number} angehängt")).to_be_visible()
    assert count_supports(earlier.report.pk) == 1


def test_a_closed_window_and_an_ended_session_lose_nothing(site, town, desktop):
    sign_in(desktop, site, town.people["clara"])
    desktop.goto(f"{site}/desk/aufnahme/")
    desktop.get_by_label("Was ist los?").fill("Die Ampel ist")
    expect(desktop.get_by_text("Zwischengespeichert")).to_be_visible()
    desktop.close(run_before_unload=False)

    again = desktop.context.new_page()
    again.goto(f"{site}/desk/aufnahme/")
    again.get_by_role("link", name="Die Ampel ist").click()
    area = again.get_by_label("Was ist los?")
    expect(area).to_have_value("Die Ampel ist")
    again.context.clear_cookies()
    area.fill("Die Ampel ist aus, seit heute früh")
    expect(again.get_by_text("Nicht zwischengespeichert")).to_be_visible()
    sign_in(again, site, town.people["clara"])
    again.goto(f"{site}/desk/aufnahme/")

    expect(area).to_have_value("Die Ampel ist aus, seit heute früh")


def test_without_scripts_it_is_the_same_form(site, town, open_context):
    page = open_context(viewport=PHONE, java_script_enabled=False).new_page()
    sign_in(page, site, town.people["clara"])
    page.goto(f"{site}/desk/aufnahme/")
    page.get_by_label("Ort", exact=True).fill("Marktplatz")
    page.get_by_label("Anliegenart", exact=True).select_option(label="Baum")
    page.get_by_label("Was ist los?").fill("Ast hängt herunter")
    page.get_by_role("button", name="Speichern").click()

    expect(page.get_by_role("heading", name="Nummer und Code durchgeben")).to_be_visible()
    assert sideways(page) <= 0
