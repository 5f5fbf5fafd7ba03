"""What is said of a set of rules without a case at hand is true of every case there can be."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.decision import decide
from routing.facts import (
    AreaFacts,
    AssetFacts,
    CaseFacts,
    CategoryFacts,
    OfficeFacts,
    RuleFacts,
    TownFacts,
)
from routing.rules.checks import RuleChecks
from routing.rules.circumstances import Circumstances
from routing.rules.conditions import Condition
from routing.rules.implication import ALWAYS, NEVER, Known, excludes, implies, simplified
from routing.rules.validation import KINDS, parse

TODAY = date(2026, 6, 1)
DISTRICTS = tuple(AreaFacts("district", key, at, key.title()) for at, key in enumerate("ab"))
ROAD = AreaFacts("road", "b27", 9, "B 27", {"road_class": "B", "through_road": "outside"})
WOOD = AreaFacts("custom", "wald", 8, "Wald", {"ownership": "private"})
STREET = CategoryFacts(3, "Straße", code="s", office_id=1)
HOLE = CategoryFacts(1, "Schlagloch", 3, "Straße", code="s.loch", group_code="s", office_id=1)
LAMP = CategoryFacts(2, "Straßenlampe", code="lampe")
CATEGORIES = (HOLE, LAMP, STREET)


def values(*keys: str) -> list[dict[str, str]]:
    return [{"key": key, "name": key} for key in keys]


def some(*keys: str) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(keys), min_size=1, unique=True).map(lambda k: values(*k))


def leaf(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"is": st.just(kind), **fields})


days = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map("{:%m-%d}".format)
clocks = st.sampled_from(["00:00", "06:00", "12:30", "20:00", "23:59"])
phrases = st.sampled_from(["Baum", "Bäume", "großer Baum", "Schule", "an der Schule", "Loch"])
LEAVES = {
    "area": leaf("area", values=some("district:a", "district:b", "road:b27", "custom:wald")),
    "category": leaf("category", values=some("s", "s.loch", "lampe")),
    "source": leaf("source", values=some("web", "app", "phone")),
    "weekday": leaf("weekday", values=some("0", "3", "6")),
    "part": leaf("part", values=some("carriageway", "light", "pavement")),
    "road_class": leaf("road_class", values=some("A", "B")),
    "through_road": leaf("through_road", values=some("inside", "outside")),
    "ownership": leaf("ownership", values=some("public", "private")),
    "answer": leaf("answer", question=st.just("art"), values=some("1", "2", "x") | st.just([])),
    "number": leaf(
        "number", question=st.just("art"), at_least=st.integers(0, 3), at_most=st.integers(3, 5)
    ),
    "words": leaf("words", words=st.lists(phrases, min_size=1, max_size=3), every=st.booleans()),
    "time": st.tuples(clocks, clocks)
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: {"is": "time", "from": pair[0], "to": pair[1]}),
    "holiday": st.just({"is": "holiday"}),
    "season": leaf("season", **{"from": days, "to": days}),
    "age": leaf("age", days=st.integers(1, 40)),
    "asset": st.just({"is": "asset", "layer": "lampen"})
    | leaf(
        "asset",
        layer=st.just("lampen"),
        attribute=st.just("typ"),
        values=st.lists(st.sampled_from(["LED", "HQL"]), max_size=2),
    ),
}
conditions: st.SearchStrategy[Condition] = st.recursive(
    st.one_of(*LEAVES.values()),
    lambda inner: st.one_of(
        st.builds(lambda part: {"not": part}, inner),
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=4,
).map(parse)
# Pairs that look at the same thing, so that something follows from something.
pairs = st.one_of(
    st.tuples(conditions, conditions),
    *(st.tuples(each.map(parse), each.map(parse)) for each in LEAVES.values()),
)
cases = st.builds(
    CaseFacts,
    category=st.sampled_from(CATEGORIES),
    areas=st.lists(st.sampled_from([*DISTRICTS, ROAD, WOOD]), unique=True).map(tuple),
    at=st.datetimes(  # Hypothesis adds the zone
        datetime(2026, 6, 2),  # noqa: DTZ001
        datetime(2027, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    text=st.lists(phrases, max_size=3).map(" und ".join),
    source=st.sampled_from(["web", "app", "phone"]),
    answers=st.fixed_dictionaries({}, optional={"art": st.sampled_from([1, 2, 3.5, 4, "x"])}),
    answer_words=st.sampled_from([(), ("Gehweg",), ("Fahrbahn und Laterne",)]),
    assets=st.sampled_from(
        [(), (AssetFacts("lampen", "1", {"typ": "led"}),), (AssetFacts("lampen", "2", {}),)]
    ),
    age=st.integers(0, 50).map(lambda each: timedelta(days=each)),
)


def seen(case: CaseFacts) -> Circumstances:
    return Circumstances(case, time_zone="Europe/Berlin", state="BW")


def test_every_kind_of_condition_is_tried() -> None:
    assert set(LEAVES) == set(KINDS)


@given(pairs, st.lists(cases, min_size=3, max_size=8))
@settings(max_examples=400, deadline=None)
def test_what_follows_from_conditions_is_so_in_every_case(
    pair: tuple[Condition, Condition], several: list[CaseFacts]
) -> None:
    first, second = pair
    follows, apart = implies(first, second), excludes(first, second)
    assert implies(first, first)
    for case in several:
        here = seen(case)
        if follows:
            assert second.holds(here) or not first.holds(here)
        if apart:
            assert not (first.holds(here) and second.holds(here))
        codes = frozenset((case.category.code, case.category.group_code)) - {""}
        assert simplified(first, Known(codes)).holds(here) == first.holds(here)


def test_what_is_certain_is_found() -> None:
    def one(kind: str, **fields: Any) -> Condition:
        return parse({"is": kind, **fields})

    winter = one("season", **{"from": "11-01", "to": "03-31"})
    deep_winter = one("season", **{"from": "12-15", "to": "01-15"})
    summer = one("season", **{"from": "06-01", "to": "08-31"})
    assert implies(deep_winter, winter)
    assert not implies(winter, deep_winter)
    assert excludes(winter, summer)
    evening, night = (
        one("time", **{"from": begins, "to": "06:00"}) for begins in ("20:00", "22:00")
    )
    assert (implies(night, evening), implies(evening, night)) == (True, False)
    tree, big_tree = (one("words", words=[words]) for words in ("Baum", "die großen Bäume"))
    assert implies(one("words", words=["große Bäume", "Baum"], every=True), tree)
    assert implies(big_tree, tree)
    assert not implies(tree, big_tree)
    assert excludes(one("source", values=values("web")), one("source", values=values("app")))
    # A point on an edge lies in both areas.
    a, b = (one("area", values=values(f"district:{key}")) for key in "ab")
    assert not excludes(a, b)
    assert simplified(a, Known(level="district", area="b")) == NEVER
    assert simplified(a, Known(level="district", area="a")) == ALWAYS


OFFICES = {
    0: OfficeFacts(0, "Anliegen", is_dispatch=True),
    1: OfficeFacts(1, "Eins"),
    2: OfficeFacts(2, "Zwei"),
    3: OfficeFacts(3, "Bald zu Ende", valid_to=date(2026, 12, 31)),
    4: OfficeFacts(4, "Gewesen", valid_to=date(2020, 1, 1)),
}


def rules(most: int) -> st.SearchStrategy[tuple[RuleFacts, ...]]:
    one = st.builds(
        RuleFacts,
        id=st.just(0),
        priority=st.just(0),
        name=st.just("Regel"),
        office_id=st.sampled_from(sorted(OFFICES)),
        category_id=st.sampled_from([None, 1, 2, 3]),
        area=st.none() | st.sampled_from([*DISTRICTS, ROAD]),
        condition=st.none() | conditions,
    )
    return st.lists(one, max_size=most).map(
        lambda found: tuple(
            replace(each, id=at, priority=10 * at) for at, each in enumerate(found, start=1)
        )
    )


def checks(town: TownFacts) -> RuleChecks:
    return RuleChecks(town, CATEGORIES, TODAY)


@given(rules(7), st.lists(cases, min_size=2, max_size=6))
@settings(max_examples=200, deadline=None)
def test_no_case_gets_to_a_rule_that_is_never_reached(
    several: tuple[RuleFacts, ...], found: list[CaseFacts]
) -> None:
    town = TownFacts("Europe/Berlin", OFFICES, several)
    never = {each.rule.id for each in checks(town).unreached()}
    for case in found:
        rule = decide(town, case).rule
        assert rule is None or rule.id not in never


@given(rules(7), cases, st.sampled_from(DISTRICTS), st.sampled_from(CATEGORIES))
@settings(max_examples=200, deadline=None)
def test_a_cell_says_who_decides_unless_an_exception_does(
    several: tuple[RuleFacts, ...], case: CaseFacts, district: AreaFacts, category: CategoryFacts
) -> None:
    town = TownFacts("Europe/Berlin", OFFICES, several)
    (cell,) = checks(town).cells([category], [district])
    elsewhere = tuple(area for area in case.areas if area.level != "district")
    # On the day of the look: offices come and go later.
    at = case.at.replace(year=2026, month=6, day=1, hour=12)
    here = replace(case, category=category, areas=(district, *elsewhere), at=at)
    decision = decide(town, here)
    if decision.rule in cell.exceptions:
        return
    assert (decision.office, decision.basis, decision.rule) == (cell.office, cell.basis, cell.rule)


def test_rules_in_each_others_way_are_named_with_the_reason() -> None:
    def rule(rank: int, office: int, **fields: Any) -> RuleFacts:
        return RuleFacts(rank, rank, f"Regel {rank}", office, **fields)

    web = parse({"is": "source", "values": values("web")})
    app = parse({"is": "source", "values": values("app")})
    contradiction = parse({"all": [{"is": "holiday"}, {"any": [{"is": "age", "days": 1}]}]})
    town = TownFacts(
        "Europe/Berlin",
        OFFICES,
        (
            rule(10, 1, category_id=1, area=DISTRICTS[0]),
            rule(20, 2, category_id=3),  # the group of 1
            rule(30, 1, category_id=1, condition=web),  # the group comes first, always
            rule(40, 2, condition=web),
            rule(50, 1, area=DISTRICTS[1]),  # may meet with 40
            rule(60, 4),
            rule(70, 2, condition=app, area=DISTRICTS[0]),
            rule(80, 0),
            rule(90, 1, category_id=2, condition=contradiction),
        ),
    )
    found = {each.rule.id: each for each in checks(town).unreached()}
    assert set(found) == {30, 60, 90}
    assert [each.id for each in found[30].by] == [20]
    assert (found[60].why, [each.id for each in found[90].by]) == ("office", [80])
    pairs = {(each.first.id, each.second.id) for each in checks(town).overlaps()}
    # 10 is a special case of 20; 40 and 70 exclude each other by the way in; 50 and 70 by place.
    assert (40, 50) in pairs
    assert pairs.isdisjoint({(10, 20), (40, 70), (50, 70)})
    unreadable = RuleFacts(5, 5, "Unlesbar", 1, condition=NEVER)
    assert [each.why for each in checks(replace(town, rules=(unreadable,))).unreached()] == [
        "never"
    ]
