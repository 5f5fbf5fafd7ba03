"""Submit a report and tell those concerned. Every way in ends here."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction

from accounts.arrivals import Arrival
from accounts.models import ApiClient, Municipality
from leases.models import Lane
from leases.statements import Statement, ask, insertion_of, send
from reports import photo_intake, receipts, upload_intake
from reports.actions.decide_consent import write_consents
from reports.actions.fetch_photo import book_photos
from reports.actors import CITIZEN, SYSTEM, Actor
from reports.draft import CheckedDraft, Draft, Sender, check_draft
from reports.history import entry, record
from reports.idempotency import (
    HashedKey,
    Idempotency,
    TwinWasFirst,
    check_reserved,
    earlier_outcome,
    hashed_key,
    remembering,
    reserving,
)
from reports.messages import tell_reporter_received
from reports.models import (
    AnswerBy,
    Contact,
    Effect,
    Publication,
    Report,
    Screening,
    Submission,
)
from reports.named_asset import NamedAsset
from reports.owed import owe, owing
from reports.photo_intake import KeptPhoto, RefusedPhoto
from reports.queries.bodies import bodies_asking
from reports.reply_tasks import owe_reply
from reports.screening import Verdict, judge, keep_suspicion, sentences
from reports.upload_intake import UploadsInvalid
from routing.models import Category, PublicationPolicy

HELD_ADDRESS_KEPT = timedelta(days=14)


@dataclass(frozen=True)
class Receipt:
    """What the sender gets: number, secret, and what became of each photo.

    `is_held`: a person looks at it before it goes its way. `drops_address`: the address that was
    given is not used, so that no mail will come.
    """

    report: Report
    number: str
    secret: str
    advice: list[str]
    refused_photos: list[RefusedPhoto]
    replayed: bool = False
    is_held: bool = False
    drops_address: bool = False


def submit_report(
    *,
    town: Municipality,
    draft: Draft,
    files: Sequence[BinaryIO] = (),
    uploads: Sequence[str] = (),
    remote_photos: Sequence[str] = (),
    idempotency: Idempotency | None = None,
    by: Actor = CITIZEN,
    client: ApiClient | None = None,
    now: datetime,
    arrival: Arrival | None = None,
    screening: Screening = Screening.CLEAR,
    lane: Lane | None = None,
    entered_at: int | None = None,
) -> Receipt:
    """Submit a report and tell those concerned.

    `arrival` says from where a stranger's report came, so that it is counted and judged; without
    it nothing is. `screening` is what the door has found out itself.

    `entered_at` is the office (id) of the member of staff who enters it for somebody.

    `uploads` are tokens of photos sent before; they count behind `files` and are used up.
    `remote_photos` are addresses of photos that a partner system keeps; they are fetched later.

    Raises SubmissionInvalid with one message per field, UploadsInvalid, KeyReused. Returns after
    COMMIT of the report, its photos, its first timeline entry and every row it owes. The same key
    with the same body gives the same receipt again.
    """
    key = hashed_key(idempotency, _fingerprinted(draft, uploads, remote_photos), files)
    # Before anything is judged: what was accepted once stays accepted, also where the town has
    # changed its categories since.
    earlier = _earlier_receipt(key)
    if earlier is not None:
        return earlier
    checked = check_draft(town, draft, photo_count=len(files) + len(uploads) + len(remote_photos))
    verdict = judge(town, draft, checked, arrival, now, found_by_door=screening)
    checked = replace(checked, is_danger=verdict.is_danger)
    kept: list[KeptPhoto] = []
    try:
        with upload_intake.opened(uploads) as ahead:
            inspected, refused = photo_intake.inspect_all([*files, *ahead.files])
            kept += (photo_intake.keep(town, *photo) for photo in inspected)
        with transaction.atomic(durable=True):
            *reserved, numbered = ask([*reserving(key), receipts.numbering(town, now)])
            check_reserved(reserved)
            ahead.use(now=now)
            serial = receipts.serial_of(town, now, numbered)
            report = _new_report(
                serial, town, draft, checked, client=client, now=now, screening=verdict.screening
            )
            contact = _contact_of(report, _usable(draft.sender, verdict), now)
            codes: dict[str, Any] = {} if entered_at is None else {"office": entered_at}
            if checked.assets:
                codes["assets"] = [asset.reference for asset in checked.assets]
            received = entry(
                report,
                "received",
                by=by,
                public=True,
                at=now,
                source=draft.source,
                category=checked.category.code,
                photos=len(kept),
                **codes,
            )
            receipt = Receipt(
                report,
                report.number,
                receipts.secret_of(report),
                [*checked.advice, *sentences(verdict, draft.language)],
                refused,
                is_held=verdict.screening == Screening.HELD,
                drops_address=verdict.drops_address,
            )
            send(
                [
                    *_what_was_sent(report, draft, checked, contact),
                    insertion_of(received),
                    # Nothing is public before rules were asked: its routing books that.
                    owing(report, Effect.Kind.ROUTE, lane=lane),
                    *remembering(key, report, _outcome(receipt)),
                ]
            )
            for photo in photo_intake.write(report, kept):
                owe(report, Effect.Kind.DERIVE_PHOTO, version=photo.pk)
            book_photos(report, remote_photos)
            _keep_consents(report, draft, contact, now)
            keep_suspicion(report, verdict, now)
            _record_concerns(report, draft, checked, now)
            _tell_sender(report, contact, now)
    except (TwinWasFirst, UploadsInvalid):
        photo_intake.discard(kept)
        # A twin that was faster has also used the uploads.
        earlier = _earlier_receipt(key)
        if earlier is None:
            raise
        return earlier
    ahead.forget()
    return receipt


def _record_concerns(report: Report, draft: Draft, checked: CheckedDraft, now: datetime) -> None:
    """Why a report counts as danger or for few readers: codes and the lists used, never words."""
    danger = checked.concerns.danger
    if danger.is_danger or draft.called_emergency:
        record(
            report,
            "danger_named",
            by=SYSTEM,
            at=now,
            topics=danger.topics,
            lists=danger.version,
            called=draft.called_emergency,
        )
    if checked.is_restricted:
        topics = checked.concerns.restricted_by
        record(report, "restricted", by=SYSTEM, at=now, topics=topics, lists=danger.version)


def _fingerprinted(
    draft: Draft, uploads: Sequence[str], remote_photos: Sequence[str]
) -> dict[str, object]:
    # The uploads themselves are gone when the same request comes again; their names stay.
    words = vars(draft) | {"sender": vars(draft.sender)}
    words |= {"uploads": list(uploads)} if uploads else {}
    words |= {"remote_photos": list(remote_photos)} if remote_photos else {}
    # What is not set says nothing: what was sent before it existed is still the same.
    return {name: value for name, value in words.items() if value is not False and value != ()}


def _new_report(
    serial: receipts.Serial,
    town: Municipality,
    draft: Draft,
    checked: CheckedDraft,
    *,
    client: ApiClient | None,
    now: datetime,
    screening: Screening,
) -> Report:
    """The row of the report with its key and number, not yet written."""
    publication = (
        Publication.WITHHELD if checked.is_restricted else first_publication(checked.category)
    )
    return Report(
        pk=serial.report_id,
        municipality=town,
        number=serial.number,
        source=draft.source,
        language=draft.language,
        api_client=client,
        place=checked.point,
        accuracy_m=draft.accuracy_m,
        place_chosen_by=draft.place_chosen_by,
        category=checked.category,
        is_danger=checked.is_danger,
        is_confidential=checked.is_restricted,
        screening=screening,
        publication=publication,
        text_publication=_first_text_publication(checked.category, draft),
        received_at=now,
        updated_at=now,
    )


def _what_was_sent(
    report: Report, draft: Draft, checked: CheckedDraft, contact: Contact | None
) -> Iterator[Statement]:
    yield insertion_of(report)
    yield from (insertion_of(NamedAsset(report=report, asset=each)) for each in checked.assets)
    yield insertion_of(
        Submission(
            report=report,
            description=draft.description.strip(),
            address=draft.address.strip()[:200],
            answers=checked.answers,
        )
    )
    if contact is not None:
        yield insertion_of(contact)


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


def _usable(sender: Sender, verdict: Verdict) -> Sender:
    return replace(sender, email="") if verdict.drops_address else sender


def _contact_of(report: Report, sender: Sender, now: datetime) -> Contact | None:
    if not (sender.name or sender.email or sender.phone or sender.postal_address):
        return None
    return Contact(
        report=report,
        name=sender.name.strip(),
        email=sender.email.strip(),
        phone=sender.phone.strip(),
        postal_address=sender.postal_address.strip(),
        answer_by=sender.answer_by,
        confirm_until=_confirm_until(report, now) if sender.email.strip() else None,
        told_at=now if sender.email.strip() and report.screening == Screening.CLEAR else None,
    )


def _confirm_until(report: Report, now: datetime) -> datetime:
    # Nobody is asked while a report is held; its time begins anew when it is released.
    is_asked = report.screening == Screening.CLEAR
    return now + (settings.CONFIRM_ADDRESS_WITHIN if is_asked else HELD_ADDRESS_KEPT)


def _tell_sender(report: Report, contact: Contact | None, now: datetime) -> None:
    if contact is None:
        return
    if contact.email and report.screening == Screening.CLEAR:
        tell_reporter_received(report, contact)
    if contact.answer_by == AnswerBy.LETTER:
        owe_reply(report, contact, event="report_received", now=now)


def _keep_consents(report: Report, draft: Draft, contact: Contact | None, now: datetime) -> None:
    """What the sender allowed, as far as the town asks about it; without a contact it is void."""
    if not draft.share_with or contact is None:
        return
    asked = {body.pk for body in bodies_asking(report.municipality_id, report.category_id)}
    write_consents(report, sorted(asked.intersection(draft.share_with)), now=now)


def _outcome(receipt: Receipt) -> dict[str, object]:
    return {
        "advice": receipt.advice,
        "refused_photos": [asdict(photo) for photo in receipt.refused_photos],
        "is_held": receipt.is_held,
        "drops_address": receipt.drops_address,
    }


def _earlier_receipt(key: HashedKey | None) -> Receipt | None:
    row = earlier_outcome(key)
    if row is None:
        return None
    assert row.report is not None  # noqa: S101 - committed records have their report
    return Receipt(
        row.report,
        row.report.number,
        receipts.secret_of(row.report),
        row.outcome["advice"],
        [RefusedPhoto(**photo) for photo in row.outcome["refused_photos"]],
        replayed=True,
        is_held=row.outcome.get("is_held", False),
        drops_address=row.outcome.get("drops_address", False),
    )
