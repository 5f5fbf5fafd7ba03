"""What the page of figures shows, in the order it shows it: lines, charts and their tables."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from figures import charts, wording
from figures.measures import LABELS
from figures.overview import Overview
from figures.period import month_name
from figures.queries import DIMENSION_LABELS, Month, Row
from staff_desk.figures_query import Asked

# The figures of a breakdown, in this order.
COLUMNS = (
    "received", "closed", "open", "answer_p50", "answer_share", "completion_p50", "completion_p90",
    "completion_share", "reopened_share", "fixed_share", "handed_over_share",
)  # fmt: skip
KEY_FIGURES = ("received", "closed", "open", "answer_share", "completion_p50", "completion_share")
# Which cases a figure leads to.
BEHIND_OF = {
    "received": "received", "closed": "closed", "open": "open", "overdue": "overdue",
    "answer_share": "answered_late", "completion_share": "completed_late",
    "reopened_share": "reopened", "fixed_share": "not_fixed", "handed_over_share": "handed_over",
    "duplicate_share": "duplicates",
}  # fmt: skip


def page_context(asked: Asked, told: Overview) -> dict[str, Any]:
    """Everything of the page that is made of figures."""
    lines = list(wording.lines(told.totals, told.before, told.year_before))
    return {
        "told": told,
        "key_lines": [line for line in lines if line.name in KEY_FIGURES],
        "lines": [
            {"line": line, "cases": asked.query(zahl=BEHIND_OF.get(line.name, ""))
             if line.name in BEHIND_OF else ""}
            for line in lines
        ],
        "month_chart": _month_chart(told.months),
        "row_chart": charts.bars(
            _("Eingegangen nach: %(what)s") % {"what": DIMENSION_LABELS[asked.by]},
            [(wording.key_name(asked.by, row.name), row.measures.received) for row in told.rows],
        ),
        "age_chart": charts.bars(
            _("Offene Vorgänge nach Alter"),
            [(wording.age_name(age.from_days, age.to_days), age.count) for age in told.ages],
        ),
        "dimension_label": DIMENSION_LABELS[asked.by],
        "columns": [LABELS[name] for name in COLUMNS],
        "rows": [_row(asked, row) for row in told.rows],
        "months": [(_month(month), month.received, month.closed) for month in told.months],
        "ages": [(wording.age_name(age.from_days, age.to_days), age.count) for age in told.ages],
        "forecast": wording.forecast_words(
            told.forecast.within50, told.forecast.judged50,
            told.forecast.within90, told.forecast.judged90,
        ),
        "csv_months": asked.query(tabelle="monate"),
        "csv_rows": asked.query(tabelle="zeilen"),
        "csv_figures": asked.query(tabelle="zahlen"),
        "csv_ages": asked.query(tabelle="alter"),
        "is_empty": not (told.totals.received or told.totals.closed or told.totals.open),
    }  # fmt: skip


def table_rows(name: str, asked: Asked, told: Overview) -> Iterator[Sequence[object]]:
    """A table of the page as rows for CSV: plain numbers, times in minutes, shares 0 to 1."""
    if name == "monate":
        yield (_("Monat"), _("eingegangen"), _("abgeschlossen"))
        yield from ((f"{m.first:%Y-%m}", m.received, m.closed) for m in told.months)
    elif name == "alter":
        yield (_("Alter in Tagen ab"), _("bis"), _("offen"))
        yield from ((a.from_days, a.to_days or "", a.count) for a in told.ages)
    elif name == "zahlen":
        yield (_("Kennzahl"), asked.period.name, asked.period.before.name,
               asked.period.year_before.name)  # fmt: skip
        for figure, label in LABELS.items():
            periods = (told.totals, told.before, told.year_before)
            yield (str(label), *(_plain(getattr(each, figure)) for each in periods))
    else:
        yield (str(DIMENSION_LABELS[asked.by]), *(str(LABELS[figure]) for figure in COLUMNS))
        for row in told.rows:
            values = (_plain(getattr(row.measures, figure)) for figure in COLUMNS)
            yield (wording.key_name(asked.by, row.name), *values)


def _row(asked: Asked, row: Row) -> dict[str, Any]:
    values = []
    for figure in COLUMNS:
        target = BEHIND_OF.get(figure)
        # A filter for the key of the line; an empty key cannot be asked for.
        value = wording.written(figure, row.measures)
        leads = target and row.key and value != wording.NOTHING
        query = asked.query(zahl=target, **{asked.by.value: row.key}) if target and leads else ""
        values.append((value, query))
    return {"name": wording.key_name(asked.by, row.name), "values": values}


def _month_chart(months: Sequence[Month]) -> charts.Chart:
    return charts.columns(
        _("Eingegangen und abgeschlossen je Monat"),
        [month_name(month.first)[:3] for month in months],
        [
            (_("eingegangen"), [month.received for month in months]),
            (_("abgeschlossen"), [month.closed for month in months]),
        ],
        name="months",
    )


def _month(month: Month) -> str:
    return f"{month_name(month.first)} {month.first.year}"


def _plain(value: float | None) -> float | str:
    if value is None:
        return ""
    return value if isinstance(value, int) else round(value, 3)
