"""The live files of a town: published reports as GeoJSON and CSV, districts as GeoJSON.

Streamed with flat memory. A parameter nobody knows is refused, so that nobody takes a mistyped
filter for an answer.
"""

import hashlib
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from opendata import rendering
from opendata.answers import (
    Body,
    answer,
    data_view,
    photo_address,
    seconds,
    single_words,
    town_or_404,
)
from opendata.columns import FEATURE_NAMES, NAMES
from reports.queries import public, public_feeds
from reports.queries.public_facts import TownFacts
from reports.queries.public_feeds import Extract
from reports.queries.public_filters import Filters, read_filters

FILTERS = frozenset({"bbox", "category", "status", "since"})
GEOJSON, CSV = "application/geo+json", "text/csv; charset=utf-8; header=present"
NOTE = "Meldungen sind Hinweise aus der Bürgerschaft, keine festgestellten Mängel."
# The content is made while it is sent, so no part of it can be asked for.
STREAMED = {"Accept-Ranges": "none"}


@data_view
def reports_geojson(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Published reports as a FeatureCollection (RFC 7946)."""
    town, filters = town_or_404(request, slug), _filters(request)
    state = public_feeds.feed_state(town.slug)
    features = public_feeds.feature_batches(extract(request, town, filters), FEATURE_NAMES)
    body = Body(
        rendering.collection(features, members(town, "Meldungen")),
        GEOJSON,
        (town, "geojson", filters, state.mark),
        seconds(state),
        f"{town.slug}-reports.geojson",
        headers=STREAMED,
    )
    return answer(request, body)


@data_view
def reports_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Published reports as a table (RFC 4180)."""
    town, filters = town_or_404(request, slug), _filters(request)
    state = public_feeds.feed_state(town.slug)
    batches = public_feeds.csv_batches(extract(request, town, filters), NAMES)
    body = Body(
        rendering.table(batches, NAMES),
        CSV,
        (town, "csv", filters, state.mark),
        seconds(state),
        f"{town.slug}-reports.csv",
        # Where CSVW looks for the meaning of the columns (section 5.2).
        links=('<reports.csv-metadata.json>; rel="describedby"; type="application/csvm+json"',),
        headers=STREAMED,
    )
    return answer(request, body)


@data_view
def districts_geojson(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The outlines of the districts, or of the town where it has none."""
    town = town_or_404(request, slug)
    single_words(request, known=())
    features = (each.encode() for each in rendering.outlines(public.districts(town.slug)))
    content = b"".join(rendering.collection(features, members(town, "Stadtteile")))
    mark = (hashlib.sha256(content).hexdigest(),)
    return answer(
        request, Body([content], GEOJSON, mark, file_name=f"{town.slug}-districts.geojson")
    )


def extract(request: HttpRequest, town: TownFacts, filters: Filters, **more: Any) -> Extract:
    """What is to be read of a town; `more` are further fields of Extract."""
    return Extract(town.slug, town.time_zone, photo_address(request), filters, **more)


def members(town: TownFacts, title: str) -> dict[str, Any]:
    """Foreign members of a collection (RFC 7946, section 6.1): what it is and what is allowed."""
    return {
        "title": f"{title} – {town.name}",
        "publisher": town.official_name,
        "license": town.licence,
        "note": NOTE,
    }


def _filters(request: HttpRequest) -> Filters:
    return read_filters(single_words(request, known=FILTERS), allowed=FILTERS)
