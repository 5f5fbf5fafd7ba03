"""Rows that owe an effect to the world, and the heartbeat of the processes that pay it.

The row is the truth; a Celery message only says "look". A row is claimed by a conditional
UPDATE, worked on with no transaction open, and settled by a second UPDATE that is guarded by
the attempt number, so that a late worker cannot overwrite a newer one (claiming.py).
"""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Lane(models.TextChoices):
    """Queues, each with its own share of workers, so that bulk work never delays a citizen."""

    CITIZEN = "citizen", _("Bürger")
    STAFF = "staff", _("Verwaltung")
    BULK = "bulk", _("Massenarbeit")
    MEDIA = "media", _("Bilder")
    PERIODIC = "periodic", _("Regelmäßiges")


class WorkState(models.TextChoices):
    """Where a piece of owed work stands. Every row ends in done, cancelled or dead."""

    PENDING = "pending", _("wartet")
    LEASED = "leased", _("in Arbeit")
    UNCERTAIN = "uncertain", _("Ausgang ungewiss")
    DONE = "done", _("erledigt")
    DEAD = "dead", _("gescheitert")
    CANCELLED = "cancelled", _("entfallen")


OPEN_STATES = (WorkState.PENDING, WorkState.LEASED, WorkState.UNCERTAIN)


class LeasedRow(models.Model):
    """Abstract row of owed work; times are the database's clock_timestamp(), in UTC."""

    lane = models.CharField(_("Warteschlange"), max_length=12, choices=Lane.choices)
    state = models.CharField(
        _("Stand"), max_length=12, choices=WorkState.choices, default=WorkState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(_("Versuche"), default=0)
    next_at = models.DateTimeField(_("nächster Versuch"), db_default=Now())
    lease_until = models.DateTimeField(_("vergeben bis"), null=True, blank=True)
    settled_at = models.DateTimeField(_("abgeschlossen"), null=True, blank=True)
    last_error = models.CharField(_("letzter Fehler"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("angelegt"), db_default=Now())

    class Meta:
        abstract = True


class Heartbeat(models.Model):
    """Last sign of life of a named process (`worker:main@host`, `beat`)."""

    name = models.CharField(max_length=120, primary_key=True)
    seen_at = models.DateTimeField(db_default=Now())
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("Lebenszeichen")
        verbose_name_plural = _("Lebenszeichen")
