"""Where the public gets anything: the addresses from which a search starts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accounts.models import Municipality
from leakcheck.rows import reading
from reports.models import Report
from routing.models import Category

_NEWEST = """
    SELECT number FROM open_data.reports WHERE municipality_slug = %s
    ORDER BY received_at DESC LIMIT %s
"""
# Others every day.
_ANYWHERE = """
    SELECT number FROM open_data.reports WHERE municipality_slug = %s
    ORDER BY md5(number || now()::date) LIMIT %s
"""


@dataclass(frozen=True)
class Limits:
    """How much is fetched: sampled cases, addresses in all, variants of one path by its query."""

    cases: int = 40
    addresses: int = 1_500
    variants: int = 6


def beginnings(town: Municipality, prefix: str, limits: Limits) -> Iterator[str]:
    """The first addresses of a town; `prefix` is "" on its own host."""
    yield from _of_installation(town.slug)
    yield from _of_pages(prefix)
    for code in Category.objects.filter(municipality=town).values_list("code", flat=True):
        yield f"{prefix}/melden/{code}/"
        yield f"{prefix}/?category={code}"
    yield from _of_open_data(town.slug)
    yield from _of_georeport(f"{prefix}/open311/v2")
    for number in sampled_numbers(town, limits.cases):
        yield from of_case(prefix, number)


def _of_installation(slug: str) -> Iterable[str]:
    yield from ("/", "/robots.txt", "/favicon.ico", "/manifest.webmanifest", "/sitemap.xml")
    yield from ("/.well-known/security.txt", "/healthz", "/readyz", "/healthz/effects")
    # Nobody's addresses: what errors say, and folders that must not be open.
    yield from ("/nirgends/", "/static/", "/media/", "/media/published/", "/media/staff/")
    yield from ("/sealed/", "/api/v1/nirgends", "/opendata/nirgends/", "/open311/nirgends")
    yield from ("/api/v1/", "/api/v1/openapi.json", "/api/v1/municipalities")
    yield f"/api/v1/categories?municipality={slug}"
    yield f"/api/v1/reports?municipality={slug}&page_size=100"


def _of_pages(prefix: str) -> Iterable[str]:
    yield from (f"{prefix}/", f"{prefix}/nirgends/", f"{prefix}/meine/", f"{prefix}/melden/")
    yield from (f"{prefix}/statistik/", f"{prefix}/statistik/felder.geojson")
    yield from (f"{prefix}/{name}.geojson" for name in ("meldungen", "gebiete", "ereignisse"))
    yield from (f"{prefix}/meldungen.geojson?status=open", f"{prefix}/?status=done&since=7")


def _of_open_data(slug: str) -> Iterable[str]:
    yield from ("/opendata/", "/opendata/catalog.ttl", f"/opendata/{slug}/")
    for name in (
        *("reports.geojson", "reports.csv", "reports.gpkg", "districts.geojson", "changes.json"),
        *("statistics.json", "statistics.csv", "updates.atom", "datapackage.json"),
        *("reports.csv-metadata.json", "snapshots/", "snapshots/manifest.json"),
    ):
        yield f"/opendata/{slug}/{name}"
    yield from ("/opendata/ogc/", "/opendata/ogc/collections")


def _of_georeport(endpoint: str) -> Iterable[str]:
    for suffix in ("xml", "json"):
        yield from (f"{endpoint}/{name}.{suffix}" for name in ("services", "servicerequestupdates"))
        yield f"{endpoint}/requests.{suffix}?extensions=true&updated_after=2000-01-01"


def of_case(prefix: str, number: str) -> Iterator[str]:
    """Every address that carries the number of a case, whether it is public or not."""
    yield f"{prefix}/meldung/{number}/"
    yield f"{prefix}/meldung/{number}/abmelden/"
    yield f"{prefix}/meldung/{number}/betrifft-mich-auch/"
    yield f"{prefix}/meine/{number}/"
    yield f"{prefix}/bestaetigen/{number}/"
    yield f"/api/v1/reports/{number}"
    yield f"{prefix}/open311/v2/requests/{number}.json?extensions=true"


def sampled_numbers(town: Municipality, count: int) -> list[str]:
    """Published cases, half of them the newest, the others from anywhere; and some not public."""
    newest, anywhere = count // 2, count - count // 2
    numbers: list[str] = []
    for statement, limit in ((_NEWEST, newest), (_ANYWHERE, anywhere)):
        with reading() as cursor:
            cursor.execute(statement, [town.slug, limit])
            numbers += [number for (number,) in cursor.fetchall()]
    hidden = Report.objects.filter(municipality=town).exclude(publication="approved")
    numbers += hidden.order_by("-pk").values_list("number", flat=True)[: count // 4]
    return list(dict.fromkeys(numbers))
