"""The catalogue and the descriptions beside the table: complete, alike in every syntax."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS

from opendata.columns import NAMES
from reports.actions.publish import publish_report
from reports.actions.submit import Receipt
from reports.models import Publication, Report
from tests.people import Town

pytestmark = [
    pytest.mark.django_db,
    # Of rdflib itself, where it reads JSON-LD.
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),
]
DCATDE = Namespace("http://dcat-ap.de/def/dcatde/")
DCATAP = Namespace("http://data.europa.eu/r5r/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
REQUIRED = {
    DCAT.Catalog: [DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.dataset],
    DCAT.Dataset: [
        *(DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCTERMS.identifier),
        *(DCTERMS.spatial, DCTERMS.accrualPeriodicity, DCTERMS.accessRights, DCTERMS.language),
        *(DCAT.theme, DCAT.keyword, DCAT.contactPoint, DCAT.landingPage, DCAT.distribution),
        *(DCATDE.contributorID, DCATAP.availability),
    ],
    DCAT.Distribution: [DCAT.accessURL, DCTERMS.license, DCTERMS["format"], DCATAP.availability],
    DCAT.DataService: [DCAT.endpointURL, DCTERMS.title, DCTERMS.publisher, DCAT.servesDataset],
}
DEPRECATED = [
    *(DCATDE.politicalGeocodingURI, DCATDE.geocodingDescription, DCATDE.legalBasis),
    *(DCATDE.originator, DCATDE.maintainer),
]


def content(client: Client, path: str, **headers: str) -> bytes:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, path
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_the_catalogue_is_complete_and_the_same_in_every_syntax(
    heilbronn: Town, heidenheim: Town, client: Client, report: Callable[..., Receipt]
) -> None:
    made = report(heilbronn).report
    Report.objects.filter(pk=made.pk).update(publication=Publication.APPROVED)
    publish_report(made.pk, now=timezone.now())
    heidenheim.municipality.licence = "https://www.govdata.de/dl-de/by-2-0"
    heidenheim.municipality.attribution = "Stadt Heidenheim, Bauamt"
    heidenheim.municipality.contributor = "http://dcat-ap.de/def/contributors/govData"
    heidenheim.municipality.save()

    forms = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}
    graphs = [
        Graph().parse(data=content(client, f"/opendata/catalog.{suffix}"), format=form)
        for suffix, form in forms.items()
    ]

    graph = graphs[0]
    assert all(isomorphic(graph, other) for other in graphs[1:])
    for kind, properties in REQUIRED.items():
        nodes = list(graph.subjects(RDF.type, kind))
        assert nodes, kind
        for node in nodes:
            for wanted in properties:
                assert (node, wanted, None) in graph, (node, wanted)
    assert not [each for each in DEPRECATED if (None, each, None) in graph]
    contacts = list(graph.objects(None, VCARD.hasEmail))
    assert all(str(each).startswith("mailto:") for each in contacts)
    ours = URIRef("http://testserver/opendata/heilbronn/#reports")
    assert len(list(graph.objects(ours, DCAT.distribution))) == 5
    for wanted in (DCTERMS.modified, DCTERMS.issued, DCTERMS.temporal):
        assert (ours, wanted, None) in graph
    portals = {str(each).rpartition("/")[2] for each in graph.objects(None, DCATDE.contributorID)}
    assert portals == {"datenBW", "govData"}
    words = {str(each) for each in graph.objects(None, DCATDE.licenseAttributionByText)}
    assert words == {"Stadt Heidenheim, Bauamt"}
    assert client.get("/opendata/catalog.n3").status_code == 404


def test_every_address_of_the_catalogue_answers(heilbronn: Town, client: Client) -> None:
    graph = Graph().parse(data=content(client, "/opendata/catalog.ttl"), format="turtle")
    addresses = {
        *graph.objects(None, DCAT.accessURL),
        *graph.objects(None, DCAT.landingPage),
        *graph.objects(None, DCAT.endpointDescription),
    }
    assert len(addresses) == 11
    for address in addresses:
        path = str(address).removeprefix("http://testserver")
        path += "discovery.json" if "open311" in path else ""
        assert client.get(path).status_code == 200, path


def test_on_a_citys_own_host_only_this_city_is_listed(
    heilbronn: Town, heidenheim: Town, client: Client
) -> None:
    heidenheim.municipality.host_name = "melden.heidenheim.localhost"
    heidenheim.municipality.save()
    listed = content(client, "/opendata/catalog.ttl", Host="melden.heidenheim.localhost").decode()
    assert "Heidenheim" in listed
    assert "Heilbronn" not in listed


def test_programs_learn_what_the_columns_mean(heilbronn: Town, client: Client) -> None:
    package: Any = json.loads(content(client, "/opendata/heilbronn/datapackage.json"))
    fields = package["resources"][0]["schema"]["fields"]
    assert tuple(field["name"] for field in fields) == NAMES
    assert all(field["description"] for field in fields)
    assert package["licenses"][0]["path"] == heilbronn.municipality.licence
    described: Any = json.loads(content(client, "/opendata/heilbronn/reports.csv-metadata.json"))
    assert tuple(each["name"] for each in described["tableSchema"]["columns"]) == NAMES
    link = client.get("/opendata/heilbronn/reports.csv").headers["Link"]
    assert "reports.csv-metadata.json" in link
