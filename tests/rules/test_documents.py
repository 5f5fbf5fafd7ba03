"""PDF for everybody: tagged, in a language, in the order it was written, fetched from nowhere."""

import re
import zlib

import pytest

from documents.pdf import ForeignAddress, NotAccessible, Profile, render

BAR = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 60 10'><path d='M0 0h40v9H0z'/></svg>"
PARTS = {"bar.svg": ("image/svg+xml", BAR)}
PAGE = """<!doctype html><html lang="de"><head><title>Halbjahresbericht</title></head><body>
<h1>Bericht</h1><p>Zuerst <a href="https://stadt.example/">ein Absatz</a>.</p>
<h2>Zahlen</h2><figure><img src="part:bar.svg" alt="Vierzig von sechzig"></figure>
<table><caption>Monate</caption><thead><tr><th scope="col">Monat</th><th scope="col">Zahl</th></tr>
</thead><tbody><tr><th scope="row">Mai</th><td>40</td></tr></tbody></table></body></html>"""


def opened(pdf: bytes) -> str:
    """What stands in a PDF's streams, decompressed, one after the other."""
    found = []
    for stream in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(stream[1]).decode("latin-1"))
        except zlib.error:
            continue
    return "\n".join(found)


@pytest.mark.parametrize("profile", list(Profile))
def test_a_page_becomes_a_tagged_document_with_language_title_and_bookmarks(profile):
    inside = opened(render(PAGE, profile=profile, parts=PARTS))

    assert "/Lang (de)" in inside
    assert "/MarkInfo <</Marked true>>" in inside
    assert "/DisplayDocTitle true" in inside
    assert "/Title (Halbjahresbericht)" in inside
    assert "/Title (Zahlen)/Dest" in inside, "a bookmark leads to the heading"
    assert re.search(r'pdfuaid:part(="|>)1', inside)
    assert ('pdfaid:part="2" pdfaid:conformance="A"' in inside) == (profile is Profile.ARCHIVE)


def test_what_is_read_aloud_comes_in_the_order_of_the_page():
    inside = opened(render(PAGE, parts=PARTS))

    read = re.findall(r"/S /(H1|P|H2|Figure|Table|Caption|THead|TH|TD)\b", inside)
    assert read == ["H1", "P", "H2", "Figure", "Table", "Caption", "THead", "TH", "TH", "TH", "TD"]
    assert "/Alt (Vierzig von sechzig)" in inside
    assert re.search(r"/S /TD.*/Headers \[\([\d-]+\) \([\d-]+\)\]", inside), "row and column"
    assert set(re.findall(r"/FontFamily \(([^)]+)\)", inside)) == {"Fira Sans"}


def test_the_same_page_gives_the_same_bytes():
    assert render(PAGE, parts=PARTS) == render(PAGE, parts=PARTS)


@pytest.mark.parametrize(
    ("page", "lacking"),
    [
        (PAGE.replace(' lang="de"', ""), "html lang"),
        (PAGE.replace("<title>Halbjahresbericht</title>", "<title> </title>"), "title"),
        (PAGE.replace(' alt="Vierzig von sechzig"', ""), "alt"),
    ],
)
def test_a_page_a_screen_reader_cannot_use_is_refused(page, lacking):
    with pytest.raises(NotAccessible, match=lacking):
        render(page, parts=PARTS)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/x.svg", "file:///etc/passwd", "part:other.svg", "font:../../x", "/x.svg"],
)
def test_nothing_is_fetched_from_anywhere(address):
    with pytest.raises(ForeignAddress):
        render(PAGE.replace("part:bar.svg", address), parts=PARTS)
