"""Tables against abuse: why a report was held back, and senders a town has blocked.

Nothing here names anybody: a sender is a hash whose salt is forgotten after two days, an address a
keyed hash. What is held back is a report like any other and lies in its own table.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Suspicion(models.Model):
    """Why a report was held back, and what it has in common with others of its wave.

    The keys are hashes of sender, place (a cell of about 100 m) and text; they serve to find the
    other reports of a wave and are emptied some time after somebody has decided.
    """

    report = models.OneToOneField(
        "reports.Report", models.CASCADE, primary_key=True, related_name="suspicion"
    )
    municipality = models.ForeignKey("accounts.Municipality", models.CASCADE, related_name="+")
    reasons = models.JSONField(default=list)
    peer_key = models.CharField(max_length=64, blank=True, default="")
    cell_key = models.CharField(max_length=64, blank=True, default="")
    text_key = models.CharField(max_length=64, blank=True, default="")
    held_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Decisions made by one click share a mark, so that one click takes them back.
    batch = models.UUIDField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["municipality", "held_at"],
                condition=Q(decided_at__isnull=True),
                name="suspicion_waiting",
            ),
            models.Index(
                fields=["batch"], condition=Q(batch__isnull=False), name="suspicion_batch"
            ),
            models.Index(fields=["decided_at"], name="suspicion_decided"),
        ]


class BlockEffect(models.TextChoices):
    DROP = "drop", _("Adresse nicht verwenden, Meldung annehmen")
    HOLD = "hold", _("Meldung zurückhalten und prüfen")
    ALLOW = "allow", _("zulassen, auch wenn die Liste der Wegwerf-Adressen sie nennt")


class BlockedSender(models.Model):
    """An e-mail address or a domain a town treats apart, until a day; no report is ever refused.

    Of an address only a keyed hash and a masked form (`e…@beispiel.de`) are kept.
    """

    municipality = models.ForeignKey(
        "accounts.Municipality", models.CASCADE, related_name="+", verbose_name=_("Kommune")
    )
    key = models.CharField(max_length=80)
    shown = models.CharField(_("Adresse oder Domain"), max_length=254)
    effect = models.CharField(
        _("Wirkung"), max_length=5, choices=BlockEffect.choices, default=BlockEffect.DROP
    )
    reason = models.CharField(_("Grund"), max_length=200)
    expires_on = models.DateField(_("gilt bis einschließlich"))
    created_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("eingetragen"), db_default=Now())

    class Meta:
        verbose_name = _("gesperrter Absender")
        verbose_name_plural = _("gesperrte Absender")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "key"], name="blocked_sender_unique_in_town"
            ),
        ]

    def __str__(self) -> str:
        return self.shown
