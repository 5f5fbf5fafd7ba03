"""Tables of cases that may be one, and of those that were made one. Found through models.py.

Both hold numbers and codes only, so they stay when words and addresses are forgotten.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Likeness(models.Model):
    """Two cases that may mean the same thing, why, and whether somebody said that they do not.

    A pair stands here once, the older case first. What was dismissed is remembered for the pair
    and never offered again, whatever a later comparison finds.
    """

    first = models.ForeignKey("reports.Report", models.CASCADE, related_name="+")
    second = models.ForeignKey("reports.Report", models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField()
    metres = models.FloatField()
    kinship = models.CharField(max_length=8)
    text_share = models.FloatField(null=True)
    same_asset = models.BooleanField(default=False)
    found_at = models.DateTimeField(db_default=Now())
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="likeness_pair_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="likeness_older_case_first"
            ),
            models.CheckConstraint(
                condition=Q(dismissed_at__isnull=True, dismissed_by__isnull=True)
                | Q(dismissed_at__isnull=False, dismissed_by__isnull=False),
                name="likeness_dismissed_by_somebody",
            ),
        ]


class Merge(models.Model):
    """A case that somebody said is the same as another one, and how it stood before.

    `into` is the case that was named; whether that one was merged itself changes nothing here, so
    that every link can be taken apart by itself. `report.leading` is where the links end.
    """

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="merges")
    into = models.ForeignKey("reports.Report", models.CASCADE, related_name="+")
    status_before = models.CharField(max_length=12)
    waiting_for_before = models.CharField(max_length=14, blank=True, default="")
    waiting_since_before = models.DateTimeField(null=True, blank=True)
    planned_date_before = models.DateField(null=True, blank=True)
    first_answer_due_at_before = models.DateTimeField(null=True, blank=True)
    due_at_before = models.DateTimeField(null=True, blank=True)
    merged_at = models.DateTimeField(db_default=Now())
    merged_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report"], condition=Q(undone_at__isnull=True), name="merge_stands_once"
            ),
            models.CheckConstraint(condition=~Q(report=F("into")), name="merge_with_another"),
        ]
