"""The responsibility table as rows: sets of rules by version, and the rules in them."""

import uuid
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from routing.publication_policy import PublicationPolicy
from routing.rules.effects import NOTICE_LIMIT, TAG_LIMIT


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    def drafts(self) -> "RuleSetQuerySet":
        """Sets that can still be changed."""
        return self.filter(version__isnull=True)

    def versions(self) -> "RuleSetQuerySet":
        """Sets that are, were or will be in force, the newest first. They never change."""
        return self.filter(version__isnull=False).order_by("-version")

    def in_force_at(self, moment: datetime) -> "RuleSetQuerySet":
        """At most one row of a municipality: its set in force at a moment.

        The one whose time began last; of two that begin together the newer. No job moves this.
        """
        begun = self.filter(version__isnull=False, in_force_from__lte=moment)
        return begun.order_by("-in_force_from", "-version")[:1]


class RuleSet(models.Model):
    """All rules of a municipality as of one version, or as somebody drafts them.

    A draft has no version. Taking it into force gives it one; from then on it is never changed,
    because decisions name it. Taking an old version back makes a new one with the same rules.
    """

    municipality = models.ForeignKey(
        "accounts.Municipality", models.CASCADE, related_name="rule_sets"
    )
    version = models.PositiveIntegerField(_("Version"), null=True, blank=True)
    reason = models.CharField(_("Anlass"), max_length=400)
    based_on = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="followers"
    )
    created_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    changed_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(db_default=Now())
    # Counts changes of a draft, so that two people do not overwrite each other unseen.
    revision = models.PositiveIntegerField(default=0)
    in_force_from = models.DateTimeField(_("in Kraft ab"), null=True, blank=True)
    activated_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    activated_at = models.DateTimeField(null=True, blank=True)

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("Regelwerk")
        verbose_name_plural = _("Regelwerke")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "version"], name="rule_set_version_unique"
            ),
            models.CheckConstraint(
                condition=Q(version__isnull=True, in_force_from__isnull=True)
                | Q(version__isnull=False, in_force_from__isnull=False),
                name="rule_set_version_has_a_beginning",
            ),
        ]
        indexes = [
            models.Index(
                fields=["municipality", "-in_force_from", "-version"],
                condition=Q(version__isnull=False),
                name="rule_set_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"Version {self.version}" if self.version else self.reason

    @property
    def is_draft(self) -> bool:
        """Whether it can still be changed."""
        return self.version is None


class Rule(models.Model):
    """One line of the responsibility table; the lowest priority number that matches wins.

    `condition` is a tree as routing.rules.conditions describes it, {} for none. `line` is the same
    for the same rule in every version. The other columns are what follows (routing.rules.effects).
    """

    municipality = models.ForeignKey(
        "accounts.Municipality", models.CASCADE, related_name="rules", verbose_name=_("Kommune")
    )
    rule_set = models.ForeignKey(RuleSet, models.CASCADE, related_name="rules")
    line = models.UUIDField(default=uuid.uuid4, editable=False)
    priority = models.PositiveIntegerField(
        _("Rang"), help_text=_("Die kleinste passende Zahl gewinnt.")
    )
    name = models.CharField(_("Name"), max_length=120)
    category = models.ForeignKey(
        "routing.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rules",
        verbose_name=_("Anliegenart oder Gruppe"),
    )
    area = models.ForeignKey(
        "routing.Area",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rules",
        verbose_name=_("Gebiet"),
    )
    condition = models.JSONField(_("weitere Bedingungen"), default=dict, blank=True)
    office = models.ForeignKey(
        "accounts.Office", models.PROTECT, related_name="rules", verbose_name=_("zuständiges Amt")
    )
    team = models.ForeignKey(
        "accounts.Team", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    assignee = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    urgency = models.CharField(max_length=8, blank=True, default="", db_default="")
    first_answer_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    completion_hours = models.PositiveSmallIntegerField(
        _("abweichende Arbeitsstunden"), null=True, blank=True
    )
    around_the_clock = models.BooleanField(default=False, db_default=False)
    tags = ArrayField(
        models.CharField(max_length=TAG_LIMIT), default=list, blank=True, db_default=[]
    )
    publication_policy = models.CharField(
        max_length=16, choices=PublicationPolicy.choices, blank=True, default="", db_default=""
    )
    first_look = models.BooleanField(default=False, db_default=False)
    is_confidential = models.BooleanField(default=False, db_default=False)
    notice = models.CharField(max_length=NOTICE_LIMIT, blank=True, default="", db_default="")
    # Offices that are informed, by id; one that is gone is informed no more.
    copies = ArrayField(models.BigIntegerField(), default=list, blank=True, db_default=[])
    marks_danger = models.BooleanField(_("als Gefahr behandeln"), default=False)
    is_active = models.BooleanField(_("in Kraft"), default=True)

    class Meta:
        verbose_name = _("Zuständigkeitsregel")
        verbose_name_plural = _("Zuständigkeitsregeln")
        constraints = [
            models.UniqueConstraint(
                fields=["rule_set", "priority"],
                name="rule_priority_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(fields=["rule_set", "line"], name="rule_line_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.priority} {self.name}"
