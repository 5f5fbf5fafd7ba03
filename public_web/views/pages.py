"""Pages of text every town owes its visitors: imprint, data protection, accessibility, …"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import Municipality
from accounts.towns import town_of

PAGES = {
    "impressum": ("imprint", _("Impressum")),
    "datenschutz": ("privacy", _("Datenschutz")),
    "barrierefreiheit": ("accessibility", _("Barrierefreiheit")),
    "leichte-sprache": ("plain_language", _("Leichte Sprache")),
    "gebaerdensprache": ("sign_language", _("Gebärdensprache")),
}


@require_safe
def page(request: HttpRequest, page: str) -> HttpResponse:
    """One page by name, in the visitor's language where the town has written it."""
    town = town_of(request)
    if page not in PAGES:
        raise Http404
    key, title = PAGES[page]
    texts = town.pages.get(key) or {}
    body = texts.get((get_language() or "de")[:2]) or texts.get("de") or ""
    context = {"title": title, "body": body, "page": page}
    return render(request, "public_web/page.html", context)


@require_safe
def installation(request: HttpRequest) -> HttpResponse:
    """The installation's own first page: which towns take part. A single town is shown at once."""
    towns = list(Municipality.objects.filter(is_live=True).defer("coverage").order_by("name"))
    if len(towns) == 1:
        return redirect(f"/{towns[0].slug}/")
    return render(request, "public_web/installation.html", {"towns": towns})
