"""The catalogue of all towns' data in DCAT-AP.de 3.0, as a graph. Pure.

Which properties a class must, should and must not have: https://www.dcat-ap.de/def/dcatde/3.0/spec/
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rdflib import RDF, BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, XSD
from rdflib.term import Node

from opendata.licences import attribution, contributor, licence_uri
from reports.queries.public_facts import TownFacts

DCATAP = Namespace("http://data.europa.eu/r5r/")
DCATDE = Namespace("http://dcat-ap.de/def/dcatde/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
LOCN = Namespace("http://www.w3.org/ns/locn#")
GEO = Namespace("http://www.opengis.net/ont/geosparql#")
_EU = "http://publications.europa.eu/resource/authority/"
_LEVEL = URIRef("http://dcat-ap.de/def/politicalGeocoding/Level/municipality")
_IANA = "https://www.iana.org/assignments/media-types/"
NOTE = (
    "Meldungen sind Hinweise aus der Bürgerschaft, keine festgestellten Mängel; für Ranglisten "
    "von Straßen, Stadtteilen oder Ämtern taugen sie nicht. Der Ort ist die Mitte "
    "einer Rasterzelle."
)
KEYWORDS = ("Mängelmelder", "Anliegen", "Bürgermeldungen", "Infrastruktur", "Open311")
THEMES = ("GOVE", "REGI")


@dataclass(frozen=True)
class Town:
    """A town with what its data says of itself: last change, first report (both UTC) or none."""

    facts: TownFacts
    modified: datetime | None
    earliest: datetime | None
    base: str  # absolute address of its page, with a slash at the end


@dataclass(frozen=True)
class Site:
    """Absolute addresses of the installation: the open-data page, the services of all towns."""

    root: str
    ogc: str
    georeport: str
    api: str


@dataclass(frozen=True)
class _Form:
    """One form a dataset comes in."""

    path: str
    title: str
    file_type: str
    media_type: str
    availability: str = "AVAILABLE"
    is_file: bool = True


_FORMS = (
    _Form("reports.csv", "Meldungen als CSV", "CSV", "text/csv"),
    _Form("reports.geojson", "Meldungen als GeoJSON", "GEOJSON", "application/geo+json"),
    _Form("reports.gpkg", "Meldungen als GeoPackage", "GPKG", "application/geopackage+sqlite3"),
    _Form("changes.json", "Änderungen seit einem Stand", "JSON", "application/json"),
    _Form("updates.atom", "Neuigkeiten als Atom", "XML", "application/atom+xml"),
)
_DISTRICTS = (
    _Form("districts.geojson", "Stadtteile als GeoJSON", "GEOJSON", "application/geo+json"),
)
_SNAPSHOTS = (
    _Form("snapshots/", "Tagesstände als CSV", "CSV", "text/csv", "STABLE", is_file=False),
)


def graph_of(site: Site, towns: Sequence[Town]) -> Graph:
    """The catalogue with a dataset of reports, of daily copies and of districts for each town."""
    graph = Graph()
    for prefix, namespace in {
        "dcat": DCAT,
        "dct": DCTERMS,
        "foaf": FOAF,
        "vcard": VCARD,
        "dcatap": DCATAP,
        "dcatde": DCATDE,
        "locn": LOCN,
    }.items():
        graph.bind(prefix, namespace)
    catalogue = URIRef(f"{site.root}catalog")
    _add(graph, catalogue, DCAT.Catalog, "Offene Daten: Anliegen", NOTE)
    graph.add((catalogue, FOAF.homepage, URIRef(site.root)))
    graph.add((catalogue, DCTERMS.language, _eu("language", "DEU")))
    graph.add((catalogue, DCTERMS.publisher, _operator(graph, site, towns)))
    for town in towns:
        for dataset in _datasets(graph, town):
            graph.add((catalogue, DCAT.dataset, dataset))
        for service in _services(graph, site, town):
            graph.add((catalogue, DCAT.service, service))
    moments = [town.modified for town in towns if town.modified]
    if moments:
        graph.add((catalogue, DCTERMS.modified, _moment(max(moments))))
    return graph


def _datasets(graph: Graph, town: Town) -> list[URIRef]:
    name = town.facts.name
    reports = _dataset(graph, town, "reports", f"Meldungen {name}", "CONT", _FORMS)
    daily = _dataset(
        graph, town, "snapshots", f"Meldungen {name}: Tagesstände", "DAILY", _SNAPSHOTS
    )
    districts = _dataset(graph, town, "districts", f"Stadtteile {name}", "CONT", _DISTRICTS)
    for dataset in (reports, daily):
        for word in KEYWORDS:
            graph.add((dataset, DCAT.keyword, Literal(word, lang="de")))
    graph.add((districts, DCAT.keyword, Literal("Stadtteile", lang="de")))
    return [reports, daily, districts]


def _dataset(
    graph: Graph, town: Town, key: str, title: str, frequency: str, forms: Sequence[_Form]
) -> URIRef:
    facts, node = town.facts, URIRef(f"{town.base}#{key}")
    what = NOTE if key != "districts" else f"Umrisse der Stadtteile von {facts.official_name}."
    _add(graph, node, DCAT.Dataset, title, what)
    for predicate, value in (
        (DCTERMS.identifier, Literal(str(node))),
        (DCTERMS.publisher, _publisher(graph, town)),
        (DCAT.contactPoint, _contact(graph, town)),
        (DCAT.landingPage, URIRef(town.base)),
        (DCTERMS.language, _eu("language", "DEU")),
        (DCTERMS.accrualPeriodicity, _eu("frequency", frequency)),
        (DCTERMS.accessRights, _eu("access-right", "PUBLIC")),
        (DCATAP.availability, _eu("planned-availability", "AVAILABLE")),
        (DCATDE.politicalGeocodingLevelURI, _LEVEL),
        (DCTERMS.spatial, _place(graph, facts)),
    ):
        graph.add((node, predicate, value))
    for theme in THEMES:
        graph.add((node, DCAT.theme, _eu("data-theme", theme)))
    if contributor(facts):
        graph.add((node, DCATDE.contributorID, URIRef(contributor(facts))))
    _times(graph, node, town, has_span=key != "districts")
    for form in forms:
        graph.add((node, DCAT.distribution, _distribution(graph, town, form)))
    return node


def _times(graph: Graph, node: URIRef, town: Town, *, has_span: bool) -> None:
    if town.modified:
        graph.add((node, DCTERMS.modified, _moment(town.modified)))
    if not town.earliest:
        return
    graph.add((node, DCTERMS.issued, _day(town.earliest)))
    if has_span:
        span = BNode()
        graph.add((span, RDF.type, DCTERMS.PeriodOfTime))
        graph.add((span, DCAT.startDate, _day(town.earliest)))
        graph.add((node, DCTERMS.temporal, span))


def _distribution(graph: Graph, town: Town, form: _Form) -> URIRef:
    node = URIRef(f"{town.base}{form.path}#file")
    address = URIRef(f"{town.base}{form.path}")
    _add(graph, node, DCAT.Distribution, form.title, "")
    for predicate, value in (
        (DCAT.accessURL, address),
        (DCTERMS.license, URIRef(licence_uri(town.facts))),
        (DCTERMS["format"], _eu("file-type", form.file_type)),
        (DCAT.mediaType, URIRef(f"{_IANA}{form.media_type}")),
        (DCATAP.availability, _eu("planned-availability", form.availability)),
        (DCTERMS.language, _eu("language", "DEU")),
    ):
        graph.add((node, predicate, value))
    if form.is_file:
        graph.add((node, DCAT.downloadURL, address))
    if town.modified:
        graph.add((node, DCTERMS.modified, _moment(town.modified)))
    if attribution(town.facts):
        words = Literal(attribution(town.facts), lang="de")
        graph.add((node, DCATDE.licenseAttributionByText, words))
    return node


def _services(graph: Graph, site: Site, town: Town) -> list[URIRef]:
    facts = town.facts
    offered = (
        ("ogc", "OGC API – Features", f"{site.ogc}collections/{facts.slug}-reports", site.ogc),
        ("open311", "Open311 GeoReport v2", site.georeport, site.georeport),
        ("api", "Schnittstelle für Apps (v1)", site.api, f"{site.api}openapi.json"),
    )
    return [_service(graph, town, *each) for each in offered]


def _service(
    graph: Graph, town: Town, key: str, title: str, address: str, description: str
) -> URIRef:
    node = URIRef(f"{town.base}#{key}")
    _add(graph, node, DCAT.DataService, f"{title}: {town.facts.name}", "")
    for predicate, value in (
        (DCAT.endpointURL, URIRef(address)),
        (DCAT.endpointDescription, URIRef(description)),
        (DCAT.servesDataset, URIRef(f"{town.base}#reports")),
        (DCTERMS.publisher, _publisher(graph, town)),
        (DCAT.contactPoint, _contact(graph, town)),
        (DCTERMS.license, URIRef(licence_uri(town.facts))),
        (DCTERMS.accessRights, _eu("access-right", "PUBLIC")),
        (DCATAP.availability, _eu("planned-availability", "AVAILABLE")),
    ):
        graph.add((node, predicate, value))
    return node


def _publisher(graph: Graph, town: Town) -> URIRef:
    node = URIRef(f"{town.base}#publisher")
    graph.add((node, RDF.type, FOAF.Agent))
    graph.add((node, FOAF.name, Literal(town.facts.official_name, lang="de")))
    return node


def _contact(graph: Graph, town: Town) -> URIRef:
    node = URIRef(f"{town.base}#contact")
    graph.add((node, RDF.type, VCARD.Organization))
    graph.add((node, VCARD.fn, Literal(town.facts.official_name)))
    graph.add((node, VCARD.hasEmail, URIRef(f"mailto:{town.facts.contact_email}")))
    graph.add((node, VCARD.hasURL, URIRef(town.facts.website or town.base)))
    return node


def _operator(graph: Graph, site: Site, towns: Sequence[Town]) -> URIRef:
    if len(towns) == 1:
        return _publisher(graph, towns[0])
    node = URIRef(f"{site.root}#publisher")
    names = ", ".join(town.facts.name for town in towns)
    graph.add((node, RDF.type, FOAF.Agent))
    graph.add((node, FOAF.name, Literal(f"Kommunen dieser Plattform: {names}", lang="de")))
    return node


def _place(graph: Graph, facts: TownFacts) -> BNode:
    node, west, south, east, north = BNode(), facts.west, facts.south, facts.east, facts.north
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    ring = ", ".join(f"{lon} {lat}" for lon, lat in corners)
    graph.add((node, RDF.type, DCTERMS.Location))
    graph.add((node, DCAT.bbox, Literal(f"POLYGON (({ring}))", datatype=GEO.wktLiteral)))
    graph.add((node, LOCN.geographicName, Literal(facts.official_name, lang="de")))
    return node


def _add(graph: Graph, node: URIRef, kind: URIRef, title: str, description: str) -> None:
    graph.add((node, RDF.type, kind))
    graph.add((node, DCTERMS.title, Literal(title, lang="de")))
    if description:
        graph.add((node, DCTERMS.description, Literal(description, lang="de")))


def _eu(authority: str, name: str) -> Node:
    return URIRef(f"{_EU}{authority}/{name}")


def _moment(at: datetime) -> Literal:
    return Literal(at.isoformat(timespec="seconds"), datatype=XSD.dateTime)


def _day(at: datetime) -> Literal:
    return Literal(at.date().isoformat(), datatype=XSD.date)
