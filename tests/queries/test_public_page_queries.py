"""How often each public page asks the database, whatever the number of reports."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reports.actions.publish import publish_report

pytestmark = pytest.mark.django_db

WHICH_TOWN = 2  # by host name, then by the first word of the path
CATALOGUE = 3  # categories, translations, questions
NOTICES = 1  # dated notices and pauses
# The category itself, whether very much comes in, whether there are places to search in.
FORM = WHICH_TOWN + CATALOGUE + NOTICES + 4


@contextmanager
def asks(*, app: int, public: int) -> Iterator[None]:
    """Exactly so many queries as the app's role and as the public reader."""
    with ExitStack() as stack:
        seen = {
            name: stack.enter_context(CaptureQueriesContext(connections[name]))
            for name in ("default", "public")
        }
        yield
    found = {name: [query["sql"] for query in capture] for name, capture in seen.items()}
    assert (len(found["default"]), len(found["public"])) == (app, public), found


@pytest.fixture
def three_reports(heilbronn, report):
    receipts = [report(heilbronn, photos=1) for _number in range(3)]
    for receipt in receipts:
        publish_report(receipt.report.pk, now=timezone.now())
    return receipts


@pytest.mark.parametrize(
    ("address", "app", "public"),
    [
        # Reports, their photos, categories, counts, incidents.
        ("/heilbronn/", WHICH_TOWN, 5),
        ("/heilbronn/?category=strasse&status=open&since=30", WHICH_TOWN, 5),
        ("/heilbronn/meldungen.geojson", WHICH_TOWN, 2),
        ("/heilbronn/sitemap.xml", WHICH_TOWN, 1),
        ("/heilbronn/gebiete.geojson", WHICH_TOWN, 1),
        ("/heilbronn/meldung/HN-2026-999999/", WHICH_TOWN, 1),
        ("/heilbronn/melden/", WHICH_TOWN + CATALOGUE + NOTICES, 0),
        # When work begins again: the category, then offices and closing days.
        ("/heilbronn/melden/strasse.schlagloch/", FORM + 1, 2),
        # Who is on call: the shifts of the category's office.
        ("/heilbronn/melden/strasse.einbruch/", FORM + 1, 2),
        ("/heilbronn/melden/stichworte.json", WHICH_TOWN + 1, 0),
        ("/heilbronn/meine/", WHICH_TOWN, 0),
        ("/heilbronn/bestaetigen/HN-2026-000001/?code=X", WHICH_TOWN + 2, 0),
        ("/heilbronn/seite/impressum/", WHICH_TOWN, 0),
        ("/heilbronn/quatsch/", WHICH_TOWN, 0),
        ("/", 2, 0),
    ],
)
@pytest.mark.usefixtures("three_reports")
def test_pages_of_everybody(client, address, app, public):
    client.get(address)  # whatever is read once per process

    with asks(app=app, public=public):
        client.get(address)


def test_the_page_of_one_report(client, three_reports):
    # The report, its photos, the things it is about, categories.
    with asks(app=WHICH_TOWN, public=4):
        client.get(f"/heilbronn/meldung/{three_reports[0].number}/")


def test_the_receipt(client, three_reports):
    receipt = three_reports[0]
    client.get(f"/heilbronn/meldung/{receipt.number}/zugang/?code={receipt.secret}")

    # The report; words, timeline, office, texts, photos, contact, feedback, objections; public.
    with asks(app=WHICH_TOWN + 1 + 7 + CATALOGUE, public=2):
        client.get(f"/heilbronn/meine/{receipt.number}/")


def test_receipts_of_this_device(client, three_reports):
    for receipt in three_reports:
        client.get(f"/heilbronn/meldung/{receipt.number}/zugang/?code={receipt.secret}")

    with asks(app=WHICH_TOWN + 1 + CATALOGUE, public=0):
        client.get("/heilbronn/meine/")
