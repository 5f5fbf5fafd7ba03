"""A real Chromium against the real web server; nothing a page does may break its own policy."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.people import Town

CHROMIUM = os.environ.get("ANLIEGEN_CHROMIUM", "/usr/bin/chromium")
PHONE = {"width": 360, "height": 800}
DESKTOP = {"width": 1280, "height": 900}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)
# A page that says the same on another screen can only differ in what depends on sizes.
OF_THE_SIZE = [
    "target-size",
    "scrollable-region-focusable",
    "meta-viewport",
    "css-orientation-lock",
]
WHAT_IT_SAYS = "location.href + document.body.innerHTML.replace(/nonce=.*?[ >]/g, '')"
ALREADY_ASKED: set[str] = set()
# A worker that is ended while its script is on the way gets neither an answer nor a fault.
OF_A_WORKER = "/vendor/altcha/pbkdf2.js"
# What a browser has asked for and not got yet.
UNDER_WAY: WeakKeyDictionary[BrowserContext, set[Request]] = WeakKeyDictionary()

# Playwright's synchronous interface runs a loop in this thread; the tests use the database from it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this process."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def site(web: str) -> str:
    """The address of a running installation with its styles and scripts."""
    return web


@pytest.fixture
def open_context(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Make browser contexts (a person's device each); their complaints fail the test."""
    contexts, complaints = [], []

    def listen(message: ConsoleMessage) -> None:
        # What has no address is said by the checker in the page (axe reads style sheets into
        # documents of its own), never by the page.
        if not message.location.get("url"):
            return
        # A refused form is an answer like any other; the browser calls every 4xx an error.
        if (
            message.type == "error"
            and "the server responded with a status of 4" not in message.text
        ):
            complaints.append(message.text)

    def open_one(**options: Any) -> BrowserContext:
        wanted = {"locale": "de-DE", "timezone_id": "Europe/Berlin", "viewport": DESKTOP} | options
        context = chromium.new_context(**wanted)
        context.set_default_timeout(PATIENCE_MS)
        asked = UNDER_WAY.setdefault(context, set())
        context.on(
            "request",
            lambda request: None if request.url.endswith(OF_A_WORKER) else asked.add(request),
        )
        context.on("requestfinished", lambda request: asked.discard(request))
        context.on("requestfailed", lambda request: asked.discard(request))
        context.on("console", listen)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        contexts.append(context)
        return context

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def phone(open_context: Callable[..., BrowserContext]) -> Page:
    """A page on a telephone standing at the town hall."""
    context = open_context(
        viewport=PHONE,
        has_touch=True,
        geolocation={"latitude": 49.1427, "longitude": 9.2187, "accuracy": 12},
        permissions=["geolocation", "clipboard-read", "clipboard-write"],
    )
    return context.new_page()


@pytest.fixture
def desktop(open_context: Callable[..., BrowserContext]) -> Page:
    """A page on a large screen."""
    return open_context().new_page()


@pytest.fixture
def mona_at(
    site: str, heilbronn: Town, open_context: Callable[..., BrowserContext]
) -> Callable[..., Page]:
    """Mona's browser, signed in, on a screen of some size."""

    def open_page(**options: Any) -> Page:
        session = Client()
        session.force_login(heilbronn.people["mona"])
        name = settings.SESSION_COOKIE_NAME
        context = open_context(**options)
        context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": site}])
        return context.new_page()

    return open_page


@pytest.fixture
def plain(open_context: Callable[..., BrowserContext]) -> Page:
    """A page on a telephone that runs no scripts."""
    return open_context(viewport=PHONE, java_script_enabled=False).new_page()


# Three pictures in a row in which nothing has moved: no scrolling, no late outline, no fading.
AT_REST = """() => new Promise((rest) => {
  let last = "", same = 0;
  const look = () => {
    const now = [scrollX, scrollY, document.documentElement.scrollHeight,
                 document.getAnimations().filter((one) => one.playState === "running").length,
                 document.querySelectorAll("*").length].join();
    same = now === last ? same + 1 : 0;
    last = now;
    same >= 3 ? rest(true) : requestAnimationFrame(look);
  };
  document.fonts.ready.then(look);
})"""


def come_to_rest(page: Page) -> None:
    """Wait until a page has everything it asked for and nothing moves any more."""
    page.wait_for_load_state("load")
    deadline = time.monotonic() + PATIENCE_MS / 1000
    page.evaluate(AT_REST)
    while under_way := UNDER_WAY[page.context]:
        assert time.monotonic() < deadline, [request.url for request in under_way]
        page.evaluate(AT_REST)


def barriers(page: Page, rule: str = "") -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, or one of its rules, on a page at rest, in words."""
    come_to_rest(page)
    only = {"type": "rule", "values": [rule]} if rule else {"type": "tag", "values": RULES}
    what = page.evaluate(WHAT_IT_SAYS)
    if not rule and what in ALREADY_ASKED:
        only = {"type": "rule", "values": OF_THE_SIZE}
    ALREADY_ASKED.add(what)
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{AXE_SCRIPT}; true")
    # What it found in order is a hundred times as long, and nobody reads it.
    found = page.evaluate(
        "options => axe.run(options).then((result) => result.violations)",
        {"runOnly": only, "resultTypes": ["violations"]},
    )
    return [
        f"{violation['id']}: {violation['help']} – "
        + "; ".join(node["html"][:160] for node in violation["nodes"][:3])
        for violation in found
    ]


def sideways(page: Page) -> int:
    """By how many pixels a page is wider than the screen."""
    page.wait_for_load_state("load")
    wider: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wider
