"""Who is reminded of a target at which distance, and who has been."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Rung(models.TextChoices):
    """Whom a reminder goes to, from the desk upwards."""

    ASSIGNEE = "assignee", _("zuständige Person")
    TEAM_LEAD = "team_lead", _("Teamleitung")
    OFFICE_HEAD = "office_head", _("Amtsleitung")
    DISPATCHER = "dispatcher", _("Disposition")


LADDER = tuple(Rung)


class EscalationStep(models.Model):
    """So many hours before or after a target somebody is reminded (Eskalationsstufe).

    Hours of the responsible office, for dangers around the clock. An office with steps of its own
    keeps to those alone.
    """

    municipality = models.ForeignKey(
        "accounts.Municipality", models.CASCADE, related_name="+", verbose_name=_("Kommune")
    )
    office = models.ForeignKey(
        "accounts.Office",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("nur für dieses Amt"),
        help_text=_("Ein Amt mit eigenen Stufen richtet sich nur nach diesen."),
    )
    rung = models.CharField(_("erinnert wird"), max_length=12, choices=Rung.choices)
    hours = models.SmallIntegerField(
        _("Arbeitsstunden nach der Frist"), help_text=_("Minus: vor der Frist.")
    )

    class Meta:
        verbose_name = _("Eskalationsstufe")
        verbose_name_plural = _("Eskalationsstufen")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "office", "rung"],
                name="escalation_step_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.get_rung_display()


class Interim(models.Model):
    """An interim message that was due for a case: once per stretch without public news.

    `news_at` is when the public last heard of it. `by_itself` ones were sent; the others are a
    task of the office until there is news.
    """

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="interims")
    news_at = models.DateTimeField()
    by_itself = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "news_at"], name="interim_once"),
        ]


class Escalation(models.Model):
    """A step that was taken for a case and a due date: each once, whoever tries again.

    `told` says whether there was somebody to tell. Whom, is no matter of record: nobody's
    lateness is counted here.
    """

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="escalations")
    due_at = models.DateTimeField()
    rung = models.CharField(max_length=12, choices=Rung.choices)
    told = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "due_at", "rung"], name="escalation_once"),
        ]
