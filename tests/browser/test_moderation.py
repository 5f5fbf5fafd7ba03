"""Approving by keyboard alone: found words, text, photo, report, and the way back."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from reports.actions.derive_photo import derive_photo
from reports.actions.submit import Receipt
from reports.models import Photo, Publication, Submission
from tests.browser.conftest import DESKTOP, PHONE, barriers, sideways
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
    page.keyboard.press("1")
    page.wait_for_function("document.querySelectorAll('[data-key=\"1\"]').length === 0")
    page.keyboard.press("m")
    page.get_by_text("Alles entschieden").wait_for()
    assert barriers(page) == []
    assert Submission.objects.get(pk=case.report.pk).public_text.endswith("Gefahr für alle!")
    assert Photo.objects.get().publication == fresh(case).publication == Publication.APPROVED

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
