"""The approval page with marked words, and the hint beside the form: readable, and in reach."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from reports.actions.submit import Receipt
from reports.models import Report
from tests.browser.conftest import DESKTOP, PHONE, barriers, sideways
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

TEXT = (
    "Herr Obermoser (Tel. 07131 56-1234) hat mit dem Anhänger HN-AB 123 die Bank in der "
    "Karl-Marx-Straße gestreift.\n\nTante Emmasberg hat es gesehen."
)


def test_one_key_approves_what_is_proposed(
    site: str,
    heilbronn: Town,
    report: Callable[..., Receipt],
    mona_at: Callable[..., Page],
) -> None:
    case = report(heilbronn, "tree", description=TEXT)
    for size in (DESKTOP, PHONE):
        page = mona_at(viewport=size)
        page.goto(f"{site}/desk/freigabe/")

        expect(page.locator("mark.found")).to_have_count(4)
        assert sideways(page) <= 0
        assert barriers(page) == []

    page = mona_at(viewport=DESKTOP)
    page.goto(f"{site}/desk/freigabe/")
    page.get_by_label("Öffentlicher Text").fill("Frau Weber hat es gesehen.")
    page.get_by_role("button", name="Text freigeben").click()
    expect(page.get_by_label("Begründung für die Veröffentlichung")).to_be_visible()
    assert barriers(page) == []

    page.goto(f"{site}/desk/freigabe/")
    page.keyboard.press("t")
    expect(page.get_by_text("Gespeichert.")).to_be_visible()

    text = Report.objects.select_related("submission").get(pk=case.report.pk).submission.public_text
    assert text.startswith("Herr [Name] (Tel. [Telefonnummer]) hat mit dem Anhänger [Kennzeichen]")
