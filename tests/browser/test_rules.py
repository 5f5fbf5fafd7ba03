"""Writing a rule with conditions: by buttons and keyboard, readable on a telephone too."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from routing.models import Rule
from tests.browser.conftest import DESKTOP, PHONE, barriers, sideways
from tests.factories import RuleFactory
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.browser]


def signed_in(site: str, town: Town, context: BrowserContext) -> Page:
    session = Client()
    session.force_login(town.people["dora"])
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": site}])
    return context.new_page()


def test_a_rule_is_written_by_buttons(
    site: str, heilbronn: Town, open_context: Callable[..., BrowserContext]
) -> None:
    RuleFactory(municipality=heilbronn.municipality, office=heilbronn.offices["66"], name="Alt")
    for size in (DESKTOP, PHONE):
        page = signed_in(site, heilbronn, open_context(viewport=size))
        page.goto(f"{site}/desk/regeln/")
        assert (sideways(page) <= 0, barriers(page)) == (True, [])
        page.get_by_label("Warum sollen sich die Regeln ändern?").fill("Winter")
        page.get_by_role("button", name="Entwurf beginnen").click()
        page.get_by_role("link", name="Neue Regel").click()
        page.get_by_label("Name der Regel").fill("Glatteis")
        page.get_by_label("zuständiges Amt").select_option(label="67 Grünflächenamt")
        page.get_by_label("Art der neuen Bedingung").select_option("season")
        page.get_by_role("button", name="Bedingung hinzufügen").click()
        page.get_by_label("vom: Tag").select_option("1")
        page.get_by_label("vom: Monat").select_option("11")
        page.get_by_label("bis zum: Tag").select_option("31")
        page.get_by_label("bis zum: Monat").select_option("03")
        page.get_by_role("button", name="Gruppe hinzufügen").click()
        page.get_by_label("Art der neuen Bedingung").nth(0).select_option("words")
        page.get_by_role("button", name="Bedingung hinzufügen").nth(0).click()
        page.get_by_label("Wörter", exact=True).fill("Glatteis")
        assert (sideways(page) <= 0, barriers(page)) == (True, [])
        # Enter in a field saves and presses no other button.
        page.get_by_label("Name der Regel").press("Enter")
        expect(page.get_by_text("Regel gespeichert.")).to_be_visible()
        assert (sideways(page) <= 0, barriers(page)) == (True, [])
    assert Rule.objects.filter(name="Glatteis", rule_set__version=None).count() == 2
