"""The filters and pages of the list beside the map, as words of the address and as select fields.

The map asks for its points with the same words, so list and map always show the same reports.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.lifecycle import Status
from reports.queries.public_filters import Filters, FiltersInvalid, read_filters
from reports.queries.public_services import ServiceFacts
from routing.models import PublicationPolicy

SHOWN = ("category", "status", "since")
PERIODS_DAYS = (7, 30, 90, 365)
SHOWN_STATUSES = (
    Status.RECEIVED,
    Status.IN_PROGRESS,
    Status.WAITING,
    Status.DONE,
    Status.REJECTED,
    Status.DUPLICATE,
)
PAGE, PAGES_BEFORE = "seite", "davor"
FIRST_PAGE = "-"
REMEMBERED_PAGES = 25  # cursors are long, and so may an address not become


@dataclass(frozen=True)
class Asked:
    """What a visitor chose: the filters, the words behind them, and what made no sense."""

    filters: Filters
    words: Mapping[str, str]
    faults: Mapping[str, str]

    @property
    def is_filtered(self) -> bool:
        return bool(self.words)


def asked_filters(query: Mapping[str, str], today: date) -> Asked:
    """Read the list's filters; where one makes no sense all are left out and the fault is named."""
    words = {name: query[name] for name in SHOWN if query.get(name, "").strip()}
    try:
        return Asked(read_filters(with_period(words, today)), words, {})
    except FiltersInvalid as invalid:
        faults = {name: str(fault.message) for name, fault in invalid.faults.items()}
        return Asked(Filters(), words, faults)


def with_period(words: Mapping[str, str], today: date) -> dict[str, str]:
    """`since=30` stands for a number of days; days and moments go through as they are."""
    days = words.get("since", "").strip()
    if not days.isascii() or not days.isdigit() or len(days) > 4:
        return dict(words)
    return {**words, "since": (today - timedelta(days=int(days))).isoformat()}


def select_fields(groups: Iterable[ServiceFacts], words: Mapping[str, str]) -> list[dict[str, Any]]:
    """The three select fields above the map, with what is chosen now."""
    return [
        _field("category", _("Anliegenart"), words, [("", _("alle Arten")), *_kinds(groups)]),
        _field("status", _("Stand"), words, _statuses()),
        _field("since", _("Zuletzt geändert"), words, _periods()),
    ]


def page_links(query: Mapping[str, str], next_cursor: str | None) -> tuple[str, str]:
    """Addresses of the page before and of the next one; empty where there is none.

    Keyset pages know only the way forward, so the address remembers the pages already seen.
    """
    words = {name: query[name] for name in SHOWN if query.get(name)}
    here = query.get(PAGE) or FIRST_PAGE
    before = [word for word in query.get(PAGES_BEFORE, "").split(",") if word]
    before = before[-REMEMBERED_PAGES:]
    back = _address(words, before[-1], before[:-1]) if before else ""
    onward = _address(words, next_cursor, [*before, here]) if next_cursor else ""
    return back, onward


def _address(words: Mapping[str, str], page: str, before: list[str]) -> str:
    pages = {} if page == FIRST_PAGE else {PAGE: page, PAGES_BEFORE: ",".join(before)}
    return "?" + urlencode({**words, **pages})


def _field(
    name: str, label: str, words: Mapping[str, str], options: Iterable[tuple[str, str]]
) -> dict[str, Any]:
    chosen = words.get(name, "")
    return {
        "name": name,
        "label": label,
        "options": [
            {"value": value, "label": text, "selected": value == chosen} for value, text in options
        ],
    }


def _kinds(groups: Iterable[ServiceFacts]) -> Iterable[tuple[str, str]]:
    for group in groups:
        shown = [kind for kind in group.children or (group,) if _may_appear(kind)]
        if shown and group.is_group:
            yield group.code, group.name
        for kind in shown:
            yield kind.code, f"– {kind.name}" if group.is_group else kind.name


def _may_appear(kind: ServiceFacts) -> bool:
    return kind.policy != PublicationPolicy.NEVER


def _statuses() -> Iterable[tuple[str, str]]:
    yield "", _("jeder Stand")
    yield "open", _("alle offenen")
    yield "closed", _("alle abgeschlossenen")
    for status in SHOWN_STATUSES:
        yield status.value, str(status.label)


def _periods() -> Iterable[tuple[str, str]]:
    yield "", _("irgendwann")
    for days in PERIODS_DAYS:
        if days == 365:
            yield str(days), _("in den letzten 12 Monaten")
        else:
            text = ngettext("seit gestern", "in den letzten %(days)d Tagen", days)
            yield str(days), text % {"days": days}
