"""Photos sent ahead of their report, piece by piece: what of them is durable so far."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Upload(models.Model):
    """A photo on its way; erasable, and gone a day after it was begun.

    Whoever knows the token may go on and use it once, so only the token's hash is kept. `received`
    counts the bytes (of `length`) whose sealed pieces are on disk; every piece but the last is
    full. `sender_hash` bounds what one sender may leave here and says nothing of who it is.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    sender_hash = models.CharField(max_length=64)
    length = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    pieces = ArrayField(models.CharField(max_length=80), default=list)
    metadata = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["expires_at"], name="upload_expires"),
            models.Index(
                fields=["sender_hash"], condition=Q(used_at__isnull=True), name="upload_of_sender"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(received__lte=F("length")), name="upload_received_fits"
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(pieces=[], metadata=""),
                name="upload_used_is_empty",
            ),
        ]

    @property
    def is_complete(self) -> bool:
        """Whether every byte is here."""
        return self.received == self.length
