"""What a town tells everybody of its figures: chosen by the town, whole months, nothing small."""

import json
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.towns import town_of
from figures import charts
from figures.period import Period, month_name
from figures.public import Published, published
from public_web.kinds import shown_kinds
from public_web.views.map_page import map_settings
from reports.queries import public

TABLES = ("categories", "districts", "offices")


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """The page; a town that publishes no figures says so."""
    town = town_of(request)
    found = published(town.slug)
    context: dict[str, Any] = {"found": found}
    if found is not None:
        context |= _context(found, town)
    return render(request, "public_web/statistics.html", context)


@require_safe
def cells(request: HttpRequest) -> HttpResponse:
    """Outlines of the cells in which often something is reported, for the map (RFC 7946)."""
    town = town_of(request)
    found = published(town.slug)
    grid = found.content.get("grid") if found else None
    if not grid:
        raise Http404
    # The districts are the ground on which the cells lie.
    ground = [
        {
            "type": "Feature",
            "geometry": json.loads(outline.geometry),
            "properties": {"name": outline.name},
        }
        for outline in public.districts(town.slug)
    ]
    features = ground + [
        {
            "type": "Feature",
            "geometry": cell["outline"],
            "properties": {"name": number_format(cell["count"]), "count": cell["count"]},
        }
        for cell in grid["cells"]
    ]
    return HttpResponse(
        json.dumps({"type": "FeatureCollection", "features": features}),
        content_type="application/geo+json",
        headers={"Cache-Control": "public, max-age=300"},
    )


def _context(found: Published, town: Any) -> dict[str, Any]:
    content = found.content
    period = Period(date.fromisoformat(content["first"]), date.fromisoformat(content["last"]))
    kinds = shown_kinds(town)
    months = [
        (_month(row["month"]), row["received"], row["closed"]) for row in content["months"]["rows"]
    ]
    grid = content.get("grid") or {}
    return {
        "period": period,
        "minimum": content["minimum"],
        "note": content["note"],
        "totals": _quality(content["totals"]),
        "counts": [
            (_("eingegangen"), _told(content["totals"]["received"]),
             _told(content["totals_before"]["received"])),
            (_("abgeschlossen"), _told(content["totals"]["closed"]),
             _told(content["totals_before"]["closed"])),
            (_("offen am Ende"), _told(content["totals"]["open"]),
             _told(content["totals_before"]["open"])),
        ],
        "months": [(name, _told(came), _told(ended)) for name, came, ended in months],
        "month_chart": charts.columns(
            _("Eingegangen und abgeschlossen je Monat"),
            [name[:3] for name, _came, _ended in months],
            [
                (_("eingegangen"), [came for _name, came, _ended in months]),
                (_("abgeschlossen"), [ended for _name, _came, ended in months]),
            ],
            name="months",
        ),
        "tables": [_table(name, content[name], kinds) for name in TABLES if name in content],
        "has_map": bool(grid.get("cells")),
        "grid": grid,
        "cells": [(cell["district"], cell["count"]) for cell in grid.get("cells", [])[:20]],
        **map_settings(town),
        "areas_url": reverse("public_web:statistics_cells"),
        "reports_url": "",
    }  # fmt: skip


def _table(name: str, table: dict[str, Any], kinds: Any) -> dict[str, Any]:
    titles = {
        "categories": (_("Nach Anliegenart"), _("Anliegenart")),
        "districts": (_("Nach Stadtteil"), _("Stadtteil")),
        "offices": (_("Nach Amt"), _("Amt")),
    }
    title, first = titles[name]
    rows = []
    for row in table["rows"]:
        label = kinds.name(row["key"], row["name"]) if name == "categories" else row["name"]
        rows.append(
            {
                "name": label or _("ohne Zuordnung"),
                "received": _told(row["received"]),
                "closed": _told(row["closed"]),
                "half": _days(row.get("completion_days_half")),
                "most": _days(row.get("completion_days_nine_of_ten")),
            }
        )
    chart = charts.bars(
        _("Eingegangen: %(what)s") % {"what": title},
        [(rows[place]["name"], row["received"]) for place, row in enumerate(table["rows"])],
    )
    return {
        "id": name,
        "title": title,
        "first": first,
        "rows": rows,
        "chart": chart,
        "withheld": table["withheld"],
        "with_times": any("completion_days_half" in row for row in table["rows"]),
    }


def _quality(totals: dict[str, Any]) -> list[tuple[str, str]]:
    told = [
        (_("Erste Antwort bei der Hälfte nach"), _days(totals.get("answer_days_half"))),
        (_("Erste Antwort in der Frist"), _share(totals.get("answer_kept_percent"))),
        (_("Abgeschlossen bei der Hälfte nach"), _days(totals.get("completion_days_half"))),
        (
            _("Abgeschlossen bei neun von zehn nach"),
            _days(totals.get("completion_days_nine_of_ten")),
        ),
        (_("In der Frist abgeschlossen"), _share(totals.get("completion_kept_percent"))),
        (_("Wieder aufgenommen"), _share(totals.get("reopened_percent"))),
        (_("„Stimmt das?“ mit Ja beantwortet"), _share(totals.get("fixed_percent"))),
    ]
    return [(label, value) for label, value in told if value]


def _told(count: int | None) -> str:
    return "…" if count is None else number_format(count, force_grouping=True)


def _days(days: float | None) -> str:
    if days is None:
        return ""
    shown = number_format(days, decimal_pos=0 if days == int(days) else 1)
    return _("%(days)s Tagen") % {"days": shown}


def _share(percent: int | None) -> str:
    return "" if percent is None else f"{percent} %"


def _month(code: str) -> str:
    year, month = code.split("-")
    return f"{month_name(date(int(year), int(month), 1))} {year}"
