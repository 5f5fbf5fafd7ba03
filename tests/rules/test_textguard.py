"""The text guard: what it finds, what it lets alone, and that no text is too much for it."""

import re
import sys
from collections import Counter
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.textguard import harmless, missed, planted
from textguard import houses, names, numbers, online, plates, words
from textguard.guard import find
from textguard.places import PlaceNames
from textguard.plugins import UnknownDetector, detectors
from textguard.spans import Confidence, Kind, Span, mask

TOWN = PlaceNames(["Kaiserstraße", "Allee", "Am Wollhaus", "Böckingen", "Hans Thoma", "Wolf"])


def found(text: str, **how: Any) -> list[tuple[str, str]]:
    """What is found, as kind and words."""
    return [(span.kind.value, text[span.start : span.end]) for span in find(text, **how)]


# ---------------------------------------------------------------- what is found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Herr Dr. Müller war da", ("name", "Müller")),
        ("Frau von Treskow weiß Bescheid", ("name", "von Treskow")),
        ("mein Name ist Ngozi Adeyemi und", ("name", "Ngozi Adeyemi")),
        ("ich heiße petra schulz", ("name", "petra schulz")),
        ("der Nachbar Schmidt", ("name", "Schmidt")),
        ("Familie Özdemir", ("name", "Özdemir")),
        ("Laterne aus. MfG Max Muster", ("name", "Max Muster")),
        ("die frau und herr müller", ("name", "müller")),
        ("Hans-Peter Obermoser sah es", ("name", "Hans-Peter Obermoser")),
        ("frage K.-H. Schulz", ("name", "K.-H. Schulz")),
        ("ruf 07131 56-1234 an", ("phone", "07131 56-1234")),
        ("+49 176 12345678", ("phone", "+49 176 12345678")),
        ("max.muster@web.de", ("email", "max.muster@web.de")),
        ("max.muster (at) web (punkt) de", ("email", "max.muster (at) web (punkt) de")),
        ("max ät gmx punkt de", ("email", "max ät gmx punkt de")),
        ("auf de89 3704 0044 0532 0130 00 bitte", ("iban", "de89 3704 0044 0532 0130 00")),
        ("HN-AB 123 parkt", ("plate", "HN-AB 123")),
        ("HNAB123 parkt", ("plate", "HNAB123")),
        ("der E-Wagen S-TS 100 E lädt", ("plate", "S-TS 100 E")),
        ("Oldtimer KA-VW 1H", ("plate", "KA-VW 1H")),
        ("alt, aber wahr: LÜD-A 12", ("plate", "LÜD-A 12")),
        ("ein golf hn-ab 123 im weg", ("plate", "hn-ab 123")),
        ("geb. 12.3.1970", ("birth_date", "12.3.1970")),
        ("né le 1/2/1980", ("birth_date", "1/2/1980")),
        ("siehe @hansi_77", ("handle", "@hansi_77")),
        ("instagram.com/lena.bau zeigt es", ("handle", "instagram.com/lena.bau")),
    ],
)
def test_it_is_found(text: str, expected: tuple[str, str]) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "Wilhelm-Busch-Straße, Theodor-Heuss-Platz, Am Karl-Kraft-Weg",
        "Theodor Heuss Straße 12, Dr.-Karl-Renner-Str. 5, Anne Frank Realschule",
        "Mo-Fr 8-18 Uhr, B 27, A 6, DIN A4, LED 70, Bus 12, MEX 18, RAL 7016",
        "Eine Frau Mitte 50 und der Herr Oberbürgermeister",
        "Sehr geehrte Damen und Herren, MfG eine Anwohnerin",
        "Vorgang HN-2026-004711, Meldung Nummer 20260412 vom 01.02.2026",
        "49.1427, 9.2109 · 112 · 0800 1234567 · 74072 Heilbronn",
        "IBAN DE00 1234 5678 9012 3456 78 ist keine",
        "Hans Thoma ist hier eine Gasse, Wolf auch",
        "@SUM(1+1)*cmd ist eine Formel",
        "Realität.de und Qualität gibt es, @Stadt Heilbronn",
    ],
)
def test_it_is_let_alone(text: str) -> None:
    assert found(text, places=TOWN) == []


def test_house_numbers_count_in_sensitive_categories_only() -> None:
    text = "Lärm in der Kaiserstraße 12, Am Wollhaus 7a und Hausnummer 3, seit 22 Uhr"

    assert found(text, places=TOWN) == []
    assert [words for _kind, words in found(text, sensitive=True, places=TOWN)] == ["12", "7a", "3"]


def test_a_title_makes_a_place_a_person() -> None:
    assert found("Frau Wolf wohnt hier", places=TOWN) == [("name", "Wolf")]


def test_a_name_is_found_again_where_nothing_announces_it() -> None:
    text = "Herr Obermoser sagt nein. Obermosers Hund bellt. Ich bat Obermoser darum."

    assert len(find(text)) == 3


def test_how_sure_it_is() -> None:
    sure = {span.kind: span.confidence for span in find("Frau Weber, info@stadt.example")}

    assert sure == {Kind.NAME: Confidence.HIGH, Kind.EMAIL: Confidence.LOW}


def test_the_measurement_stays_as_good_as_it_is() -> None:
    """The sentences of the bench: at least 95 of 100 found, at most 3 of 100 false alarms."""
    streets = PlaceNames(["Am Wollhaus", "Allee", "Lange Gasse"])
    texts, plain = planted(), harmless()
    lost = sum(
        len(missed(each, find(each.text, sensitive=each.is_sensitive, places=streets)))
        for each in texts
    )
    alarms = sum(bool(find(text)) for text in plain)

    assert len(texts) >= 300
    assert len(plain) >= 300
    assert lost <= 0.05 * sum(len(each.spans) for each in texts)
    assert alarms <= 0.03 * len(plain)


# ---------------------------------------------------------------- detectors of one's own


class Capitals:
    """A detector that takes every word in capitals for a name, and answers nonsense besides."""

    def find(self, text: str, *, sensitive: bool) -> list[Span]:
        hits = re.finditer(r"\b[A-Z]{3,}\b", text)
        spans = [Span(*hit.span(), Kind.NAME, Confidence.LOW, "capitals") for hit in hits]
        return [*spans, Span(5, 9999, Kind.NAME, Confidence.HIGH, "nonsense")]


def test_a_detector_of_ones_own_adds_and_takes_nothing_away(settings: Any) -> None:
    settings.TEXT_DETECTORS = ["tests.rules.test_textguard:Capitals"]
    detectors.cache_clear()

    spans = find("PETER sah HNAB123 und Frau Weber")

    assert [span.rule for span in spans] == ["capitals", "plate_joined", "title"]
    settings.TEXT_DETECTORS = ["nonsense"]
    detectors.cache_clear()
    with pytest.raises(UnknownDetector):
        detectors()
    settings.TEXT_DETECTORS = []
    detectors.cache_clear()


# ---------------------------------------------------------------- properties

PIECES = [
    "Herr ", "Müller", " ", "Petra", "Schulz", "\n", "MfG ", "HN-AB 123", "0171 2345678",
    "@hansi", "max@web.de", "DE89370400440532013000", "geb. 1.2.1970", "Kaiserstraße ", "12",
    "[Name]", ", ", "Familie ", "von ", "Nachbar", "ich heiße ", "ät", "KN", "-", "X", "😀", "ß",
    "Am Wollhaus", "K. ",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=80)


@given(texts, st.booleans())
def test_spans_lie_in_the_text_in_order_and_apart(text: str, sensitive: bool) -> None:
    spans = find(text, sensitive=sensitive, places=TOWN)

    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= two.start for one, two in pairwise(spans))


@given(texts, st.booleans())
def test_what_is_masked_holds_nothing_more(text: str, sensitive: bool) -> None:
    masked = mask(text, find(text, sensitive=sensitive, places=TOWN))

    assert find(masked, sensitive=sensitive, places=TOWN) == []
    assert mask(masked, find(masked, sensitive=sensitive, places=TOWN)) == masked


@given(st.sampled_from(planted()))
def test_masking_removes_what_was_found_and_nothing_else(made: Any) -> None:
    spans = find(made.text, sensitive=made.is_sensitive)
    masked = mask(made.text, spans)

    rest = re.split("|".join(re.escape(kind.placeholder) for kind in Kind), masked)
    assert "".join(rest) == _kept(made.text, spans)
    for span in spans:
        if span.kind != Kind.HOUSE_NUMBER:
            assert not re.search(rf"\b{re.escape(made.text[span.start : span.end])}\b", masked)


def _kept(text: str, spans: list[Span]) -> str:
    return "".join(
        letter
        for at, letter in enumerate(text)
        if not any(span.start <= at < span.end for span in spans)
    )


# ---------------------------------------------------------------- nothing is too long

HOSTILE = {
    "one letter": "a", "capitals": "Aa ", "first names": "Petra ", "titles": "Herr ",
    "digits": "0 1", "zeros": "0", "signs": "@", "ats": "a@", "hyphens": "A-", "blanks": " ",
    "lines": "\n", "dots": "a.", "plates": "HN-AB ", "accounts": "DE89 ", "greetings": "MfG ",
    "brackets": "[", "ät": "ät", "stars": "*1.", "places": "Am Wollhaus ",
    "phones": "0171 2345678 ", "names": "Herr Müller ", "heißt": "ich heiße ",
}  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_twice_the_text_costs_twice_the_steps(piece: str) -> None:
    """Counted in lines run, which no other load on the machine changes."""
    short, long = (_steps((piece * length)[:length]) for length in (1_000, 4_000))

    assert long < 5 * short + 2_000


def _steps(text: str) -> int:
    counted: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _argument: Any) -> Any:
        if "textguard" not in frame.f_code.co_filename:
            return None
        counted[event] += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        find(text, sensitive=True, places=TOWN)
    finally:
        sys.settrace(before)
    return counted["line"]


def test_no_pattern_can_run_away() -> None:
    """What a pattern can match is bounded, so that trying it at every letter stays linear."""
    patterns = [
        pattern
        for module in (houses, names, numbers, online, plates, words)
        for pattern in vars(module).values()
        if isinstance(pattern, re.Pattern)
    ]

    assert len(patterns) > 15
    for pattern in patterns:
        parsed = re._parser.parse(pattern.pattern, pattern.flags)  # type: ignore[attr-defined]
        assert parsed.getwidth()[1] < 600, pattern.pattern


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_the_longest_text_is_read(piece: str) -> None:
    text = (piece * 20_000)[:20_000]

    spans = find(text, sensitive=True, places=TOWN)

    assert all(span.end <= len(text) for span in spans)
