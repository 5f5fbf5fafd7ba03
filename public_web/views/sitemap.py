"""What search engines find without walking through every page (sitemaps.org, protocol 0.9)."""

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix, reverse
from django.views.decorators.http import require_safe

from accounts.models import Municipality
from accounts.towns import live_towns, public_url, town_of
from public_web.views.pages import OPTIONAL, PAGES
from reports.queries import public_feeds

# The protocol takes 50,000 addresses in a file; older reports are found from page to page.
MOST_REPORTS = 20_000
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@require_safe
def town_sitemap(request: HttpRequest) -> HttpResponse:
    """The pages of a town and the public reports that changed last."""
    town = town_of(request)
    entries = [f"<url><loc>{escape(address)}</loc></url>" for address in _pages(town)]
    for number, day in public_feeds.last_changed(town.slug, limit=MOST_REPORTS):
        address = escape(public_url(town, f"meldung/{number}/"))
        entries.append(f"<url><loc>{address}</loc><lastmod>{day}</lastmod></url>")
    return _file("urlset", entries)


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """The files of all towns that lie on this host."""
    here = [town for town in live_towns() if not town.host_name]
    addresses = (escape(public_url(town, "sitemap.xml")) for town in here)
    return _file("sitemapindex", (f"<sitemap><loc>{each}</loc></sitemap>" for each in addresses))


def _pages(town: Municipality) -> Iterator[str]:
    prefix = get_script_prefix()
    names = [("home", ()), ("choose_category", ()), ("statistics", ())]
    shown = [page for page, (key, _title) in PAGES.items() if _is_there(town, page, key)]
    for name, words in [*names, *(("page", (page,)) for page in shown)]:
        path = reverse(f"public_web:{name}", args=words)
        yield public_url(town, path.removeprefix(prefix))


def _is_there(town: Municipality, page: str, key: str) -> bool:
    return page not in OPTIONAL or any((town.pages.get(key) or {}).values())


def _file(root: str, entries: Iterable[str]) -> HttpResponse:
    lines = "\n".join(entries)
    return HttpResponse(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {_SPACE}>\n{lines}\n</{root}>\n',
        content_type="application/xml; charset=utf-8",
        headers={"Cache-Control": "public, max-age=3600"},
    )
