"""The report form: choose a category, then say where, what, and how to be answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Municipality
from accounts.towns import town_of
from public_web import draft_photos, receipt_cookie
from public_web.draft_photos import DraftPhoto
from public_web.forms import ReportForm, photos_of
from reports import photos
from reports.actions.submit import (
    Draft,
    Idempotency,
    KeyReused,
    Receipt,
    Sender,
    SubmissionInvalid,
    submit_report,
)
from reports.models import PlaceChosenBy, Source
from reports.queries import public
from routing import catalogue
from routing.catalogue import CategoryInfo


@dataclass(frozen=True)
class _Photo:
    file: BinaryIO
    name: str
    kept: DraftPhoto | None = None


@require_safe
def choose_category(request: HttpRequest) -> HttpResponse:
    """Step one: groups and categories, searchable; each leads to the form."""
    town = town_of(request)
    groups = catalogue.offered_categories(town.pk, language=get_language() or "de")
    return render(request, "public_web/choose_category.html", {"groups": groups})


@require_http_methods(["GET", "HEAD", "POST"])
def report_form(request: HttpRequest, code: str) -> HttpResponse:
    """Step two: the form of one category. Nothing typed or uploaded is lost on an error."""
    town = town_of(request)
    category = _category(town, code)
    districts = public.districts(town.slug)
    choices = [(district.key, district.name) for district in districts]
    if request.method != "POST":
        form = ReportForm(districts=choices, questions=category.questions)
        return _page(request, category, form, [])
    form = ReportForm(request.POST, districts=choices, questions=category.questions)
    sent = _photos(request, town)
    if not form.is_valid():
        return _page(request, category, form, _keep(town, sent))
    try:
        receipt = submit_report(
            town=town,
            draft=_draft(form, category, districts),
            files=[photo.file for photo in sent],
            idempotency=Idempotency("web", form.cleaned_data["form_key"]),
            now=timezone.now(),
        )
    except SubmissionInvalid as invalid:
        form.add_action_errors(invalid.errors)
        return _page(request, category, form, _keep(town, sent), elsewhere=invalid.elsewhere)
    except KeyReused:
        # The form was sent, gone back to, and changed: that is a new report.
        form.add_error(None, KEY_REUSED)
        form.data = form.data.copy()
        form.data["form_key"] = ReportForm(districts=choices).fields["form_key"].initial
        return _page(request, category, form, _keep(town, sent))
    return _thank(request, receipt)


KEY_REUSED = (
    "Diese Meldung haben Sie schon gesendet. Wenn Sie noch etwas melden möchten, "
    "senden Sie das Formular bitte noch einmal ab."
)


def _thank(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    response = redirect("public_web:receipt", number=receipt.number)
    response["Location"] += "?neu=1"
    receipt_cookie.remember(request, response, receipt.report)
    request.session["refused_photos"] = [photo.message for photo in receipt.refused_photos]
    return response


def _category(town: Municipality, code: str) -> CategoryInfo:
    groups = catalogue.offered_categories(town.pk, language=get_language() or "de")
    for group in groups:
        for category in group.children or (group,):
            if category.code == code:
                return category
    raise Http404


def _draft(
    form: ReportForm, category: CategoryInfo, districts: Sequence[public.District]
) -> Draft:
    data = form.cleaned_data
    lon, lat, accuracy = data.get("lon"), data.get("lat"), data.get("accuracy_m")
    chosen_by = data.get("place_chosen_by") or PlaceChosenBy.MAP
    if lon is None or lat is None:
        district = next(item for item in districts if item.key == data["district"])
        lon, lat, accuracy = district.lon, district.lat, district.radius_m
        chosen_by = PlaceChosenBy.LIST
    return Draft(
        category_code=category.code,
        lon=lon,
        lat=lat,
        accuracy_m=accuracy,
        place_chosen_by=chosen_by,
        source=Source.WEB,
        description=data["description"],
        address=data["address"],
        answers=form.answers(),
        sender=Sender(name=data["name"], email=data["email"], phone=data["phone"]),
        language=(get_language() or "de")[:2],
    )


def _photos(request: HttpRequest, town: Municipality) -> list[_Photo]:
    restored = (draft_photos.restore(town, word) for word in request.POST.getlist("kept_photos"))
    earlier = [_Photo(file, kept.name, kept) for kept, file in filter(None, restored)]
    fresh = [_Photo(file.file, file.name or "") for file in photos_of(request.FILES) if file.file]
    return earlier + fresh


def _keep(town: Municipality, sent: Sequence[_Photo]) -> list[DraftPhoto]:
    kept = []
    for photo in sent:
        if photo.kept is not None:
            kept.append(photo.kept)
            continue
        photo.file.seek(0)
        try:
            photos.inspect(photo.file)
        except photos.PhotoRejected:
            continue
        kept.append(draft_photos.keep(town, photo.file, photo.name))
    return kept


def _page(
    request: HttpRequest,
    category: CategoryInfo,
    form: ReportForm,
    kept: Sequence[DraftPhoto],
    *,
    elsewhere: Municipality | None = None,
) -> HttpResponse:
    context = {"category": category, "form": form, "kept_photos": kept, "elsewhere": elsewhere}
    return render(
        request, "public_web/report_form.html", context, status=422 if form.errors else 200
    )
