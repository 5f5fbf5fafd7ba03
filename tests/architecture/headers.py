"""What every answer must carry and no page may hold: asked of all answers of the access matrix."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.conf import settings as live_settings

PUBLIC_API = re.compile(r"^/(api/v1/|open311/|opendata/(ogc/|catalog\.|[^/]+/.+\.))")
TOKEN_PAGES = re.compile(
    r"^(/heilbronn)?/(meine/|bestaetigen/|meldung/[^/]+/zugang/|beauftragung/|weitergabe/)"
)


class Inline(HTMLParser):
    """Collects what a page must not hold: code and styles that stand in the page itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        handlers = [name for name in given if name.startswith("on") or name == "style"]
        self.found += [f"<{tag} {name}=…>" for name in handlers]
        links = [name for name in ("href", "src", "action", "formaction") if name in given]
        self.found += [
            f"<{tag} {name}={given[name]}>"
            for name in links
            if given[name].strip().lower().startswith(("javascript:", "vbscript:", "data:text"))
        ]
        is_code = tag == "script" and "json" not in given.get("type", "")
        if ((is_code and "src" not in given) or tag == "style") and "nonce" not in given:
            self.found.append(f"<{tag}> without nonce")


def faults_of(path: str, answer: Any) -> Iterator[str]:
    """What is missing or too much on an answer."""
    headers, status = answer.headers, answer.status_code
    policy = {
        part.split()[0]: part.split()[1:]
        for part in headers.get("Content-Security-Policy", "").split(";")
        if part.strip()
    }
    yield from _policy_faults(policy)
    expected = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    yield from (name for name, value in expected.items() if headers.get(name) != value)
    # A page that a link with a code leads to tells nobody at all where one came from.
    if headers.get("Referrer-Policy") not in {"same-origin", "no-referrer"}:
        yield "Referrer-Policy"
    if "geolocation=(self)" not in headers.get("Permissions-Policy", ""):
        yield "Permissions-Policy"
    yield from _sharing_faults(path, headers)
    kept = headers.get("Cache-Control", "")
    is_private = path.startswith(("/desk/", "/admin/")) or TOKEN_PAGES.match(path)
    if (is_private or status >= 400) and "no-store" not in kept:
        yield f"Cache-Control: {kept!r}"
    if headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
        yield from Inline(answer.content.decode()).found
    for name, cookie in answer.cookies.items():
        if cookie["samesite"] not in {"Lax", "Strict"} or cookie["domain"]:
            yield f"cookie {name}"
        if cookie.value and not cookie["httponly"] and name != live_settings.CSRF_COOKIE_NAME:
            yield f"cookie {name} for scripts"


def _policy_faults(policy: dict[str, list[str]]) -> Iterator[str]:
    if "sandbox" in policy:
        if policy.get("default-src") != ["'none'"]:
            yield "sandbox without default-src 'none'"
        return
    for name in ("object-src", "base-uri", "frame-ancestors"):
        if policy.get(name) != ["'none'"]:
            yield f"CSP {name}"
    if policy.get("form-action") != ["'self'"] or policy.get("default-src") != ["'self'"]:
        yield "CSP default-src, form-action"
    for name in ("script-src", "style-src", "connect-src"):
        loose = [
            word for word in policy[name] if word != "'self'" and not word.startswith("'nonce-")
        ]
        if loose:
            yield f"CSP {name} {loose}"


def _sharing_faults(path: str, headers: Any) -> Iterator[str]:
    if "Access-Control-Allow-Credentials" in headers:
        yield "CORS with credentials"
    if PUBLIC_API.match(path):
        return
    if "Access-Control-Allow-Origin" in headers:
        yield "CORS"
    if headers.get("Cross-Origin-Resource-Policy") != "same-origin":
        yield "Cross-Origin-Resource-Policy"
