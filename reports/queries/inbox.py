"""The post that waits for a person, and one mail of it with its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from reports import photo_storage
from reports.actions.receive_mail import mail_seal_context
from reports.inbox import IncomingFile, IncomingMail, MailState
from reports.policies import Staff, may_read_inbox

PAGE = 100


@dataclass(frozen=True)
class MailRow:
    """A mail in the list."""

    mail: IncomingMail
    file_count: int


@dataclass(frozen=True)
class OpenMail:
    """A mail as its page shows it."""

    mail: IncomingMail
    files: Sequence[IncomingFile]

    @property
    def photos(self) -> list[IncomingFile]:
        """The files that can be photos of a report, as many as it takes."""
        return [file for file in self.files if file.is_photo][: settings.PHOTO_LIMIT]


def waiting_mails(staff: Staff, state: MailState) -> list[MailRow]:
    """Mails in a state: dangers, then the oldest where they wait, else the newest. One query."""
    rows = (
        _readable(staff)
        .filter(state=state)
        .select_related("about", "report", "settled_by")
        .annotate(file_count=Count("files"))
    )
    waits = state == MailState.NEW
    ordered = rows.order_by("-is_danger", "received_at" if waits else "-received_at", "pk")
    return [MailRow(row, row.file_count) for row in ordered[:PAGE]]


def count_by_state(staff: Staff) -> dict[str, int]:
    """How many mails wait, by state. One query."""
    names = (MailState.NEW, MailState.SPAM, MailState.AUTOMATIC)
    counted = _readable(staff).aggregate(
        **{state.value: Count("pk", filter=Q(state=state)) for state in names}
    )
    return {str(name): number for name, number in counted.items()}


def new_mails(staff: Staff) -> QuerySet[IncomingMail]:
    """The mails that wait for somebody, for use in a query."""
    return _readable(staff).filter(state=MailState.NEW)


def open_mail(staff: Staff, mail_id: int) -> OpenMail | None:
    """One mail with its files; None where it is not theirs. Two queries."""
    mail = _readable(staff).select_related("about", "report", "settled_by").filter(pk=mail_id)
    found = mail.first()
    if found is None:
        return None
    return OpenMail(found, list(found.files.order_by("ordinal")))


def open_file(staff: Staff, mail_id: int, ordinal: int) -> tuple[IncomingFile, bytes] | None:
    """A file of a mail with its content; None where it is not theirs or gone."""
    file = (
        IncomingFile.objects.filter(mail__in=_readable(staff), mail_id=mail_id, ordinal=ordinal)
        .select_related("mail__municipality")
        .first()
    )
    if file is None:
        return None
    slug = file.mail.municipality.slug
    return file, photo_storage.read_original(file.sealed_key, mail_seal_context(slug))


def photo_files(opened: OpenMail, town_slug: str) -> list[BinaryIO]:
    """The photos of a mail for the report it becomes."""
    context = mail_seal_context(town_slug)
    return [
        BytesIO(photo_storage.read_original(each.sealed_key, context)) for each in opened.photos
    ]


def _readable(staff: Staff) -> QuerySet[IncomingMail]:
    mails = IncomingMail.objects.filter(municipality_id=staff.municipality_id)
    return mails if may_read_inbox(staff) else mails.none()
