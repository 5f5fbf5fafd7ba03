"""Tables of changes of the offices themselves: renamed, merged, split (Ämter ändern sich).

A change is planned first and shown; carrying it out moves the rules and people in one transaction
and owes one effect for each open case, so that a killed worker costs time and nothing else.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class OfficeChange(models.Model):
    """One change: what is to happen (`plan`, of people ids only), how far it is, and why.

    `plan` of a rename: {"number", "name", "short_name"}, afterwards the same as "old"; of a merge:
    {"sources": [ids]}; of a split: {"by": "category" | "area" | "hand", "chosen": [ids], "people":
    [ids], "new": {…}}. Carried out, "told" keeps what it moved (office_plans.Preview).
    """

    class Kind(models.TextChoices):
        RENAME = "rename", _("umbenennen")
        MERGE = "merge", _("zusammenlegen")
        SPLIT = "split", _("teilen")

    class State(models.TextChoices):
        PLANNED = "planned", _("geplant")
        RUNNING = "running", _("läuft")
        DONE = "done", _("abgeschlossen")
        DISCARDED = "discarded", _("verworfen")

    municipality = models.ForeignKey("accounts.Municipality", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PLANNED)
    # Renamed, split, or what others are merged into.
    office = models.ForeignKey("accounts.Office", models.PROTECT, related_name="+")
    # What a split makes or fills; known once it is carried out.
    target = models.ForeignKey(
        "accounts.Office", models.PROTECT, null=True, blank=True, related_name="+"
    )
    plan = models.JSONField(default=dict)
    reason = models.CharField(_("Anlass"), max_length=200)
    planned_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(db_default=Now())
    started_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # How many open cases are to be moved, and how many were looked at so far.
    total = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(moved__lte=models.F("total")), name="office_change_moved_within_total"
            ),
            models.UniqueConstraint(
                fields=["municipality"],
                condition=Q(state="running"),
                name="office_change_one_at_a_time",
            ),
        ]

    @property
    def percent(self) -> int:
        """How far it is."""
        return 100 if not self.total else self.moved * 100 // self.total


class OfficeMove(models.Model):
    """One case of a change: from where to where. Its row makes moving it twice impossible."""

    change = models.ForeignKey(OfficeChange, models.CASCADE, related_name="moves")
    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="+")
    from_office = models.ForeignKey("accounts.Office", models.PROTECT, related_name="+")
    to_office = models.ForeignKey("accounts.Office", models.PROTECT, related_name="+")
    # Empty while the worker has not come to it; "gone": it was no longer there or closed.
    outcome = models.CharField(max_length=5, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "report"], name="office_move_once"),
        ]
