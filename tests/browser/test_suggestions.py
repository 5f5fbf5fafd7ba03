"""Describing first, in a real browser: what fits appears while typing, and the words go along."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import barriers, sideways
from tests.browser.test_entry import sign_in
from tests.flows.test_suggestions import close_cases, train

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

PICTURES = os.environ.get("ANLIEGEN_PICTURES", "")


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at the pages."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def test_what_fits_appears_while_typing_and_the_words_go_along(site, heilbronn, phone):
    phone.goto(f"{site}/heilbronn/melden/")

    phone.get_by_label("Beschreiben Sie, was Sie sehen").fill("Tiefes Schlagloch vor der Schule")
    expect(phone.get_by_role("button", name="Schlagloch")).to_be_visible()
    assert barriers(phone) == []
    assert sideways(phone) <= 0
    picture(phone, "describe-phone")

    phone.get_by_role("button", name="Schlagloch").click()
    field = phone.get_by_label("Was ist Ihnen aufgefallen?")
    expect(field).to_have_value("Tiefes Schlagloch vor der Schule")


def test_a_clerk_takes_what_is_suggested_and_reads_the_card(site, heilbronn, desktop):
    close_cases(heilbronn)
    train(heilbronn)
    sign_in(desktop, site, heilbronn.people["dora"])
    desktop.goto(f"{site}/desk/aufnahme/")

    desktop.locator("textarea[name=description]").fill("Schlagloch am Bahnhof, sehr tief")
    desktop.get_by_role("group", name="Passt das?").get_by_role("button").first.click()
    expect(desktop.locator("#art-suche")).to_have_value("Schlagloch")
    picture(desktop, "entry-desktop")

    desktop.goto(f"{site}/desk/vorschlaege/")
    expect(desktop.get_by_text("Gelernt aus 320 abgeschlossenen Fällen")).to_be_visible()
    assert barriers(desktop) == []
    picture(desktop, "card-desktop")
    desktop.set_viewport_size({"width": 360, "height": 740})
    assert sideways(desktop) <= 0
    picture(desktop, "card-phone")
