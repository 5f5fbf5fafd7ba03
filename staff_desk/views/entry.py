"""Enter a report for somebody: one page, by keyboard, similar cases first."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from design import moments
from reports.actions.attach_caller import (
    CaseHasEnded,
    ContactUnfit,
    attach_caller,
    was_attached,
)
from reports.actions.keep_entry import EntryUnfit, forget_entry, keep_entry
from reports.actions.settle_mail import became_report
from reports.actions.submit import Receipt, submit_report
from reports.actions.take_back_entry import TooLate, take_back_entry
from reports.actors import Actor
from reports.draft import SubmissionInvalid
from reports.idempotency import Idempotency, KeyReused, was_used
from reports.models import Report, Source
from reports.policies import NotPermitted, may_enter
from reports.queries.entry import (
    SimilarCase,
    entered_report,
    similar_cases,
    unsent_entries,
    unsent_values,
)
from reports.queries.inbox import OpenMail, open_mail, photo_files
from routing import catalogue
from routing.catalogue import CategoryInfo
from staff_desk.access import DeskRequest, desk_page
from staff_desk.entry_form import CallerForm, EntryForm, QuestionsForm
from staff_desk.entry_page import chosen_things, duty_words, entered_context, map_of_town
from staff_desk.mail_proposals import proposals
from staff_desk.navigation import render_desk
from staff_desk.parameters import plain, point_in, whole_number
from staff_desk.place_search import FoundPlace, find_places, the_place_meant

LAST_SOURCE = "desk_entry_source"
_LACKS = {
    "phone": gettext_lazy("Für einen Rückruf fehlt die Telefonnummer."),
    "postal_address": gettext_lazy("Für einen Brief fehlt die Anschrift."),
    "email": gettext_lazy("Wer angehängt wird, bekommt einen Rückruf oder Brief, keine E-Mail."),
}


@desk_page("GET", "HEAD", "POST", needs=may_enter)
def entry(request: DeskRequest) -> HttpResponse:
    """The form by GET, also with what was typed and not sent; the report by POST."""
    categories = catalogue.offered_categories(request.desk.town.pk)
    kept = unsent_values(request.desk.staff, plain(request.GET.get("entwurf", ""))) or {}
    opened = _mail(request, kept)
    if request.method != "POST":
        form = _fresh_form(request, categories, kept, opened)
        return _page(request, categories, form, opened=opened)
    if opened is not None and opened.mail.settled_at is not None:
        messages.warning(request, _("Die E-Mail ist schon erledigt."))
        return redirect("staff_desk:inbox")
    form = _form(request.POST, categories, from_mail=opened is not None)
    if request.POST.get("attach_to"):
        return _attach(request, categories, form)
    if not form.is_valid():
        return _page(request, categories, form, opened=opened)
    place = None
    if not form.has_point:
        said = form.cleaned_data["address"]
        found = find_places(request.desk.town, said)
        place = the_place_meant(found, said)
        if place is None:
            form.add_error("address", _place_trouble(found))
            return _page(request, categories, form, places=found, opened=opened)
    return _submit(request, categories, form, place, opened)


@desk_page(needs=may_enter)
def places(request: DeskRequest) -> HttpResponse:
    """Places for what was typed so far, as JSON for the page."""
    found = find_places(request.desk.town, plain(request.GET.get("q", "")))
    return JsonResponse({"places": [_place_values(place) for place in found]})


@desk_page(needs=may_enter)
def hints(request: DeskRequest) -> HttpResponse:
    """What to know before going on: similar cases at the place, and who hears of a danger."""
    point, code = point_in(request.GET), plain(request.GET.get("category", ""))
    similar = similar_cases(request.desk.staff, point, code) if point is not None else []
    return JsonResponse(
        {
            "similar": [_similar_values(case) for case in similar],
            "duty": duty_words(request.desk.town, code),
        }
    )


@desk_page("POST", needs=may_enter)
def keep(request: DeskRequest) -> HttpResponse:
    """Keep what was typed so far; with `verwerfen` throw it away."""
    key = plain(request.POST.get("form_key", ""))
    if "verwerfen" in request.POST:
        forget_entry(request.desk.staff, key)
        return redirect("staff_desk:entry")
    if _was_sent(request, key):
        return HttpResponse(status=204)  # it came late: the form was sent in the meantime
    values = {
        name: [plain(word) for word in words]
        for name, words in request.POST.lists()
        if name != "csrfmiddlewaretoken"
    }
    try:
        keep_entry(request.desk.staff, key, values, now=timezone.now())
    except EntryUnfit:
        return HttpResponse(status=400)
    return HttpResponse(status=204)


@desk_page(needs=may_enter)
def entered(request: DeskRequest, number: str) -> HttpResponse:
    """Number and code to dictate and to print, for the person who entered the report."""
    context = entered_context(request, _own_or_404(request, number))
    return render_desk(request, "staff_desk/entered.html", context, current="entry")


@desk_page("POST", needs=may_enter)
def take_back(request: DeskRequest, number: str) -> HttpResponse:
    """Take back what was entered a few minutes ago."""
    report = _own_or_404(request, number)
    try:
        take_back_entry(report.pk, by=request.desk.user, now=timezone.now())
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except TooLate:
        messages.warning(
            request, _("Das geht nur kurz nach der Aufnahme, solange niemand daran arbeitet.")
        )
    else:
        messages.success(request, _("Die Aufnahme ist zurückgenommen."))
    return redirect("staff_desk:entered", number)


def _submit(
    request: DeskRequest,
    categories: Sequence[CategoryInfo],
    form: EntryForm,
    place: FoundPlace | None,
    opened: OpenMail | None,
) -> HttpResponse:
    key = form.cleaned_data["form_key"] if opened is None else f"mail:{opened.mail.pk}"
    try:
        receipt = submit_report(
            town=request.desk.town,
            draft=form.draft(place),
            files=photo_files(opened, request.desk.town.slug) if opened else (),
            idempotency=Idempotency("desk", key) if opened else _idempotency(request, key),
            by=Actor.staff(request.desk.user),
            entered_at=_office_of(request),
            now=timezone.now(),
        )
    except SubmissionInvalid as invalid:
        form.add_action_errors(invalid.errors)
    except KeyReused:
        form.add_error(
            None,
            _("Diese Meldung ist schon gespeichert. Noch einmal senden nimmt eine weitere auf."),
        )
        form.renew_key()
    else:
        if opened is not None:
            became_report(opened.mail.pk, receipt.report, by=request.desk.user, now=timezone.now())
        return _done(request, form, receipt)
    return _page(request, categories, form, opened=opened)


def _attach(
    request: DeskRequest, categories: Sequence[CategoryInfo], form: EntryForm
) -> HttpResponse:
    """The caller joins a case that is there; only the contact and what was said matter."""
    number = plain(request.POST["attach_to"])
    caller = CallerForm(request.POST)
    if not caller.is_valid():
        return _back_to_attaching(request, categories, form, caller.errors.as_data())
    try:
        report = attach_caller(
            number,
            staff=request.desk.staff,
            by=request.desk.user,
            sender=caller.sender(),
            text=plain(request.POST.get("description", "")),
            form_key=caller.cleaned_data["form_key"],
            office_id=_office_of(request),
            now=timezone.now(),
        )
    except (Report.DoesNotExist, NotPermitted):
        raise Http404 from None
    except CaseHasEnded:
        words = _("Der Vorgang ist abgeschlossen. Bitte als neue Meldung aufnehmen.")
        return _back_to_attaching(request, categories, form, {None: [words]})
    except ContactUnfit as unfit:
        return _back_to_attaching(request, categories, form, {unfit.field: [_LACKS[unfit.field]]})
    forget_entry(request.desk.staff, caller.cleaned_data["form_key"])
    messages.success(
        request,
        _("An %(number)s angehängt. Die Nummer darf die Person erfahren, einen Code nicht.")
        % {"number": report.number},
    )
    return redirect("staff_desk:entry")


def _back_to_attaching(
    request: DeskRequest,
    categories: Sequence[CategoryInfo],
    form: EntryForm,
    faults: Mapping[Any, Any],
) -> HttpResponse:
    """The same page with everything typed, and with what is wrong about the contact only."""
    form.full_clean()
    form.errors.clear()
    for name, words in faults.items():
        form.add_error(name if name in form.fields else None, words)
    return _page(request, categories, form)


def _done(request: DeskRequest, form: EntryForm, receipt: Receipt) -> HttpResponse:
    forget_entry(request.desk.staff, form.cleaned_data["form_key"])
    if form.cleaned_data["source"] != Source.EMAIL:
        request.session[LAST_SOURCE] = form.cleaned_data["source"]
    for advice in receipt.advice:
        messages.warning(request, advice)
    messages.success(request, _("Gespeichert. Nummer und Code bitte durchgeben."))
    return redirect("staff_desk:entered", receipt.number)


def _page(
    request: DeskRequest,
    categories: Sequence[CategoryInfo],
    form: EntryForm,
    *,
    places: Sequence[FoundPlace] = (),
    opened: OpenMail | None = None,
) -> HttpResponse:
    leaves = _leaves(categories)
    context = {
        "form": form,
        "kinds": {
            code: {"words": " ".join((*leaf.keywords, leaf.description)), "danger": leaf.is_danger}
            for code, leaf in leaves.items()
        },
        "question_forms": [
            (code, QuestionsForm(leaf)) for code, leaf in leaves.items() if leaf.questions
        ],
        "unsent": [
            each
            for each in unsent_entries(request.desk.staff)
            if each.form_key != form["form_key"].value()
        ],
        "places": places,
        "map": map_of_town(request),
        "attach_to": plain(request.POST.get("attach_to", "")),
        "assets": {"offered": chosen_things(request, form)},
        "assets_url": reverse("staff_desk:entry_assets"),
        "opened": opened,
        "is_waiting": opened is not None and opened.mail.settled_at is None,
    }
    status = 422 if form.errors else 200
    return render_desk(request, "staff_desk/entry.html", context, current="entry", status=status)


def _mail(request: DeskRequest, kept: Mapping[str, Sequence[str]]) -> OpenMail | None:
    """The mail that shall become a report, where one is named."""
    asked = request.POST.get("mail") or request.GET.get("mail") or "".join(kept.get("mail", ()))
    if not asked:
        return None
    opened = open_mail(request.desk.staff, whole_number(asked))
    if opened is None:
        raise Http404
    return opened


def _fresh_form(
    request: DeskRequest,
    categories: Sequence[CategoryInfo],
    kept: Mapping[str, Sequence[str]],
    opened: OpenMail | None,
) -> EntryForm:
    """An empty form, one of the person's own that was begun and not sent, or what a mail says."""
    if opened is not None and not kept:
        leaves = _leaves(categories)
        values = proposals(request.desk.town, opened, list(leaves.values()))
        kind = leaves.get(values["category"])
        asked = kind.questions if kind else ()
        return EntryForm(categories=categories, questions=asked, from_mail=True, initial=values)
    if not kept:
        source = request.session.get(LAST_SOURCE)
        return EntryForm(categories=categories, initial={"source": source} if source else {})
    typed: dict[str, Any] = {name: words[0] for name, words in kept.items() if words}
    typed["assets"] = tuple(kept.get("assets", ()))
    leaf = _leaves(categories).get(typed.get("category", ""))
    for question in leaf.questions if leaf else ():
        name = f"answer_{question.code}"
        if question.datatype == "multiple" and name in kept:
            typed[name] = list(kept[name])
    return EntryForm(
        categories=categories,
        questions=leaf.questions if leaf else (),
        from_mail=opened is not None,
        initial=typed,
    )


def _form(
    sent: QueryDict, categories: Sequence[CategoryInfo], *, from_mail: bool = False
) -> EntryForm:
    leaf = _leaves(categories).get(sent.get("category", ""))
    asked = leaf.questions if leaf else ()
    return EntryForm(sent, categories=categories, questions=asked, from_mail=from_mail)


def _leaves(categories: Sequence[CategoryInfo]) -> Mapping[str, CategoryInfo]:
    return {leaf.code: leaf for top in categories for leaf in top.children or (top,)}


def _was_sent(request: DeskRequest, key: str) -> bool:
    """Whether a form has become something already: a report, somebody attached, a settled mail."""
    if was_used(_idempotency(request, key)) or was_attached(request.desk.user, key):
        return True
    opened = open_mail(request.desk.staff, whole_number(request.POST.get("mail", "")))
    return opened is not None and opened.mail.settled_at is not None


def _idempotency(request: DeskRequest, key: str) -> Idempotency:
    return Idempotency("desk", key, scope=str(request.desk.user.pk))


def _own_or_404(request: DeskRequest, number: str) -> Report:
    report = entered_report(request.desk.staff, plain(number), now=timezone.now())
    if report is None:
        raise Http404
    return report


def _office_of(request: DeskRequest) -> int | None:
    """For which office the person sits there; dispatchers for the dispatch office."""
    offices = sorted(request.desk.staff.offices)
    if offices:
        return offices[0]
    return request.desk.town.offices.filter(is_dispatch=True).values_list("pk", flat=True).first()


def _place_trouble(found: Sequence[FoundPlace]) -> str:
    if any(place.lon is not None for place in found):
        return _("Mehrere Orte passen. Bitte einen davon wählen.")
    return _("Diesen Ort finden wir nicht. Bitte auf der Karte zeigen oder anders benennen.")


def _place_values(place: FoundPlace) -> dict[str, Any]:
    return {
        "label": place.label,
        "lon": place.lon,
        "lat": place.lat,
        "accuracy": place.accuracy_m,
        "by": place.chosen_by,
        "note": place.note,
        "asset": place.asset,
    }


def _similar_values(case: SimilarCase) -> dict[str, Any]:
    url = reverse("staff_desk:case", args=[case.number]) if case.is_visible else ""
    return {
        "number": case.number,
        "url": url,
        "category": case.category,
        "status": str(case.status.label),
        "distance": _("%(metres)d m entfernt") % {"metres": case.distance_m},
        "age": moments.relative(case.received_at, timezone.now()),
        "address": case.address,
        "excerpt": case.excerpt,
        "same": case.same_category,
    }
