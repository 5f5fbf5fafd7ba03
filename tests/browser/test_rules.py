"""Writing a rule with conditions: by buttons and keyboard, readable on a telephone too."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from reports.actions.submit import Receipt
from reports.tasks import try_rules
from routing.models import Rule
from routing.rules.versions import start_draft
from tests.browser.conftest import DESKTOP, PHONE, barriers, sideways
from tests.factories import RuleFactory
from tests.people import BOECKINGEN, Town

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


def test_a_draft_is_tried_and_its_result_read_on_any_screen(
    site: str,
    heilbronn: Town,
    report: Callable[..., Receipt],
    open_context: Callable[..., BrowserContext],
) -> None:
    town, offices = heilbronn.municipality, heilbronn.offices
    RuleFactory(municipality=town, office=offices["66"], priority=10, name="Alles")
    for category in heilbronn.categories:
        report(heilbronn, category)
        report(heilbronn, category, lon=BOECKINGEN[0], lat=BOECKINGEN[1])
    draft = start_draft(town.pk, reason="Neu", by=heilbronn.people["dora"], now=timezone.now())
    Rule.objects.filter(rule_set=draft).update(
        office=offices["67"], category=heilbronn.categories["pothole"]
    )
    RuleFactory(municipality=town, rule_set=draft, office=offices["66"], priority=20, name="Rest")
    late = {"municipality": town, "rule_set": draft, "office": offices["67"], "priority": 30}
    RuleFactory(**late, name="Zu spät")
    day = timezone.localdate() - timedelta(days=1)
    for size in (DESKTOP, PHONE):
        page = signed_in(site, heilbronn, open_context(viewport=size))
        page.goto(f"{site}/desk/regeln/{draft.pk}/")
        expect(page.get_by_text("Eine Regel wird nie erreicht")).to_be_visible()
        page.get_by_role("navigation", name="Ansichten").get_by_role(
            "link", name="Probelauf"
        ).click()
        page.get_by_label("Eingegangen von").fill(day.isoformat())
        page.get_by_role("button", name="Probelauf starten").click()
        expect(page.get_by_role("status")).to_contain_text("Der Probelauf läuft")
        try_rules()
        page.get_by_role("link", name="Stand neu laden").click()
        expect(page.get_by_role("heading", name="10 Fälle vom")).to_be_visible()
        expect(page.locator("path.dot--moved").first).to_be_visible()
        assert (sideways(page) <= 0, barriers(page)) == (True, [])
        page.get_by_role("link", name="das Amt von heute").click()
        expect(page.get_by_role("link", name="das Amt von heute")).to_have_attribute(
            "aria-current", "true"
        )
        page.get_by_role("link", name="Abdeckung", exact=True).click()
        expect(page.get_by_role("table")).to_contain_text("Böckingen")
        assert (sideways(page) <= 0, barriers(page)) == (True, [])
