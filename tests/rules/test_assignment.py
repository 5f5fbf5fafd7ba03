"""Who is responsible and why: rules, default offices, dispatch, danger, due dates, duty."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.gis.geos import Point
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import Office
from routing.assignment import Assignment, assign
from routing.calendar import WorkCalendar
from routing.decision import (
    AreaFacts,
    CaseFacts,
    CategoryFacts,
    NoDispatchOffice,
    OfficeFacts,
    RuleFacts,
    TownFacts,
    decide,
)
from routing.duty import on_call
from routing.explanation import explain
from routing.models import Category, ClosingDay, OfficeHours
from routing.replay import BASES, PastCase, Tally, compare
from tests.factories import (
    AreaFactory,
    OfficeFactory,
    OnCallShiftFactory,
    QuestionFactory,
    RuleFactory,
    UserFactory,
    square,
)
from tests.people import BOECKINGEN, TOWN_HALL, Town

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=BERLIN)


def ask(town: Town, category: str = "pothole", **changes: Any) -> Assignment:
    """The assignment of a report in Böckingen on a Monday at noon; change what matters."""
    lon, lat = changes.pop("place", BOECKINGEN)
    values: dict[str, Any] = {
        "municipality_id": town.municipality.pk,
        "category_id": town.categories[category].pk,
        "point": Point(lon, lat, srid=4326),
        "at": MONDAY_NOON,
    }
    return assign(**(values | changes))


def rule(town: Town, priority: int, office: str, **fields: Any) -> Any:
    """A rule of a town; `area` is the name of one of its areas."""
    name = fields.pop("area", None)
    return RuleFactory(
        municipality=town.municipality,
        priority=priority,
        name=fields.pop("name", f"Probe {priority}"),
        office=town.offices[office],
        area=town.municipality.areas.get(name=name) if name else None,
        **fields,
    )


def test_the_lowest_matching_priority_wins_and_says_so(heilbronn: Town) -> None:
    rule(heilbronn, 30, "66")
    matching = rule(
        heilbronn,
        20,
        "67",
        name="Löcher in Böckingen",
        area="Böckingen",
        category=heilbronn.categories["pothole"],
    )
    rule(heilbronn, 10, "66", area="Innenstadt", name="Innenstadt")
    rule(heilbronn, 5, "66", category=heilbronn.categories["tree"])

    decision = ask(heilbronn)

    assert (decision.office_id, decision.basis) == (heilbronn.offices["67"].pk, "rule")
    assert decision.rule_id == matching.pk
    assert decision.sentences[:5] == (
        "Regel 20 »Löcher in Böckingen«: Anliegenart passt; Gebiet »Böckingen« enthält den Punkt "
        "→ 67 Grünflächenamt.",
        "Regel 10 »Innenstadt« passt nicht: Gebiet »Innenstadt« enthält den Punkt nicht.",
        "Regel 5 geht vor, gilt aber für andere Anliegenarten.",
        "Regelwerk: Version 1.",
        "Der Punkt liegt im Stadtteil »Böckingen«.",
    )


def test_a_rule_for_a_group_covers_its_categories(heilbronn: Town) -> None:
    rule(heilbronn, 10, "67", category=heilbronn.categories["pothole"].parent)
    decision = ask(heilbronn)
    assert decision.office_id == heilbronn.offices["67"].pk
    assert "Anliegenart gehört zur Gruppe »Straße«" in decision.sentences[0]


def test_without_a_rule_the_category_names_the_office(heilbronn: Town) -> None:
    decision = ask(heilbronn)
    assert (decision.office_id, decision.basis) == (heilbronn.offices["66"].pk, "category")
    assert decision.rule_id is None
    assert decision.sentences[:2] == (
        "Es sind keine Regeln in Kraft.",
        "Anliegenart »Schlagloch« → 66 Amt für Straßenwesen.",
    )


def test_a_category_without_office_falls_back_to_its_group(heilbronn: Town) -> None:
    noise = heilbronn.categories["noise"]
    Category.objects.filter(pk=noise.parent_id).update(default_office=heilbronn.offices["67"])
    decision = ask(heilbronn, "noise")
    assert (decision.office_id, decision.basis) == (heilbronn.offices["67"].pk, "category")
    assert "Gruppe »Ordnung« der Anliegenart → 67 Grünflächenamt." in decision.sentences


def test_the_dispatch_office_is_the_last_resort(heilbronn: Town) -> None:
    decision = ask(heilbronn, "noise")
    assert (decision.office_id, decision.basis) == (heilbronn.offices["dispatch"].pk, "dispatch")
    assert "Auch die Anliegenart nennt kein bestehendes Amt → Anliegen." in decision.sentences


def test_an_ended_office_hands_over_to_its_successors(heilbronn: Town) -> None:
    newest = OfficeFactory(
        municipality=heilbronn.municipality, name="Mobilität", valid_from=date(2026, 7, 1)
    )
    middle = OfficeFactory(
        municipality=heilbronn.municipality,
        name="Verkehr",
        valid_to=date(2026, 6, 30),
        successor=newest,
    )
    Office.objects.filter(pk=heilbronn.offices["66"].pk).update(
        valid_to=date(2025, 12, 31), successor=middle
    )
    decision = ask(heilbronn)
    assert decision.office_id == newest.pk
    assert "66 Amt für Straßenwesen besteht seit 31.12.2025 nicht mehr." in decision.sentences
    in_spring = ask(heilbronn, at=datetime(2026, 3, 2, 9, tzinfo=BERLIN))
    assert in_spring.office_id == middle.pk


def test_an_ended_office_without_successor_leads_to_dispatch(heilbronn: Town) -> None:
    Office.objects.filter(pk=heilbronn.offices["66"].pk).update(valid_to=date(2025, 12, 31))
    assert ask(heilbronn).basis == "dispatch"


def test_a_rule_whose_office_has_ended_is_passed_over(heilbronn: Town) -> None:
    Office.objects.filter(pk=heilbronn.offices["67"].pk).update(valid_to=date(2025, 12, 31))
    rule(heilbronn, 10, "67", name="Alles ins Grüne")
    decision = ask(heilbronn)
    assert decision.basis == "category"
    assert (
        "Regel 10 »Alles ins Grüne« passt nicht: 67 Grünflächenamt besteht am 23.11.2026 nicht."
        in decision.sentences
    )


def test_rules_out_of_force_and_of_other_towns_do_not_count(
    heilbronn: Town, heidenheim: Town
) -> None:
    rule(heilbronn, 10, "67", is_active=False)
    rule(heidenheim, 10, "67")
    assert ask(heilbronn).basis == "category"
    with pytest.raises(Category.DoesNotExist):
        ask(heilbronn, category_id=heidenheim.categories["pothole"].pk)


def test_a_point_on_a_shared_edge_always_goes_the_same_way(heilbronn: Town) -> None:
    rule(heilbronn, 20, "67", area="Innenstadt")
    rule(heilbronn, 30, "66", area="Böckingen")
    edge = ask(heilbronn, place=(9.20, 49.14))
    assert edge.office_id == heilbronn.offices["67"].pk
    assert edge.district_name == "Böckingen"
    assert (
        "Der Punkt liegt auf der Grenze von »Böckingen« und »Innenstadt«; "
        "gezählt wird »Böckingen«." in edge.sentences
    )


def test_a_rule_follows_its_area_into_the_new_version(heilbronn: Town) -> None:
    rule(heilbronn, 10, "67", area="Böckingen")
    old = heilbronn.municipality.areas.get(name="Böckingen")
    old.valid_to = date(2026, 5, 31)
    old.save()
    new = AreaFactory(
        municipality=heilbronn.municipality,
        key=old.key,
        name="Böckingen (neu)",
        geometry=square(9.10, 49.05, 9.15, 49.25),
        valid_from=date(2026, 6, 1),
    )
    inside = ask(heilbronn, place=(9.12, 49.13))
    assert (inside.office_id, inside.district_id) == (heilbronn.offices["67"].pk, new.pk)
    assert ask(heilbronn, place=(9.18, 49.13)).basis == "category"
    in_may = ask(heilbronn, place=(9.18, 49.13), at=datetime(2026, 5, 4, 9, tzinfo=BERLIN))
    assert (in_may.office_id, in_may.district_id) == (heilbronn.offices["67"].pk, old.pk)


def test_at_most_six_queries(
    heilbronn: Town, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for priority in range(10, 60, 10):
        rule(heilbronn, priority, "67", area="Innenstadt")
    QuestionFactory(category=heilbronn.categories["pothole"], code="tiefe")
    with django_assert_max_num_queries(5):
        ask(heilbronn)
    with django_assert_max_num_queries(6):
        ask(heilbronn, answers={"tiefe": "20 cm"})


def test_many_passed_over_rules_are_summed_up(heilbronn: Town) -> None:
    for priority in range(1, 9):
        rule(heilbronn, priority, "67", area="Innenstadt")
    for priority in range(11, 18):
        rule(heilbronn, priority, "67", category=heilbronn.categories["tree"])
    sentences = ask(heilbronn).sentences
    assert sum("passt nicht: Gebiet" in sentence for sentence in sentences) == 5
    assert "Regeln 6, 7, 8 gehen vor, gelten aber für andere Umstände." in sentences
    assert (
        "Regeln 11, 12, 13, 14, 15 und 2 weitere gehen vor, gelten aber für andere Anliegenarten."
        in sentences
    )


def test_due_dates_follow_the_office_and_explain_themselves(heilbronn: Town) -> None:
    Category.objects.filter(pk=heilbronn.categories["pothole"].pk).update(
        first_answer_hours=8, completion_hours=40
    )
    for weekday in range(4):
        OfficeHours.objects.create(
            office=heilbronn.offices["66"], weekday=weekday, opens=time(8), closes=time(16)
        )
    ClosingDay.objects.create(
        municipality=heilbronn.municipality, day=date(2026, 11, 25), reason="Personalversammlung"
    )
    ClosingDay.objects.create(
        municipality=heilbronn.municipality, office=heilbronn.offices["67"], day=date(2026, 11, 24)
    )
    decision = ask(heilbronn)
    assert decision.first_answer_due_at == datetime(2026, 11, 24, 12, tzinfo=BERLIN)
    assert decision.due_at == datetime(2026, 12, 2, 12, tzinfo=BERLIN)
    assert decision.sentences[-1] == (
        "Frist: 40 Arbeitsstunden nach Dienstzeiten Mo–Do 8–16 Uhr, Feiertage BW "
        "(frei: 25.11.2026 Personalversammlung) → 02.12.2026 12:00."
    )


def test_a_rule_can_set_its_own_target(heilbronn: Town) -> None:
    rule(heilbronn, 10, "66", completion_hours=8)
    decision = ask(heilbronn)
    assert decision.due_at == datetime(2026, 11, 24, 12, tzinfo=BERLIN)
    assert "Frist: 8 Arbeitsstunden (Regel 10) nach Dienstzeiten" in decision.sentences[-1]


def test_danger_runs_on_the_24_hour_clock(heilbronn: Town) -> None:
    saturday_night = datetime(2026, 11, 21, 23, tzinfo=BERLIN)
    decision = ask(heilbronn, "collapse", at=saturday_night)
    assert decision.is_danger
    assert decision.due_at == saturday_night + timedelta(hours=4)
    assert decision.first_answer_due_at <= decision.due_at
    assert (
        "Gefahr: Anliegenart »Straße eingebrochen« gilt als Gefahr. "
        "Die Frist läuft rund um die Uhr." in decision.sentences
    )
    assert "Eingang außerhalb der Dienstzeit → Bereitschaft." in decision.sentences
    assert decision.sentences[-1] == "Frist: 4 Stunden rund um die Uhr → 22.11.2026 03:00."


def test_a_smaller_danger_target_stays(heilbronn: Town) -> None:
    Category.objects.filter(pk=heilbronn.categories["collapse"].pk).update(completion_hours=2)
    assert ask(heilbronn, "collapse").due_at == MONDAY_NOON + timedelta(hours=2)


def test_a_rule_or_an_answer_can_mean_danger(heilbronn: Town) -> None:
    QuestionFactory(
        category=heilbronn.categories["pothole"],
        code="tiefe",
        text="Wie tief?",
        datatype="single",
        options=[
            {"key": "flach", "de": "flach"},
            {"key": "hohl", "de": "Die Straße ist hohl", "danger": True},
        ],
    )
    assert not ask(heilbronn, answers={"tiefe": "flach"}).is_danger
    hollow = ask(heilbronn, answers={"tiefe": "hohl"})
    assert hollow.is_danger
    assert any("Antwort »Die Straße ist hohl« auf »Wie tief?«" in s for s in hollow.sentences)
    rule(heilbronn, 10, "66", marks_danger=True)
    by_rule = ask(heilbronn)
    assert by_rule.is_danger
    assert any("Regel 10 behandelt den Fall als Gefahr" in s for s in by_rule.sentences)


def test_danger_found_on_the_way_in_is_kept(heilbronn: Town) -> None:
    decision = ask(heilbronn, danger=True)
    assert decision.is_danger
    assert any("bei der Annahme als Gefahr erkannt" in s for s in decision.sentences)


def test_what_a_reporter_wrote_is_never_in_the_sentences(heilbronn: Town) -> None:
    QuestionFactory(category=heilbronn.categories["pothole"], code="name", is_confidential=True)
    decision = ask(heilbronn, answers={"name": "Erika Mustermann"})
    assert not any("Erika" in sentence for sentence in decision.sentences)


def test_a_moment_without_time_zone_is_refused(heilbronn: Town) -> None:
    with pytest.raises(ValueError, match="time zone"):
        ask(heilbronn, at=datetime(2026, 11, 23))  # noqa: DTZ001 - the point


def test_the_command_prints_the_explanation(
    heilbronn: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    rule(heilbronn, 10, "67", area="Innenstadt", name="Innenstadt")
    call_command(
        "explain_routing",
        str(TOWN_HALL[0]),
        str(TOWN_HALL[1]),
        "strasse.schlagloch",
        "--at=2026-11-23T12:00",
    )
    out = capsys.readouterr().out
    assert "Heilbronn, Schlagloch: 67 Grünflächenamt" in out
    assert "Regel 10 »Innenstadt«: gilt für alle Anliegenarten" in out
    question = QuestionFactory(
        category=heilbronn.categories["pothole"],
        code="lage",
        datatype="single",
        options=[{"key": "rad", "de": "Radweg"}],
    )
    condition = {
        "all": [
            {"is": "answer", "question": question.code, "values": [{"key": "rad"}]},
            {"is": "words", "words": ["Glasscherbe"]},
            {"is": "source", "values": [{"key": "phone", "name": "Telefon"}]},
        ]
    }
    rule(heilbronn, 5, "66", name="Scherben", condition=condition)
    place = [str(TOWN_HALL[0]), str(TOWN_HALL[1]), "strasse.schlagloch"]
    facts = ["--text=Lauter Glasscherben", "--source=phone", "--answer=lage=rad"]
    call_command("explain_routing", *place, *facts)
    assert "Regel 5 »Scherben«" in capsys.readouterr().out.splitlines()[1]
    with pytest.raises(CommandError, match="lage"):
        call_command("explain_routing", *place, "--answer=lage=mond")
    with pytest.raises(CommandError, match=r"Angeboten: .*strasse\.schlagloch"):
        call_command("explain_routing", "9.2", "49.1", "nichts", municipality="heilbronn")
    with pytest.raises(CommandError, match="keiner Kommune"):
        call_command("explain_routing", "0", "0", "strasse.schlagloch")


# Who is on call


def test_the_offices_own_shift_comes_before_the_town_wide_one(heilbronn: Town) -> None:
    now = datetime.now(UTC)
    clara, gero = heilbronn.people["clara"], heilbronn.people["gero"]
    office = heilbronn.offices["67"]
    OnCallShiftFactory(municipality=heilbronn.municipality, office=office, person=gero, rank=3)
    second = OnCallShiftFactory(municipality=heilbronn.municipality, rank=2).person
    duties = on_call(heilbronn.municipality.pk, office.pk, now)
    assert [duty.person_id for duty in duties] == [gero.pk, clara.pk, second.pk]
    elsewhere = on_call(heilbronn.municipality.pk, heilbronn.offices["66"].pk, now)
    assert [duty.person_id for duty in elsewhere] == [clara.pk, second.pk]
    assert [duty.person_id for duty in on_call(heilbronn.municipality.pk, None, now)] == [
        clara.pk,
        second.pk,
    ]


def test_only_active_people_in_a_running_shift_are_on_call(heilbronn: Town) -> None:
    now = datetime.now(UTC)
    OnCallShiftFactory(
        municipality=heilbronn.municipality, person=UserFactory(is_active=False), rank=1
    )
    over = OnCallShiftFactory(municipality=heilbronn.municipality, ends_at=now)
    again = OnCallShiftFactory(
        municipality=heilbronn.municipality, person=heilbronn.people["clara"], rank=5
    )
    duties = on_call(heilbronn.municipality.pk, None, now)
    assert [duty.person_id for duty in duties] == [heilbronn.people["clara"].pk]
    assert over.person_id not in {duty.person_id for duty in duties}
    assert duties[0].rank == 1 != again.rank
    assert duties[0].name == "Clara Clerk"


def test_nobody_on_call_is_an_empty_list(heidenheim: Town) -> None:
    assert on_call(heidenheim.municipality.pk, None, datetime.now(UTC)) == []


# The pure core, over values of any kind

AREAS = tuple(AreaFacts("district", key, number, key.title()) for number, key in enumerate("abcd"))
days = st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31))


@st.composite
def towns(draw: st.DrawFn) -> TownFacts:
    """A town with a dispatch office, up to five offices of any validity, and any rules."""
    offices = {0: OfficeFacts(0, "Disposition", is_dispatch=True)}
    for number in range(1, draw(st.integers(1, 6))):
        offices[number] = OfficeFacts(
            number,
            f"Amt {number}",
            WorkCalendar(),
            draw(days),
            draw(days),
            draw(st.none() | st.integers(0, 6)),
        )
    return TownFacts("Europe/Berlin", offices, tuple(draw(st.lists(rules(offices), max_size=8))))


def rules(offices: dict[int, OfficeFacts]) -> st.SearchStrategy[RuleFacts]:
    return st.builds(
        RuleFacts,
        id=st.integers(1, 1000),
        priority=st.integers(1, 100),
        name=st.text(max_size=8),
        office_id=st.sampled_from(sorted(offices)),
        category_id=st.none() | st.integers(1, 4),
        area=st.none() | st.sampled_from(AREAS),
        completion_hours=st.none() | st.integers(0, 200),
        marks_danger=st.booleans(),
    )


cases = st.builds(
    CaseFacts,
    category=st.builds(
        CategoryFacts,
        id=st.integers(1, 2),
        name=st.text(max_size=8),
        group_id=st.none() | st.integers(3, 4),
        office_id=st.none() | st.integers(0, 6),
        group_office_id=st.none() | st.integers(0, 6),
        first_answer_hours=st.integers(0, 100),
        completion_hours=st.integers(0, 300),
        is_danger=st.booleans(),
    ),
    areas=st.lists(st.sampled_from(AREAS), unique=True).map(tuple),
    at=st.datetimes(  # Hypothesis adds the zone
        datetime(2026, 1, 1),  # noqa: DTZ001
        datetime(2027, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    danger=st.booleans(),
)


@given(towns(), cases)
@settings(max_examples=200, deadline=None)
def test_there_is_always_an_office_with_due_dates_and_reasons(
    town: TownFacts, case: CaseFacts
) -> None:
    decision = decide(town, case)
    assert decision.office.id in town.offices
    assert decision.office.is_dispatch or decision.office.exists_on(decision.day)
    assert case.at <= decision.first_answer_due_at <= decision.due_at
    assert explain(town, case, decision)
    assert (decision.rule is not None) == (decision.basis == "rule")
    if decision.is_danger:
        assert decision.due_at - case.at <= timedelta(hours=4)


@given(towns(), cases, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_same_facts_give_the_same_decision(
    town: TownFacts, case: CaseFacts, random: Any
) -> None:
    shuffled = list(town.rules)
    random.shuffle(shuffled)
    unique = len({(rule.priority, rule.id) for rule in shuffled}) == len(shuffled)
    assert decide(town, case) == decide(town, case)
    if unique:
        assert decide(replace(town, rules=tuple(shuffled)), case) == decide(town, case)


@given(towns(), cases, st.data())
@settings(max_examples=200, deadline=None)
def test_a_rule_of_lower_priority_never_changes_a_higher_match(
    town: TownFacts, case: CaseFacts, data: st.DataObject
) -> None:
    before = decide(town, case)
    if before.rule is None:
        return
    added = replace(
        data.draw(rules(dict(town.offices))),
        priority=before.rule.priority + data.draw(st.integers(1, 50)),
    )
    assert decide(replace(town, rules=(*town.rules, added)), case) == before


@given(towns(), st.lists(cases, max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_trial_of_the_rules_that_count_moves_nothing(
    town: TownFacts, several: list[CaseFacts]
) -> None:
    tally = Tally()
    for number, case in enumerate(several):
        office = decide(town, case).office.id
        # The same rules, loaded a second time.
        again = replace(town, rules=tuple(reversed(town.rules)))
        unique = len({(rule.priority, rule.id) for rule in town.rules}) == len(town.rules)
        tried = again if unique else town
        tally.add(compare(tried, town, PastCase(number, case, first=office, now=office)))
    assert [tally.moved(base) for base in BASES] == [0, 0, 0]
    assert (tally.looked_at, sum(tally.changes.values())) == (len(several), 0)
    assert Tally.from_stored(json.loads(json.dumps(tally.stored()))) == tally


def test_a_chain_of_successors_that_bites_its_tail_ends() -> None:
    ended = date(2020, 1, 1)
    town = TownFacts(
        "Europe/Berlin",
        {
            0: OfficeFacts(0, "Disposition", is_dispatch=True),
            1: OfficeFacts(1, "Eins", valid_to=ended, successor_id=2),
            2: OfficeFacts(2, "Zwei", valid_to=ended, successor_id=1),
        },
    )
    case = CaseFacts(CategoryFacts(1, "Art", office_id=1), (), MONDAY_NOON)
    assert decide(town, case).basis == "dispatch"
    without = replace(town, offices={1: town.offices[1]})
    with pytest.raises(NoDispatchOffice):
        decide(without, case)
