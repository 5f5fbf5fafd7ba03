"""While very much comes in: what citizens see of it, and the list of what is held back."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.arrivals import Arrival
from accounts.models import Municipality
from reports.abuse import Suspicion
from reports.actions.route import route_report
from reports.actions.submit import submit_report
from reports.models import Report, Screening
from tests.browser.conftest import PHONE, barriers, come_to_rest, sideways
from tests.intake import limit
from tests.people import Town, draft

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

LIMIT_FACTOR = 10_000  # of the web process: the town's limit of 1 is as many
SHOTS = os.environ.get("ANLIEGEN_SHOTS")


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def flood(town: Town, count: int, **changes: Any) -> None:
    for number in range(count):
        receipt = submit_report(
            town=town.municipality,
            draft=draft(**({"description": f"Unsinn {'abcdefghij'[number % 10]}"} | changes)),
            arrival=Arrival(peer="203.0.113.5", network="203.0.113.0/24"),
            now=timezone.now(),
        )
        route_report(receipt.report.pk)


def test_the_browser_works_off_what_others_used_up(site: str, heilbronn: Town, phone: Page) -> None:
    Municipality.objects.update(intake_limits={"total": {"soft": 1}})
    count_up(heilbronn, LIMIT_FACTOR)

    phone.goto(f"{site}/heilbronn/melden/strasse.schlagloch/")
    trap = phone.locator("[name=betreff]")
    expect(trap).to_have_attribute("tabindex", "-1")
    expect(phone.get_by_text("Rechenaufgabe gelöst")).to_be_visible()
    shoot(phone, "form-360")
    phone.get_by_text("Rechenaufgabe gelöst").scroll_into_view_if_needed()
    assert barriers(phone) == []
    assert sideways(phone) <= 0
    phone.get_by_role("button", name="Meinen Standort verwenden").tap()
    phone.locator("textarea[name=description]").fill("Das Geländer am Steg ist lose")
    phone.get_by_role("button", name="Meldung absenden").click()
    expect(phone.get_by_text("HN-").first).to_be_visible()

    assert Report.objects.get().screening == Screening.CLEAR


def count_up(town: Town, hits: int) -> None:
    """Let the town have had so many reports within the hour."""
    from accounts.limits import count_together
    from accounts.models import RateCounter

    now = timezone.now()
    counted = count_together({"total": (str(town.municipality.pk), timedelta(hours=1))}, now=now)
    RateCounter.objects.filter(key_hash=counted["total"].key_hash).update(hits=hits)


def test_the_list_of_what_is_held_back(
    site: str, heilbronn: Town, open_context: Any, settings: Any
) -> None:
    limit(settings, peer=1)
    flood(heilbronn, 5)
    flood(heilbronn, 1, description="Starker Gasgeruch am Bahnhof")
    Suspicion.objects.update(peer_key="")
    flood(heilbronn, 6)
    oldest = Suspicion.objects.order_by("pk").first()
    assert oldest is not None
    Suspicion.objects.filter(pk=oldest.pk).update(held_at=timezone.now() - timedelta(hours=9))
    Report.objects.filter(pk=oldest.pk).update(received_at=timezone.now() - timedelta(hours=9))
    session = Client()
    session.force_login(heilbronn.people["dora"])
    cookie = session.cookies[django_settings.SESSION_COOKIE_NAME].value

    for name, view in (("1280", {"width": 1280, "height": 900}), ("360", PHONE)):
        context = open_context(viewport=view)
        context.add_cookies(
            [{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}]
        )
        page = context.new_page()
        page.goto(f"{site}/desk/pruefung/")
        shoot(page, f"held-{name}")
        assert barriers(page) == []
        assert sideways(page) <= 0

    before = Report.objects.filter(screening=Screening.HELD).count()
    come_to_rest(page)  # keys count once the page has its scripts
    page.keyboard.press("s")
    expect(page.get_by_text("1 Meldung ist als Spam gekennzeichnet")).to_be_visible()
    assert Report.objects.filter(screening=Screening.HELD).count() == before - 1
    shoot(page, "held-undo-360")
    come_to_rest(page)
    page.keyboard.press("u")
    expect(page.get_by_text("ist wieder zurückgehalten")).to_be_visible()
    assert Report.objects.filter(screening=Screening.HELD).count() == before
