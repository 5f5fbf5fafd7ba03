"""What dispatchers were told of rules that corrected cases propose, and what they decided."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class RuleVerdict(models.Model):
    """One proposal and what became of it; it comes back only when the evidence has grown."""

    class State(models.TextChoices):
        DRAFTED = "drafted", _("als Entwurf übernommen")
        DISMISSED = "dismissed", _("abgelehnt")

    municipality = models.ForeignKey("accounts.Municipality", models.CASCADE, related_name="+")
    category = models.ForeignKey("routing.Category", models.CASCADE, related_name="+")
    district = models.ForeignKey("routing.Area", models.CASCADE, related_name="+")
    office = models.ForeignKey("accounts.Office", models.CASCADE, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices)
    reason = models.CharField(_("Begründung"), max_length=200, blank=True, default="")
    # The evidence as it was then: so many of so many cases went there.
    went_there = models.PositiveIntegerField()
    of_all = models.PositiveIntegerField()
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "category", "district", "office"],
                name="rule_verdict_once",
            ),
        ]


class ProposalTold(models.Model):
    """A proposal that dispatchers were mailed, so that it is not told as new again."""

    municipality = models.ForeignKey("accounts.Municipality", models.CASCADE, related_name="+")
    category = models.ForeignKey("routing.Category", models.CASCADE, related_name="+")
    district = models.ForeignKey("routing.Area", models.CASCADE, related_name="+")
    office = models.ForeignKey("accounts.Office", models.CASCADE, related_name="+")
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "category", "district", "office"],
                name="proposal_told_once",
            ),
        ]
