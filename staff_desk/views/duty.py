"""The on-call plan: a grid of weeks and ranks for people who plan, and the gaps in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from accounts.models import Office, User
from reports.policies import may_plan_duty
from reports.queries.presence import colleagues
from routing.calendar import Span
from routing.duty_plan import (
    RANKS,
    WEEK,
    Plan,
    Slot,
    copy_week,
    gaps,
    put,
    slots,
    span_of,
    swap_weeks,
    week_of,
)
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk
from staff_desk.parameters import whole_number

WEEKS_SHOWN = 8
MIXED = "mixed"  # several people share the week
FARTHEST = timedelta(days=3 * 366)


@dataclass(frozen=True)
class Cell:
    """A rank in a week: who has all of it, else the parts in words."""

    name: str
    rank: int
    value: str
    parts: Sequence[Slot]


@dataclass(frozen=True)
class Row:
    """A week of the grid with what nobody covers in it."""

    first: date
    last: date
    cells: Sequence[Cell]
    gaps: Sequence[Span]
    is_now: bool


@desk_page("GET", "HEAD", "POST", needs=may_plan_duty)
def plan(request: DeskRequest) -> HttpResponse:
    """Eight weeks by rank; saving writes only the cells that were changed on the page."""
    sent = request.POST if request.method == "POST" else request.GET
    offices = list(Office.objects.filter(municipality=request.desk.town).order_by("number", "name"))
    chosen = next((each for each in offices if each.pk == whole_number(sent.get("amt", ""))), None)
    on = Plan(request.desk.town, chosen)
    first = week_of(request.desk.town, _day(sent.get("ab", "")) or timezone.localdate())
    if request.method == "POST":
        people = {str(person.pk): person for person in colleagues(request.desk.staff)}
        problem = _change(on, request.POST, people)
        if problem:
            messages.warning(request, problem)
        else:
            messages.success(request, _("Der Bereitschaftsplan ist gespeichert."))
        return redirect(_address(chosen, first))
    context = {
        "offices": offices,
        "office": chosen,
        "first": first,
        "ranks": RANKS,
        "people": colleagues(request.desk.staff),
        "rows": list(_rows(on, first)),
        "earlier": _address(chosen, first - WEEKS_SHOWN * WEEK),
        "later": _address(chosen, first + WEEKS_SHOWN * WEEK),
        "today": _address(chosen, None),
    }
    return render_desk(request, "staff_desk/duty.html", context, current="duty")


def _rows(on: Plan, first: date) -> Iterator[Row]:
    this_week = week_of(on.town, timezone.localdate())
    whole = (span_of(on.town, first)[0], span_of(on.town, first + WEEKS_SHOWN * WEEK)[0])
    planned = slots(on, whole)
    # What is past cannot be planned any more.
    ahead = (max(whole[0], timezone.now()), whole[1])
    uncovered = gaps(on, ahead) if ahead[0] < ahead[1] else []
    for number in range(WEEKS_SHOWN):
        week = first + number * WEEK
        span = span_of(on.town, week)
        yield Row(
            first=week,
            last=week + timedelta(days=6),
            cells=[_cell(week, rank, span, planned) for rank in RANKS],
            gaps=[_clip(gap, span) for gap in uncovered if gap[0] < span[1] and gap[1] > span[0]],
            is_now=week == this_week,
        )


def _cell(week: date, rank: int, span: Span, planned: Sequence[Slot]) -> Cell:
    here = [
        slot
        for slot in planned
        if slot.rank == rank and slot.starts_at < span[1] and slot.ends_at > span[0]
    ]
    whole = [slot for slot in here if slot.starts_at <= span[0] and slot.ends_at >= span[1]]
    name = f"{week.isoformat()}_{rank}"
    if not here:
        return Cell(name, rank, "", [])
    if len(here) == 1 and whole:
        return Cell(name, rank, str(here[0].person_id), [])
    return Cell(name, rank, MIXED, here)


def _clip(gap: Span, span: Span) -> Span:
    return max(gap[0], span[0]), min(gap[1], span[1])


def _change(on: Plan, sent: QueryDict, people: dict[str, User]) -> str:
    """Do what the button says; returns what is wrong with it, in words."""
    target = _day(sent.get("vorwoche", ""))
    if target is not None:
        copy_week(on, source=target - WEEK, target=target)
        return ""
    if "tauschen" in sent:
        return _swap(on, sent)
    if "vertreten" in sent:
        return _replace(on, sent, people)
    for week, rank, person in _changed_cells(on, sent, people):
        put(on, rank=rank, span=span_of(on.town, week), person=person)
    return ""


def _changed_cells(
    on: Plan, sent: QueryDict, people: dict[str, User]
) -> Iterator[tuple[date, int, User | None]]:
    """Cells whose choice differs from what was on the page: what others planned stays."""
    for name in sent:
        value = sent.get(name, "")
        if not name.startswith("woche_") or value == sent.get(f"vorher_{name[6:]}", ""):
            continue
        day, _mark, rank = name[6:].partition("_")
        week = _day(day)
        if (
            week is None
            or rank not in {str(each) for each in RANKS}
            or week_of(on.town, week) != week
        ):
            continue
        if value in people or not value:
            yield week, int(rank), people.get(value)


def _swap(on: Plan, sent: QueryDict) -> str:
    one, other = _day(sent.get("eine", "")), _day(sent.get("andere", ""))
    if one is None or other is None or one == other:
        return _("Bitte zwei verschiedene Wochen wählen.")
    swap_weeks(on, one=week_of(on.town, one), other=week_of(on.town, other))
    return ""


def _replace(on: Plan, sent: QueryDict, people: dict[str, User]) -> str:
    start, end = _moment(on, sent.get("von", "")), _moment(on, sent.get("bis", ""))
    rank = whole_number(sent.get("rang", ""))
    if start is None or end is None or end <= start or end - start > timedelta(days=60):
        return _("Bitte Anfang und Ende angeben; das Ende liegt nach dem Anfang.")
    if rank not in RANKS:
        return _("Bitte einen Rang wählen.")
    put(on, rank=rank, span=(start, end), person=people.get(sent.get("person", "")))
    return ""


def _day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    near = day is not None and abs(day - timezone.localdate()) < FARTHEST
    return day if near else None


def _moment(on: Plan, text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None or moment.tzinfo is not None or _day(moment.date().isoformat()) is None:
        return None
    return moment.replace(tzinfo=on.town.tz)


def _address(office: Office | None, first: date | None) -> str:
    asked = QueryDict(mutable=True)
    if office is not None:
        asked["amt"] = str(office.pk)
    if first is not None:
        asked["ab"] = first.isoformat()
    return f"{reverse('staff_desk:duty')}?{asked.urlencode()}"
