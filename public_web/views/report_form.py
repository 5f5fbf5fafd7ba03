"""The form of one category: say where, what, and how to be answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.flood_gate import gated
from accounts.models import Municipality
from accounts.towns import host_town, public_url, town_of
from public_web import (
    before_sending,
    draft_photos,
    known_already,
    proof_of_work,
    receipt_cookie,
)
from public_web.address_choice import AddressChoice, offer, place_by_words
from public_web.asset_choice import AssetChoice, choice_of, with_place
from public_web.draft_photos import DraftPhoto
from public_web.forms import TRAP, ReportForm, photos_of
from public_web.kinds import kinds_of, spoken_language
from public_web.known_already import MOST_KNOWN
from public_web.pace import arrival, may_keep_draft, too_many
from public_web.photo_hints import hint_words
from public_web.places import middle_of
from public_web.telephone import with_call_links
from public_web.views.change_town import not_offered
from public_web.views.map_page import map_settings
from public_web.warnings import CALL_FIRST, duty_words
from reports import photo_intake, photos
from reports.actions.submit import Receipt, submit_report
from reports.draft import Draft, Sender, SubmissionInvalid, check_draft
from reports.idempotency import Idempotency, KeyReused
from reports.models import PlaceChosenBy, Source
from reports.notices import Notice, personal_data_notice
from reports.queries import public, public_assets
from reports.queries.bodies import asked_by_code
from reports.queries.public_facts import Outline
from reports.screening import ADDRESS_SENTENCE
from routing import catalogue
from routing.catalogue import CategoryInfo
from routing.models import Category
from routing.offering import Moment, closed_words

# The installation's own address: no town's prefix may come before it.
ASSETS_URL = "/api/v1/assets"
PHOTO_TYPES = "image/jpeg,image/png,image/webp"


@dataclass(frozen=True)
class _Photo:
    file: BinaryIO
    name: str
    kept: DraftPhoto | None = None


@dataclass(frozen=True)
class _Returned:
    """What a form that comes back carries beside its fields."""

    kept: Sequence[DraftPhoto] = ()
    photo_errors: Sequence[str] = ()
    elsewhere: Municipality | None = None
    notices: Sequence[Notice] = ()
    place: AddressChoice | None = None
    assets: AssetChoice = field(default_factory=AssetChoice)


@gated(too_many)
@require_http_methods(["GET", "HEAD", "POST"])
def report_form(request: HttpRequest, code: str) -> HttpResponse:
    """Step two: the form of one category. Nothing typed or uploaded is lost on an error."""
    town = town_of(request)
    moment = Moment(town, timezone.now(), language=spoken_language())
    category = kinds_of(town, moment).by_code.get(code)
    if category is None or (category.is_paused and request.method != "POST"):
        return not_offered(request, town, code, category)
    outlines = public.districts(town.slug)
    if request.method == "POST" and before_sending.TAKEN_OVER not in request.POST:
        return _judge(request, town, category, outlines, moment)
    typed = request.POST.dict() if request.method == "POST" else None
    form = ReportForm(
        initial=typed,
        districts=_choices(outlines),
        questions=category.questions,
        bodies=_bodies(town, category),
    )
    fresh = _Returned(assets=AssetChoice(public_assets.kinds_offered(town.slug, code)))
    return _page(request, category, form, fresh, moment)


def _judge(
    request: HttpRequest,
    town: Municipality,
    category: CategoryInfo,
    outlines: Sequence[Outline],
    moment: Moment,
) -> HttpResponse:
    """Take a form that was sent, or show it again with what is missing or was asked for."""
    kinds = public_assets.kinds_offered(town.slug, category.code)
    things = choice_of(request.POST, town.slug, category.code, kinds)
    place = place_by_words(with_place(request.POST, things), town)
    if things.was_asked:
        things = choice_of(place.data, town.slug, category.code, kinds)
    form = ReportForm(
        place.data,
        districts=_choices(outlines),
        questions=category.questions,
        bodies=_bodies(town, category),
    )
    sent = _photos(request, town)
    if place.was_asked or things.was_asked:
        form.spare_judgement()
        returned = replace(_with_place(request, form, sent, place), assets=things)
        form.ask_at_number(things.fault)
        return _page(request, category, form, returned, moment)
    asks = before_sending.questions_for(request, category, form.typed_answers())
    answered = not before_sending.unanswered(asks, before_sending.confirmed_in(request.POST))
    goes_back = before_sending.BACK in request.POST
    is_whole = form.is_valid() and not things.fault
    form.ask_at_number(things.fault)
    # A form that comes back carries words, not the point they were taken for: they may change.
    form.data = request.POST
    asks_more = bool(form.newly_asked())
    if not is_whole or goes_back or asks_more:
        if not goes_back and not asks_more:
            _say_what_else_is_missing(form, town, category, outlines, photo_count=len(sent))
        form.note_newly_asked()
        returned = _with_place(request, form, sent, place)
        returned = replace(returned, notices=asks, assets=things)
        return _page(request, category, form, returned, moment)
    if not answered:
        kept = _kept(request, town, sent)
        return before_sending.ask(
            request, category, asks, kept=kept.kept, photo_errors=kept.photo_errors
        )
    known = known_already.unseen(request, category.code, form, things.references)
    if known:
        kept = _kept(request, town, sent)
        return known_already.ask(request, category, known, kept.kept, kept.photo_errors)
    returned_or_receipt = _submit(request, town, category, form, sent, outlines, things)
    if isinstance(returned_or_receipt, Receipt):
        return _thank(request, returned_or_receipt)
    returned = replace(returned_or_receipt, notices=asks, place=place, assets=things)
    return _page(request, category, form, returned, moment)


def _choices(outlines: Sequence[Outline]) -> list[tuple[str, str]]:
    return [(outline.key, outline.name) for outline in outlines]


def _bodies(town: Municipality, category: CategoryInfo) -> list[tuple[str, str]]:
    """Bodies the town asks about before it may tell them who reported, as choices."""
    found = asked_by_code(town.pk, category.code)
    return [(str(body.pk), f"{body.name} – {body.what_for}".rstrip(" –")) for body in found]


def _with_place(
    request: HttpRequest, form: ReportForm, sent: Sequence[_Photo], place: AddressChoice
) -> _Returned:
    """What the form carries back, with places to choose among and what to do about them."""
    if place.fault:
        form.ask_at_address(place.fault)
    return replace(_kept(request, town_of(request), sent), place=place)


def _submit(
    request: HttpRequest,
    town: Municipality,
    category: CategoryInfo,
    form: ReportForm,
    sent: Sequence[_Photo],
    outlines: Sequence[Outline],
    things: AssetChoice,
) -> Receipt | _Returned:
    """The receipt, or what the form that comes back carries."""
    confirmed = before_sending.confirmed_in(request.POST)
    draft = _draft(form, category, outlines, called=before_sending.CALLED in confirmed)
    draft = replace(draft, assets=things.references)
    try:
        return submit_report(
            town=town,
            draft=draft,
            files=[photo.file for photo in sent],
            idempotency=Idempotency("web", form.cleaned_data["form_key"]),
            now=timezone.now(),
            arrival=arrival(request),
        )
    except SubmissionInvalid as invalid:
        form.add_action_errors(invalid.errors)
        return _kept(request, town, sent, invalid)
    except KeyReused:
        # The form was sent, gone back to, and changed: that is a new report.
        form.add_error(
            None,
            _(
                "Diese Meldung haben Sie schon gesendet. Wenn Sie noch etwas melden möchten, "
                "senden Sie das Formular bitte noch einmal ab."
            ),
        )
        form.renew_key()
        return _kept(request, town, sent)


def _thank(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    for photo in receipt.refused_photos:
        messages.warning(
            request,
            _("Foto %(number)d wurde nicht übernommen: %(why)s")
            % {"number": photo.ordinal, "why": photo.message},
        )
    if receipt.drops_address:
        messages.info(request, ADDRESS_SENTENCE)
    response = redirect("public_web:receipt", number=receipt.number)
    response["Location"] += "?neu=1"
    receipt_cookie.remember(request, response, receipt.report)
    return response


def _say_what_else_is_missing(
    form: ReportForm,
    town: Municipality,
    category: CategoryInfo,
    outlines: Sequence[Outline],
    *,
    photo_count: int,
) -> None:
    """Beside the form's own faults those the action would find, so that nobody is sent back twice.

    Where no place is named yet, nothing is said of what depends on it.
    """
    if not outlines:
        return
    has_place = form.has_place
    try:
        check_draft(town, _draft(form, category, outlines, called=False), photo_count=photo_count)
    except SubmissionInvalid as invalid:
        on_place = set() if has_place else {"place", "category"}
        form.add_action_errors(
            {name: error for name, error in invalid.errors.items() if name not in on_place}
        )


def _draft(
    form: ReportForm, category: CategoryInfo, outlines: Sequence[Outline], *, called: bool
) -> Draft:
    data = form.cleaned_data
    lon, lat, accuracy = data.get("lon"), data.get("lat"), data.get("accuracy_m")
    chosen_by = data.get("place_chosen_by") or PlaceChosenBy.MAP
    if lon is None or lat is None:
        lon, lat, accuracy = middle_of(outlines, data.get("district") or outlines[0].key)
        chosen_by = PlaceChosenBy.ADDRESS if data.get("address") else PlaceChosenBy.LIST
    return Draft(
        category_code=category.code,
        lon=lon,
        lat=lat,
        accuracy_m=accuracy,
        place_chosen_by=chosen_by,
        source=Source.WEB,
        description=data.get("description", ""),
        address=data.get("address", ""),
        answers=form.answers(),
        sender=Sender(**{name: data.get(name, "") for name in ("name", "email", "phone")}),
        language=spoken_language(),
        called_emergency=called,
        share_with=tuple(int(pk) for pk in data.get("share_with", [])),
    )


def _photos(request: HttpRequest, town: Municipality) -> list[_Photo]:
    # One more than may be sent is enough to say so; a hundred would fill the memory.
    references = list(dict.fromkeys(request.POST.getlist("kept_photos")))
    references = references[: settings.PHOTO_LIMIT + 1]
    restored = (draft_photos.restore(town, reference) for reference in references)
    earlier = [_Photo(file, kept.name, kept) for kept, file in filter(None, restored)]
    fresh = [
        _Photo(cast(BinaryIO, file.file), file.name or "")
        for file in photos_of(request.FILES)
        if file.file
    ]
    return earlier + fresh


def _kept(
    request: HttpRequest,
    town: Municipality,
    sent: Sequence[_Photo],
    invalid: SubmissionInvalid | None = None,
) -> _Returned:
    """Keep the photos of a form that goes back, and say which of them cannot be one."""
    kept, errors = [], []
    if invalid is not None and "photos" in invalid.errors:
        errors.append(invalid.errors["photos"][1])
    for photo in sent:
        if photo.kept is not None:
            kept.append(photo.kept)
            continue
        photo.file.seek(0)
        try:
            hint = photo_intake.inspect(photo.file).hint
        except photos.PhotoRejected as rejection:
            errors.append(f"{photo.name}: {rejection.message}")
            continue
        if may_keep_draft(request):
            kept.append(draft_photos.keep(town, photo.file, photo.name, hint))
        else:
            errors.append(
                _("Bitte fügen Sie das Foto noch einmal hinzu: %(name)s") % {"name": photo.name}
            )
    return _Returned(kept, errors, invalid.elsewhere if invalid else None)


def _page(
    request: HttpRequest,
    category: CategoryInfo,
    form: ReportForm,
    returned: _Returned,
    moment: Moment,
) -> HttpResponse:
    town = town_of(request)
    row = catalogue.find_category(town.pk, category.code)
    duty = _duty(town, category, row)
    context: dict[str, Any] = {
        "category": category,
        "form": form,
        "kept_photos": _shown(returned.kept, form),
        "photo_types": PHOTO_TYPES + ",image/heic,image/heif" if settings.HEIC else PHOTO_TYPES,
        "photo_errors": returned.photo_errors,
        "elsewhere": returned.elsewhere,
        **_way_elsewhere(request, returned.elsewhere),
        "notices_html": mark_safe(  # noqa: S308 - rendered by templates that escape
            "".join(
                render_to_string("public_web/_notice.html", {"notice": notice})
                for notice in [
                    *returned.notices,
                    *personal_data_notice(request.POST.get("description", ""), town, row),
                ]
            )
        ),
        "timely": category.notices,
        "closed": closed_words(row, moment) if row else "",
        "confirmed": " ".join(sorted(before_sending.confirmed_in(request.POST))),
        "map": map_settings(town) | offer(town),
        "known_url": reverse("public_web:known", args=[category.code]),
        "known": request.POST.getlist(known_already.KNOWN)[:MOST_KNOWN],
        **(returned.place.context if returned.place else {}),
        "assets": returned.assets,
        "assets_url": ASSETS_URL,
        "draft_key": f"melden-{town.slug}",
        "notice_html": with_call_links(category.notice),
        "duty": duty,
        "trap": TRAP,
        "challenge": proof_of_work.challenge_for(request),
        "danger_text": with_call_links(f"{CALL_FIRST} {duty}"),
    }
    status = 422 if form.errors else 200
    return render(request, "public_web/report_form.html", context, status=status)


def _shown(kept: Sequence[DraftPhoto], form: ReportForm) -> list[dict[str, str]]:
    """Kept photos for the page, with what their camera claims beside the place chosen so far."""
    chosen = getattr(form, "cleaned_data", {})
    lon, lat = chosen.get("lon"), chosen.get("lat")
    place = (lon, lat) if lon is not None and lat is not None else None
    return [
        {
            "reference": photo.reference,
            "name": photo.name,
            "hint": hint_words(photo.hint, place),
        }
        for photo in kept
    ]


def _way_elsewhere(request: HttpRequest, town: Municipality | None) -> dict[str, str]:
    """Where the town's form is; on the same host also where what was typed can be taken along."""
    if town is None:
        return {"elsewhere_url": "", "take_over_url": ""}
    same_host = host_town(request) is None and not town.host_name
    return {
        "elsewhere_url": public_url(town, "melden/"),
        "take_over_url": f"/{town.slug}/melden/uebernehmen/" if same_host else "",
    }


def _duty(town: Municipality, category: CategoryInfo, row: Category | None) -> str:
    """Who would hear of a danger now; empty where neither category nor answers can mean one."""
    options = [option for question in category.questions for option in question.options]
    if not category.is_danger and not any(option.is_danger for option in options):
        return ""
    return duty_words(town, row.default_office_id if row else None)
