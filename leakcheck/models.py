"""What each search for personal data in public found. A row says where and of which kind, only."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Municipality


class LeakCheck(models.Model):
    """One search of everything public of one town; `findings` name no value, only its kind.

    `findings`: [{"exit", "number", "kind", "times"}], `unchecked`: what could not be looked at.
    """

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    started_at = models.DateTimeField(_("begonnen"))
    ended_at = models.DateTimeField(_("beendet"))
    rows = models.PositiveBigIntegerField(_("Zeilen"))
    exits = models.PositiveIntegerField(_("Adressen"))
    read_bytes = models.PositiveBigIntegerField(_("gelesene Bytes"))
    hits = models.PositiveIntegerField(_("Fundstellen"))
    findings = models.JSONField(default=list)
    unchecked = models.JSONField(_("nicht geprüft"), default=list)

    class Meta:
        verbose_name = _("Leckprüfung")
        verbose_name_plural = _("Leckprüfungen")
        indexes = [models.Index(fields=["municipality", "-started_at"], name="leakcheck_newest")]

    def __str__(self) -> str:
        return f"{self.municipality} {self.started_at:%d.%m.%Y}"
