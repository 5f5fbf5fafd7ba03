"""A decision in words a clerk understands.

The sentences are stored with the case as part of its file. They are German in every language of
the interface, because the language of a German authority's files is German (§ 23 VwVfG), and they
hold nothing a reporter wrote.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from routing.calendar import describe_week
from routing.decision import (
    CaseFacts,
    Decision,
    PassedOver,
    RuleFacts,
    TownFacts,
    circumstances_of,
    dispatch_office,
    passed_over,
)
from routing.rules.effects import effects_in_words
from routing.rules.wording import in_words, why_not

MOST_PASSED_OVER = 5
MOST_DAYS_NAMED = 3


def explain(town: TownFacts, case: CaseFacts, decision: Decision) -> tuple[str, ...]:
    """Sentences for a decision.

    Who and why, what nearly matched, what follows, which rules counted, where, danger, due times.
    """
    return (
        *_responsibility(town, case, decision),
        *_passed_over(town, case, decision),
        *_effects(town, decision),
        _rule_set(town),
        _place(decision),
        *_danger(decision, case),
        *_due(town, case, decision),
    )


def _responsibility(town: TownFacts, case: CaseFacts, decision: Decision) -> Iterator[str]:
    if decision.rule is not None:
        yield (
            f"{_named(decision.rule)}: {'; '.join(_matched(decision.rule, case))} "
            f"→ {decision.office.label}."
        )
        return
    yield "Keine Regel passt." if town.rules else "Es sind keine Regeln in Kraft."
    for office in decision.ended_offices:
        if office.valid_to is not None and office.valid_to < decision.day:
            yield f"{office.label} besteht seit {_day(office.valid_to)} nicht mehr."
        else:
            yield f"{office.label} besteht am {_day(decision.day)} noch nicht."
    if decision.basis == "dispatch":
        yield f"Auch die Anliegenart nennt kein bestehendes Amt → {decision.office.label}."
        return
    named = f"Anliegenart »{case.category.name}«"
    if decision.from_group:
        named = f"Gruppe »{case.category.group_name}« der Anliegenart"
    yield f"{named} → {decision.office.label}."


def _matched(rule: RuleFacts, case: CaseFacts) -> Iterator[str]:
    yield _category_fits(rule, case)
    yield _area_fits(rule)
    if rule.condition is not None:
        yield f"zutreffend: {in_words(rule.condition)}"


def _passed_over(town: TownFacts, case: CaseFacts, decision: Decision) -> Iterator[str]:
    near = list(passed_over(town, case, decision))
    for each in near[:MOST_PASSED_OVER]:
        yield f"{_named(each.rule)} passt nicht: {_why_not(town, case, decision, each)}."
    rest = [each.rule for each in near[MOST_PASSED_OVER:]]
    if rest:
        yield f"{_counted(rest)} für andere Umstände."
    others = list(_for_other_categories(town, case, decision))
    if others:
        yield f"{_counted(others)} für andere Anliegenarten."


def _for_other_categories(
    town: TownFacts, case: CaseFacts, decision: Decision
) -> Iterator[RuleFacts]:
    fitting = {None, case.category.id, case.category.group_id}
    for rule in town.table.in_order:
        if decision.rule is not None and rule.id == decision.rule.id:
            return
        if rule.category_id not in fitting:
            yield rule


def _why_not(town: TownFacts, case: CaseFacts, decision: Decision, passed: PassedOver) -> str:
    if passed.why == "area" and passed.rule.area is not None:
        return f"Gebiet »{passed.rule.area.name}« enthält den Punkt nicht"
    if passed.condition is not None:
        return why_not(passed.condition, circumstances_of(town, case))
    return f"{town.offices[passed.rule.office_id].label} besteht am {_day(decision.day)} nicht"


def _effects(town: TownFacts, decision: Decision) -> Iterator[str]:
    rule = decision.rule
    if rule is None:
        return
    labels = {office.id: office.label for office in town.offices.values()}
    # Hours and danger have sentences of their own.
    ordered = list(effects_in_words(rule.effects, offices=labels, with_hours=False))
    if decision.first_look:
        yield (
            f"Erstsichtung: {dispatch_office(town).label} sieht den Fall an, bevor er an "
            f"{decision.office.label} geht."
        )
    elif rule.effects.first_look and decision.is_danger:
        yield "Eine Gefahr wartet nicht auf die Erstsichtung."
    if ordered:
        yield f"Außerdem nach Regel {rule.priority}: {'; '.join(ordered)}."


def _rule_set(town: TownFacts) -> str:
    if town.rule_set_version is None:
        return "Regelwerk: Entwurf." if town.rules else "Regelwerk: keines in Kraft."
    return f"Regelwerk: Version {town.rule_set_version}."


def _counted(rules: Sequence[RuleFacts]) -> str:
    ranks = ", ".join(str(rule.priority) for rule in rules[:MOST_PASSED_OVER])
    if len(rules) == 1:
        return f"Regel {ranks} geht vor, gilt aber"
    more = len(rules) - MOST_PASSED_OVER
    if more > 0:
        ranks += f" und {more} weitere"
    return f"Regeln {ranks} gehen vor, gelten aber"


def _named(rule: RuleFacts) -> str:
    return f"Regel {rule.priority} »{rule.name}«"


def _category_fits(rule: RuleFacts, case: CaseFacts) -> str:
    if rule.category_id is None:
        return "gilt für alle Anliegenarten"
    if rule.category_id == case.category.id:
        return "Anliegenart passt"
    return f"Anliegenart gehört zur Gruppe »{case.category.group_name}«"


def _area_fits(rule: RuleFacts) -> str:
    if rule.area is None:
        return "gilt im ganzen Stadtgebiet"
    return f"Gebiet »{rule.area.name}« enthält den Punkt"


def _place(decision: Decision) -> str:
    if not decision.districts:
        return "Der Punkt liegt in keinem erfassten Stadtteil."
    first, *others = [f"»{area.name}«" for area in decision.districts]
    if others:
        return (
            f"Der Punkt liegt auf der Grenze von {first} und {' und '.join(others)}; "
            f"gezählt wird {first}."
        )
    return f"Der Punkt liegt im Stadtteil {first}."


def _danger(decision: Decision, case: CaseFacts) -> Iterator[str]:
    if not decision.is_danger:
        return
    yield f"Gefahr: {'; '.join(decision.danger_reasons)}. Die Frist läuft rund um die Uhr."
    if not decision.office.calendar.is_working_at(case.at):
        yield "Eingang außerhalb der Dienstzeit → Bereitschaft."


def _due(town: TownFacts, case: CaseFacts, decision: Decision) -> Iterator[str]:
    around = decision.runs_around_the_clock
    unit = "Stunde" if around else "Arbeitsstunde"
    yield (
        f"Erste Antwort: {_hours(decision.first_answer_hours, unit)} → "
        f"{_moment(decision.first_answer_due_at, town)}."
    )
    basis = "rund um die Uhr"
    if not around:
        calendar = decision.office.calendar
        basis = f"nach Dienstzeiten {describe_week(calendar.week)}, Feiertage {calendar.state}"
        basis += _days_off(case, decision)
    by_rule = ""
    if decision.rule is not None and decision.rule.completion_hours == decision.completion_hours:
        by_rule = f" (Regel {decision.rule.priority})"
    yield (
        f"Frist: {_hours(decision.completion_hours, unit)}{by_rule} {basis} → "
        f"{_moment(decision.due_at, town)}."
    )


def _days_off(case: CaseFacts, decision: Decision) -> str:
    days = decision.office.calendar.days_off_between(case.at, decision.due_at)
    if not days:
        return ""
    named = [f"{_day(day)} {reason}" for day, reason in days[:MOST_DAYS_NAMED]]
    if len(days) > MOST_DAYS_NAMED:
        named.append(f"{len(days) - MOST_DAYS_NAMED} weitere Tage")
    return f" (frei: {', '.join(named)})"


def _hours(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}n"


def _day(day: object) -> str:
    return f"{day:%d.%m.%Y}"


def _moment(moment: datetime, town: TownFacts) -> str:
    return f"{moment.astimezone(ZoneInfo(town.time_zone)):%d.%m.%Y %H:%M}"
