"""A management report ready to be shown, on the page and on paper, from what it has kept.

Words are those of the reader's language, figures those that were frozen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from figures import charts, wording
from figures.charts import Chart
from figures.measures import LABELS
from figures.models import ManagementReport
from figures.period import Period, month_name
from figures.report_sections import SECTIONS, measures_of, rows_of
from leases.models import WorkState

TABLE_COLUMNS = ("received", "closed", "open", "answer_share", "completion_p50", "completion_share")


@dataclass(frozen=True)
class Table:
    """A breakdown in words; every line as long as `columns`."""

    title: str
    first_column: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True)
class Progress:
    """How far a report is: so many of so many parts, or given up."""

    done: int
    parts: int
    is_ready: bool
    has_failed: bool


def progress_of(report: ManagementReport) -> Progress:
    """Read from the row, which is the truth whoever works on it."""
    done = sum(name in report.figures for name in SECTIONS) + (report.basis_count is not None)
    is_ready = report.state == WorkState.DONE
    return Progress(done, len(SECTIONS) + 1, is_ready, report.state == WorkState.DEAD)


def report_context(report: ManagementReport) -> dict[str, Any]:
    """Everything a finished report shows."""
    period = Period(report.first, report.last)
    totals = report.figures["totals"]
    few = bool(report.figures.get("all_few"))
    now, before, year_before = (
        measures_of(totals[name], few=few) for name in ("period", "before", "year_before")
    )
    return {
        "report": report,
        "period": period,
        "lines": list(wording.lines(now, before, year_before)),
        "sentences": _sentences(now, before),
        "tables": list(_tables(report)),
        "months": [_month(values) for values in report.figures["months"]],
        "month_chart": _month_chart(report.figures["months"]),
        "age_chart": _age_chart(report.figures["ages"]),
        "ages": [(_age(values), values["count"]) for values in report.figures["ages"]],
        "group_chart": charts.bars(
            _("Eingegangen nach Gruppe"),
            [(row.name, row.measures.received) for row in rows_of(report.figures, "groups")],
        ),
        "forecast": _forecast(report.figures["forecast"]),
        "few_people": few or bool(report.figures.get("few_people")),
    }


def _sentences(now: Any, before: Any) -> list[str]:
    """The three sentences a mayor reads if nothing else."""
    told = [
        _("Eingegangen sind %(now)s Meldungen (davor %(before)s), abgeschlossen wurden %(closed)s.")
        % {
            "now": wording.written("received", now),
            "before": wording.written("received", before),
            "closed": wording.written("closed", now),
        }
    ]
    if now.completion_p50 is not None:
        told.append(
            _("Bei der Hälfte dauerte es höchstens %(half)s, bei neun von zehn höchstens %(most)s.")
            % {
                "half": wording.written("completion_p50", now),
                "most": wording.written("completion_p90", now),
            }
        )
    if now.completion_share is not None:
        told.append(
            _("In der Frist abgeschlossen wurden %(share)s (davor %(before)s).")
            % {
                "share": wording.written("completion_share", now),
                "before": wording.written("completion_share", before),
            }
        )
    return told


def _tables(report: ManagementReport) -> Sequence[Table]:
    titles = {
        "groups": (_("Nach Gruppe"), _("Gruppe"), ""),
        "categories": (_("Nach Anliegenart"), _("Anliegenart"), ""),
        "offices": (_("Nach Amt"), _("Amt"), ""),
        "districts": (_("Nach Stadtteil"), _("Stadtteil"), ""),
        "sources": (_("Nach Eingang"), _("Eingang über"), "eingang"),
    }
    columns = [str(LABELS[name]) for name in TABLE_COLUMNS]
    made = []
    for section, (title, first, dimension) in titles.items():
        if section == "offices" and report.office_id:
            continue  # one line: the totals once more
        rows = [
            (
                wording.key_name(dimension, row.name),
                [wording.written(name, row.measures) for name in TABLE_COLUMNS],
            )
            for row in rows_of(report.figures, section)
        ]
        made.append(Table(title, first, columns, rows))
    return made


def _month(values: dict[str, Any]) -> tuple[str, int, int]:
    first = date.fromisoformat(values["first"])
    return f"{month_name(first)} {first.year}", values["received"], values["closed"]


def _month_chart(months: Sequence[dict[str, Any]]) -> Chart:
    return charts.columns(
        _("Eingegangen und abgeschlossen je Monat"),
        [_month(values)[0][:3] for values in months],
        [
            (_("eingegangen"), [values["received"] for values in months]),
            (_("abgeschlossen"), [values["closed"] for values in months]),
        ],
        name="months",
    )


def _age_chart(ages: Sequence[dict[str, Any]]) -> Chart:
    return charts.bars(
        _("Offene Vorgänge nach Alter"), [(_age(values), values["count"]) for values in ages]
    )


def _age(values: dict[str, Any]) -> str:
    return wording.age_name(values["from_days"], values["to_days"])


def _forecast(values: dict[str, Any]) -> list[str]:
    return wording.forecast_words(
        values["within50"], values["judged50"], values["within90"], values["judged90"]
    )
