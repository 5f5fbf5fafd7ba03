"""Suggestions of categories: learned from made-up cases, abstaining, never from forged bytes."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suggestion.cold_start import Kind, best_fitting
from suggestion.context import Seen
from suggestion.features import RAREST
from suggestion.judging import Case, judge
from suggestion.language import is_german
from suggestion.learning import Learned, TooFewCases, learn
from suggestion.masking import masked
from suggestion.packing import PayloadRefused, pack, unpack
from tests.made_up_texts import PHRASES, START, made_up_cases

KINDS = [
    Kind("licht.lampe", "Straßenbeleuchtung defekt", "Lampe dunkel", ("Laterne", "Lampe")),
    Kind("strasse.loch", "Schlagloch oder Schaden auf der Fahrbahn", "", ("Schlagloch",)),
    Kind("sauber.muell", "Wilder Müll und Sperrmüll", "", ("Müll", "Sperrmüll")),
    Kind("gruen.hecke", "Hecke ragt in den Gehweg", "", ("Hecke", "Überhang")),
    Kind("sauber.spritzen", "Spritzen oder Kanülen gefunden", "", ("Spritze", "Nadel")),
    Kind("sonst", "Sonstiges", "Passt nirgends?", ("sonstiges",)),
]


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learn(made_up_cases(), precision=0.9)


def seen(text: str) -> Seen:
    return Seen(text, START)


# ---------------------------------------------------------------- learning


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Laternenmast am Bahnhof, die Laterne brennt nicht mehr", "licht"),
        ("riesiges Schlagloch vor der Schule", "loch"),
        ("jemand hat Müllsäcke und Reifen beim Bahnhof abgelegt", "muell"),
        ("Hecke verdeckt die Sicht am Marktplatz", "hecke"),
    ],
)
def test_a_model_tells_kinds_apart(learned: Learned, text: str, code: str) -> None:
    shares = learned.model.probabilities(seen(text))

    assert shares is not None
    assert max(shares, key=lambda each: shares[each]) == code
    assert sum(shares.values()) == pytest.approx(1, abs=1e-4)


def test_a_model_reports_what_it_found_on_later_cases(learned: Learned) -> None:
    found = learned.findings

    assert found["judged_cases"] == 64
    assert found["right_first"] > 0.9
    assert learned.model.offer_from < 1
    assert {row["code"] for row in found["by_category"]} <= set(PHRASES)


def test_the_same_cases_give_the_same_model(learned: Learned) -> None:
    again = learn(made_up_cases(), precision=0.9)

    packed = [pack(each.model, town_id=1, version=1) for each in (learned, again)]
    assert packed[0] == packed[1]


def test_a_model_knows_nothing_of_what_few_people_wrote() -> None:
    plain = made_up_cases()
    rare = [
        replace(case, seen=replace(case.seen, text=f"{case.seen.text} Quetzalcoatl"))
        for case in plain[: RAREST - 1]
    ]

    model = learn([*rare, *plain[RAREST - 1 :]], precision=0.9).model

    assert model.scores(seen("Quetzalcoatl")) is None


def test_a_model_says_nothing_of_words_it_does_not_know(learned: Learned) -> None:
    assert learned.model.probabilities(seen("Xyzzy Quux Plugh")) is None
    assert learned.model.probabilities(seen("")) is None


def test_few_cases_are_not_learned_from() -> None:
    with pytest.raises(TooFewCases):
        learn(made_up_cases(100), precision=0.9)


def test_a_kind_unknown_to_the_model_counts_as_not_found(learned: Learned) -> None:
    judged = judge(learned.model, [Case(seen("Lampe vor der Schule ist aus"), "neu")])

    assert judged.ranks.tolist() == [len(PHRASES)]


# ---------------------------------------------------------------- bytes


def test_a_packed_model_answers_like_the_one_it_was(learned: Learned) -> None:
    payload = pack(learned.model, town_id=3, version=5)

    read = unpack(payload, town_id=3, version=5)

    asked = seen("Straßenlaterne beim Bahnhof defekt")
    before, after = learned.model.probabilities(asked), read.probabilities(asked)
    assert before is not None
    assert after == pytest.approx(before, abs=0.01)


@pytest.mark.parametrize(("town_id", "version"), [(4, 5), (3, 6)])
def test_a_model_of_another_town_or_version_is_refused(
    learned: Learned, town_id: int, version: int
) -> None:
    payload = pack(learned.model, town_id=3, version=5)

    with pytest.raises(PayloadRefused):
        unpack(payload, town_id=town_id, version=version)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_tampered_model_is_refused(learned: Learned, data: st.DataObject) -> None:
    payload = bytearray(pack(learned.model, town_id=3, version=5))
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] ^= data.draw(st.integers(1, 255))

    with pytest.raises(PayloadRefused):
        unpack(bytes(payload), town_id=3, version=5)


@pytest.mark.parametrize("payload", [b"", b"ANLIEGEN-SUGGESTION-1\n", b"\x80\x04."])
def test_bytes_that_are_no_model_are_refused(payload: bytes) -> None:
    with pytest.raises(PayloadRefused):
        unpack(payload, town_id=3, version=5)


# ---------------------------------------------------------------- without a model


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Die Straßenlaterne vor unserem Haus ist seit Tagen dunkel", "licht.lampe"),
        ("Teerdecke löst sich, das Auto setzt auf", "strasse.loch"),
        ("alter Kühlschrank und eine Matratze am Waldrand", "sauber.muell"),
        ("Gebuesch muss man zurueckschneiden, Ueberhang", "gruen.hecke"),
        ("Kanüle auf dem Spielplatz", "sauber.spritzen"),
    ],
)
def test_names_search_words_and_our_phrases_find_a_kind(text: str, code: str) -> None:
    assert best_fitting(text, KINDS)[0] == code


@pytest.mark.parametrize("text", ["", "   ", "Guten Tag, bitte kommen Sie bald.", "xyz"])
def test_without_a_word_in_common_nothing_is_offered(text: str) -> None:
    assert best_fitting(text, KINDS) == []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_gets_the_same_answer_twice(text: str) -> None:
    codes = best_fitting(masked(text), KINDS)

    assert codes == best_fitting(masked(text), KINDS)
    assert len(codes) <= 3
    assert set(codes) <= {kind.code for kind in KINDS}


# ---------------------------------------------------------------- language and masks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Schlagloch Hauptstraße", True),
        ("Laterne", True),
        ("Die Ampel blinkt nur noch gelb", True),
        ("There is a deep hole in the road", False),
        ("Il y a un trou dans la rue", False),
        ("Sokakta büyük bir çukur var", False),
        ("Яма на дороге", False),
        ("", False),
        ("4711", False),
    ],
)
def test_only_german_is_read(text: str, expected: bool) -> None:
    assert is_german(text) is expected


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Rückfragen an erika.mustermann@buerger.example bitte", "erika"),
        ("Telefon 07131 / 555 01-00, Laterne aus", "555"),
        ("Der Wagen HN-AB 1234 steht im Weg", "1234"),
        ("Frau Erika Mustermann hat es gesehen", "Mustermann"),
        ("Mein Name ist Erika Mustermann und die Lampe ist aus", "Mustermann"),
        ("Konto DE02 1203 0000 0000 2020 51 genannt", "1203"),
        ("Die Laterne am Markt ist aus.\nMit freundlichen Grüßen\nE. Mustermann", "Mustermann"),
    ],
)
def test_what_points_to_a_person_is_taken_out(text: str, gone: str) -> None:
    assert gone in text
    assert gone not in masked(text)


def test_what_is_wrong_stays_in_a_masked_text() -> None:
    assert masked("Straßenlaterne Nr. 12 in der Allee 3 defekt") == (
        "Straßenlaterne Nr. 12 in der Allee 3 defekt"
    )
