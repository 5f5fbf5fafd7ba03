"""Who is away and who stands in; giving cases back to the office."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.absence import Absence
from accounts.models import User
from reports.actions.arrange_absence import AbsenceInvalid, end_absence, enter_absence
from reports.actions.return_cases import return_cases
from reports.policies import NotPermitted, may_arrange_absence
from reports.queries.presence import absences, colleagues, open_cases_of
from staff_desk.access import DeskRequest, desk_page
from staff_desk.forms import day_field
from staff_desk.navigation import render_desk
from staff_desk.parameters import whole_number

_WORDS = {
    "last_day": gettext_lazy("Bitte einen Tag ab heute und nach dem ersten, höchstens ein Jahr."),
    "deputy": gettext_lazy("Diese Person kann die Vorgänge nicht bearbeiten: anderes Amt."),
}


class AbsenceForm(forms.Form):
    """From when until when, and who stands in; dispatchers also say who."""

    use_required_attribute = False
    person = forms.ChoiceField(label=gettext_lazy("Wer ist abwesend?"))
    first_day = day_field(gettext_lazy("erster Tag"), required=True)
    last_day = day_field(gettext_lazy("letzter Tag"), required=True)
    deputy = forms.ChoiceField(
        label=gettext_lazy("Vertretung"),
        required=False,
        help_text=gettext_lazy("Sieht die Vorgänge unter „Meine“."),
    )

    def __init__(self, data: Any, *, people: list[User], own: int, chooses: bool) -> None:
        super().__init__(data, initial={"person": own})
        self.people = {str(person.pk): person for person in people}
        named = [(str(person.pk), str(person)) for person in people]
        self.fields["deputy"].choices = [("", _("niemand")), *named]  # type: ignore[attr-defined]
        self.fields["person"].choices = named  # type: ignore[attr-defined]
        if not chooses:
            del self.fields["person"]


@desk_page("GET", "HEAD", "POST")
def absence(request: DeskRequest) -> HttpResponse:
    """Own absences and a form; dispatchers see and enter everybody's."""
    staff, today = request.desk.staff, timezone.localdate()
    people = colleagues(staff)
    form = AbsenceForm(
        request.POST if request.method == "POST" else None,
        people=people,
        own=staff.user_id,
        chooses=staff.is_dispatcher,
    )
    if form.is_bound and form.is_valid() and _enter(request, form):
        messages.success(request, _("Die Abwesenheit ist eingetragen."))
        return redirect("staff_desk:absence")
    context = {
        "form": form,
        "people": people if staff.is_dispatcher else [],
        "absences": absences(staff, today=today),
        "open_count": len(open_cases_of(staff, staff.user_id)),
    }
    status = 422 if form.is_bound else 200
    return render_desk(
        request, "staff_desk/absence.html", context, current="absence", status=status
    )


@desk_page("POST")
def back(request: DeskRequest, absence_id: int) -> HttpResponse:
    """Somebody is back, or never went."""
    try:
        end_absence(absence_id, request.desk.town.pk, by=request.desk.user)
    except (Absence.DoesNotExist, NotPermitted):
        raise Http404 from None
    messages.success(request, _("Die Abwesenheit ist gelöscht."))
    return redirect("staff_desk:absence")


@desk_page("GET", "HEAD", "POST")
def give_back(request: DeskRequest) -> HttpResponse:
    """Show whose cases go back to their offices, and do it: exactly those that were shown."""
    staff = request.desk.staff
    sent = request.POST if request.method == "POST" else request.GET
    person_id = whole_number(sent.get("person", "")) or staff.user_id
    if not may_arrange_absence(staff, person_id):
        raise PermissionDenied
    person = User.objects.filter(pk=person_id, roles__municipality=request.desk.town).first()
    if person is None:
        raise Http404
    if request.method == "POST":
        count = return_cases(
            request.desk.town.pk,
            person=person,
            numbers=request.POST.getlist("vorgang")[:2000],
            by=request.desk.user,
            now=timezone.now(),
        )
        words = ngettext(
            "Ein Vorgang liegt wieder in der Liste des Amts.",
            "%(count)d Vorgänge liegen wieder in den Listen der Ämter.",
            count,
        )
        messages.success(request, words % {"count": count})
        return redirect("staff_desk:absence")
    context = {"person": person, "cases": open_cases_of(staff, person_id)}
    return render_desk(request, "staff_desk/give_back.html", context, current="absence")


def _enter(request: DeskRequest, form: AbsenceForm) -> bool:
    """Write it down; False where the form has to say why not."""
    data = form.cleaned_data
    person = form.people[data["person"]] if "person" in form.fields else request.desk.user
    try:
        enter_absence(
            request.desk.town.pk,
            person=person,
            first_day=data["first_day"],
            last_day=data["last_day"],
            deputy=form.people.get(data["deputy"]),
            by=request.desk.user,
            now=timezone.localtime(),
        )
    except AbsenceInvalid as problem:
        form.add_error(problem.field, _WORDS[problem.field])
        return False
    return True
