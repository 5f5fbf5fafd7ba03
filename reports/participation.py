"""What citizens add after reporting: feedback, objections, supports. Found through models.py.

What they wrote lies in erasable remarks; addresses of supporters are erasable here. Figures stay.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Wish(models.TextChoices):
    """Which messages about a report its sender would like to get."""

    ALL = "all", _("alle Neuigkeiten")
    RESULT = "result", _("nur das Ergebnis und Rückfragen")
    NONE = "none", _("keine Nachrichten")


class ObjectionPart(models.TextChoices):
    """What somebody wants to see taken out of public."""

    REPORT = "report", _("die ganze Meldung")
    TEXT = "text", _("der Text")
    PHOTOS = "photos", _("die Fotos")


class Feedback(models.Model):
    """The answer to "Stimmt das?", once per case; the figures stay, the words are a remark."""

    report = models.OneToOneField(
        "reports.Report", models.CASCADE, primary_key=True, related_name="feedback"
    )
    is_fixed = models.BooleanField(_("in Ordnung"))
    satisfaction = models.PositiveSmallIntegerField(_("Zufriedenheit, 1 bis 5"), null=True)
    remark_id = models.BigIntegerField(null=True, blank=True)
    given_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5)),
                name="feedback_satisfaction_1_to_5",
            ),
        ]


class Objection(models.Model):
    """A sender's wish that parts of a report are not public; stands until a moderator ends it."""

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="objections")
    part = models.CharField(max_length=6, choices=ObjectionPart.choices)
    reason_remark_id = models.BigIntegerField(null=True, blank=True)
    raised_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    end_remark_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "part"],
                condition=Q(ended_at__isnull=True),
                name="objection_stands_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    ended_at__isnull=True, ended_by__isnull=True, end_remark_id__isnull=True
                )
                | Q(
                    ended_at__isnull=False,
                    ended_by__isnull=False,
                    end_remark_id__isnull=False,
                ),
                name="objection_ended_by_somebody_for_a_reason",
            ),
        ]


class Support(models.Model):
    """Somebody else is affected as well ("Betrifft mich auch"): by confirmed address or device.

    `person_hash` tells the same person or device again and is all that is kept of a device. The
    code that confirms an address is derived from the random `nonce`, so neither this table nor a
    queued mail holds it. After erasure the row still counts and points to nobody.
    """

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="supports")
    person_hash = models.CharField(max_length=64)
    email = models.EmailField(_("E-Mail-Adresse"), blank=True, default="")
    language = models.CharField(max_length=8, default="de")
    nonce = models.BigIntegerField(null=True, blank=True)
    confirm_until = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "person_hash"], name="support_once"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=False)
                | Q(nonce__isnull=False, confirm_until__isnull=False),
                name="support_confirmed_or_asked",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(email=""), name="support_erased_is_empty"
            ),
        ]
        indexes = [
            models.Index(
                fields=["confirm_until"],
                condition=Q(confirmed_at__isnull=True),
                name="support_unconfirmed",
            ),
            models.Index(
                fields=["report"], condition=Q(erased_at__isnull=True), name="support_of_somebody"
            ),
        ]
