"""Loads about three hundred cases of the last year, so that no screen of the demo is empty."""

import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from multiprocessing import get_context
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Municipality, Office, RoleAssignment, User
from demo.outside import give_work, pass_cases_on
from demo.patterns import correct_by_hand
from demo.photos import phone_photo
from demo.towns import CONTENT
from leases.models import WorkState
from reports import photo_storage, photos
from reports.actions.derive_photo import derive_photo
from reports.actions.publish import publish_report, republish
from reports.actions.route import route_report
from reports.actions.take_over import OldRecord, take_over
from reports.actors import SYSTEM, Actor
from reports.draft import Sender
from reports.duplicates import Merge
from reports.history import record, write_remark
from reports.lifecycle import CLOSED, OPEN, ClosingReason, Status, WaitingFor
from reports.models import (
    Detection,
    Effect,
    Handover,
    Photo,
    PhotoState,
    PlaceChosenBy,
    Publication,
    Remark,
    Report,
    Source,
)
from reports.owed import owe
from reports.photo_intake import seal_context
from reports.publication import policy_of
from routing.models import PublicationPolicy

PHOTO_SIZE = (1000, 750)
PHOTO_LIMIT = 60
SILENT = {PublicationPolicy.NEVER, PublicationPolicy.COARSE}

Case = dict[str, Any]


@dataclass(frozen=True)
class Loaded:
    """How many cases and photos a run made."""

    cases: int
    photos: int


def load_cases(
    town: Municipality, *, say: Callable[[str], None], now: datetime | None = None
) -> Loaded:
    """Take the demo cases of a town over, then give them their photos, handovers and assignees."""
    now = now or timezone.now()
    lines = (CONTENT / town.slug / "reports.jsonl").read_text(encoding="utf-8").splitlines()
    cases: dict[str, Case] = {case["key"]: case for case in map(json.loads, filter(None, lines))}
    outcome = take_over(town, [_record(case, town, now) for case in cases.values()], now=now)
    for refusal in outcome.refused:
        say(f"{town.name}: {refusal.key} abgelehnt ({refusal.message})")
    reports = {
        report.import_key: report
        for report in Report.objects.filter(municipality=town, import_key__in=outcome.numbers)
    }
    for report in reports.values():
        route_report(report.pk, now=report.received_at + timedelta(seconds=2))
    say(f"{town.name}: {len(reports)} Fälle geladen, Fotos werden gezeichnet …")
    made = _add_photos(town, cases, reports)
    _mark_duplicates(cases, reports)
    correct_by_hand(town, now=now)
    _hand_over(town, cases, reports, now)
    _assign(town, reports)
    pass_cases_on(town, now)
    give_work(town, now)
    _publish(reports)
    return Loaded(len(reports), made)


def _record(case: Case, town: Municipality, now: datetime) -> OldRecord:
    local = (now - timedelta(days=_age(case))).astimezone(town.tz)
    received = local.replace(hour=case["hour"], minute=case["minute"], second=17, microsecond=0)
    received = min(received, now - timedelta(minutes=20 + case["minute"]))
    status = Status(case["state"])
    closed = _closing_time(case, received, now) if status in CLOSED else None
    answer = case.get("public_answer") or ""
    reporter = case.get("reporter") or {}
    return OldRecord(
        key=case["key"],
        category_code=case["category"],
        lon=case["lon"],
        lat=case["lat"],
        received_at=received,
        # A duplicate gets its leading case afterwards, when both exist.
        status=Status.DONE if status == Status.DUPLICATE else status,
        description=case["text"],
        address=case.get("address") or "",
        closed_at=closed,
        closing_reason=ClosingReason(case["closing_reason"]) if case["closing_reason"] else None,
        answer=answer,
        answered_at=(closed or received + (now - received) / 3) if answer else None,
        source=Source(case["source"]),
        place_chosen_by=PlaceChosenBy(case["place_chosen_by"]),
        accuracy_m=case.get("accuracy_m"),
        language=case.get("language") or "de",
        answers=case.get("answers") or {},
        notes=case.get("notes") or (),
        sender=Sender(name=reporter.get("name", ""), email=reporter.get("email", "")),
        waiting_for=WaitingFor(case.get("waiting_for") or WaitingFor.THIRD_PARTY),
        is_danger=case["danger"],
        is_confidential=case["confidential"],
        text_approved=case["text_approved"],
        report_approved=case["text_approved"] or status in CLOSED,
    )


def _age(case: Case) -> int:
    """Days since the case came in; of the open ones only every fifth is old."""
    days: int = case["days_ago"]
    is_open = Status(case["state"]) in OPEN
    return days % 12 if is_open and days > 12 and case["minute"] % 5 else days


def _closing_time(case: Case, received: datetime, now: datetime) -> datetime:
    # Between two and forty days, spread by the minute so that no two cases look alike.
    days = 2 + (case["minute"] * 7 + case["days_ago"]) % 39
    return min(received + timedelta(days=days, hours=case["hour"] % 5), now - timedelta(minutes=9))


def _add_photos(
    town: Municipality, cases: dict[str, Case], reports: dict[str | None, Report]
) -> int:
    scenes: dict[str, str] = json.loads((CONTENT / "photo_scenes.json").read_text())
    wanted = [
        (cases[str(key)], report, ordinal)
        for key, report in sorted(reports.items(), key=lambda item: str(item[0]))
        for ordinal in range(1, cases[str(key)]["photos"] + 1)
    ][:PHOTO_LIMIT]
    # Drawing is most of the work; children that know nothing of Django share it.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as painters:
        drawn = [
            painters.submit(
                phone_photo,
                scenes.get(case["category"], "generic"),
                seed,
                PHOTO_SIZE,
                case["lon"],
                case["lat"],
                report.received_at,
            )
            for seed, (case, report, _ordinal) in enumerate(wanted)
        ]
        for (case, report, ordinal), painting in zip(wanted, drawn, strict=True):
            _add_photo(town, case, report, ordinal, painting.result())
    return len(wanted)


def _skip_search(photo: Photo) -> None:
    """Call off the search for faces: we drew the picture, and nobody is in it.

    Some hundred searches at once would keep the media worker from the first real photo.
    """
    Photo.objects.filter(pk=photo.pk, detection=Detection.WAITING).update(detection=Detection.DONE)
    Effect.objects.filter(
        report_id=photo.report_id, kind=Effect.Kind.DETECT, version=photo.pk
    ).update(state=WorkState.DONE, settled_at=timezone.now())


def _add_photo(town: Municipality, case: Case, report: Report, ordinal: int, jpeg: bytes) -> None:
    facts = photos.inspect(BytesIO(jpeg))
    photo = Photo.objects.create(
        report=report,
        ordinal=ordinal,
        format=facts.format,
        width=facts.width,
        height=facts.height,
        byte_size=facts.byte_size,
        original_key=photo_storage.keep_original(BytesIO(jpeg), context=seal_context(town.slug)),
        original_sha256=facts.sha256,
    )
    derive_photo(photo.pk)
    _skip_search(photo)
    silent = policy_of(report) in SILENT or case["confidential"]
    publication = Publication.APPROVED if case["photo_approved"] else Publication.PENDING
    Photo.objects.filter(pk=photo.pk, state=PhotoState.READY).update(
        publication=Publication.WITHHELD if silent else publication
    )


def _mark_duplicates(cases: dict[str, Case], reports: dict[str | None, Report]) -> None:
    for key, report in reports.items():
        leading = reports.get(cases[str(key)].get("duplicate_of"))
        if leading is not None and report.status in CLOSED:
            Merge.objects.create(
                report=report,
                into=leading,
                status_before=Status.IN_PROGRESS,
                due_at_before=report.due_at,
                merged_at=report.closed_at or report.updated_at,
            )
            report.status, report.leading = Status.DUPLICATE, leading
            report.closing_reason = ClosingReason.DUPLICATE
            report.save(update_fields=["status", "leading", "closing_reason"])


def _hand_over(
    town: Municipality,
    cases: dict[str, Case],
    reports: dict[str | None, Report],
    now: datetime,
) -> None:
    offices = {office.key: office for office in Office.objects.filter(municipality=town)}
    for key, report in reports.items():
        wanted = cases[str(key)].get("handover")
        report.refresh_from_db()
        target = offices.get(wanted["to_office_key"]) if wanted else None
        if wanted and target and report.office and target != report.office:
            _write_handover(report, report.office, target, wanted, now)


def _write_handover(
    report: Report, giver: Office, target: Office, wanted: Case, now: datetime
) -> None:
    state = Handover.State(wanted["state"])
    if state == Handover.State.OFFERED and report.status in CLOSED:
        return
    people = User.objects.filter(roles__municipality=report.municipality).order_by("pk")
    giver_person = people.filter(roles__office=giver).first() or people[0]
    taker = people.filter(roles__office=target).first() or people[0]
    offered = min(report.received_at + timedelta(hours=5), now - timedelta(minutes=5))
    decided = None if state == Handover.State.OFFERED else offered + timedelta(minutes=4)
    with transaction.atomic():
        reason = write_remark(report, Remark.Kind.REASON, wanted["reason"])
        refusal = (
            write_remark(
                report, Remark.Kind.REASON, wanted.get("return_reason") or "Nicht zuständig."
            )
            if state == Handover.State.RETURNED
            else None
        )
        handover = Handover.objects.create(
            report=report,
            from_office=giver,
            to_office=target,
            state=state,
            reason_remark_id=reason.pk,
            offered_by=giver_person,
            offered_at=offered,
            answer_until=max(offered, now) + timedelta(days=3),
            decided_by=taker if decided else None,
            decided_at=decided,
            return_remark_id=refusal.pk if refusal else None,
        )
        record(
            report,
            "handover_offered",
            by=SYSTEM,
            at=offered,
            remark=reason,
            handover=handover.pk,
            to_office=target.pk,
        )
        if state == Handover.State.OFFERED:
            until = handover.answer_until
            owe(report, Effect.Kind.OFFER_DEADLINE, version=handover.pk, not_before=until)
        if state == Handover.State.ACCEPTED:
            report.office, report.office_chosen_by_hand = target, True
            report.handover_count += 1
            report.save(update_fields=["office", "office_chosen_by_hand", "handover_count"])
            record(report, "handover_accepted", by=SYSTEM, at=decided, handover=handover.pk)
        elif refusal is not None:
            report.return_count += 1
            report.save(update_fields=["return_count"])
            record(
                report,
                "handover_returned",
                by=SYSTEM,
                at=decided,
                remark=refusal,
                handover=handover.pk,
            )


def _assign(town: Municipality, reports: dict[str | None, Report]) -> None:
    clerks: dict[int, list[User]] = {}
    rows = RoleAssignment.objects.filter(municipality=town, role="clerk", office__isnull=False)
    for assignment in rows.select_related("user").order_by("pk"):
        clerks.setdefault(assignment.office_id or 0, []).append(assignment.user)
    for position, report in enumerate(reports.values()):
        people = clerks.get(report.office_id or 0, [])
        if people and report.status != Status.RECEIVED:
            _give_to(report, people[position % len(people)])


def _give_to(report: Report, clerk: User) -> None:
    changes: dict[str, Any] = {}
    if report.status in {Status.IN_PROGRESS, Status.WAITING}:
        changes["assignee"] = clerk
    if report.is_danger:
        # Whoever works on a danger case has taken it on long ago.
        taken = report.received_at + timedelta(minutes=6)
        changes |= {"danger_acknowledged_at": taken, "danger_acknowledged_by": clerk}
        record(report, "danger_acknowledged", by=Actor.staff(clerk), at=taken)
    if changes:
        Report.objects.filter(pk=report.pk).update(**changes)


def _publish(reports: dict[str | None, Report]) -> None:
    now = timezone.now()
    for report in reports.values():
        if Effect.objects.filter(report=report, kind=Effect.Kind.PUBLISH).exists():
            with transaction.atomic():
                republish(report)
            publish_report(report.pk, now=now)
