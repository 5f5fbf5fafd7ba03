"""What has been learned, by town and version."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """What became of a version."""

    ACTIVE = "active", _("in Gebrauch")
    REPLACED = "replaced", _("ersetzt")
    NOT_BETTER = "not_better", _("nicht eingesetzt: schlechter als die benutzte")
    WITHDRAWN = "withdrawn", _("außer Gebrauch")


class SuggestionModel(models.Model):
    """A version of a town's model: figures for its card, and the signed bytes while it is kept.

    `learned_until` is when the latest case it has learned from came in, `sources` are the ids of
    those cases; `findings` are the figures of `judging.findings`, found on later cases.
    """

    municipality = models.ForeignKey("accounts.Municipality", models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    case_count = models.PositiveIntegerField()
    learned_until = models.DateTimeField()
    precision = models.FloatField()
    offer_from = models.FloatField()
    sure_from = models.FloatField()
    findings = models.JSONField(default=dict)
    sources = ArrayField(models.BigIntegerField(), default=list)
    payload = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("Vorschlagsmodell")
        verbose_name_plural = _("Vorschlagsmodelle")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "version"], name="suggestion_version_unique"
            ),
            models.UniqueConstraint(
                fields=["municipality"],
                condition=Q(outcome="active"),
                name="suggestion_one_active",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="active") | Q(payload__isnull=False),
                name="suggestion_active_has_payload",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality} {self.version}"
