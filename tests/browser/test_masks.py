"""Masks are drawn with mouse, finger and keyboard, and their four corners make them larger."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import FloatRect, Locator, Page

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


def box(found: Locator) -> FloatRect:
    """Where something lies on the page."""
    where = found.bounding_box()
    assert where is not None
    return where


def test_a_mask_is_drawn_with_the_mouse_and_another_with_the_keyboard(
    site: str, photo: Photo, mona_at: Callable[..., Page]
) -> None:
    page = mona_at(viewport=DESKTOP)
    page.goto(address(site, photo))
    assert barriers(page) == []

    drawing = box(page.locator("[data-masks-drawing]"))

    def drag(start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag from one place of the photo to another, both in shares of it."""
        for step, (x, y) in enumerate((start, end)):
            page.mouse.move(
                drawing["x"] + drawing["width"] * x, drawing["y"] + drawing["height"] * y
            )
            if not step:
                page.mouse.down()
        page.mouse.up()

    drag((0.4, 0.2), (0.6, 0.5))
    # Each corner moves two edges; beyond the photo there is nothing to cover.
    drag((0.4, 0.2), (0.35, 0.15))
    drag((0.35, 0.5), (0.3, 0.55))
    drag((0.6, 0.15), (0.65, 0.1))
    drag((0.65, 0.55), (1.1, 0.6))
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
    edges = (drawn.left, drawn.top, drawn.right, drawn.bottom)
    assert edges == pytest.approx((0.3, 0.1, 1, 0.6), abs=0.01)
    assert (typed.left, typed.top, typed.right) == (0.7, 0.405, 0.905)


def test_a_finger_changes_a_mask_on_a_telephone(
    site: str, photo: Photo, mona_at: Callable[..., Page]
) -> None:
    page = mona_at(viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto(address(site, photo))
    assert sideways(page) <= 0
    assert barriers(page) == []

    plate = page.get_by_role("button", name="Maske 2", exact=True)
    plate.tap()
    corner = box(page.locator("[data-masks-corner=ne] .mask-corner__reach"))
    assert min(corner["width"], corner["height"]) >= 24
    fingers = page.context.new_cdp_session(page)
    x, y = corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2
    for kind, way in (("touchStart", 0), ("touchMove", 20), ("touchMove", 30), ("touchEnd", None)):
        points = [] if way is None else [{"x": x + way, "y": y - way}]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    grown = box(plate.locator("rect"))
    left, top = page.locator("[name=left_1]"), page.locator("[name=top_1]")
    assert left.input_value() == "55,0"  # the opposite corner stays
    assert top.input_value() < "62"
    assert grown["height"] > 30
