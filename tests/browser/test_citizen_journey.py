"""A citizen's way in a real browser: by thumb, without scripts, by keyboard, zoomed far in."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from reports.actions.publish import publish_report
from reports.models import Report
from tests.browser.conftest import AT_REST, DESKTOP, PHONE, barriers, sideways
from tests.factories import QuestionFactory
from tests.photo_samples import jpeg_full_of_canaries
from tests.processes import eventually

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

PHOTO = {"name": "loch.jpg", "mimeType": "image/jpeg", "buffer": jpeg_full_of_canaries()}
# The browser scrolls smoothly to what gets the focus, so this comes true a little later.
ON_SCREEN = (
    "(() => { const box = document.activeElement.getBoundingClientRect();"
    " return box.bottom > 0 && box.top < innerHeight })()"
)
MARKED = (
    "(() => { const e = document.activeElement;"
    " const marked = [e, ...e.children, e.parentElement].some((each) =>"
    "  getComputedStyle(each).outlineStyle !== 'none' ||"
    "  getComputedStyle(each).boxShadow !== 'none');"
    " return [e.innerText || e.labels?.[0]?.innerText || e.ariaLabel || '', marked] })()"
)
EAST, WEST = (9.2700, 49.1427), (9.1300, 49.1427)


@pytest.fixture
def town(heilbronn):
    """Heilbronn with a question whose answer can mean danger, and search words."""
    pothole = heilbronn.categories["pothole"]
    pothole.keywords = ["Straßenloch"]
    pothole.save()
    QuestionFactory(
        category=pothole,
        code="groesse",
        datatype="single",
        text="Wie groß ist der Schaden?",
        options=[
            {"key": "klein", "de": "Klein"},
            {
                "key": "hohl",
                "de": "Die Straße ist hohl",
                "danger": True,
                "advice_de": "Abstand halten und 112 anrufen.",
            },
        ],
    )
    return heilbronn


@pytest.fixture
def published(town, report):
    """Two public reports, one in the east and one in the west of town."""
    receipts = [report(town, lon=lon, lat=lat) for lon, lat in (EAST, WEST)]
    for receipt in receipts:
        publish_report(receipt.report.pk, now=timezone.now())
    return [receipt.number for receipt in receipts]


def send(page: Page) -> None:
    page.get_by_role("button", name="Meldung absenden").click()


def test_reporting_with_the_thumb(site, town, phone):
    phone.goto(f"{site}/heilbronn/")
    melden = phone.get_by_role("navigation", name="Hauptnavigation").get_by_text("Melden")
    box = melden.bounding_box()
    assert box["y"] > 600, "within reach of the thumb without scrolling"
    melden.tap()

    phone.get_by_role("searchbox").fill("strassenloch")
    phone.get_by_role("link", name=re.compile("Schlagloch")).tap()
    phone.get_by_role("button", name="Meinen Standort verwenden").tap()
    expect(phone.get_by_text("auf 12 m genau")).to_be_visible()
    phone.get_by_label("Die Straße ist hohl").check()
    advice = phone.get_by_role("alert").filter(has_text="Abstand halten")
    expect(advice.get_by_role("link", name="112")).to_have_attribute("href", "tel:112")
    phone.get_by_label("Klein", exact=True).check()
    expect(advice).to_have_count(0)
    phone.get_by_label("Was ist Ihnen aufgefallen?").fill("Tiefes Loch")
    phone.locator("input[type=file]").set_input_files([PHOTO])
    expect(phone.get_by_text("1 von 5 Fotos gewählt")).to_be_visible()
    send(phone)

    expect(phone.get_by_role("heading", name="Danke")).to_be_visible()
    report = Report.objects.get()
    assert (report.place_chosen_by, report.accuracy_m) == ("gps", 12)
    assert report.photos.count() == 1
    expect(phone.get_by_text(report.number).first).to_be_visible()
    phone.get_by_role("button", name="Link kopieren").first.tap()
    copied = phone.evaluate("navigator.clipboard.readText()")
    assert f"/heilbronn/meldung/{report.number}/zugang/?code=" in copied


def test_reporting_without_scripts(site, town, plain):
    plain.goto(f"{site}/heilbronn/melden/")
    plain.get_by_text("Straße", exact=True).click()
    plain.get_by_role("link", name=re.compile("Schlagloch")).click()
    plain.locator("input[type=file]").set_input_files([PHOTO])
    send(plain)

    expect(plain.get_by_role("heading", name="Bitte prüfen Sie")).to_be_visible()
    expect(plain.get_by_label("„loch.jpg“ ist schon hochgeladen")).to_be_checked()
    plain.get_by_label("Stadtteil", exact=True).select_option("Böckingen")
    plain.get_by_label("Straße und Hausnummer").fill("Klingenberger Straße 3")
    plain.get_by_label("Die Straße ist hohl").check()
    send(plain)

    expect(plain.get_by_role("heading", name="Danke")).to_be_visible()
    expect(plain.get_by_text("Abstand halten und 112 anrufen.")).to_be_visible()
    report = Report.objects.get()
    assert report.place_chosen_by == "address"
    assert report.photos.count() == 1


def test_a_double_click_sends_once(site, town, desktop):
    desktop.goto(f"{site}/heilbronn/melden/strasse.schlagloch/")
    desktop.get_by_role("button", name="Kartenmitte wählen").click()
    desktop.get_by_label("Was ist Ihnen aufgefallen?").fill("Tiefes Loch")

    desktop.get_by_role("button", name="Meldung absenden").dblclick()

    expect(desktop.get_by_role("heading", name="Danke")).to_be_visible()
    assert Report.objects.count() == 1


def test_what_was_typed_survives_a_closed_page(site, town, desktop):
    form = f"{site}/heilbronn/melden/strasse.schlagloch/"
    desktop.goto(form)
    desktop.get_by_label("Was ist Ihnen aufgefallen?").fill("Tiefes Loch")
    desktop.goto(f"{site}/heilbronn/")
    desktop.goto(form)

    expect(desktop.get_by_label("Was ist Ihnen aufgefallen?")).to_have_value("Tiefes Loch")


def test_list_and_map_move_together(site, published, open_context):
    desktop = open_context(reduced_motion="reduce").new_page()  # no inertia after the drag
    east, _west = published
    desktop.goto(f"{site}/heilbronn/")
    listed = desktop.locator("#liste [data-report]")
    expect(listed).to_have_count(2)
    expect(desktop.locator(".pin")).to_have_count(2)

    desktop.locator(f'#liste [data-report="{east}"] a').focus()
    expect(desktop.locator(".is-active .pin, .pin.is-active")).to_have_count(1)
    box = desktop.locator("#karte").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    desktop.mouse.move(*middle)
    desktop.mouse.down()
    desktop.mouse.move(middle[0] - box["width"] * 0.3, middle[1], steps=8)
    desktop.mouse.up()

    expect(listed).to_have_count(1)
    expect(listed.first).to_have_attribute("data-report", east)
    expect(desktop.get_by_role("status").filter(has_text="eine Meldung")).to_be_visible()


def test_what_is_known_nearby_is_said_before_sending(site, published, open_context):
    lon, lat = EAST
    page = open_context(
        geolocation={"longitude": lon, "latitude": lat, "accuracy": 5}, permissions=["geolocation"]
    ).new_page()
    page.goto(f"{site}/heilbronn/melden/strasse.schlagloch/")
    expect(page.get_by_text("Schon gemeldet?")).to_be_hidden()

    page.get_by_role("button", name="Meinen Standort verwenden").click()

    expect(page.get_by_text("Schon gemeldet?")).to_be_visible()
    known = page.get_by_role("region", name="Schon gemeldet?").get_by_role("link")
    expect(known).to_have_attribute("href", f"/heilbronn/meldung/{published[0]}/")


def test_the_map_leads_to_a_report(site, published, desktop):
    desktop.goto(f"{site}/heilbronn/")
    desktop.locator(".pin").first.click()
    desktop.get_by_role("link", name="Meldung ansehen").click()

    expect(desktop.get_by_role("heading", name="Schlagloch")).to_be_visible()


def test_by_keyboard_alone(site, town, desktop):
    """Every step by Tab, Enter, Space and typing; the focus is always to be seen."""
    desktop.goto(f"{site}/heilbronn/")

    def tab_to(name: str) -> None:
        for _step in range(60):
            desktop.keyboard.press("Tab")
            words, marked = desktop.evaluate(MARKED)
            assert marked, f"focus not visible on {words!r}"
            eventually(lambda: desktop.evaluate(ON_SCREEN), within=3, saying=f"{words!r} on screen")
            if name in words:
                return
        pytest.fail(f"Tab does not reach {name!r}")

    tab_to("Zum Inhalt springen")
    tab_to("Melden")
    desktop.keyboard.press("Enter")
    desktop.wait_for_url("**/melden/")
    tab_to("Straße")
    desktop.keyboard.press("Enter")
    tab_to("Schlagloch")
    desktop.keyboard.press("Enter")
    desktop.wait_for_url("**/strasse.schlagloch/")
    tab_to("Kartenmitte wählen")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_text("Ort gewählt")).to_be_visible()
    tab_to("Klein")
    desktop.keyboard.press("Space")
    tab_to("Was ist Ihnen aufgefallen?")
    desktop.keyboard.type("Tiefes Loch")
    tab_to("Meldung absenden")
    desktop.keyboard.press("Enter")

    expect(desktop.get_by_role("heading", name="Danke")).to_be_visible()
    assert Report.objects.get().submission.answers == {"groesse": "klein"}


class TestEveryPage:
    @pytest.fixture
    def addresses(self, site, published, report, town):
        own = report(town, "tree", photos=1)
        link = f"/heilbronn/meldung/{own.number}/zugang/?code={own.secret}"
        return [
            "/",
            "/heilbronn/",
            "/heilbronn/?status=done",
            f"/heilbronn/meldung/{published[0]}/",
            "/heilbronn/melden/",
            "/heilbronn/melden/strasse.schlagloch/",
            "/heilbronn/melden/strasse.einbruch/",
            "/heilbronn/meine/",
            link,
            f"/heilbronn/meine/{own.number}/?neu=1",
            f"/heilbronn/meine/{own.number}/zurueckziehen/",
            f"/heilbronn/bestaetigen/{own.number}/?code=X",
            "/heilbronn/seite/barrierefreiheit/",
            "/heilbronn/quatsch/",
        ]

    def test_has_no_barrier_in_any_size_or_light(self, site, addresses, open_context):
        """A phone by day and by night, a large screen, and a large screen at 400 percent."""
        page = open_context(viewport=PHONE).new_page()
        found = {}
        for address in addresses:
            page.emulate_media(color_scheme="light")
            page.set_viewport_size(PHONE)
            page.goto(site + address, wait_until="load")
            assert page.locator("h1").count() == 1, address
            assert page.locator("html").get_attribute("lang") == "de"
            found[address] = self._barriers_at(page, PHONE["width"])
            page.emulate_media(color_scheme="dark")
            found[address] += barriers(page, "color-contrast")
            page.emulate_media(color_scheme="light")
            found[address] += self._barriers_at(page, DESKTOP["width"])
            found[address] += self._barriers_enlarged(page)

        assert {address: faults for address, faults in found.items() if faults} == {}

    @staticmethod
    def _barriers_at(page: Page, width: int) -> list[str]:
        # What the bar at the foot happens to cover can be scrolled out from under it.
        page.set_viewport_size({"width": width, "height": 800})
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": max(int(height), 800)})
        return barriers(page) + ["wider than the screen"] * (sideways(page) > 0)

    @staticmethod
    def _barriers_enlarged(page: Page) -> list[str]:
        page.set_viewport_size({"width": 320, "height": 256})
        page.evaluate(AT_REST)
        covered = page.evaluate(
            "[...document.querySelectorAll('body *')].filter((e) =>"
            " ['fixed', 'sticky'].includes(getComputedStyle(e).position))"
            ".reduce((sum, e) => sum + e.getBoundingClientRect().height, 0)"
        )
        return ["wider than the screen at 400 %"] * (sideways(page) > 0) + [
            "bars cover what is read"
        ] * (covered >= 256 / 3)


def test_a_refused_form_takes_the_focus_to_what_is_missing(site, town, desktop):
    desktop.goto(f"{site}/heilbronn/melden/strasse.schlagloch/")
    send(desktop)

    expect(desktop.locator("[data-error-summary]")).to_be_focused()
    desktop.get_by_role("link", name=re.compile("Stadtteil")).click()
    expect(desktop.get_by_label("Stadtteil", exact=True)).to_be_focused()
    assert barriers(desktop) == []


def test_english_is_spoken_after_a_click(site, town, desktop):
    desktop.goto(f"{site}/heilbronn/melden/strasse.schlagloch/")
    desktop.get_by_role("button", name="English").click()

    expect(desktop.locator("html")).to_have_attribute("lang", "en")
    expect(desktop.get_by_label("What did you notice?")).to_be_visible()
    german = desktop.locator("main").inner_text()
    for word in ("Bitte", "Meldung", " oder ", " wählen"):
        assert word not in german
