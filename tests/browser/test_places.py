"""Choosing the place of a report by its address: by thumb, by keyboard, without scripts."""

import pytest
from playwright.sync_api import Page, expect

from reports.models import Report
from tests.browser.conftest import barriers, sideways
from tests.people import TOWN_HALL, Town
from tests.places.samples import add_place

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
FORM = "/heilbronn/melden/strasse.schlagloch/"
LON, LAT = TOWN_HALL


@pytest.fixture
def town(heilbronn: Town) -> Town:
    """Heilbronn with some places around the town hall."""
    add_place(heilbronn, "Kaiserstraße", numbers={10: LON - 0.001, 12: LON}, lon=LON, lat=LAT)
    add_place(heilbronn, "Kaiserslauterner Weg", lon=9.25, lat=49.16)
    add_place(heilbronn, "Stadtgarten", kind="park", lon=9.2232, lat=49.1418, radius_m=90)
    return heilbronn


def test_an_address_is_chosen_by_keyboard(site: str, town: Town, desktop: Page) -> None:
    desktop.goto(f"{site}{FORM}")
    address = desktop.get_by_label("Straße und Hausnummer")
    address.press_sequentially("kaiserstr 11")
    proposals = desktop.get_by_role("listbox", name="Orte").get_by_role("option")
    expect(proposals).to_have_count(1)
    expect(address).to_have_attribute("aria-expanded", "true")
    expect(proposals).to_contain_text("gezeigt wird Nummer 10")
    assert barriers(desktop) == []
    address.fill("kais")
    expect(proposals).to_have_count(2)
    address.press("ArrowDown")
    expect(proposals.first).to_have_attribute("aria-selected", "true")
    address.fill("kaiserstr 12")
    expect(proposals.first).to_have_text("Kaiserstraße 12")
    address.press("ArrowDown")
    address.press("Enter")

    readout = desktop.get_by_role("status").filter(has_text="Ort gewählt")
    expect(readout).to_contain_text("Kaiserstraße 12")
    expect(readout).to_contain_text("auf 15 m genau")
    expect(address).to_have_value("Kaiserstraße 12")
    expect(desktop.locator(".placepicker .leaflet-marker-icon")).to_have_count(1)
    desktop.get_by_label("Was ist Ihnen aufgefallen?").fill("Tiefes Loch")
    desktop.get_by_role("button", name="Meldung absenden").click()

    expect(desktop.get_by_role("heading", name="Danke")).to_be_visible()
    report = Report.objects.get()
    assert (report.place_chosen_by, report.accuracy_m) == ("address", 15)
    assert (report.place.x, report.place.y) == (LON, LAT)
    assert report.submission.address == "Kaiserstraße 12"


def test_where_one_stands_is_read_back_and_corrected_in_words(
    site: str, town: Town, phone: Page
) -> None:
    phone.goto(f"{site}{FORM}")
    phone.get_by_role("button", name="Meinen Standort verwenden").tap()

    readout = phone.get_by_role("status").filter(has_text="Ort gewählt")
    expect(readout).to_contain_text("Kaiserstraße 12")
    expect(readout).to_contain_text("auf 12 m genau")
    address = phone.get_by_label("Straße und Hausnummer")
    expect(address).to_have_value("Kaiserstraße 12")
    expect(phone.locator(".leaflet-control-scale-line").first).not_to_contain_text("km")
    address.scroll_into_view_if_needed()
    assert barriers(phone) == []
    assert sideways(phone) <= 0

    address.fill("im Hof hinter der Nummer 12")
    phone.get_by_role("button", name="Kartenmitte wählen").tap()
    expect(address).to_have_value("im Hof hinter der Nummer 12")


def test_other_words_take_a_chosen_address_back(site: str, town: Town, desktop: Page) -> None:
    desktop.goto(f"{site}{FORM}")
    address = desktop.get_by_label("Straße und Hausnummer")
    address.press_sequentially("stadtg")
    desktop.get_by_role("option", name="Stadtgarten").click()
    expect(desktop.locator("[name=lon]")).to_have_value("9.223200")

    address.press_sequentially(", am Teich")
    expect(desktop.locator("[name=lon]")).to_have_value("9.223200")
    address.fill("ganz woanders")
    expect(desktop.locator("[name=lon]")).to_have_value("")
    expect(desktop.locator(".placepicker .leaflet-marker-icon")).to_have_count(0)


def test_without_scripts_a_search_offers_radios(site: str, town: Town, plain: Page) -> None:
    plain.goto(f"{site}{FORM}")
    plain.get_by_label("Straße und Hausnummer").fill("Kaiser")
    plain.get_by_role("button", name="Adresse suchen").click()

    choices = plain.get_by_role("group", name="Welcher Ort ist gemeint?")
    expect(choices.get_by_role("radio")).to_have_count(3)
    assert sideways(plain) <= 0
    choices.get_by_label("Kaiserstraße").check()
    plain.get_by_label("Was ist Ihnen aufgefallen?").fill("Tiefes Loch")
    plain.get_by_role("button", name="Meldung absenden").click()

    expect(plain.get_by_role("heading", name="Danke")).to_be_visible()
    assert Report.objects.get().place_chosen_by == "address"
