"""Masks are drawn with the mouse and with the keyboard; the page is usable on a telephone too."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from reports import masks
from reports.actions.derive_photo import derive_photo
from reports.actions.submit import Receipt
from reports.masks import PhotoMask
from reports.models import Photo
from tests.browser.conftest import DESKTOP, PHONE, barriers, sideways
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.browser]


@pytest.fixture
def photo(heilbronn: Town, report: Callable[..., Receipt]) -> Photo:
    """A photo on which a detector has proposed a face and a plate."""
    receipt = report(heilbronn, "tree", photos=1)
    found = Photo.objects.get(report=receipt.report)
    derive_photo(found.pk)
    proposals = [
        PhotoMask("face", "ellipse", 0.12, 0.15, 0.22, 0.35, "proposed", 0.93, "centerface 1"),
        PhotoMask("plate", "rectangle", 0.55, 0.62, 0.8, 0.72, "proposed", 0.5, "cascade"),
    ]
    Photo.objects.update(masks=masks.written(proposals), masks_version=1, detection="done")
    found.refresh_from_db()
    return found


def address(site: str, photo: Photo) -> str:
    return site + reverse("staff_desk:masks", args=[photo.report.number, photo.ordinal])


def test_a_mask_is_drawn_with_the_mouse_and_another_with_the_keyboard(
    site: str, photo: Photo, mona_at: Callable[..., Page]
) -> None:
    page = mona_at(viewport=DESKTOP)
    page.goto(address(site, photo))
    assert barriers(page) == []

    drawing = page.locator("[data-masks-drawing]").bounding_box()
    assert drawing is not None
    page.mouse.move(drawing["x"] + drawing["width"] * 0.4, drawing["y"] + drawing["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(drawing["x"] + drawing["width"] * 0.6, drawing["y"] + drawing["height"] * 0.5)
    page.mouse.up()
    page.get_by_role("button", name="Rechteck hinzufügen").click()
    page.keyboard.type("70,0")
    shape = page.get_by_role("button", name="Maske 4", exact=True)
    shape.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    page.get_by_role("button", name="Maske 2", exact=True).focus()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Alle bestätigen").click()
    page.get_by_text("Masken gespeichert").wait_for()

    photo.refresh_from_db()
    face, plate, drawn, typed = masks.read(photo.masks)
    assert (face.state, plate.state) == ("kept", "removed")
    assert face.left == 0.12  # untouched: not rounded to what the page shows
    assert abs(drawn.left - 0.4) < 0.01
    assert abs(drawn.bottom - 0.5) < 0.01
    assert (typed.left, typed.top, typed.right) == (0.7, 0.405, 0.905)


def test_the_page_fits_a_telephone(site: str, photo: Photo, mona_at: Callable[..., Page]) -> None:
    page = mona_at(viewport=PHONE)
    page.goto(address(site, photo))

    assert sideways(page) <= 0
    assert barriers(page) == []
