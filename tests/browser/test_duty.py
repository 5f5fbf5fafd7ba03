"""The on-call plan, absences and the page behind an alarm: readable, in reach, without barriers."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from accounts.absence import Absence
from accounts.derived_codes import derive
from leases.models import Lane
from reports.actions.assign import take
from reports.actions.submit import Receipt
from reports.alarm_link import PURPOSE
from reports.models import DangerAlert, Report
from reports.tasks import drain
from routing.models import OnCallShift
from tests.browser.conftest import DESKTOP, PHONE, barriers, sideways
from tests.people import Town, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
SHOTS = os.environ.get("SHOTS", "")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def cut_off(page: Page) -> list[str]:
    """What is chosen in selects of the plan that are too narrow to show it."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".duty select")].filter((select) => {
             const free = document.createElement("span");
             free.textContent = select.selectedOptions[0].text;
             free.style.cssText = "position:absolute;white-space:nowrap";
             select.after(free);
             const needed = free.getBoundingClientRect().width;
             free.remove();
             const style = getComputedStyle(select);
             return needed > select.clientWidth
               - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
           }).map((select) => select.selectedOptions[0].text)"""
    )
    return found


@pytest.mark.parametrize(("size", "name"), [(DESKTOP, "desk"), (PHONE, "phone")])
def test_people_plan_who_is_there(
    site: str,
    heilbronn: Town,
    report: Callable[..., Receipt],
    open_context: Callable[..., BrowserContext],
    size: dict[str, int],
    name: str,
) -> None:
    people, now = heilbronn.people, timezone.now()
    people["clara"].last_name = "von Hohenlohe-Langenburg"
    people["clara"].save()
    danger, case = report(heilbronn, "collapse", address="Allee 12"), report(heilbronn)
    drain(Lane.CITIZEN)
    take(case.report.pk, by=people["clara"], now=now, expected_version=fresh(case).version)
    OnCallShift.objects.update(ends_at=now + timedelta(days=9))
    Absence.objects.create(
        person=people["gero"], first_day=now.date(), last_day=now.date() + timedelta(days=5)
    )
    context = open_context(viewport=size)
    if SHOTS:
        context.set_default_timeout(120_000)
    page = context.new_page()
    alert = DangerAlert.objects.get()
    page.goto(f"{site}/desk/alarm/{alert.pk}/?code={derive(PURPOSE, alert.pk)}")
    assert barriers(page) == []
    shot(page, f"{name}-alarm")
    page.get_by_role("button", name="Ich kümmere mich").click()
    expect(page.get_by_role("heading", name="Quittiert")).to_be_visible()
    assert Report.objects.get(pk=danger.report.pk).danger_acknowledged_by == people["clara"]

    browser = Client()
    browser.force_login(people["dora"])
    cookie_name = settings.SESSION_COOKIE_NAME
    cookie = browser.cookies[cookie_name].value
    context.add_cookies([{"name": cookie_name, "value": cookie, "url": site}])
    for address, word in (
        ("bereitschaft/", "Bereitschaftsplan"),
        ("abwesenheit/", "Abwesenheit"),
        (f"abwesenheit/zurueckgeben/?person={people['clara'].pk}", "Vorgänge zurückgeben"),
    ):
        page.goto(f"{site}/desk/{address}")
        expect(page.get_by_role("heading", name=word, level=1)).to_be_visible()
        shot(page, f"{name}-{word}")
        assert sideways(page) <= 0
        assert cut_off(page) == []
        assert barriers(page) == []
    page.goto(f"{site}/desk/")
    expect(page.get_by_role("heading", name="Niemand in Bereitschaft")).to_be_visible()
    shot(page, f"{name}-queue")
    page.goto(f"{site}/desk/vorgang/{danger.number}/")
    shot(page, f"{name}-case")
    assert barriers(page) == []
