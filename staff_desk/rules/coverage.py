"""Who decides for which category in which district: a grid with past cases, also as CSV."""

import csv
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Office
from reports.policies import may_draft_rules
from reports.queries.replays import cases_by_cell
from routing.rules.checks import Cell
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk
from staff_desk.rules.findings import TownChecks
from staff_desk.rules.pages import set_context, set_or_404

PAST = timedelta(days=365)
LEVELS = 4
# Where there are hardly any cases, none of them is many.
LEAST_MOST = 12


@desk_page(needs=may_draft_rules)
def coverage(request: DeskRequest, set_id: int) -> HttpResponse:
    """The grid of a set of rules with the cases of the last year."""
    found = set_or_404(request, set_id)
    now, town = timezone.now(), request.desk.town
    checks = TownChecks(town, found, now)
    cells = checks.cells()
    counts = cases_by_cell(town.pk, now - PAST)
    most = max([counts.get(key_of(cell), 0) for cell in cells], default=0)
    numbers = {row.pk: short_of(row) for row in Office.objects.filter(municipality=town)}
    wide = len(checks.districts) or 1
    rows = [cells[start : start + wide] for start in range(0, len(cells), wide)]
    context = set_context(request, found) | {
        "districts": checks.districts,
        "rows": [
            {
                "category": row[0].category,
                "cells": [_drawn(cell, counts.get(key_of(cell), 0), most, numbers) for cell in row],
            }
            for row in rows
        ],
        "totals": [(basis, sum(cell.basis == basis for cell in cells)) for basis in _SIGNS],
        "legend": [(_SIGNS[basis], words) for basis, words in _words().items()],
        "offices": sorted({(numbers[cell.office.id], cell.office.label) for cell in cells}),
    }
    return render_desk(request, "staff_desk/rules/coverage.html", context, current="rules")


@desk_page(needs=may_draft_rules)
def coverage_table(request: DeskRequest, set_id: int) -> HttpResponse:
    """The same grid as CSV, a line for each category and district."""
    found = set_or_404(request, set_id)
    now, town = timezone.now(), request.desk.town
    cells = TownChecks(town, found, now).cells()
    counts = cases_by_cell(town.pk, now - PAST)
    name = f"{town.slug}-abdeckung-{found.version or 'entwurf'}.csv"
    return as_csv(name, _lines(cells, counts))


def as_csv(name: str, lines: Iterator[Sequence[object]]) -> HttpResponse:
    """A table as a file (RFC 4180, with the mark that lets Excel read umlauts)."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response.write("\ufeff")
    csv.writer(response).writerows([_harmless(cell) for cell in line] for line in lines)
    return response


def heat(count: int, most: int) -> int:
    """How strongly a number is shaded, 0 (none) to LEVELS; the page says the number as well."""
    return min(LEVELS, -(-LEVELS * count // max(most, LEAST_MOST)))


def short_of(office: Office) -> str:
    """An office in a narrow column."""
    return office.number or office.short_name or office.name


def key_of(cell: Cell) -> tuple[int, str]:
    """A cell as cases_by_cell counts it."""
    return cell.category.id, cell.district.key


_SIGNS = {"rule": "●", "category": "○", "dispatch": "△"}


def _words() -> dict[str, str]:
    return {
        "rule": _("eine Regel"),
        "category": _("das Amt der Anliegenart"),
        "dispatch": _("niemand: die Dispositionsstelle"),
    }


def _drawn(cell: Cell, count: int, most: int, numbers: dict[int, str]) -> dict[str, Any]:
    return {
        "sign": _SIGNS[cell.basis],
        "basis": cell.basis,
        "words": _words()[cell.basis],
        "office": numbers[cell.office.id],
        "label": cell.office.label,
        "rule": cell.rule,
        "exceptions": len(cell.exceptions),
        "count": count,
        "heat": heat(count, most),
    }


def _lines(
    cells: Sequence[Cell], counts: dict[tuple[int, str | None], int]
) -> Iterator[Sequence[object]]:
    yield (
        *(_("Code"), _("Anliegenart"), _("Gebiet"), _("Amt"), _("entschieden durch")),
        *(_("Rang"), _("Regel"), _("Ränge der Ausnahmen"), _("Fälle im letzten Jahr")),
    )
    words = _words()
    for cell in cells:
        yield (
            *(cell.category.code, cell.category.name, cell.district.name, cell.office.label),
            words[cell.basis],
            *((cell.rule.priority, cell.rule.name) if cell.rule else ("", "")),
            " ".join(str(each.priority) for each in cell.exceptions),
            counts.get(key_of(cell), 0),
        )


def _harmless(cell: object) -> object:
    """Text that a spreadsheet would take for a formula is marked as text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@"} else cell
