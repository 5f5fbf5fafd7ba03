"""POST requests: from the fields of a partner system to a report, and the answer to it."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.arrivals import TooMany, arrival_of, knock
from accounts.models import ApiClient, Municipality, RateClass
from leases.models import Lane
from open311 import keys, tokens
from open311.document import Document, Items
from open311.endpoint import Answer, Ask
from open311.forms import Form, read_form
from open311.jurisdictions import town_of
from open311.places import Location, location_of
from open311.refusals import Fault, Refused, required
from open311.services import UNKNOWN_SERVICE
from reports.actions.fetch_photo import may_be_fetched
from reports.actions.submit import Receipt, submit_report
from reports.draft import Draft, Sender, SubmissionInvalid, check_draft
from reports.idempotency import Idempotency, KeyReused
from reports.models import Source
from routing import catalogue
from routing.attributes import as_answer
from routing.catalogue import CategoryInfo
from routing.models import Datatype

ENDPOINT = "open311.requests"
SAME_WISH = timedelta(minutes=10)
MAX_REMOTE_PHOTOS = 5
_KEY = re.compile(r"[\x21-\x7e]{8,200}")
# Names of our own rules in the words of GeoReport; the rest is called the same in both.
_FIELDS = {
    "place": "lat/long",
    "category": "service_code",
    "photos": "media",
    "address": "address_string",
}


@dataclass(frozen=True)
class Sent:
    """One request, read: for which town, what, with which photos, and under which key."""

    town: Municipality
    service: CategoryInfo
    draft: Draft
    files: Sequence[BinaryIO]
    photo_urls: Sequence[str]
    refused_urls: int
    idempotency: Idempotency


def post_request(ask: Ask) -> Answer:
    """Accept one request: the answer follows the commit. The same request gets the same answer."""
    form, client, town = opened(ask)
    keys.check_requests(client)
    count(ask, client)
    sent = read_sent(ask, form, client, town)
    record, replayed = submit(ask, sent, client)
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    document = Document("service_requests", Items("request", [record]))
    return Answer(document, status=201, headers=headers)


def opened(ask: Ask) -> tuple[Form, ApiClient, Municipality]:
    """The form of a POST with the partner and the town it is for. Raises Refused."""
    early = ask.words.text("api_key")
    if early:  # a wrong key in the address is refused before the body is read
        keys.client_of(ask, early)
    form = read_form(ask.request)
    town = town_of(ask.request, form.words.text("jurisdiction_id"))
    client = keys.client_of(ask, form.words.text("api_key"))
    keys.check_town(client, town)
    return form, client, town


def count(ask: Ask, client: ApiClient) -> None:
    """Count one request of a partner. Raises Refused 429 above the hard limit of its class."""
    try:
        knock(ask.request, client=client)
    except TooMany as refused:
        fault = Fault(429, _("Zu viele Meldungen in kurzer Zeit."))
        raise Refused(fault, headers={"Retry-After": str(refused.retry_after)}) from None


def read_sent(
    ask: Ask, form: Form, client: ApiClient, town: Municipality, *, key: str = ""
) -> Sent:
    """What was sent, read against the catalogue of the town. Raises Refused.

    `key` stands for the header Idempotency-Key where one request carries several reports.
    """
    words = form.words
    code = words.text("service_code")
    if not code:
        raise Refused(required("service_code"))
    service = _service(town, code)
    location = location_of(words, town)
    urls = form.media_urls[:MAX_REMOTE_PHOTOS]
    fetched = [url for url in urls if may_be_fetched(url, client)]
    draft = _draft(form, service, location, has_photos=bool(form.files or fetched))
    return Sent(
        town=town,
        service=service,
        draft=draft,
        files=form.files,
        photo_urls=fetched,
        refused_urls=len(form.media_urls) - len(fetched),
        idempotency=_key(key or _written_key(ask), form, client, draft),
    )


def _service(town: Municipality, code: str) -> CategoryInfo:
    groups = catalogue.offered_categories(town.pk, language=get_language() or "de")
    leaves = (info for top in groups for info in top.children or (top,))
    found = next((info for info in leaves if info.code == code), None)
    if found is None:
        raise Refused(UNKNOWN_SERVICE)
    return found


def submit(
    ask: Ask, sent: Sent, client: ApiClient, *, by_token: bool = False
) -> tuple[dict[str, str | None], bool]:
    """The record for the answer, and whether it is the one from before. Raises Refused."""
    is_bulk = by_token or client.rate_class == RateClass.BULK
    try:
        receipt = submit_report(
            town=sent.town,
            draft=sent.draft,
            files=sent.files,
            remote_photos=sent.photo_urls,
            idempotency=sent.idempotency,
            client=client,
            now=timezone.now(),
            arrival=arrival_of(ask.request, client=client),
            lane=Lane.BULK if is_bulk else None,
        )
    except SubmissionInvalid as invalid:
        raise refused_by_rules(sent, invalid) from None
    except KeyReused:
        raise Refused(
            Fault(400, _("Idempotency-Key: Dieser Schlüssel gehört zu einer anderen Meldung."))
        ) from None
    return _record(sent, receipt, is_bulk=is_bulk), receipt.replayed


def refused_by_rules(sent: Sent, invalid: SubmissionInvalid) -> Refused:
    """Every fault, missing answers first named as clients look for them: `CODE required`."""
    faults = []
    for name, (code, text) in invalid.errors.items():
        field, _dot, question = name.partition(".")
        named = question or _FIELDS.get(field, field)
        is_missing = bool(question) and question not in sent.draft.answers
        if code == "unknown_category":
            faults.append(UNKNOWN_SERVICE)
        elif is_missing or code == "description_or_photo":
            faults.append(required(named, text))
        else:
            faults.append(Fault(400, f"{named}: {text}"))
    return Refused(*faults)


def check(sent: Sent) -> None:
    """Check without keeping anything. Raises Refused."""
    try:
        check_draft(sent.town, sent.draft, photo_count=len(sent.files) + len(sent.photo_urls))
    except SubmissionInvalid as invalid:
        raise refused_by_rules(sent, invalid) from None


def notice_of(sent: Sent, receipt: Receipt | None = None) -> str | None:
    """What the person should read: notice and advice of the category, and what became of photos."""
    parts = [sent.service.notice]
    if receipt is not None:
        parts += receipt.advice
        parts += [f"media {photo.ordinal}: {photo.message}" for photo in receipt.refused_photos]
        if receipt.is_held:
            parts.append(_("Die Meldung ist angekommen und wird vor der Bearbeitung angesehen."))
    if sent.refused_urls:
        parts.append(
            _("media_url: Von dieser Adresse werden keine Fotos geholt. Bitte als media senden.")
        )
    return " ".join(part for part in parts if part) or None


def _record(sent: Sent, receipt: Receipt, *, is_bulk: bool) -> dict[str, str | None]:
    later = is_bulk or receipt.is_held
    name = "token" if later else "service_request_id"
    value = tokens.token_of(receipt.report) if later else receipt.number
    return {name: value, "service_notice": notice_of(sent, receipt), "account_id": None}


def _draft(form: Form, service: CategoryInfo, place: Location, *, has_photos: bool) -> Draft:
    words = form.words
    description = words.text("description")
    if not description and not has_photos:
        # GeoReport lets a request go without a word; an office needs one.
        description = _("Ohne Text gemeldet: %(service)s") % {"service": service.name}
    name = " ".join(filter(None, (words.text("first_name"), words.text("last_name"))))
    return Draft(
        category_code=service.code,
        lon=place.lon,
        lat=place.lat,
        accuracy_m=place.accuracy_m,
        place_chosen_by=place.chosen_by,
        source=Source.OPEN311,
        description=description,
        address=place.address,
        answers=dict(_answers(form, service)),
        sender=Sender(name=name, email=words.text("email"), phone=words.text("phone")),
        language=(get_language() or "de")[:8],
    )


def _answers(form: Form, service: CategoryInfo) -> Iterator[tuple[str, str | list[str]]]:
    """Answers to questions the service has; what else a client sends along is left out."""
    for question in service.questions:
        written = [value.strip() for value in form.attributes.get(question.code, [])]
        written = [as_answer(question.datatype, value) for value in written if value]
        if written:
            is_list = question.datatype == Datatype.MULTIPLE
            yield question.code, written if is_list else written[-1]


def _written_key(ask: Ask) -> str:
    written = ask.request.headers.get("Idempotency-Key", "").strip().strip('"')
    if written and not _KEY.fullmatch(written):
        raise Refused(
            Fault(400, _("Idempotency-Key: erwartet werden 8 bis 200 sichtbare Zeichen."))
        )
    return written


def _key(written: str, form: Form, client: ApiClient, draft: Draft) -> Idempotency:
    """The client's own key, else one made of what makes two requests the same wish."""
    scope = f"client:{client.pk}"
    if written:
        return Idempotency(ENDPOINT, written, scope)
    return Idempotency(ENDPOINT, _content_key(form, draft), scope, SAME_WISH)


def _content_key(form: Form, draft: Draft) -> str:
    words = form.words
    device = words.text("device_id")
    parts = [draft.category_code, draft.description, f"{draft.lon:.6f}", f"{draft.lat:.6f}", device]
    if not device:
        # Without a device only what is the same in every field is the same wish.
        parts += [draft.address, repr(draft.sender), repr(sorted(draft.answers.items()))]
        parts += form.media_urls
    if not device or not words.text("description"):
        parts += [_digest(file) for file in form.files]
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    return digest
