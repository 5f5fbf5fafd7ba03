"""Forgetting, rights and the electronic file in a real browser, wide and on a telephone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect

from demo.privacy import load_privacy
from reports.actions.submit import submit_report
from reports.models import Report
from tests.browser.conftest import PHONE, barriers, sideways
from tests.browser.test_suggestions import picture
from tests.factories import PASSWORD, RoleFactory, UserFactory
from tests.people import draft

pytestmark = [pytest.mark.django_db, pytest.mark.browser]


def look(page: Page, name: str) -> None:
    """No barrier, nothing sideways, wide and narrow."""
    assert barriers(page) == []
    picture(page, f"{name}-desktop")
    page.set_viewport_size(PHONE)
    assert sideways(page) <= 0
    picture(page, f"{name}-phone")
    page.set_viewport_size({"width": 1280, "height": 900})


def code_of(device: TOTPDevice) -> str:
    return f"{totp(device.bin_key):06d}"


def test_the_officer_looks_around_and_a_person_asks(site, heilbronn, desktop):
    officer = UserFactory(first_name="Petra", last_name="Lindner")
    RoleFactory(user=officer, municipality=heilbronn.municipality, role="privacy")
    device = TOTPDevice.objects.create(user=officer, confirmed=True)
    for _number in range(10):
        receipt = submit_report(
            town=heilbronn.municipality, draft=draft(), files=[], now=timezone.now()
        )
    Report.objects.exclude(pk=receipt.report.pk).update(
        status="done", closing_reason="done", closed_at=timezone.now() - timedelta(days=100)
    )
    load_privacy(heilbronn.municipality)

    desktop.set_default_timeout(60_000)
    desktop.goto(f"{site}/heilbronn/meldung/{receipt.number}/zugang/?code={receipt.secret}")
    desktop.get_by_role("link", name="Meine Daten").click()
    look(desktop, "own-data")
    desktop.get_by_label("meine Daten löschen lassen").check()
    desktop.get_by_role("button", name="Antrag senden").click()
    expect(desktop.get_by_text("Ihr Antrag ist eingegangen")).to_be_visible()

    desktop.goto(f"{site}/desk/anmelden/")
    desktop.get_by_label("E-Mail-Adresse").fill(officer.email)
    desktop.get_by_label("Kennwort").fill(PASSWORD)
    desktop.get_by_role("button", name="Anmelden").click()
    desktop.get_by_label("Einmalcode").fill(code_of(device))
    desktop.get_by_role("button", name="Anmelden").click()
    desktop.wait_for_url("**/desk/**")
    expect(desktop.get_by_role("link", name="Betroffenenrechte")).to_be_visible()
    desktop.goto(f"{site}/desk/datenschutz/")
    expect(desktop.get_by_text("Ich bin umgezogen")).to_be_visible()
    look(desktop, "rights")
    desktop.goto(f"{site}/desk/datenschutz/person/")
    expect(desktop.get_by_role("heading", name="Noch einmal bestätigen")).to_be_visible()
    look(desktop, "again")
    for address, name in (("loeschen", "retention"), ("eakte", "filings")):
        desktop.goto(f"{site}/desk/{address}/")
        look(desktop, name)
