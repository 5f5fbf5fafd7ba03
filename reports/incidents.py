"""Tables of incidents: many like reports in a short time, handled as one. Found through models.py.

An incident lies over its cases and overwrites nothing of them: a case that leaves is as it was.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from reports.escalations import Rung
from reports.lifecycle import ClosingReason


class IncidentState(models.TextChoices):
    PROPOSED = "proposed", _("vorgeschlagen")
    RUNNING = "running", _("läuft")
    ENDED = "ended", _("beendet")
    DISMISSED = "dismissed", _("abgelehnt")


class Incident(models.Model):
    """A wave of like reports with one owner, one clock and one answer to all."""

    municipality = models.ForeignKey("accounts.Municipality", models.PROTECT, related_name="+")
    category = models.ForeignKey("routing.Category", models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=9, choices=IncidentState.choices, default=IncidentState.PROPOSED
    )
    title = models.CharField(_("Titel"), max_length=120, blank=True, default="")
    office = models.ForeignKey(
        "accounts.Office", models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    proposed_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("Ereignis")
        verbose_name_plural = _("Ereignisse")
        indexes = [
            models.Index(
                fields=["municipality", "category"],
                condition=Q(state__in=["proposed", "running"]),
                name="incident_going_on",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["running", "ended"])
                | (Q(office__isnull=False, decided_by__isnull=False) & ~Q(title="")),
                name="incident_running_has_owner",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False)
                | (~Q(state="ended") & Q(ended_at__isnull=True)),
                name="incident_ended_at_when_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.category)

    @property
    def is_going_on(self) -> bool:
        """Whether more reports may join."""
        return self.state in {IncidentState.PROPOSED, IncidentState.RUNNING}


class IncidentMember(models.Model):
    """A case that belongs, or belonged, to an incident; who left is not taken in again."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="members")
    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="memberships")
    joined_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True, blank=True)
    left_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "report"], name="incident_member_once"),
        ]


class IncidentNews(models.Model):
    """What all who reported are told: an answer of the town, or with a reason the end of it all.

    Official words of an office without anything personal, so they stay.
    """

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="news")
    body = models.TextField()
    closing_reason = models.CharField(
        max_length=20, choices=ClosingReason.choices, blank=True, default=""
    )
    written_at = models.DateTimeField(db_default=Now())
    written_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident"], condition=~Q(closing_reason=""), name="incident_ends_once"
            ),
        ]

    @property
    def ends(self) -> bool:
        """Whether it closes every case of the incident."""
        return bool(self.closing_reason)


SILENCE = "silence"


class IncidentReminder(models.Model):
    """A reminder that was due for an incident: each step once for what it is about.

    `about` is the due date, for SILENCE when all who reported last heard of the incident.
    """

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="reminders")
    rung = models.CharField(
        max_length=12, choices=[*Rung.choices, (SILENCE, _("Zwischennachricht"))]
    )
    about = models.DateTimeField()
    told = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "about", "rung"], name="incident_reminder_once"
            ),
        ]
