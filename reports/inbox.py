"""Tables of the post that came in by e-mail (Posteingang) and has not become a report yet.

Words and files of a mail are erasable; what remains is that it came, and what became of it.
"""

from django.contrib.gis.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class MailState(models.TextChoices):
    """Where a mail stands. The first three wait for a person, the others are settled."""

    NEW = "new", _("neu")
    SPAM = "spam", _("Spam-Verdacht")
    AUTOMATIC = "automatic", _("automatisch erzeugt")
    REPORTED = "reported", _("zur Meldung geworden")
    FILED = "filed", _("einem Vorgang zugeordnet")
    DISCARDED = "discarded", _("kein Anliegen")


SETTLED = frozenset({MailState.REPORTED, MailState.FILED, MailState.DISCARDED})


class IncomingMail(models.Model):
    """One mail to the town's mailbox.

    `message_key` is a hash of what makes the mail this mail, so that it counts once however often
    it is fetched. `about` is the case it speaks of; `report` what it became or was filed to.
    """

    municipality = models.ForeignKey("accounts.Municipality", models.PROTECT, related_name="+")
    message_key = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.NEW)
    sender_name = models.CharField(_("Name"), max_length=120, blank=True, default="")
    sender_email = models.CharField(_("E-Mail-Adresse"), max_length=254, blank=True, default="")
    subject = models.CharField(_("Betreff"), max_length=300, blank=True, default="")
    body = models.TextField(_("Text"), blank=True, default="")
    is_cut = models.BooleanField(default=False)
    is_danger = models.BooleanField(_("Gefahr"), default=False)
    about = models.ForeignKey(
        "reports.Report", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    report = models.ForeignKey(
        "reports.Report", models.SET_NULL, null=True, blank=True, related_name="mails"
    )
    received_at = models.DateTimeField(_("eingegangen"), db_default=Now())
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "message_key"], name="incoming_mail_once"
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(sender_name="", sender_email="", subject="", body=""),
                name="incoming_mail_erased_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["new", "spam", "automatic"], settled_at__isnull=True)
                | Q(state__in=sorted(SETTLED), settled_at__isnull=False),
                name="incoming_mail_settled_when_done",
            ),
        ]
        indexes = [
            models.Index(
                fields=["municipality", "received_at"],
                condition=Q(settled_at__isnull=True),
                name="incoming_mail_waiting",
            ),
            models.Index(
                fields=["received_at"],
                condition=Q(erased_at__isnull=True),
                name="incoming_mail_to_erase",
            ),
        ]


class IncomingFile(models.Model):
    """A file that came with a mail, sealed like an original photo; gone with the mail's words."""

    mail = models.ForeignKey(IncomingMail, models.CASCADE, related_name="files")
    ordinal = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    byte_size = models.PositiveIntegerField()
    sealed_key = models.CharField(max_length=200)
    is_photo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mail", "ordinal"], name="incoming_file_ordinal"),
        ]
