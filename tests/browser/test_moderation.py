"""Approving by keyboard alone: found words, text, photo, report, and the way back.

Waiting is done by locators: a waiting function is evaluated as a string by timers of the page,
which its policy forbids and its console complains about.
"""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from reports import masks
from reports.actions.derive_photo import derive_photo
from reports.actions.mask_photos import mask_photos
from reports.actions.submit import Receipt
from reports.masks import PhotoMask
from reports.models import OriginalView, Photo, Publication, Submission
from tests.browser.conftest import DESKTOP, PHONE, barriers, come_to_rest, sideways
from tests.people import Town, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

TEXT = "Mein Name ist Hans Meier. Der Ast hängt über dem Weg, rufen Sie an: 07131 5550100."


@pytest.fixture
def case(heilbronn: Town, report: Callable[..., Receipt]) -> Receipt:
    """A tree with a name, a number and a photo in its report."""
    receipt = report(heilbronn, "tree", photos=1, description=TEXT)
    derive_photo(Photo.objects.get(report=receipt.report).pk)
    return receipt


def test_a_case_is_approved_by_keyboard_and_taken_back(
    site: str, case: Receipt, mona_at: Callable[..., Page]
) -> None:
    page = mona_at(viewport=DESKTOP)
    page.goto(site + reverse("staff_desk:moderation"))
    assert barriers(page) == []
    text = page.get_by_label("Öffentlicher Text", exact=True)
    assert "[Telefonnummer]" in text.input_value()

    page.locator("mark[data-span-mark='2']").focus()
    page.keyboard.press("Enter")
    assert "07131 5550100" in text.input_value()
    page.keyboard.press("Enter")
    assert "07131 5550100" not in text.input_value()
    text.press("End")
    text.press_sequentially(" Gefahr für alle!")
    assert "Gefahr für alle!" in page.locator("[data-difference] ins").last.inner_text()
    assert fresh(case).text_publication == Publication.PENDING  # typing decides nothing

    page.locator("h1").click()
    page.keyboard.press("t")
    page.get_by_text("Gespeichert.").wait_for()
    come_to_rest(page)
    page.keyboard.press("1")
    expect(page.locator("[data-key='1']")).to_have_count(0)
    come_to_rest(page)
    page.keyboard.press("m")
    page.get_by_text("Alles entschieden").wait_for()
    assert barriers(page) == []
    assert Submission.objects.get(pk=case.report.pk).public_text.endswith("Gefahr für alle!")
    assert Photo.objects.get().publication == fresh(case).publication == Publication.APPROVED

    come_to_rest(page)
    page.keyboard.press("u")
    page.get_by_text("Zurückgenommen.").wait_for()
    assert fresh(case).publication == Publication.PENDING


def test_the_list_and_a_case_fit_a_telephone(
    site: str, case: Receipt, mona_at: Callable[..., Page]
) -> None:
    page = mona_at(viewport=PHONE)
    for name in ("moderation_list", "moderation"):
        page.goto(site + reverse(f"staff_desk:{name}"))
        assert sideways(page) <= 0, name
        assert barriers(page) == [], name


def test_masks_are_drawn_where_the_case_is_decided(
    site: str,
    heilbronn: Town,
    case: Receipt,
    report: Callable[..., Receipt],
    mona_at: Callable[..., Page],
) -> None:
    proposal = PhotoMask(
        "face", "ellipse", 0.12, 0.15, 0.22, 0.35, "proposed", 0.93, "centerface 1"
    )
    Photo.objects.update(masks=masks.written([proposal]), masks_version=1, detection="done")
    mask_photos(case.report.pk)
    page = mona_at(viewport=DESKTOP)
    page.goto(site + reverse("staff_desk:moderation"))

    page.keyboard.press("v")
    drawing = page.locator("[data-masks-drawing]")
    page.get_by_role("button", name="Foto 1, Maske 1", exact=True).wait_for()
    expect(page.locator("[data-masks-photo] img")).to_have_js_property("complete", True)
    assert barriers(page) == []
    box = drawing.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5)
    page.mouse.up()
    page.get_by_role("button", name="Rechteck hinzufügen").click()
    page.get_by_role("button", name="Foto 1, Maske 3", exact=True).focus()
    page.keyboard.press("Delete")
    assert not OriginalView.objects.exists()  # so far only what everybody sees was shown
    page.get_by_role("button", name="Ohne Masken zeigen").click()
    expect(page.locator("[data-masks-photo] img")).to_have_attribute("src", re.compile("ohne"))
    page.locator("h1").click()
    page.keyboard.press("b")
    page.get_by_text("Masken gespeichert").wait_for()

    photo = Photo.objects.get()
    found, drawn = masks.read(photo.masks)
    assert (found.state, found.left) == ("kept", 0.12)
    assert abs(drawn.left - 0.4) < 0.01
    assert photo.publication == Publication.APPROVED
    assert OriginalView.objects.count() == 1
    come_to_rest(page)
    page.keyboard.press("u")
    page.get_by_text("Zurückgenommen.").wait_for()
    assert Photo.objects.get().publication == Publication.PENDING


def test_without_scripts_the_numbers_are_sent_from_the_approval_page(
    site: str, case: Receipt, mona_at: Callable[..., Page]
) -> None:
    page = mona_at(viewport=PHONE, java_script_enabled=False)
    page.goto(site + reverse("staff_desk:moderation") + "?teil=foto")
    page.get_by_text("Masken von Foto 1 hier ändern").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for name, number in {"left": "10", "top": "20", "width": "30", "height": "5,5"}.items():
        page.locator(f"[name={name}_0]").fill(number)
    page.get_by_role("button", name="Masken speichern").click()

    assert page.url.endswith(f"?teil=foto&vorgang={case.report.number}")
    (mask,) = masks.read(Photo.objects.get().masks)
    assert (mask.left, mask.top, mask.right, mask.bottom) == (0.1, 0.2, 0.4, 0.255)
