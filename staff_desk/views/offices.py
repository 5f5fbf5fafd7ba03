"""The assistant for administrators when offices are renamed, merged or split."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Office, Role, RoleAssignment
from reports.actions.change_offices import (
    ChangeNotOpen,
    OfficesUnsuitable,
    discard_change,
    plan_change,
    start_change,
)
from reports.lifecycle import OPEN
from reports.models import Report
from reports.office_changes import OfficeChange, OfficeMove
from reports.policies import NotPermitted, Staff
from reports.queries.office_plans import changes_of, find_change, preview_of
from routing.models import Area, AreaLevel, Category
from routing.office_rules import PlannedRules
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk
from staff_desk.office_forms import FORMS, ChangeForm
from staff_desk.parameters import whole_number

# The words of the address and the heading of its page.
KINDS = {
    "umbenennen": (OfficeChange.Kind.RENAME, gettext_lazy("Amt umbenennen")),
    "zusammenlegen": (OfficeChange.Kind.MERGE, gettext_lazy("Ämter zusammenlegen")),
    "teilen": (OfficeChange.Kind.SPLIT, gettext_lazy("Amt teilen")),
}
_UNSUITABLE = {
    "gone": gettext_lazy("Eines der Ämter gibt es nicht mehr."),
    "dispatch": gettext_lazy("Die Dispositionsstelle bleibt; sie kann nicht aufgehen."),
    "same": gettext_lazy("Ein Amt kann nicht in sich selbst aufgehen."),
    "key": gettext_lazy("Diesen Schlüssel hat schon ein Amt."),
    "nothing": gettext_lazy("Bitte wählen Sie aus, was mitgeht."),
    "name": gettext_lazy("So heißt das Amt schon."),
}
SHOWN_MOVES = 200


def _administers(staff: Staff) -> bool:
    return staff.has(Role.ADMIN)


@desk_page(needs=_administers)
def offices(request: DeskRequest) -> HttpResponse:
    """The offices of today with their earlier names, and what was changed or is under way."""
    context = {
        "offices": _offices(request, names=True),
        "changes": changes_of(request.desk.town.pk),
        "kinds": [{"word": word, "label": label} for word, (_kind, label) in KINDS.items()],
    }
    return render_desk(request, "staff_desk/offices.html", context, current="offices")


@desk_page("GET", "HEAD", "POST", needs=_administers)
def plan(request: DeskRequest, kind: str) -> HttpResponse:
    """The form of one kind of change; sending it only plans, and shows what would happen."""
    if kind not in KINDS:
        raise Http404
    code, heading = KINDS[kind]
    form = _form(request, code)
    if request.method == "POST" and form.is_valid():
        try:
            change = plan_change(
                kind=code,
                office=form.chosen(),
                target=form.target(),
                plan=form.plan(),
                reason=form.cleaned_data["reason"],
                by=request.desk.user,
                now=timezone.now(),
            )
        except OfficesUnsuitable as unsuitable:
            form.add_error(None, _UNSUITABLE[unsuitable.why])
        else:
            return redirect("staff_desk:office_change", change.pk)
    context = {"form": form, "heading": heading, "kind": kind}
    status = 422 if form.errors else 200
    return render_desk(
        request, "staff_desk/office_plan.html", context, current="offices", status=status
    )


@desk_page("GET", "HEAD", "POST", needs=_administers)
def change(request: DeskRequest, change_id: int) -> HttpResponse:
    """Before: what would be moved. While it runs: how far it is. After: what was moved."""
    found = find_change(request.desk.town.pk, change_id)
    if found is None:
        raise Http404
    if request.method == "POST":
        return _decide(request, found)
    is_planned = found.state == OfficeChange.State.PLANNED
    preview = preview_of(found, timezone.now()) if is_planned else None
    moves = OfficeMove.objects.filter(change=found).select_related("report", "to_office")
    context = {
        "change": found,
        "heading": next(label for kind, label in KINDS.values() if kind == found.kind),
        "sources": Office.objects.filter(pk__in=found.plan.get("sources", [])),
        "is_planned": is_planned,
        "preview": preview,
        "told": preview or found.plan.get("told"),
        "names": _names(found) if found.kind == OfficeChange.Kind.RENAME else [],
        "moves": moves.order_by("pk")[:SHOWN_MOVES],
        "is_running": found.state == OfficeChange.State.RUNNING,
    }
    return render_desk(request, "staff_desk/office_change.html", context, current="offices")


def _names(change: OfficeChange) -> list[dict[str, Any]]:
    """Number, name and short name before and after a rename, whether it is done or not."""
    labels = {"number": _("Nummer"), "name": _("Name"), "short_name": _("Kurzname")}
    before = change.plan.get("old") or {name: getattr(change.office, name) for name in labels}
    return [
        {"label": label, "before": before[name], "after": change.plan[name]}
        for name, label in labels.items()
    ]


def _decide(request: DeskRequest, found: OfficeChange) -> HttpResponse:
    by, now = request.desk.user, timezone.now()
    try:
        if request.POST.get("was") == "verwerfen":
            discard_change(found.pk, by=by)
            messages.success(request, _("Der Plan ist verworfen; nichts hat sich geändert."))
            return redirect("staff_desk:offices")
        start_change(found.pk, by=by, now=now)
        messages.success(request, _("Die Änderung läuft. Sie können diese Seite verlassen."))
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except ChangeNotOpen:
        messages.warning(
            request, _("Das geht nicht: Sie ist schon entschieden, oder eine andere läuft noch.")
        )
    except OfficesUnsuitable as unsuitable:
        messages.warning(request, _UNSUITABLE[unsuitable.why])
    except PlannedRules:
        messages.warning(
            request,
            _("Eine Fassung der Regeln, die später beginnt, nennt das Amt. Sagen Sie sie erst ab."),
        )
    return redirect("staff_desk:office_change", found.pk)


def _form(request: DeskRequest, kind: OfficeChange.Kind) -> ChangeForm:
    offices = _offices(request)
    chosen = next((each for each in offices if str(each.pk) == request.GET.get("amt")), None)
    more: dict[str, Any] = {"initial": _as_it_is(chosen) if chosen else {}}
    if kind == OfficeChange.Kind.SPLIT:
        town = request.desk.town
        office_id = whole_number(request.POST.get("office", "")) or (chosen.pk if chosen else None)
        more |= {
            "categories": list(
                Category.objects.filter(municipality=town, parent__isnull=False).select_related(
                    "parent"
                )
            ),
            "areas": list(_areas(request)),
            "people": _people(request, office_id),
            "cases": _open_numbers(request, office_id) if office_id else {},
        }
    return FORMS[kind](request.POST or None, offices=offices, **more)


def _as_it_is(office: Office) -> dict[str, Any]:
    """What a form begins with when the page of offices led to it."""
    names = {name: getattr(office, name) for name in ("number", "name", "short_name")}
    return names | {"office": office.pk}


def _areas(request: DeskRequest) -> QuerySet[Area]:
    """What people call an area; of parcels and roads a town has thousands."""
    rows = Area.objects.valid_on(_today(request)).filter(municipality=request.desk.town)
    rows = rows.filter(level__in=[AreaLevel.DISTRICT, AreaLevel.BEAT])
    return rows.order_by("level", "name").only("pk", "name")


def _people(request: DeskRequest, office_id: int | None) -> list[tuple[int, str]]:
    """Who works in an office; before one is chosen those of all, with the name of theirs."""
    rows = RoleAssignment.objects.filter(municipality=request.desk.town, office__isnull=False)
    rows = rows.select_related("user", "office")
    if office_id is not None:
        mine = rows.filter(office=office_id).order_by("user__last_name", "user__first_name")
        return list(dict.fromkeys((row.user_id, str(row.user)) for row in mine))
    rows = rows.order_by("office__number", "user__last_name", "user__first_name")
    found = {row.user_id: f"{row.user} ({row.office.label})" for row in rows if row.office}
    return list(found.items())


def _open_numbers(request: DeskRequest, office_id: int) -> dict[str, int]:
    """Open cases of the office by number, as far as they were typed in."""
    words = str(request.POST.get("numbers", "")).upper().replace(",", " ").replace(";", " ")
    rows = Report.objects.filter(
        municipality=request.desk.town,
        office=office_id,
        number__in=words.split()[:500],
        status__in=OPEN,
    )
    return dict(rows.values_list("number", "pk"))


def _offices(request: DeskRequest, *, names: bool = False) -> list[Office]:
    rows = Office.objects.valid_on(_today(request)).filter(municipality=request.desk.town)
    rows = rows.order_by("number", "name")
    return list(rows.prefetch_related("former_names", "predecessors") if names else rows)


def _today(request: DeskRequest) -> date:
    return timezone.now().astimezone(request.desk.town.tz).date()
