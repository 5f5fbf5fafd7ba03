"""What a trial of rules counted, as the page shows it: sums, ways, changes, hits of each rule."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from reports.replays import RuleReplay
from routing.replay import BASES, CHANGES, Base, Tally
from routing.rules.rows import Rule, RuleSet
from staff_desk.rules.coverage import heat

MOST_WAYS = 15


def result_of(
    rule_set: RuleSet, run: RuleReplay, base: Base, names: Mapping[int, str]
) -> dict[str, Any]:
    """Context of _trial_result.html; one query for the names of rules."""
    tally = Tally.from_stored(run.figures)
    ways = [(way, count) for way, count in tally.ways[base].most_common() if way[0] != way[1]]
    changed = {"priority": _("Dringlichkeit"), "due": _("Fristen"),
               "publication": _("Veröffentlichung oder Vertraulichkeit"),
               "first_look": _("Erstsichtung"), "danger": _("Gefahr")}  # fmt: skip
    return {
        "base": base,
        "comparisons": [_compared(tally, each) for each in BASES],
        "moved": tally.moved(base),
        "ways": [
            (names.get(before, "–"), names.get(to, "–"), count)
            for (before, to), count in ways[:MOST_WAYS]
        ],
        "more_ways": max(0, len(ways) - MOST_WAYS),
        "matrix": matrix_of(tally, base, names),
        "changes": [(changed[each], tally.changes[each]) for each in CHANGES],
        "bases": _bases(tally),
        "hits": _hits(rule_set, tally),
        "looked_at": tally.looked_at,
    }


def matrix_of(tally: Tally, base: Base, names: Mapping[int, str]) -> dict[str, Any]:
    """Cases by office before (rows) and office by the tried rules (columns), with shading.

    Only offices that lose or get a case: a town has dozens of others.
    """
    ways = tally.ways[base]
    moving = {each for before, to in ways if before != to for each in (before, to)}
    offices = sorted(moving, key=lambda each: names.get(each, ""))
    most = max([count for (before, to), count in ways.items() if before != to], default=0)
    return {
        "heads": [names.get(office, "–") for office in offices],
        "rows": [
            (
                names.get(before, "–"),
                [_cell(ways[before, to], before == to, most) for to in offices],
            )
            for before in offices
        ],
    }


def _cell(count: int, stays: bool, most: int) -> dict[str, Any]:
    return {"count": count, "stays": stays, "heat": 0 if stays else heat(count, most)}


def _compared(tally: Tally, base: Base) -> dict[str, Any]:
    words = {
        "live": _("die geltenden Regeln"),
        "first": _("die erste Zuordnung damals"),
        "now": _("das Amt von heute"),
    }
    known, moved = tally.known(base), tally.moved(base)
    return {
        "base": base,
        "words": words[base],
        "known": known,
        "moved": moved,
        "share": 100 * moved / known if known else 0,
    }


def _bases(tally: Tally) -> Sequence[tuple[str, int]]:
    words = {
        "rule": _("eine Regel"),
        "category": _("das Amt der Anliegenart"),
        "dispatch": _("niemand: die Dispositionsstelle"),
    }
    return [(name, tally.bases[basis]) for basis, name in words.items()]


def _hits(rule_set: RuleSet, tally: Tally) -> Sequence[tuple[Rule, int]]:
    rules = Rule.objects.filter(rule_set=rule_set, is_active=True).order_by("priority", "pk")
    return [(rule, tally.hits[rule.pk]) for rule in rules]
