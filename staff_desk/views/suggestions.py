"""Suggested kinds of report: for a call that is being taken down, and how good they are."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from reports.draft import TEXT_LIMIT
from reports.policies import may_enter
from reports.queries.suggested import Suggested, suggested_kinds
from routing import catalogue
from routing.catalogue import CategoryInfo
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk
from staff_desk.parameters import plain
from suggestion import versions
from suggestion.learning_limits import FEWEST_CASES
from suggestion.models import Outcome, SuggestionModel


@desk_page("POST", needs=may_enter)
def suggest(request: DeskRequest) -> HttpResponse:
    """What was typed so far, as kinds of report that fit; the text is not kept."""
    text = plain(request.POST.get("description", ""))[:TEXT_LIMIT]
    categories = catalogue.offered_categories(request.desk.town.pk)
    found = suggested_kinds(request.desk.town, text, categories, now=timezone.now())
    return JsonResponse({"suggestions": suggestion_values(found)})


@desk_page()
def model_card(request: DeskRequest) -> HttpResponse:
    """What the model in use has learned from, how often it is right, and what it mixes up."""
    town = request.desk.town
    rows = versions.newest_versions(town.pk)
    in_use = next((row for row in rows if row.outcome == Outcome.ACTIVE), None)
    context: dict[str, Any] = {
        "model": in_use,
        "versions": rows,
        "fewest_cases": FEWEST_CASES,
        **(_figures(in_use, _names(town.pk)) if in_use else {}),
    }
    return render_desk(request, "staff_desk/model_card.html", context, current="model_card")


def suggestion_values(found: Suggested) -> list[dict[str, Any]]:
    """Code, name and group for the page; `sure` where the first alone is as good as was asked."""
    return [
        {
            "code": each.kind.code,
            "name": each.kind.name,
            "group": each.group.name if each.group else "",
            # Nobody should read a computed share as certainty.
            "percent": None if each.probability is None else min(99, round(100 * each.probability)),
            "sure": found.is_sure and place == 0,
        }
        for place, each in enumerate(found.kinds)
    ]


def _figures(model: SuggestionModel, names: Mapping[str, str]) -> dict[str, Any]:
    found = model.findings
    shares = ("right_first", "right_among_three", "offered", "offered_right_among_three")
    return {
        "judged_cases": found["judged_cases"],
        "percent": {name: _percent(found[name]) for name in (*shares, "sure", "sure_right")}
        | {"precision": _percent(model.precision), "silent": _percent(1 - found["offered"])},
        "kinds": [
            {
                "name": names.get(row["code"], row["code"]),
                "cases": row["cases"],
                "right_first": _percent(row["right_first"]),
                "right_among_three": _percent(row["right_among_three"]),
            }
            for row in found["by_category"]
        ],
        "confusions": [
            {
                "is": names.get(row["is"], row["is"]),
                "taken_for": names.get(row["taken_for"], row["taken_for"]),
                "cases": row["cases"],
            }
            for row in found["confusions"]
        ],
    }


def _names(town_id: int) -> dict[str, str]:
    categories: Sequence[CategoryInfo] = catalogue.offered_categories(town_id)
    return {leaf.code: leaf.name for top in categories for leaf in top.children or (top,)}


def _percent(share: float) -> int:
    return round(100 * share)
