"""Conditions of rules as a tree, over plain values: what holds, what is refused, how it reads."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.decision import decide
from routing.explanation import explain
from routing.facts import (
    AreaFacts,
    AssetFacts,
    CaseFacts,
    CategoryFacts,
    OfficeFacts,
    RuleFacts,
    TownFacts,
)
from routing.rules.circumstances import Circumstances
from routing.rules.conditions import AllOf, Condition, Not, Unreadable
from routing.rules.effects import Effects
from routing.rules.validation import KINDS, ConditionInvalid, parse, read
from routing.rules.wording import in_words

BERLIN = ZoneInfo("Europe/Berlin")
WINTER_NIGHT = datetime(2026, 12, 26, 23, 30, tzinfo=BERLIN)  # a Saturday, second day of Christmas
LAMP = CategoryFacts(7, "Straßenlampe", 1, "Licht", code="licht.lampe", group_code="licht")
FEDERAL_ROAD = AreaFacts("road", "b27", 3, "B 27", {"road_class": "B", "through_road": "outside"})


def case(**changes: Any) -> CaseFacts:
    """A lamp in Böckingen, out of town on a federal road, in a winter night."""
    values: dict[str, Any] = {
        "category": LAMP,
        "areas": (AreaFacts("district", "boeckingen", 2, "Böckingen"), FEDERAL_ROAD),
        "at": WINTER_NIGHT,
        "text": "Beide Straßenlaternen vor der Schule flackern, gefährliche Bäume verdecken sie.",
        "source": "phone",
        "answers": {"art": ["aus", "kabel"], "anzahl": 3, "kennzeichen": "HN-AB 1"},
        "assets": (AssetFacts("lampen", "L 12", {"typ": "LED"}),),
        "age": timedelta(days=40),
    }
    return CaseFacts(**(values | changes))


def holds(tree: dict[str, Any], **changes: Any) -> bool:
    seen = Circumstances(case(**changes), time_zone="Europe/Berlin", state="BW")
    return parse(tree).holds(seen)


def one_of(kind: str, *keys: str, **more: Any) -> dict[str, Any]:
    return {"is": kind, "values": [{"key": key, "name": key.title()} for key in keys], **more}


KNOWN: list[tuple[dict[str, Any], bool]] = [
    (one_of("area", "district:boeckingen", "beat:7"), True),
    ({"not": one_of("area", "district:boeckingen")}, False),
    (one_of("category", "licht"), True),
    (one_of("category", "strasse"), False),
    (one_of("source", "web", "phone"), True),
    (one_of("weekday", "5", "6"), True),
    (one_of("weekday", "0"), False),
    (one_of("road_class", "B", "L"), True),
    (one_of("through_road", "inside"), False),
    (one_of("ownership", "private"), False),
    (one_of("part", "light"), True),
    (one_of("part", "sign"), False),
    (one_of("answer", "kabel", question="art"), True),
    (one_of("answer", "AUS", question="art"), True),
    ({"is": "answer", "question": "art"}, True),
    ({"is": "answer", "question": "fehlt"}, False),
    ({"is": "number", "question": "anzahl", "at_least": "2,5", "at_most": 3}, True),
    ({"is": "number", "question": "anzahl", "at_least": 4}, False),
    ({"is": "words", "words": ["Straßenlaterne"]}, True),
    ({"is": "words", "words": ["STRASSENLATERNE", "nichts"]}, True),
    ({"is": "words", "words": ["gefährlicher Baum"]}, True),
    ({"is": "words", "words": ["gefaehrliche baeume"]}, True),
    ({"is": "words", "words": ["Laterne"]}, False),  # whole words only
    ({"is": "words", "words": ["Schule", "Kita"], "every": True}, False),
    ({"is": "time", "from": "22:00", "to": "06:00"}, True),
    ({"is": "time", "from": "06:00", "to": "23:30"}, False),
    ({"is": "holiday"}, True),
    ({"is": "season", "from": "11-01", "to": "03-31"}, True),
    ({"is": "season", "from": "12-26", "to": "12-26"}, True),
    ({"is": "season", "from": "04-01", "to": "10-31"}, False),
    ({"is": "age", "days": 40}, True),
    ({"is": "age", "days": 41}, False),
    ({"is": "asset", "layer": "lampen"}, True),
    ({"is": "asset", "layer": "lampen", "attribute": "typ", "values": ["led"]}, True),
    ({"is": "asset", "layer": "lampen", "attribute": "typ", "values": ["HQL"]}, False),
    ({"is": "asset", "layer": "baeume"}, False),
    ({"all": []}, True),
    ({"all": [{"is": "holiday"}, {"any": [one_of("source", "web"), {"is": "holiday"}]}]}, True),
]


def test_every_kind_of_condition_is_tried() -> None:
    assert {tree["is"] for tree, _expected in KNOWN if "is" in tree} == set(KINDS)


@pytest.mark.parametrize(("tree", "expected"), KNOWN)
def test_what_holds_for_a_case(tree: dict[str, Any], expected: bool) -> None:
    assert holds(tree) is expected
    assert holds({"not": tree}) is not expected
    assert in_words(parse(tree)) or tree == {"all": []}


def test_the_time_of_day_is_that_of_the_town_also_when_clocks_change() -> None:
    # 29 March 2026: 01:30 in winter time, an hour later it is 03:30.
    before = datetime(2026, 3, 29, 0, 30, tzinfo=ZoneInfo("UTC"))
    early = {"is": "time", "from": "01:00", "to": "02:00"}
    assert holds(early, at=before)
    assert not holds(early, at=before + timedelta(hours=1))


def test_an_answer_names_the_part_before_the_category_does() -> None:
    pavement = one_of("part", "pavement")
    assert not holds(pavement)
    assert holds(pavement, answer_words=("Auf dem Gehweg",))
    assert not holds(one_of("part", "light"), answer_words=("Auf dem Gehweg",))


@pytest.mark.parametrize(
    ("tree", "where"),
    [
        ([], ""),
        ({"is": "nonsense"}, ""),
        ({"all": [{"is": "area"}]}, "0:values"),
        ({"all": [{"is": "holiday"}, {"any": []}]}, "1"),
        ({"all": [{"any": [{"is": "words", "words": [" "]}]}]}, "0.0:words"),
        ({"is": "words", "words": ["!"]}, ":words"),
        ({"is": "time", "from": "25:00", "to": "06:00"}, ":from"),
        ({"is": "time", "from": "06:00", "to": "06:00"}, ":to"),
        ({"is": "season", "from": "02-30", "to": "03-31"}, ":from"),
        ({"is": "age", "days": "viel"}, ":days"),
        ({"is": "number", "question": "anzahl"}, ":at_least"),
        ({"is": "number", "question": "anzahl", "at_least": 3, "at_most": 2}, ":at_most"),
        ({"is": "answer", "values": []}, ":question"),
        ({"is": "asset", "layer": "x", "values": ["y"]}, ":attribute"),
        ({"all": [{"all": [{"all": [{"all": [{"is": "holiday"}]}]}]}]}, "0.0.0.0"),
        ({"all": [{"is": "holiday"}] * 50}, ""),
    ],
)
def test_nonsense_is_refused_at_its_place(tree: Any, where: str) -> None:
    with pytest.raises(ConditionInvalid) as refused:
        parse(tree)
    assert where in refused.value.errors


def test_a_stored_condition_nobody_can_read_keeps_its_rule_from_applying() -> None:
    assert read('{"is": "gone"}') == Unreadable()
    assert read("[" * 5000) == Unreadable()
    assert read("{}") is None


def test_a_rule_reads_as_a_sentence() -> None:
    tree = {
        "all": [
            one_of("road_class", "B", "L"),
            {"not": one_of("area", "district:boeckingen")},
            {"any": [{"is": "words", "words": ["Glatteis", "Schnee"]}, {"is": "holiday"}]},
        ]
    }
    assert in_words(parse(tree)) == (
        "Straßenklasse ist Bundesstraße oder Landesstraße und nicht: Punkt liegt in "
        "»District:Boeckingen« und (Text enthält »Glatteis« oder »Schnee« oder Eingang an einem "
        "Feiertag)"
    )


def town(*rules: RuleFacts) -> TownFacts:
    offices = {
        0: OfficeFacts(0, "Anliegen", is_dispatch=True),
        66: OfficeFacts(66, "Amt 66"),
        67: OfficeFacts(67, "Amt 67"),
    }
    return TownFacts("Europe/Berlin", offices, rules, rule_set_version=4)


def test_an_explanation_names_what_matched_and_the_first_thing_that_did_not() -> None:
    words = {"is": "words", "words": ["Geheimwort"]}
    passed = parse({"all": [{"is": "holiday"}, one_of("weekday", "0"), words]})
    matched = parse(one_of("through_road", "outside"))
    effects = Effects(
        priority="high", tags=("Bundesstraße",), copies=(67,), notice="Zuständig ist der Bund."
    )
    ruled = town(
        RuleFacts(1, 10, "Montags", 67, condition=passed),
        RuleFacts(2, 20, "Außerorts", 66, condition=matched, effects=effects),
    )
    decision = decide(ruled, case())
    sentences = explain(ruled, case(), decision)
    assert sentences[:4] == (
        "Regel 20 »Außerorts«: gilt für alle Anliegenarten; gilt im ganzen Stadtgebiet; "
        "zutreffend: Punkt liegt außerhalb der Ortsdurchfahrt → Amt 66.",
        "Regel 10 »Montags« passt nicht: die Bedingung »Wochentag ist Montag« trifft nicht zu "
        "(es war Samstag).",
        "Außerdem nach Regel 20: Dringlichkeit hoch; Schlagwörter »Bundesstraße«; zur Kenntnis an "
        "Amt 67; Hinweis an die meldende Person: »Zuständig ist der Bund.«.",
        "Regelwerk: Version 4.",
    )
    # Nothing a reporter wrote, nothing they answered to a confidential question.
    secret = parse(one_of("answer", "HN-AB 1", question="kennzeichen", confidential=True))
    silent = town(RuleFacts(1, 10, "Kennzeichen", 66, condition=secret))
    told = " ".join(explain(silent, case(), decide(silent, case())))
    assert decide(silent, case()).rule is not None
    assert "HN-AB" not in told
    assert "Laterne" not in told


def test_a_danger_waits_for_no_first_look_and_its_clock_runs_by_day_and_night() -> None:
    first_look = Effects(first_look=True, first_answer_hours=2, around_the_clock=True)
    rule = RuleFacts(1, 10, "Sichtung", 66, completion_hours=10, effects=first_look)
    calm, danger = (decide(town(replace(rule, marks_danger=on)), case()) for on in (False, True))
    assert (calm.first_look, danger.first_look) == (True, False)
    assert calm.due_at == WINTER_NIGHT + timedelta(hours=10)
    assert calm.first_answer_due_at == WINTER_NIGHT + timedelta(hours=2)
    assert danger.due_at == WINTER_NIGHT + timedelta(hours=4)


# Conditions of any shape

leaves = st.sampled_from(
    [
        {"is": "holiday"},
        one_of("weekday", "0", "5"),
        one_of("area", "district:a"),
        {"is": "words", "words": ["Laterne"]},
        {"is": "season", "from": "11-01", "to": "03-31"},
        {"is": "time", "from": "20:00", "to": "06:00"},
        {"is": "answer", "question": "art"},
    ]
)
trees: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda part: {"not": part}, inner),
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=6,
)
moments = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.just(BERLIN),
)


def readable(tree: Any) -> Condition | None:
    try:
        return parse(tree)
    except ConditionInvalid:
        return None  # nested too deeply


@given(trees, moments)
@settings(max_examples=150, deadline=None)
def test_twice_not_is_the_same_and_a_miss_is_a_part_that_does_not_hold(
    tree: Any, at: datetime
) -> None:
    condition = readable(tree)
    if condition is None:
        return
    seen = Circumstances(case(at=at), time_zone="Europe/Berlin", state="BW")
    assert Not(Not(condition)).holds(seen) == condition.holds(seen)
    assert in_words(Not(Not(condition))) == in_words(condition)
    miss = condition.first_miss(seen)
    assert (miss is None) == condition.holds(seen)
    if miss is not None:
        assert not miss.holds(seen)
        assert not isinstance(miss, AllOf)


@given(st.lists(trees, max_size=5), trees, moments, st.integers(1, 50))
@settings(max_examples=100, deadline=None)
def test_rules_with_conditions_keep_what_rules_promise(
    several: list[Any], added: Any, at: datetime, behind: int
) -> None:
    rules = tuple(
        RuleFacts(place, place * 10, "Regel", 66 + place % 2, condition=readable(tree))
        for place, tree in enumerate(several, start=1)
    )
    now = case(at=at)
    decision = decide(town(*rules), now)
    assert decision.office.id in {0, 66, 67}
    assert decision == decide(town(*rules), now)
    if decision.rule is not None:
        last = RuleFacts(99, decision.rule.priority + behind, "Neu", 67, condition=readable(added))
        assert decide(town(*rules, last), now) == decision
