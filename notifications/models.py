"""Messages owed to people. Values only: this app knows nothing of reports."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from leases.models import LeasedRow


class Channel(models.TextChoices):
    EMAIL = "email", _("E-Mail")
    PUSH = "push", _("Mitteilung aufs Gerät")
    CALL = "call", _("SMS oder Anruf")


class Message(LeasedRow):
    """One message to one person about one event on one channel.

    `key` is the promise "once": the same key is never stored twice. `recipient` and `context`
    are erasable; everything else carries no personal data. `context` holds plain values, and
    instead of secrets {"derive": [purpose, id, version]}, which rendering computes when sending.
    """

    municipality = models.ForeignKey(
        "accounts.Municipality", models.PROTECT, related_name="+", verbose_name=_("Kommune")
    )
    key = models.CharField(_("Schlüssel"), max_length=160, unique=True)
    channel = models.CharField(
        _("Kanal"), max_length=12, choices=Channel.choices, default=Channel.EMAIL
    )
    event = models.CharField(_("Anlass"), max_length=60)
    subject_ref = models.CharField(
        _("Bezug"), max_length=80, blank=True, default="", help_text=_("z. B. Vorgangsnummer")
    )
    language = models.CharField(_("Sprache"), max_length=8, default="de")
    recipient = models.CharField(_("Empfänger"), max_length=254, blank=True, default="")
    context = models.JSONField(_("Werte"), default=dict)
    message_id = models.CharField(_("Message-ID"), max_length=200, unique=True)
    sent_at = models.DateTimeField(_("übergeben"), null=True, blank=True)
    bounced_at = models.DateTimeField(_("unzustellbar seit"), null=True, blank=True)
    failing_since = models.DateTimeField(_("schlägt fehl seit"), null=True, blank=True)
    erased_at = models.DateTimeField(_("gelöscht"), null=True, blank=True)

    class Meta:
        verbose_name = _("Nachricht")
        verbose_name_plural = _("Nachrichten")
        indexes = [
            models.Index(
                fields=["lane", "next_at", "id"],
                condition=Q(state__in=["pending", "leased", "uncertain"]),
                name="message_due",
            ),
            models.Index(fields=["subject_ref"], name="message_subject_ref"),
            models.Index(
                fields=["municipality", "id"],
                condition=Q(state__in=["dead", "uncertain"]),
                name="message_trouble",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(recipient=""),
                name="message_erased_has_no_recipient",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class PushSubscription(models.Model):
    """A device that is told of a subject's news; whoever holds endpoint and keys can write to it.

    Erasable: the row goes when the push service says so, when the device asks, and in time.
    """

    municipality = models.ForeignKey("accounts.Municipality", models.CASCADE, related_name="+")
    public_id = models.UUIDField(default=uuid4, unique=True)
    subject_ref = models.CharField(max_length=80)
    endpoint = models.TextField()
    endpoint_hash = models.CharField(max_length=64)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    language = models.CharField(max_length=8, default="de")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_ref", "endpoint_hash"], name="push_subscription_once"
            ),
        ]


class Template(models.Model):
    """A municipality's own wording of an event's message; without one our default is used."""

    municipality = models.ForeignKey(
        "accounts.Municipality", models.CASCADE, related_name="+", verbose_name=_("Kommune")
    )
    event = models.CharField(_("Anlass"), max_length=60)
    language = models.CharField(_("Sprache"), max_length=8, default="de")
    subject = models.CharField(_("Betreff"), max_length=140)
    body = models.TextField(_("Text"))

    class Meta:
        verbose_name = _("Nachrichtentext")
        verbose_name_plural = _("Nachrichtentexte")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "event", "language"], name="template_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} ({self.language})"


class MailTurn(models.Model):
    """When an address that nobody has confirmed gets its latest mail; one row an address (hash)."""

    address_hash = models.CharField(max_length=64, primary_key=True)
    turn_at = models.DateTimeField()
    # Whose reports may still join the mail of that turn; empty where it takes nothing more.
    municipality = models.ForeignKey(
        "accounts.Municipality", models.CASCADE, null=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["turn_at"], name="mail_turn_age")]
