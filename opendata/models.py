"""Rows of the open data's own: daily copies and their parts, subscribers and what they are owed."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Municipality
from leases.models import LeasedRow


class SnapshotPart(models.Model):
    """A stored file: the lines of one block of numbers. Days that do not differ share it."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    block = models.CharField(max_length=24)  # how the numbers in it begin: HN-2026-00
    name = models.CharField(max_length=120, unique=True)
    rows = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    change = models.BigIntegerField()  # the last change the lines know of

    class Meta:
        indexes = [models.Index(fields=["municipality", "block"], name="snapshot_part_block")]


class Snapshot(models.Model):
    """A town's published reports as they were on a day; `version` counts rewritings."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    day = models.DateField()
    version = models.PositiveIntegerField(default=1)
    rows = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    parts = models.ManyToManyField(SnapshotPart, related_name="snapshots")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "day"], name="snapshot_once_a_day"),
        ]


class SnapshotNote(models.Model):
    """A line of the changelog: how many reports left a copy, and what it is now."""

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="notes")
    version = models.PositiveIntegerField()
    removed = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()


class ArchiveMark(models.Model):
    """Up to which change the copies of a town have been brought in line with what may be public."""

    municipality = models.OneToOneField(Municipality, models.CASCADE, primary_key=True)
    change = models.BigIntegerField()


class Subscriber(models.Model):
    """A server that is told of changes; only staff of the town enter one."""

    municipality = models.ForeignKey(
        Municipality, models.CASCADE, related_name="+", verbose_name=_("Kommune")
    )
    name = models.CharField(_("Name"), max_length=120)
    url = models.URLField(
        _("Adresse"),
        max_length=400,
        help_text=_("https://… Dorthin wird gesendet, was sich geändert hat, ohne Inhalte."),
    )
    is_active = models.BooleanField(_("wird benachrichtigt"), default=True)
    key_version = models.PositiveIntegerField(default=1, editable=False)
    # Up to here deliveries have been booked, in the order of changes.
    change = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("Abonnement offener Daten")
        verbose_name_plural = _("Abonnements offener Daten")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "url"], name="subscriber_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(LeasedRow):
    """Changes a subscriber is owed: behind `after` up to and with `until`."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="deliveries")
    after = models.BigIntegerField()
    until = models.BigIntegerField()

    class Meta:
        verbose_name = _("fällige Benachrichtigung")
        verbose_name_plural = _("fällige Benachrichtigungen")
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "after"], name="delivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["lane", "next_at", "id"],
                condition=models.Q(state__in=["pending", "leased", "uncertain"]),
                name="delivery_due",
            ),
        ]
