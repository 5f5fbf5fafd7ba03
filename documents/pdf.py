"""Accessible PDF from HTML: tagged, in a language, with a title, from nothing but what is given.

`render` is the only door. It knows no towns and no reports: callers hand over a whole HTML page
and the bytes of its pictures. Nothing is fetched from anywhere.
"""

import contextlib
import functools
import hashlib
import io
import logging
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles import finders

from documents.both_standards import say_accessible_too

if TYPE_CHECKING:
    from weasyprint import HTML

PAPER = Path(__file__).parent / "paper.css"
FONTS = ("Regular", "Medium", "SemiBold")
PICTURES = "part:"
HOUSE = "font:"


class Profile(StrEnum):
    """What the file is for; both are tagged and meet PDF/UA-1."""

    ACCESSIBLE = "pdf/ua-1"
    ARCHIVE = "pdf/a-2a"  # PDF/A-2a (ISO 19005-2) and PDF/UA-1 at once, for the electronic file


class PdfUnavailable(Exception):
    """This machine lacks the libraries that set text (Pango, HarfBuzz)."""


class NotAccessible(ValueError):
    """The page lacks what a screen reader needs; the text names it."""


class ForeignAddress(ValueError):
    """The page wants something from an address, which is never fetched."""


def render(
    html: str,
    *,
    profile: Profile = Profile.ACCESSIBLE,
    parts: Mapping[str, tuple[str, bytes]] | None = None,
) -> bytes:
    """Set a whole HTML page on A4 and return the PDF; the same page gives the same bytes.

    The page needs `<html lang>`, a `<title>` and an `alt` for every picture. Pictures are named
    `part:<name>` and given in `parts` as {name: (media type, bytes)}. The look is that of
    paper.css; a page's own `<style>` comes on top.

    Raises PdfUnavailable, NotAccessible, ForeignAddress.
    """
    weasyprint = _library()
    fetch = _only_given(parts or {})
    try:
        page = weasyprint.HTML(string=html, base_url=PICTURES, url_fetcher=fetch)
        _refuse_inaccessible(page)
        fonts = weasyprint.text.fonts.FontConfiguration()
        style = PAPER.read_text(encoding="utf-8")
        paper = weasyprint.CSS(string=style, url_fetcher=fetch, font_config=fonts)
        made: bytes = page.write_pdf(
            stylesheets=[paper],
            font_config=fonts,
            pdf_variant=profile.value,
            pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
            finisher=say_accessible_too if profile is Profile.ARCHIVE else None,
        )
    except weasyprint.urls.FatalURLFetchingError as fault:
        raise ForeignAddress(str(fault.__cause__ or fault)) from None
    return made


def _library() -> Any:
    """WeasyPrint, loaded when first needed: without Pango its import fails."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            import weasyprint  # noqa: PLC0415 - see above
            import weasyprint.text.fonts  # noqa: PLC0415
            import weasyprint.urls  # noqa: PLC0415
    except OSError as fault:
        raise PdfUnavailable(str(fault)) from None
    # What it would log quotes the page, and the page may quote citizens.
    for name in ("weasyprint", "weasyprint.progress", "fontTools.subset", "fontTools.ttLib.woff2"):
        logging.getLogger(name).disabled = True
    return weasyprint


def _only_given(parts: Mapping[str, tuple[str, bytes]]) -> Any:
    urls = _library().urls

    def fetch(url: str) -> Any:
        kind, content = _look_up(url, parts)
        return urls.URLFetcherResponse(url, body=content, headers={"Content-Type": kind})

    def guarded(url: str) -> Any:
        try:
            return fetch(url)
        except ValueError as fault:
            # Anything less than fatal would leave a gap in the page that nobody notices.
            raise urls.FatalURLFetchingError(str(fault)) from fault

    return guarded


def _look_up(url: str, parts: Mapping[str, tuple[str, bytes]]) -> tuple[str, bytes]:
    name = url.partition(":")[2]
    if url.startswith(PICTURES) and name in parts:
        return parts[name]
    if url.startswith(HOUSE) and name in FONTS:
        return "font/ttf", _font(name)
    raise ValueError(url.partition(":")[0])


@functools.cache
def _font(name: str) -> bytes:
    """One of the house's fonts, unpacked once: unpacking costs more than setting a page."""
    from fontTools.ttLib import woff2  # noqa: PLC0415 - comes with WeasyPrint, loaded as late

    where = finders.find(f"design/vendor/fira-sans/FiraSans-{name}.woff2")
    unpacked = io.BytesIO()
    woff2.decompress(str(where), unpacked)
    return unpacked.getvalue()


def _refuse_inaccessible(page: "HTML") -> None:
    root = page.etree_element
    if not root.get("lang"):
        raise NotAccessible("html lang")
    if not (root.findtext("head/title") or "").strip():
        raise NotAccessible("title")
    for picture in (*root.iter("img"), *root.iter("{http://www.w3.org/2000/svg}svg")):
        if picture.get("alt") is None and picture.get("aria-label") is None:
            raise NotAccessible("alt")
