"""Hand-overs of cases to the electronic file (eAkte): what was given, where it stands."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class FilingState(models.TextChoices):
    WAITING = "waiting", _("wird übergeben")
    DELIVERED = "delivered", _("übergeben, noch nicht bestätigt")
    ACKNOWLEDGED = "acknowledged", _("von der eAkte bestätigt")
    REFUSED = "refused", _("von der eAkte zurückgewiesen")
    FAILED = "failed", _("nicht zustellbar")


class ArchiveDecision(models.TextChoices):
    NONE = "", _("noch nicht entschieden")
    TAKEN = "taken", _("vom Archiv übernommen")
    WAIVED = "waived", _("nicht archivwürdig")


class FileHandover(models.Model):
    """One hand-over of a case; `process_id` names it in the message and in acknowledgements.

    It holds nothing personal: what was handed over is not kept here, only its name and checksum.
    """

    report = models.ForeignKey("reports.Report", models.PROTECT, related_name="filings")
    process_id = models.UUIDField(default=uuid4, unique=True)
    state = models.CharField(
        max_length=12, choices=FilingState.choices, default=FilingState.WAITING
    )
    with_contact = models.BooleanField(default=False)
    booked_at = models.DateTimeField(db_default=Now())
    booked_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    byte_size = models.PositiveIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    fault = models.CharField(max_length=60, blank=True, default="")
    delivered_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    # Empty where an acknowledgement file said so.
    acknowledged_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    archive = models.CharField(
        max_length=6, choices=ArchiveDecision.choices, blank=True, default=ArchiveDecision.NONE
    )
    archive_decided_at = models.DateTimeField(null=True, blank=True)
    archive_decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["report"],
                condition=Q(state__in=["waiting", "delivered", "failed"]),
                name="file_handover_one_underway",
            ),
            models.CheckConstraint(
                condition=~Q(state="acknowledged") | Q(acknowledged_at__isnull=False),
                name="file_handover_acknowledged_when",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "id"], name="file_handover_state")
        ]
