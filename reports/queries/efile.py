"""A case as the electronic file gets it: history in words, photos, a summary to read for ever.

Actors are offices and roles, never names of staff. The reporter's data go along only where the
deletion class says so; otherwise what citizens wrote later stays out as well.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from documents import pdf
from efile.xdomea import Attachment, CaseFile, Step
from reports import photo_storage
from reports.filing import FileHandover, FilingState
from reports.masks import copies_for_others
from reports.models import (
    ActorKind,
    Contact,
    Photo,
    PhotoState,
    Remark,
    Report,
    TimelineEntry,
)
from reports.photo_intake import seal_context
from reports.policies import Staff
from reports.timeline_kinds import KINDS

LISTED = 200


def filings(staff: Staff, *, state: str = "") -> list[FileHandover]:
    """Hand-overs of the town, the newest first; of one state if it is named. One query."""
    rows = FileHandover.objects.filter(report__municipality_id=staff.municipality_id)
    if state in FilingState.values:
        rows = rows.filter(state=state)
    return list(rows.select_related("report__category").order_by("-pk")[:LISTED])


def case_file(report: Report, handover: FileHandover, *, receiver: str) -> CaseFile:
    """The values of the message and the bytes of its files."""
    with translation.override("de"):
        steps = list(_steps(report, handover.with_contact))
        attachments = [_summary(report, handover, steps), *_photos(report, handover)]
        tz = report.municipality.tz
        closed = report.closed_at or handover.booked_at
        return CaseFile(
            process_id=handover.process_id,
            made_at=handover.booked_at.astimezone(tz),
            sender=report.municipality.official_name,
            sender_office=report.office.label if report.office else "",
            receiver=receiver,
            reference=report.number,
            subject=f"{report.category.name} {report.number}",
            kind=_("Anliegen"),
            opened_on=report.received_at.astimezone(tz).date(),
            closed_on=closed.astimezone(tz).date(),
            confidential=report.is_confidential,
            steps=steps,
            attachments=attachments,
            reporter=_reporter(report) if handover.with_contact else "",
        )


def _steps(report: Report, with_contact: bool) -> Iterator[Step]:
    entries = list(TimelineEntry.objects.filter(report=report).order_by("seq"))
    wanted = Q(report=report) if with_contact else Q(report=report) & ~Q(kind=Remark.Kind.CITIZEN)
    words = dict(Remark.objects.filter(wanted).values_list("pk", "body"))
    actors = {
        ActorKind.CITIZEN: _("meldende Person"),
        ActorKind.SYSTEM: _("System"),
        ActorKind.STAFF: _("Verwaltung"),
    }
    tz: ZoneInfo = report.municipality.tz
    for entry in entries:
        yield Step(
            at=entry.at.astimezone(tz),
            action=str(KINDS.get(entry.kind, entry.kind)),
            actor=actors[ActorKind(entry.actor_kind)],
            remark=words.get(entry.remark_id or 0, ""),
        )


def _summary(report: Report, handover: FileHandover, steps: Sequence[Step]) -> Attachment:
    page = render_to_string(
        "reports/efile_summary.html",
        {
            "report": report,
            "submission": report.submission,
            "steps": steps,
            "reporter": _reporter(report) if handover.with_contact else "",
            "booked_at": handover.booked_at,
        },
    )
    content = pdf.render(page, profile=pdf.Profile.ARCHIVE)
    return Attachment(
        _("Zusammenfassung des Vorgangs"),
        f"{report.number}.pdf",
        content,
        "pdf/a",
        _day(handover.booked_at, report),
    )


def _photos(report: Report, handover: FileHandover) -> Iterator[Attachment]:
    for photo in Photo.objects.filter(report=report, state=PhotoState.READY).order_by("ordinal"):
        found = _original(report, photo) if handover.with_contact else _masked(photo)
        if found is not None:
            content, suffix = found
            yield Attachment(
                _("Foto %(number)d") % {"number": photo.ordinal},
                f"foto-{photo.ordinal}.{suffix}",
                content,
                "jpeg" if suffix == "jpg" else suffix,
                _day(photo.created_at, report),
            )


def _original(report: Report, photo: Photo) -> tuple[bytes, str] | None:
    if not photo.original_key:
        return _masked(photo)
    content = photo_storage.read_original(
        photo.original_key, seal_context(report.municipality.slug)
    )
    suffix = photo.format.lower()
    return content, "jpg" if suffix == "jpeg" else suffix


def _masked(photo: Photo) -> tuple[bytes, str] | None:
    """The largest copy others may see; none while masks are still to be burned in."""
    copies = copies_for_others(photo)
    if not copies:
        return None
    return photo_storage.read_staff_derivative(copies[max(copies, key=int)]["jpeg"]), "jpg"


def _reporter(report: Report) -> str:
    contact = Contact.objects.filter(report=report, erased_at=None).first()
    if contact is None:
        return ""
    parts = (contact.name, contact.email, contact.phone, contact.postal_address)
    return ", ".join(part for part in parts if part)


def _day(at: datetime, report: Report) -> date:
    return at.astimezone(report.municipality.tz).date()
