"""Small files at fixed addresses that programs ask for: robots.txt, security.txt, the manifest."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Municipality

# RFC 9116, section 2.5.5: less than a year ahead. Renewed with every answer.
SECURITY_TXT_VALID = timedelta(days=180)
# Own receipts and staff pages; the rest of the site is meant to be found.
CLOSED_TO_ROBOTS = (
    *("/desk/", "/admin/", "/api/"),
    *("/meine/", "/*/meine/", "/bestaetigen/", "/*/bestaetigen/"),
)
ICON_SIZES = (192, 512)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may read (RFC 9309)."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED_TO_ROBOTS)]
    return _text_file([*lines, f"Sitemap: {request.build_absolute_uri('/sitemap.xml')}"])


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness (RFC 9116)."""
    expires = timezone.now() + SECURITY_TXT_VALID
    lines = [
        f"Contact: mailto:security@{settings.MAIL_FROM_DOMAIN}",
        f"Expires: {expires.strftime('%Y-%m-%dT00:00:00Z')}",
        "Preferred-Languages: de, en",
        f"Canonical: {request.build_absolute_uri('/.well-known/security.txt')}",
    ]
    return _text_file(lines)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For programs that ask without having read a page."""
    return redirect(static("public_web/icons/favicon.ico"))


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Makes the site installable on a phone (W3C Web Application Manifest)."""
    town: Municipality | None = getattr(request, "town", None)
    start = get_script_prefix()  # the town's prefix, or / on its own host and without a town
    name = _("Anliegen %(town)s") % {"town": town.name} if town else _("Anliegen")
    content = {
        "name": name,
        "short_name": town.name if town else name,
        "lang": "de",
        "id": start,
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": [_icon(size, purpose) for size in ICON_SIZES for purpose in ("any", "maskable")],
    }
    if town:
        shortcut = {"name": _("Anliegen melden"), "url": f"{start}melden/"}
        content["shortcuts"] = [shortcut]
    return JsonResponse(content, content_type="application/manifest+json")


def _icon(size: int, purpose: str) -> dict[str, str]:
    return {
        "src": static(f"public_web/icons/{purpose}-{size}.png"),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }


def _text_file(lines: list[str]) -> HttpResponse:
    text = "\n".join(lines) + "\n"
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    return response
