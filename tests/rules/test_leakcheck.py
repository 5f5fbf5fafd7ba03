"""What the leak check calls a leak: known people in any spelling, and bytes that are no picture."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.metadata import foreign_parts
from leakcheck.people import People, values_of
from leakcheck.search import Canary, Finding, Search
from leakcheck.texts import OVERLAP, readable, windows
from tests.photo_samples import encoded, jpeg_full_of_canaries, picture, webp_full_of_canaries


def people(**contact: str) -> People:
    known = People()
    known.add(values_of(**contact), owner=7)
    return known


@pytest.mark.parametrize(
    ("contact", "text"),
    [
        ({"phone": "0170 5557788"}, "Ruf an: +49 170/555-7788!"),
        ({"phone": "07131 5550100"}, '{"text": "Tel. (07131) 5550100"}'),
        ({"email": "Erika@Buerger.example"}, "mailto:erika@buerger.example."),
        ({"name": "Erika Mustermann"}, "Frau erika  mustermann war da"),
        ({"name": "Erika Mustermann"}, "Mustermann, Erika"),
        ({"name": "Jörg Müßig"}, r"J\u00f6rg M&uuml;&szlig;ig"),
        ({"name": "Jörg Müßig"}, "/?q=J%C3%B6rg+M%C3%BC%C3%9Fig"),
    ],
)
def test_somebody_known_is_found_in_any_spelling(contact: dict[str, str], text: str) -> None:
    ((kind, owner),) = people(**contact).named_in(readable(text))
    assert (kind, owner) == (f"contact_{next(iter(contact))}", 7)


@pytest.mark.parametrize(
    "text",
    [
        "HN-2026-5557788 wurde erledigt",
        "Erika und Mustermann",
        "9.2187000, 49.1427000",
        "",
        "anrufen: 0170 5557789, mail an andere@buerger.example",
    ],
)
def test_what_only_looks_alike_is_nobody(text: str) -> None:
    known = people(name="Erika Mustermann", email="erika@buerger.example", phone="5557788")
    assert known.named_in(text) == []
    assert people(name="Baum").named_in("Der Baum liegt.") == []


def test_what_the_town_says_itself_is_no_leak() -> None:
    known = people(name="Theodor Heuss", phone="07131 560")
    known.overlook("Theodor Heuss Platz, Rathaus 07131 560")
    assert known.named_in("am Theodor Heuss Platz") == []


@settings(max_examples=40)
@given(before=st.integers(0, 3_000), size=st.integers(1, 700), packed=st.booleans())
def test_nothing_is_lost_between_windows(before: int, size: int, packed: bool) -> None:
    body = b"a" * before + b" +49 170 5557788 " + b"b" * 2_000
    body = gzip.compress(body, 1) if packed else body
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    known = people(phone="0170 5557788")
    assert any(known.named_in(text) for text in windows(chunks, size=2 * OVERLAP))


def test_only_the_picture_itself_is_no_finding() -> None:
    for form in ("JPEG", "WEBP"):
        assert foreign_parts(encoded(picture(), form)) == []
    assert foreign_parts(encoded(picture(), "JPEG", progressive=True)) == []
    in_jpeg = foreign_parts(jpeg_full_of_canaries())
    assert {"jpeg e1", "jpeg e2", "jpeg ed", "jpeg ea", "jpeg fe", "jpeg end"} == set(in_jpeg)
    assert {"webp EXIF", "webp XMP", "webp ICCP", "webp end"} == set(
        foreign_parts(webp_full_of_canaries())
    )


@settings(max_examples=60)
@given(cut=st.integers(0, 3000), noise=st.binary(max_size=40))
def test_broken_pictures_are_read_to_their_end(cut: int, noise: bytes) -> None:
    for whole in (jpeg_full_of_canaries(picture(32, 24)), webp_full_of_canaries(picture(32, 24))):
        assert isinstance(foreign_parts(whole[:cut] + noise), list)


def test_secrets_and_canaries_are_named_by_kind() -> None:
    search = Search(People(), [Canary("Kanaria Vogel", "k1")])
    search.look("page", "7KQ2M-7KQ2M-7KQ2M-7KQ2M-7KQ2M und anl_AbCdEfGhIjKlMnOpQrStUvWx")
    search.look("page", "kanaria+VOGEL")
    kinds = {"receipt_code", "api_key", "canary k1"}
    assert set(search.found) == {Finding("page", "", kind) for kind in kinds}
