"""Pages of text every town owes its visitors: imprint, data protection, accessibility, …"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.towns import live_towns, public_url, town_of
from public_web.kinds import spoken_language
from reports.queries.public_terms import deletion_days

PAGES = {
    "impressum": ("imprint", _("Impressum")),
    "datenschutz": ("privacy", _("Datenschutz")),
    "barrierefreiheit": ("accessibility", _("Erklärung zur Barrierefreiheit")),
    "leichte-sprache": ("plain_language", _("Leichte Sprache")),
    "gebaerdensprache": ("sign_language", _("Gebärdensprache")),
}
# Slots that a town may fill; without a text they do not exist. The others are always reachable.
OPTIONAL = {"leichte-sprache", "gebaerdensprache"}


@require_safe
def page(request: HttpRequest, page: str) -> HttpResponse:
    """One page by name, in the visitor's language where the town has written it."""
    town = town_of(request)
    if page not in PAGES:
        raise Http404
    key, title = PAGES[page]
    body, language = _text(town.pages.get(key) or {})
    if page in OPTIONAL and not body:
        raise Http404
    context: dict[str, Any] = {
        "heading": title,
        "body": body,
        "page": page,
        "body_language": language,
    }
    if page == "datenschutz":
        context["days"] = deletion_days(town.slug)
    return render(request, "public_web/page.html", context)


@require_safe
def installation(request: HttpRequest) -> HttpResponse:
    """The installation's own first page: which towns take part. A single town is shown at once."""
    towns = live_towns()
    if len(towns) == 1:
        return redirect(public_url(towns[0], ""))
    items: list[dict[str, Any]] = [
        {"name": town.name, "url": public_url(town, ""), "note": town.official_name}
        for town in towns
    ]
    return render(request, "public_web/installation.html", {"towns": items})


def _text(texts: dict[str, str]) -> tuple[str, str]:
    """The text in the visitor's language, else the German one, and which of both it is."""
    spoken = spoken_language()
    if texts.get(spoken):
        return texts[spoken], spoken
    return texts.get("de") or "", "de"
