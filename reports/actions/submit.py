"""Submit a report and tell those concerned. Every way in ends here."""

import contextlib
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import ApiClient, Municipality
from leases.models import Lane
from reports import photo_storage, photos, receipts
from reports.actions.publish import republish
from reports.actors import CITIZEN, Actor
from reports.history import record
from reports.messages import tell_reporter_received
from reports.models import (
    Contact,
    Effect,
    IdempotencyRecord,
    Photo,
    Publication,
    Report,
    Screening,
    Submission,
)
from reports.owed import owe
from routing import catalogue, coverage
from routing.models import Category, PublicationPolicy

TEXT_LIMIT = 4000
NAME_LIMIT, PHONE_LIMIT = 120, 40
HELD_ADDRESS_KEPT = timedelta(days=14)
# NUL and halves of surrogate pairs: no text column takes them.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


class SubmissionInvalid(Exception):
    """What was sent cannot become a report.

    `errors` maps a field name to (stable code, German message); `elsewhere` is the municipality of
    this installation that the place belongs to, if another one.
    """

    def __init__(
        self, errors: dict[str, tuple[str, str]], *, elsewhere: Municipality | None = None
    ) -> None:
        super().__init__(", ".join(errors))
        self.errors, self.elsewhere = errors, elsewhere


class KeyReused(Exception):
    """The idempotency key was used before with another body."""


@dataclass(frozen=True)
class Sender:
    """How the reporter may be answered; all empty for an anonymous report."""

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Draft:
    """What somebody wants to report, as values. Lon/lat in WGS84, accuracy in metres."""

    category_code: str
    lon: float
    lat: float
    place_chosen_by: str
    source: str
    accuracy_m: float | None = None
    description: str = ""
    address: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    sender: Sender = field(default_factory=Sender)
    language: str = "de"


@dataclass(frozen=True)
class RefusedPhoto:
    """A photo that was not kept, by its place in the request; the report survives it."""

    ordinal: int
    code: str
    message: str


@dataclass(frozen=True)
class Receipt:
    """What the sender gets: number, secret, and what became of each photo."""

    report: Report
    number: str
    secret: str
    advice: list[str]
    refused_photos: list[RefusedPhoto]
    replayed: bool = False


@dataclass(frozen=True)
class Idempotency:
    """A client's key for one endpoint; `scope` separates clients from each other."""

    endpoint: str
    key: str
    scope: str = ""


@dataclass(frozen=True)
class _Checked:
    category: Category
    point: Point
    answers: dict[str, Any]
    advice: list[str]
    is_danger: bool


@dataclass(frozen=True)
class _KeptPhoto:
    ordinal: int
    facts: photos.PhotoFacts
    key: str


def submit_report(
    *,
    town: Municipality,
    draft: Draft,
    files: Sequence[BinaryIO] = (),
    idempotency: Idempotency | None = None,
    by: Actor = CITIZEN,
    client: ApiClient | None = None,
    now: datetime,
    screening: Screening = Screening.CLEAR,
    lane: Lane | None = None,
) -> Receipt:
    """Submit a report and tell those concerned.

    Raises SubmissionInvalid with one message per field, KeyReused. Returns after COMMIT of the
    report, its photos, its first timeline entry and every row it owes. The same key with the
    same body gives the same receipt again.
    """
    key = _hashed_key(idempotency, draft, files)
    # Before anything is judged: what was accepted once stays accepted, also where the town has
    # changed its categories since.
    earlier = _earlier_receipt(key)
    if earlier is not None:
        return earlier
    checked = check_draft(town, draft, photo_count=len(files))
    inspected, refused = _inspect(files)
    kept = [_keep(town, ordinal, facts, file) for ordinal, facts, file in inspected]
    try:
        with transaction.atomic(durable=True):
            _reserve(key)
            report = _write(town, draft, checked, client=client, now=now, screening=screening)
            written = _write_photos(report, kept)
            contact = _write_contact(report, draft.sender, now)
            record(
                report,
                "received",
                by=by,
                public=True,
                at=now,
                source=draft.source,
                category=checked.category.code,
                photos=len(kept),
            )
            _owe_what_follows(report, written, contact, lane=lane)
            receipt = Receipt(
                report, report.number, receipts.secret_of(report), checked.advice, refused
            )
            _remember(key, receipt)
    except _TwinWasFirst:
        _discard(kept)
        return _receipt_of(key)
    return receipt


def check_draft(town: Municipality, draft: Draft, *, photo_count: int) -> _Checked:
    """Check place, category, text and answers; raises SubmissionInvalid naming every fault."""
    errors: dict[str, tuple[str, str]] = {}
    point = Point(draft.lon, draft.lat, srid=4326)
    elsewhere = _check_place(town, point, errors)
    category = catalogue.find_category(town.pk, draft.category_code)
    if category is None:
        errors["category"] = ("unknown_category", _("Diese Anliegenart wird hier nicht angeboten."))
    if len(draft.description) > TEXT_LIMIT:
        errors["description"] = ("too_long", _("Bitte kürzen Sie den Text auf 4000 Zeichen."))
    elif not draft.description.strip() and not photo_count:
        errors["description"] = (
            "description_or_photo",
            _("Bitte beschreiben Sie kurz, was Sie melden, oder fügen Sie ein Foto hinzu."),
        )
    if photo_count > settings.PHOTO_LIMIT:
        errors["photos"] = ("too_many_photos", _("Bitte senden Sie höchstens fünf Fotos."))
    _check_sender(draft, errors)
    answers = _check_answers(category, draft, errors)
    if errors or category is None:
        raise SubmissionInvalid(
            {name: (code, str(text)) for name, (code, text) in errors.items()}, elsewhere=elsewhere
        )
    return _Checked(
        category=category,
        point=point,
        answers=answers.values if answers else {},
        advice=answers.advice if answers else [],
        is_danger=category.is_danger or (answers.is_danger if answers else False),
    )


def _check_place(
    town: Municipality, point: Point, errors: dict[str, tuple[str, str]]
) -> Municipality | None:
    found = coverage.town_at(point, among=[town.pk])
    if found is not None:
        return None
    elsewhere = coverage.town_at(point)
    if elsewhere is None:
        errors["place"] = (
            "outside",
            _("Der Ort liegt außerhalb von %(town)s. Dort sind wir leider nicht zuständig.")
            % {"town": town.name},
        )
    else:
        errors["place"] = (
            "other_municipality",
            _("Der Ort liegt in %(other)s. Bitte melden Sie es dort.") % {"other": elsewhere.name},
        )
    return elsewhere


def _check_sender(draft: Draft, errors: dict[str, tuple[str, str]]) -> None:
    """What no column could hold, or no mail could be sent to, is a fault and not an accident."""
    sender = draft.sender
    words = {
        "description": (draft.description, None),
        "address": (draft.address, None),
        "name": (sender.name, NAME_LIMIT),
        "phone": (sender.phone, PHONE_LIMIT),
    }
    for name, (text, limit) in words.items():
        if _UNSTORABLE.search(text):
            errors[name] = ("unstorable", _("Der Text enthält Zeichen, die nicht lesbar sind."))
        elif limit is not None and len(text.strip()) > limit:
            errors[name] = (
                "too_long",
                _("Bitte kürzen Sie die Angabe auf %(limit)d Zeichen.") % {"limit": limit},
            )
    email = sender.email.strip()
    if email and not _can_be_mailed(email):
        errors["email"] = ("email_invalid", _("Bitte prüfen Sie die E-Mail-Adresse."))


def _can_be_mailed(address: str) -> bool:
    try:
        validate_email(address)
        address.rpartition("@")[2].encode("idna")
    except (ValidationError, UnicodeError):
        return False
    # Quoted local parts may hold control characters (RFC 5321); no header should.
    return address.isprintable() and len(address) <= 254


def _check_answers(
    category: Category | None, draft: Draft, errors: dict[str, tuple[str, str]]
) -> catalogue.CheckedAnswers | None:
    if category is None:
        return None
    try:
        return catalogue.check_answers(category.pk, draft.answers, language=draft.language)
    except catalogue.AnswersInvalid as invalid:
        for code, message in invalid.errors.items():
            errors[f"answers.{code}"] = ("answer_invalid", message)
        return None


def _inspect(
    files: Sequence[BinaryIO],
) -> tuple[list[tuple[int, photos.PhotoFacts, BinaryIO]], list[RefusedPhoto]]:
    """Judge each photo by its header bytes; a bad one is named and the report survives."""
    inspected, refused = [], []
    for ordinal, file in enumerate(files, start=1):
        file.seek(0)
        try:
            inspected.append((ordinal, photos.inspect(file), file))
        except photos.PhotoRejected as rejection:
            refused.append(RefusedPhoto(ordinal, rejection.code, str(rejection.message)))
    return inspected, refused


def _keep(town: Municipality, ordinal: int, facts: photos.PhotoFacts, file: BinaryIO) -> _KeptPhoto:
    # Sealed, fsynced and renamed before the transaction: a row never points to a missing file.
    # Where the transaction fails, the orphan is swept later.
    file.seek(0)
    key = photo_storage.keep_original(file, context=seal_context(town.slug))
    return _KeptPhoto(ordinal, facts, key)


def _discard(kept: Sequence[_KeptPhoto]) -> None:
    """Take back what was sealed for a report that its twin has made already.

    Every seal has a name of its own, so no row can refer to these. What cannot be removed now is
    swept later.
    """
    for photo in kept:
        with contextlib.suppress(OSError):
            photo_storage.delete_original(photo.key)


def seal_context(town_slug: str) -> str:
    """What a sealed original is bound to, so that it opens for its own municipality only."""
    return f"photo:{town_slug}"


def _write(
    town: Municipality,
    draft: Draft,
    checked: _Checked,
    *,
    client: ApiClient | None,
    now: datetime,
    screening: Screening,
) -> Report:
    report = Report.objects.create(
        municipality=town,
        number=receipts.next_number(town, now),
        source=draft.source,
        language=draft.language,
        api_client=client,
        place=checked.point,
        accuracy_m=draft.accuracy_m,
        place_chosen_by=draft.place_chosen_by,
        category=checked.category,
        is_danger=checked.is_danger,
        screening=screening,
        publication=first_publication(checked.category),
        text_publication=_first_text_publication(checked.category, draft),
        received_at=now,
        updated_at=now,
    )
    Submission.objects.create(
        report=report,
        description=draft.description.strip(),
        address=draft.address.strip()[:200],
        answers=checked.answers,
    )
    return report


def first_publication(category: Category) -> Publication:
    """Where a new report of a category starts: public at once, waiting for approval, or never."""
    policy = category.publication_policy
    if policy == PublicationPolicy.NEVER:
        return Publication.WITHHELD
    return Publication.APPROVED if policy == PublicationPolicy.AUTOMATIC else Publication.PENDING


def _first_text_publication(category: Category, draft: Draft) -> Publication:
    # Coarse categories publish neither text nor photo, so there is nothing to approve.
    silent = category.publication_policy in {PublicationPolicy.NEVER, PublicationPolicy.COARSE}
    return Publication.WITHHELD if silent or not draft.description.strip() else Publication.PENDING


def _write_photos(report: Report, kept: Sequence[_KeptPhoto]) -> list[Photo]:
    silent = report.category.publication_policy in {
        PublicationPolicy.NEVER,
        PublicationPolicy.COARSE,
    }
    return Photo.objects.bulk_create(
        Photo(
            report=report,
            ordinal=photo.ordinal,
            format=photo.facts.format,
            width=photo.facts.width,
            height=photo.facts.height,
            byte_size=photo.facts.byte_size,
            original_key=photo.key,
            original_sha256=photo.facts.sha256,
            publication=Publication.WITHHELD if silent else Publication.PENDING,
        )
        for photo in kept
    )


def _write_contact(report: Report, sender: Sender, now: datetime) -> Contact | None:
    if not (sender.name or sender.email or sender.phone):
        return None
    return Contact.objects.create(
        report=report,
        name=sender.name.strip(),
        email=sender.email.strip(),
        phone=sender.phone.strip(),
        confirm_until=_confirm_until(report, now) if sender.email.strip() else None,
    )


def _confirm_until(report: Report, now: datetime) -> datetime:
    # Nobody is asked while a report is held; its time begins anew when it is released.
    is_asked = report.screening == Screening.CLEAR
    return now + (settings.CONFIRM_ADDRESS_WITHIN if is_asked else HELD_ADDRESS_KEPT)


def _owe_what_follows(
    report: Report, kept: Sequence[Photo], contact: Contact | None, *, lane: Lane | None
) -> None:
    owe(report, Effect.Kind.ROUTE, lane=lane)
    for photo in kept:
        owe(report, Effect.Kind.DERIVE_PHOTO, version=photo.pk)
    if report.screening != Screening.CLEAR:
        return  # held reports are stored and routed, neither published nor answered by mail
    if report.publication == Publication.APPROVED:
        republish(report, lane=lane)
    if contact is not None and contact.email:
        tell_reporter_received(report, contact)


@dataclass(frozen=True)
class _Key:
    endpoint: str
    key_hash: str
    fingerprint: str


def _hashed_key(
    idempotency: Idempotency | None, draft: Draft, files: Sequence[BinaryIO]
) -> _Key | None:
    if idempotency is None:
        return None
    scoped = f"{idempotency.scope}\x1f{idempotency.key}".encode()
    body = json.dumps(asdict(draft), sort_keys=True, default=str).encode()
    fingerprint = hashlib.sha256(body)
    for file in files:
        file.seek(0)
        fingerprint.update(hashlib.file_digest(file, "sha256").digest())  # type: ignore[arg-type]
    return _Key(
        idempotency.endpoint,
        hmac.new(settings.RECEIPT_KEY, scoped, hashlib.sha256).hexdigest(),
        fingerprint.hexdigest(),
    )


class _TwinWasFirst(Exception):
    """The same key was used by a request that has committed by now."""


def _reserve(key: _Key | None) -> None:
    """Take the key inside the transaction; waits for a twin in flight. Raises _TwinWasFirst."""
    if key is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reports_idempotencyrecord (endpoint, key_hash, fingerprint, outcome,"
            " created_at) VALUES (%s, %s, %s, '{}', clock_timestamp())"
            " ON CONFLICT (endpoint, key_hash) DO NOTHING",
            [key.endpoint, key.key_hash, key.fingerprint],
        )
        if cursor.rowcount == 0:
            raise _TwinWasFirst


def _remember(key: _Key | None, receipt: Receipt) -> None:
    if key is not None:
        outcome = {
            "advice": receipt.advice,
            "refused_photos": [asdict(photo) for photo in receipt.refused_photos],
        }
        IdempotencyRecord.objects.filter(endpoint=key.endpoint, key_hash=key.key_hash).update(
            report=receipt.report, outcome=outcome
        )


def _earlier_receipt(key: _Key | None) -> Receipt | None:
    """What the key made before, or None. Raises KeyReused."""
    if key is None:
        return None
    row = (
        IdempotencyRecord.objects.select_related(
            "report__municipality", "report__category", "report__office"
        )
        .defer("report__municipality__coverage", "report__municipality__pages")
        .filter(endpoint=key.endpoint, key_hash=key.key_hash)
        .first()
    )
    if row is None:
        return None
    if row.fingerprint != key.fingerprint:
        raise KeyReused
    assert row.report is not None  # noqa: S101 - committed records have their report
    return Receipt(
        row.report,
        row.report.number,
        receipts.secret_of(row.report),
        row.outcome["advice"],
        [RefusedPhoto(**photo) for photo in row.outcome["refused_photos"]],
        replayed=True,
    )


def _receipt_of(key: _Key | None) -> Receipt:
    receipt = _earlier_receipt(key)
    assert receipt is not None  # noqa: S101 - only called for a key that exists
    return receipt
