"""GET and POST servicerequestupdates: public answers and status changes out, messages in."""

import hashlib
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiClient, Municipality
from open311 import keys
from open311.document import Document, Items
from open311.endpoint import Answer, Ask
from open311.forms import Form
from open311.refusals import NOT_FOUND, Fault, Refused, bad, required
from open311.states import UPDATE_WORDS, WANTED, update_word
from open311.submission import count, opened
from reports import receipts
from reports.actions.add_photos import PhotosInvalid, add_photos
from reports.actions.fetch_photo import may_be_fetched
from reports.actions.partner_update import PartnerUpdate, take_update
from reports.additions import ClosedToCitizens, Done, TooManyAdditions
from reports.editing import TextTooLong
from reports.idempotency import Idempotency
from reports.lifecycle import ClosingIncomplete
from reports.models import Report
from reports.policies import NotPermitted
from reports.queries import public
from reports.queries.public_facts import UpdateFacts

ENDPOINT = "open311.updates"
SPAN = timedelta(days=90)
MOST = 1000
# A client's own id of an update; the second try with it is the same update, whatever it says.
ID_LASTS, CONTENT_LASTS = timedelta(days=7), timedelta(minutes=10)
ID_LIMIT = 100


def updates(ask: Ask) -> Answer:
    """What became visible in a span, oldest first, at most 1000; one query on published data."""
    town, words = ask.town, ask.words
    until = words.moment("end_date", town.tz, ends_day=True)
    since = words.moment("start_date", town.tz)
    if since is None:
        since = (until or timezone.now()) - SPAN
    found = public.updates(town.slug, since=since, until=until, limit=MOST)
    return _answer([_record(town, update) for update in found])


def post_update(ask: Ask) -> Answer:
    """Keep an update and answer its id. Requests of others and unknown ones answer alike."""
    form, client, town = opened(ask)
    keys.check_updates(client)
    count(ask, client)
    words = form.words
    number, word = words.text("service_request_id"), words.text("status").upper()
    check_update(number, word)
    report = receipts.find_by_number(town, number)
    if report is None:
        raise Refused(NOT_FOUND)
    try:
        done = _take(report, form, client, word)
        _add_files(report, form, client)
    except NotPermitted:
        raise Refused(NOT_FOUND) from None
    except ClosedToCitizens:
        raise bad(_("Zu diesem Vorgang nehmen wir nichts mehr an.")) from None
    except ClosingIncomplete:
        raise Refused(required("description", _("der Abschluss braucht eine Antwort."))) from None
    except TextTooLong:
        raise bad(_("description: Bitte kürzen Sie den Text auf 4000 Zeichen.")) from None
    except TooManyAdditions as refused:
        fault = Fault(429, _("Zu viele Nachrichten zu diesem Vorgang."))
        raise Refused(fault, headers={"Retry-After": str(refused.retry_after)}) from None
    headers = {"Idempotency-Replayed": "true"} if done.replayed else {}
    return answered(f"{report.number}-{done.outcome['seq']}", headers)


def check_update(number: str, word: str) -> None:
    """What an update needs, whoever sends it. Raises Refused."""
    faults = [required("service_request_id")] if not number else []
    if not word:
        faults.append(required("status"))
    elif word not in UPDATE_WORDS:
        words = ", ".join(sorted(UPDATE_WORDS))
        faults.append(Fault(400, _("status: erwartet wird %(words)s.") % {"words": words}))
    if faults:
        raise Refused(*faults)


def answered(update_id: str, headers: dict[str, str]) -> Answer:
    """201 with the id of an update."""
    document = Document(
        "service_request_updates", Items("request_update", [{"update_id": update_id}])
    )
    return Answer(document, status=201, headers=headers)


def _take(report: Report, form: Form, client: ApiClient, word: str) -> Done:
    to, reason = WANTED.get(word, (None, None))
    urls = tuple(url for url in form.media_urls[:5] if may_be_fetched(url, client))
    update = PartnerUpdate(
        word=word,
        to=to,
        closing_reason=reason,
        text=form.words.text("description"),
        photo_urls=urls,
    )
    return take_update(
        report.pk,
        update=update,
        client=client,
        now=timezone.now(),
        idempotency=_key(report, form, client),
    )


def _add_files(report: Report, form: Form, client: ApiClient) -> None:
    """Pictures of an update; one that is no picture leaves the message as it is."""
    if not form.files:
        return
    key = _key(report, form, client)
    photos_key = Idempotency(f"{ENDPOINT}.photos", key.key, key.scope, key.lasts)
    try:
        add_photos(report.pk, files=form.files, now=timezone.now(), idempotency=photos_key)
    except (PhotosInvalid, ClosedToCitizens):
        return


def _key(report: Report, form: Form, client: ApiClient) -> Idempotency:
    words = form.words
    own = (words.text("update_id") or words.text("update_id_ext"))[:ID_LIMIT]
    parts = [report.number, own or "\x1e".join(map(words.text, ("status", "description")))]
    key = hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()
    return Idempotency(ENDPOINT, key, f"client:{client.pk}", ID_LASTS if own else CONTENT_LASTS)


def _answer(records: list[dict[str, Any]]) -> Answer:
    document = Document("service_request_updates", Items("request_update", records))
    return Answer(document, is_private=True)


def _record(town: Municipality, update: UpdateFacts) -> dict[str, Any]:
    return {
        "update_id": update.update_id,
        "service_request_id": update.number,
        "status": update_word(update),
        "updated_datetime": update.visible_at.astimezone(town.tz),
        "description": update.text,
        "media_url": None,
    }
