"""Tables of what people may ask for about their own data (Articles 15 to 18 GDPR).

A request is a row with a deadline of one month; what the person wrote with it is an erasable
remark. Objections to publication (Article 21) take effect at once and lie in participation.py.
`ErasedKey` is the list that is played again after a backup was restored: keyed hashes only.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Right(models.TextChoices):
    """What somebody asks for."""

    ACCESS = "access", _("Auskunft und Kopie (Art. 15, 20)")
    RECTIFY = "rectify", _("Berichtigung (Art. 16)")
    ERASE = "erase", _("Löschung (Art. 17)")
    RESTRICT = "restrict", _("Einschränkung (Art. 18)")


class RequestState(models.TextChoices):
    OPEN = "open", _("offen")
    DONE = "done", _("erfüllt")
    PARTLY = "partly", _("teilweise erfüllt")
    REFUSED = "refused", _("abgelehnt")


class Ground(models.TextChoices):
    """Why a request was refused, or fulfilled in part only."""

    PUBLIC_TASK = "public_task", _("für die Bearbeitung noch nötig (Art. 17 Abs. 3 b)")
    CLAIMS = "claims", _("Löschsperre: Rechtsansprüche sind offen (Art. 17 Abs. 3 e)")
    ARCHIVE = "archive", _("im öffentlichen Interesse archiviert (Art. 17 Abs. 3 d)")
    CORRECT = "correct", _("die Angaben sind richtig")
    UNKNOWN_PERSON = "unknown_person", _("Person nicht festzustellen (Art. 11, 12 Abs. 6)")
    UNFOUNDED = "unfounded", _("offenkundig unbegründet (Art. 12 Abs. 5)")


class RightsRequest(models.Model):
    """What somebody asks for about one report, until when it is due, and what came of it."""

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="rights_requests")
    right = models.CharField(max_length=8, choices=Right.choices)
    state = models.CharField(max_length=8, choices=RequestState.choices, default=RequestState.OPEN)
    remark_id = models.BigIntegerField(null=True, blank=True)
    received_at = models.DateTimeField(db_default=Now())
    due_on = models.DateField(_("zu beantworten bis"))
    ground = models.CharField(max_length=16, choices=Ground.choices, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["report", "right"],
                condition=Q(state="open"),
                name="rights_request_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="rights_request_decided_when_not_open",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "partly"]) | ~Q(ground=""),
                name="rights_request_refused_for_a_reason",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_on"], condition=Q(state="open"), name="rights_request_due")
        ]


class PersonLookup(models.Model):
    """Every time staff looked for a person, and why; of the person only a keyed hash is kept."""

    class Purpose(models.TextChoices):
        LOOK = "look", _("gesucht")
        EXPORT = "export", _("Kopie erstellt")
        ERASE = "erase", _("gelöscht")

    municipality = models.ForeignKey("accounts.Municipality", models.PROTECT, related_name="+")
    person_hash = models.CharField(max_length=64)
    purpose = models.CharField(max_length=6, choices=Purpose.choices)
    reason = models.CharField(_("Anlass"), max_length=200)
    found = models.PositiveIntegerField(default=0)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now())


class ErasedKey(models.Model):
    """Whom or what was erased on request: a hash of an address or of a case's number."""

    class Kind(models.TextChoices):
        ADDRESS = "address", _("Adresse")
        CASE = "case", _("Vorgang")

    kind = models.CharField(max_length=7, choices=Kind.choices)
    key = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "key"], name="erased_key_once")
        ]
