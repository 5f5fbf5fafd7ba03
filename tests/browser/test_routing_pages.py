"""The pages about who is responsible, on a telephone: nothing sideways, no barrier, nothing empty.

One pass over the addresses; what the pages do is told in tests/flows.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import BrowserContext, Page

from accounts import derived_codes
from reports.actions.delegate import Errand, delegate
from reports.actions.open_incident import open_incident
from reports.delegating import DELEGATION, Firm
from reports.outside import OutsideBody
from routing.rules.versions import start_draft
from tests.browser.conftest import PHONE, barriers, sideways
from tests.factories import AreaFactory, AssetFactory, AssetLayerFactory, RuleFactory
from tests.people import Town, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.browser]


def sign_in(site: str, town: Town, name: str, context: BrowserContext) -> Page:
    """As somebody who has shown the second factor, if they have one."""
    person, client = town.people[name], Client()
    client.force_login(person)
    session = client.session
    session["otp_device_id"] = TOTPDevice.objects.create(user=person, name="x").persistent_id
    session.save()
    cookie = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": cookie, "value": session.session_key or "", "url": site}])
    return context.new_page()


@pytest.fixture
def filled(heilbronn: Town, report: Callable[..., Any]) -> dict[str, Any]:
    """A town in which every page has something to show; the ids its addresses need."""
    town, dora = heilbronn.municipality, heilbronn.people["dora"]
    now = timezone.now()
    layer = AssetLayerFactory(municipality=town, code="leuchten", repeat_count=2)
    AssetFactory(layer=layer, key="4711")
    RuleFactory(municipality=town, office=heilbronn.offices["66"], name="Schlaglöcher")
    area = AreaFactory(
        municipality=town, level="parcel", key="1/2", attributes={"ownership": "private"}
    )
    cases = [report(heilbronn, assets=("leuchten:4711",)) for _each in range(3)]
    incident = open_incident(
        [case.number for case in cases], municipality_id=town.pk, by=dora, now=now
    )
    firm = Firm.objects.create(municipality=town, name="Tiefbau GmbH", email="x@firma.example")
    OutsideBody.objects.create(municipality=town, kind="road", name="Land", email="l@land.example")
    given = delegate(
        cases[0].report.pk,
        errand=Errand(firm.pk, "Loch schließen.", until=now + timedelta(days=7)),
        by=heilbronn.people["clara"],
        now=now,
        expected_version=fresh(cases[0]).version,
    )
    draft = start_draft(town.pk, reason="Winter", by=dora, now=now)
    return {
        "incident": incident.pk,
        "case": cases[0].number,
        "delegation": given.pk,
        "code": derived_codes.derive(DELEGATION, given.pk, given.key_version),
        "draft": draft.pk,
        "area": area.pk,
    }


def addresses(filled: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Whoever looks, and at what."""
    for path in (
        *("ereignisse/", "ereignisse/{incident}/", "objekte/", "objekte/leuchten/4711/"),
        *("regeln/", "regeln/{draft}/", "regeln/{draft}/regel/", "regeln/{draft}/vorschau/"),
        *("regelvorschlaege/", "wiedervorlagen/", "bereitschaft/", "vorgang/{case}/"),
    ):
        yield "dora", f"/desk/{path}".format(**filled)
    for path in (
        *("/desk/aemter/", "/desk/aemter/neu/umbenennen/", "/desk/aemter/neu/teilen/"),
        *("/admin/routing/area/", "/admin/routing/area/import/"),
        "/admin/routing/area/{area}/version/",
        *("/admin/routing/assetlayer/", "/admin/reports/firm/", "/admin/reports/outsidebody/"),
    ):
        yield "ada", path.format(**filled)
    yield "", "/heilbronn/beauftragung/{delegation}/zugang/?code={code}".format(**filled)


def test_nothing_stands_in_the_way(
    site: str,
    heilbronn: Town,
    filled: dict[str, Any],
    open_context: Callable[..., BrowserContext],
) -> None:
    pages = {
        name: sign_in(site, heilbronn, name, open_context(viewport=PHONE))
        for name in ("dora", "ada")
    }
    pages[""] = open_context(viewport=PHONE).new_page()
    found = {}
    for name, address in addresses(filled):
        page = pages[name]
        answer = page.goto(f"{site}{address}")
        status = answer.status if answer else 0
        wrong = (status, max(sideways(page), 0), barriers(page))
        if wrong != (200, 0, []):
            found[address] = wrong
    assert found == {}
