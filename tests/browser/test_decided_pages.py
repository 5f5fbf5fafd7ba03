"""Pages on which a decision is read after it was made: why here, what runs, what has moved.

One walk through a town in which a storm has passed and two offices became one.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiLineString
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from leases.models import Lane
from reports.actions.open_incident import open_incident
from reports.actions.publish import publish_report
from reports.actions.publish_incident import publish_running_incidents
from reports.actions.run_incident import accept_incident, answer_incident
from reports.actions.submit import Receipt
from reports.incidents import Incident
from reports.models import Report
from reports.tasks import drain
from routing.models import Rule
from routing.rules.versions import write_version
from tests.browser.conftest import PHONE, barriers, sideways
from tests.browser.test_routing_pages import sign_in
from tests.factories import AreaFactory, AssetFactory, AssetLayerFactory
from tests.people import TOWN_HALL, Town, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
Submit = Callable[..., Receipt]


def storm(town: Town, report: Submit) -> tuple[Incident, list[Receipt]]:
    """Fallen trees, public, run as one incident by Gero, with a first answer."""
    made = [
        report(town, "tree", lat=TOWN_HALL[1] + each * 0.0004, description="Umgestürzter Baum")
        for each in range(4)
    ]
    by, now = {"by": town.people["dora"]}, timezone.now()
    numbers = [each.number for each in made]
    incident = open_incident(numbers, municipality_id=town.municipality.pk, now=now, **by)
    accept_incident(
        incident.pk,
        title="Umgestürzte Bäume nach dem Sturm",
        office=town.offices["67"],
        owner=town.people["gero"],
        now=now,
        **by,
    )
    Report.objects.update(publication="approved")
    for lane in (Lane.CITIZEN, Lane.STAFF, Lane.BULK):
        drain(lane)
    for each in made:
        publish_report(each.report.pk, now=now)
    answer_incident(incident.pk, text="Bis zum Abend ist geräumt.", now=now, **by)
    publish_running_incidents(now=now)
    return incident, made


def look(page: Page, address: str = "") -> None:
    """Nothing in the way on the page, or on the one that is open."""
    if address:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200
    assert (max(sideways(page), 0), barriers(page)) == (0, []), page.url


def test_decisions_are_read_where_they_were_made(
    site: str, heilbronn: Town, report: Submit, open_context: Callable[..., BrowserContext]
) -> None:
    town, offices, kinds = heilbronn.municipality, heilbronn.offices, heilbronn.categories
    west = town.areas.get(key="böckingen")
    rules: list[dict[str, Any]] = [
        {"name": "Böckinger Löcher", "area": west, "office": offices["67"]},
        {"name": "Löcher bei Glatteis", "condition": {"is": "words", "words": ["Glatteis"]},
         "office": offices["67"]},
        {"name": "Löcher", "office": offices["66"]},
    ]  # fmt: skip
    write_version(
        town.pk,
        [Rule(municipality=town, priority=10 * at, category=kinds["pothole"], **rule)
         for at, rule in enumerate(rules, start=1)],
        reason="Anfang", now=timezone.now(),
    )  # fmt: skip
    layer = AssetLayerFactory(municipality=town, code="leuchten", name="Leuchten", repeat_count=2)
    layer.categories.set(kinds.values())
    AssetFactory(layer=layer, key="4711")
    edge = report(heilbronn, lon=9.2001, accuracy_m=25)
    things = [report(heilbronn, assets=("leuchten:4711",)) for _each in range(2)]
    incident, trees = storm(heilbronn, report)
    road = AreaFactory(
        municipality=town, level="road", key="b27", name="B 27", buffer_m=15,
        centre_line=MultiLineString(
            LineString((9.20, 49.12), (9.22, 49.15), (9.23, 49.16)), srid=4326
        ),
    )  # fmt: skip
    pages = {
        name: sign_in(site, heilbronn, name, open_context(viewport=PHONE))
        for name in ("dora", "gero", "ada")
    }

    dora = pages["dora"]
    dora.goto(f"{site}/desk/vorgang/{edge.number}/")
    place = dora.get_by_role("region", name="Ort", exact=True)
    expect(place.get_by_text("Dort wäre 67 Grünflächenamt zuständig.")).to_be_visible()
    dora.get_by_text("Warum hier?").click()
    expect(dora.get_by_text("»Böckinger Löcher« passt nicht")).to_be_visible()
    look(dora)
    look(dora, f"{site}/desk/vorgang/{things[1].number}/")
    look(dora, f"{site}/desk/objekte/leuchten/4711/")
    look(dora, f"{site}/desk/ereignisse/{incident.pk}/")
    look(dora, f"{site}/desk/")

    erika = open_context(
        viewport=PHONE,
        geolocation={"latitude": TOWN_HALL[1], "longitude": TOWN_HALL[0], "accuracy": 12},
        permissions=["geolocation"],
    ).new_page()
    erika.goto(f"{site}/heilbronn/")
    expect(erika.locator("path.incident-shape")).to_have_count(1)
    look(erika)
    look(erika, f"{site}/heilbronn/ereignis/{incident.pk}/")
    look(erika, f"{site}/heilbronn/objekt/leuchten/4711/")
    erika.goto(f"{site}/heilbronn/melden/gruen.baum/")
    erika.get_by_role("button", name="Meinen Standort verwenden").click()
    expect(erika.get_by_label("Leuchte 4711")).to_be_visible()
    known = erika.get_by_role("region", name="Schon gemeldet?")
    expect(known.get_by_role("link", name="Umgestürzte Bäume nach dem Sturm")).to_be_visible()
    # The bar with the button to send lies over whatever is at the lower edge, not over the map.
    known.scroll_into_view_if_needed()
    look(erika)

    gero = pages["gero"]
    look(gero, f"{site}/desk/vorgang/{trees[1].number}/")
    gero.get_by_role("button", name="Aus dem Ereignis nehmen").click()
    expect(gero.get_by_role("button", name="Zurück zum Ereignis")).to_be_visible()
    look(gero)
    assert fresh(trees[1]).incident is None

    ada = pages["ada"]
    look(ada, f"{site}/admin/routing/area/{west.pk}/change/")
    ada.goto(f"{site}/admin/routing/area/{road.pk}/change/")
    ada.locator("summary").filter(has_text="Als Text").nth(1).press("Enter")
    drawn = ada.get_by_role("textbox", name="Mittellinie:")
    look(ada)
    drawn.fill(MultiLineString(LineString((9.21, 49.12), (9.22, 49.16))).json)
    ada.get_by_role("button", name="Sichern", exact=True).click()
    expect(ada.get_by_text("erfolgreich geändert")).to_be_visible()
    road.refresh_from_db()
    assert road.geometry.extent[0] > 9.209
    ada.goto(f"{site}/desk/aemter/neu/zusammenlegen/")
    ada.get_by_label("Dieses Amt bleibt").select_option(str(offices["66"].pk))
    ada.get_by_label("67 Grünflächenamt").check()
    ada.get_by_label("Anlass").fill("Neuer Geschäftsverteilungsplan")
    ada.get_by_role("button", name="Ansehen, was es bewegt").click()
    expect(ada.get_by_role("button", name="Jetzt ausführen")).to_be_visible()
    look(ada)
    with ada.expect_navigation():
        ada.get_by_role("button", name="Jetzt ausführen").click()
    drain(Lane.BULK)
    ada.reload()
    look(ada)
    look(ada, f"{site}/desk/aemter/")
    incident.refresh_from_db()
    assert incident.office == offices["66"]
    look(dora, f"{site}/desk/vorgang/{trees[0].number}/")
