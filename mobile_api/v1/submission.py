"""From the request of a phone to the values the submit action wants, and back to a receipt."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from django.contrib.gis.geos import Point
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts.arrivals import Arrival
from accounts.models import ApiClient, Municipality, RateClass
from accounts.request_bodies import MULTIPART
from accounts.towns import host_town, live_town, public_url
from leases.models import Lane
from mobile_api.authentication import client_of
from mobile_api.errors import escaped
from mobile_api.parsers import read_json
from mobile_api.problems import FIELD_FAULTS, Fault, FaultInBothLanguages, Problem
from mobile_api.v1.base import absolute, speech_of
from mobile_api.v1.serializers import ReportDraftSerializer
from reports.actions.submit import Receipt, submit_report
from reports.draft import Draft, Sender, SubmissionInvalid, check_draft
from reports.idempotency import Idempotency, KeyReused
from reports.models import Source
from reports.upload_intake import UploadsInvalid
from routing import coverage

KEY = re.compile(r"[\x21-\x7e]{8,200}")
KEY_FORM = _("Erwartet werden 8 bis 200 sichtbare ASCII-Zeichen, z. B. eine UUID.")
# The parts of a place are two fields of the JSON document; the fault points at the first.
_POINTERS = {"place": "#/lat"}


@dataclass(frozen=True)
class Sent:
    """A report as it was sent: for which town, what, with which files."""

    town: Municipality
    draft: Draft
    files: list[BinaryIO]
    uploads: list[str]

    @property
    def photo_count(self) -> int:
        """Photos of both kinds."""
        return len(self.files) + len(self.uploads)


def read_submission(request: Request) -> Sent:
    """Read JSON or multipart into values. Raises Problem, ValidationError, ParseError."""
    return read_report(request, *_document_and_files(request))


def read_report(request: Request, document: Any, files: list[BinaryIO]) -> Sent:
    """Read the JSON document of one report. Raises Problem, ValidationError."""
    checked = ReportDraftSerializer.checked(document)
    values = {name: value for name, value in checked.items() if value is not None}
    draft = _draft(values, language=values.get("language") or speech_of(request))
    town = _town(request, values.get("municipality", ""), draft)
    return Sent(town, draft, files, values.get("uploads", []))


def read_key(request: Request) -> Idempotency | None:
    """The client's key for this report, or None without one; raises Problem."""
    written = request.headers.get("Idempotency-Key")
    if written is None:
        return None
    key = written.strip()
    if key.startswith('"') and key.endswith('"'):
        key = key[1:-1]  # a quoted string, as the IETF draft writes it
    if not KEY.fullmatch(key):
        fault = Fault("invalid_idempotency_key", KEY_FORM, header="Idempotency-Key")
        raise Problem("invalid_request", errors=[fault])
    return idempotency_of(request, key)


def idempotency_of(request: Request, key: str) -> Idempotency:
    """The key in the scope of whoever sends it; one for reports sent singly and together."""
    client = client_of(request)
    return Idempotency("v1.reports", key, scope=f"client:{client.pk}" if client else "")


def accept(
    request: Request, sent: Sent, key: Idempotency | None, arrival: Arrival
) -> tuple[dict[str, Any], bool]:
    """Submit a report; its receipt, and whether that is the answer of before. Raises Problem."""
    client = client_of(request)
    try:
        receipt = submit_report(
            town=sent.town,
            draft=sent.draft,
            files=sent.files,
            uploads=sent.uploads,
            idempotency=key,
            client=client,
            now=timezone.now(),
            arrival=arrival,
            lane=_lane(client),
        )
    except SubmissionInvalid as invalid:
        raise refusal(request, sent, invalid) from None
    except UploadsInvalid as invalid:
        raise _uploads_refused(invalid) from None
    except KeyReused:
        raise Problem("idempotency_key_reused") from None
    return receipt_body(request, sent, receipt), receipt.replayed


def _uploads_refused(invalid: UploadsInvalid) -> Problem:
    faults = [
        Fault(code, FIELD_FAULTS[code], pointer=f"#/uploads/{at}")
        for at, code in sorted(invalid.faults.items())
    ]
    return Problem("report_refused", errors=faults)


def _lane(client: ApiClient | None) -> Lane | None:
    """Mass imports wait behind citizens."""
    is_bulk = client is not None and client.rate_class == RateClass.BULK
    return Lane.BULK if is_bulk else None


def refusal(request: Request, sent: Sent, invalid: SubmissionInvalid) -> Problem:
    """Why a report was refused, in both languages.

    The rules render their sentences in the active language, so they are asked again in English.
    """
    german = _faults_in("de", sent) or invalid.errors
    faults = faults_of(german, _faults_in("en", sent))
    elsewhere = elsewhere_of(request, invalid.elsewhere)
    extra = {"municipality": elsewhere["slug"], "elsewhere": elsewhere} if elsewhere else {}
    return Problem("report_refused", errors=faults, extra=extra)


def faults_of(
    german: Mapping[str, tuple[str, str]], english: Mapping[str, tuple[str, str]]
) -> list[FaultInBothLanguages]:
    """What is wrong with a draft, as faults that point into the JSON document."""
    return [
        FaultInBothLanguages(
            code, text, pointer=_pointer(name), detail_en=english.get(name, (code, text))[1]
        )
        for name, (code, text) in german.items()
    ]


def elsewhere_of(request: Request, town: Municipality | None) -> dict[str, str] | None:
    """The municipality to turn to, with its addresses; None on a city's own host."""
    if town is None or host_town(request._request) is not None:
        return None
    return {
        "slug": town.slug,
        "name": town.name,
        "report_url": public_url(town, "melden/"),
        "categories_url": f"{absolute(request, 'categories')}?municipality={town.slug}",
    }


def receipt_body(request: Request, sent: Sent, receipt: Receipt) -> dict[str, Any]:
    """The answer to an accepted report: made of lasting facts only, so a replay is identical."""
    return {
        "number": receipt.number,
        "secret": receipt.secret,
        "municipality": sent.town.slug,
        "received_at": receipt.report.received_at.astimezone(sent.town.tz),
        "receipt_url": public_url(
            sent.town, f"meldung/{receipt.number}/zugang/?code={receipt.secret}"
        ),
        "status_url": absolute(request, "report", receipt.number),
        "advice": receipt.advice,
        "is_held": receipt.is_held,
        "photos": list(_verdicts(sent.photo_count, receipt)),
    }


def _document_and_files(request: Request) -> tuple[Any, list[BinaryIO]]:
    data = request.data
    if not (request.content_type or "").lower().startswith(MULTIPART):
        return data, []
    files = request.FILES
    faults = [
        Fault("unknown_part", FIELD_FAULTS["unknown_part"], pointer=f"#/{escaped(name)}")
        for name in [*request.POST, *files]
        if name not in {"report", "photos"}
    ]
    if "photos" in request.POST:  # without a file name a part is text, and would be lost
        faults.append(
            Fault("file_name_missing", FIELD_FAULTS["file_name_missing"], pointer="#/photos")
        )
    if faults:
        raise Problem("invalid_request", errors=faults)
    return read_json(_report_part(request)), list(files.getlist("photos"))


def _report_part(request: Request) -> bytes:
    """The JSON part; browsers send a Blob as a file, other clients a plain field."""
    file = request.FILES.get("report")
    if file is not None:
        if (file.size or 0) > 1024 * 1024:
            raise Problem("payload_too_large")
        return bytes(file.read())
    text = request.POST.get("report")
    if text is None:
        fault = Fault("required", FIELD_FAULTS["required"], pointer="#/report")
        raise Problem("invalid_request", errors=[fault])
    return text.encode("utf-8", "replace")


def _draft(values: dict[str, Any], *, language: str) -> Draft:
    return Draft(
        category_code=values["category"],
        lon=values["lon"],
        lat=values["lat"],
        place_chosen_by=values["place_chosen_by"],
        source=Source.APP,
        accuracy_m=values.get("accuracy_m"),
        description=values.get("description", ""),
        address=values.get("address", ""),
        answers=values.get("answers", {}),
        sender=Sender(
            name=values.get("name", ""),
            email=values.get("email", ""),
            phone=values.get("phone", ""),
        ),
        language=language[:8].lower(),
        called_emergency=values.get("called_emergency", False),
        assets=tuple(values.get("assets", ())),
    )


def read_unfinished(request: Request, validated: Mapping[str, Any]) -> tuple[Sent, frozenset[str]]:
    """A report as far as it goes, and the names of what was given. Raises Problem.

    Without a place the middle of the named town stands in; without either the problem says so.
    """
    values = {name: value for name, value in validated.items() if value is not None}
    given = frozenset(values) | ({"answers"} if "category" in values else set())
    has_place = "lat" in values and "lon" in values
    town = _named_town(host_town(request._request), values.get("municipality", ""))
    if town is None and not has_place:
        fault = Fault("required", FIELD_FAULTS["required"], pointer="#/municipality")
        raise Problem("invalid_request", errors=[fault])
    if town is not None and not has_place:
        values |= {"lon": town.center.x, "lat": town.center.y}
    draft = _draft({"category": ""} | values, language=values.get("language") or speech_of(request))
    return Sent(town or _town_at(draft), draft, [], values.get("uploads", [])), given


def _town(request: Request, slug: str, draft: Draft) -> Municipality:
    town = _named_town(host_town(request._request), slug) or _town_at(draft)
    client: ApiClient | None = client_of(request)
    if client is not None and client.municipality_id not in {None, town.pk}:
        raise Problem("permission_denied")
    return town


def _named_town(here: Municipality | None, slug: str) -> Municipality | None:
    """The municipality by host name or by its slug, None where neither was given."""
    if not slug:
        return here
    found = here if here and here.slug == slug else None
    if here is None:
        found = live_town(slug.lower())
    if found is None:
        fault = Fault(
            "unknown_municipality", _("Diese Kommune gibt es hier nicht."), pointer="#/municipality"
        )
        raise Problem("report_refused", errors=[fault])
    return found


def _town_at(draft: Draft) -> Municipality:
    town = coverage.town_at(Point(draft.lon, draft.lat, srid=4326))
    if town is None:
        fault = Fault(
            "outside",
            _("An diesem Ort macht keine Kommune mit. Bitte wenden Sie sich an Ihr Rathaus."),
            pointer="#/lat",
        )
        raise Problem("report_refused", errors=[fault])
    return town


def live_towns() -> QuerySet[Municipality]:
    """Municipalities open to the public, without their large outline."""
    return Municipality.objects.filter(is_live=True).defer("coverage")


def _faults_in(language: str, sent: Sent) -> dict[str, tuple[str, str]]:
    spoken = replace(sent.draft, language=language)
    with translation.override(language):
        try:
            check_draft(sent.town, spoken, photo_count=sent.photo_count)
        except SubmissionInvalid as invalid:
            return invalid.errors
    return {}


def _pointer(name: str) -> str:
    field, _dot, code = name.partition(".")
    return _POINTERS.get(name) or f"#/{field}" + (f"/{escaped(code)}" if code else "")


def _verdicts(count: int, receipt: Receipt) -> Iterable[dict[str, Any]]:
    refused = {photo.ordinal: photo for photo in receipt.refused_photos}
    for ordinal in range(1, count + 1):
        photo = refused.get(ordinal)
        yield {
            "ordinal": ordinal,
            "state": "refused" if photo else "accepted",
            "code": photo.code if photo else None,
            "message": photo.message if photo else None,
        }
