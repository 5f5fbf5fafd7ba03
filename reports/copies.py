"""Copies for information: an office that is not responsible may read a case."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class InformationCopy(models.Model):
    """An office that is told of a case and may read it, ordered by a rule; it need do nothing."""

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="copies")
    office = models.ForeignKey("accounts.Office", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("Kopie zur Kenntnis")
        verbose_name_plural = _("Kopien zur Kenntnis")
        constraints = [
            models.UniqueConstraint(fields=["report", "office"], name="copy_once_per_office"),
        ]
        indexes = [models.Index(fields=["office"], name="copy_of_office")]
