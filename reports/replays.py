"""Trials of rules on past cases (Probeläufe): who tried which rules on what, and what came out."""

from collections.abc import Iterable

from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from leases.models import Lane, LeasedRow, WorkState
from leases.wakeups import wake_after_commit
from routing.replay import Compared

REPLAY = "reports.tasks.try_rules"
_KEEP = """
    COPY reports_replayedcase
        (replay_id, report_id, office_id, live_office_id, first_office_id, now_office_id)
    FROM STDIN
"""


class RuleReplay(LeasedRow):
    """One trial. Counts only; which cases would move is in ReplayedCase.

    `revision` is that of the draft when it was asked for: a draft that changes under a trial ends
    it. `against` are the rules in force then. `after_at` and `after_id` say how far it came.
    """

    COMPLETE = WorkState.DONE

    municipality = models.ForeignKey("accounts.Municipality", models.CASCADE, related_name="+")
    rule_set = models.ForeignKey("routing.RuleSet", models.CASCADE, related_name="replays")
    revision = models.PositiveIntegerField()
    against = models.ForeignKey(
        "routing.RuleSet", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    first = models.DateField()
    last = models.DateField()
    requested_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    total = models.PositiveIntegerField(null=True, blank=True)
    looked_at = models.PositiveIntegerField(default=0)
    after_at = models.DateTimeField(null=True, blank=True)
    after_id = models.BigIntegerField(null=True, blank=True)
    # routing.replay.Tally as JSON.
    figures = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("Probelauf")
        verbose_name_plural = _("Probeläufe")
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="rule_replay_period"),
        ]
        indexes = [
            models.Index(fields=["rule_set", "-id"], name="rule_replay_newest"),
            models.Index(fields=["created_at"], name="rule_replay_age"),
            models.Index(
                fields=["lane", "next_at", "id"],
                condition=Q(state__in=["pending", "leased", "uncertain"]),
                name="rule_replay_due",
            ),
        ]

    @property
    def is_running(self) -> bool:
        """Whether it is not at its end yet."""
        return self.state not in {WorkState.DONE, WorkState.DEAD, WorkState.CANCELLED}

    @property
    def is_complete(self) -> bool:
        """Whether every case of the period was looked at."""
        return self.state == self.COMPLETE


class ReplayedCase(models.Model):
    """A case that would be elsewhere, or one of a sample of those that stay; ids of offices."""

    replay = models.ForeignKey(RuleReplay, models.CASCADE, related_name="cases")
    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="+")
    office_id = models.BigIntegerField()
    live_office_id = models.BigIntegerField()
    first_office_id = models.BigIntegerField(null=True)
    now_office_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["replay", "report"], name="replayed_case_once"),
        ]


def keep_cases(replay_id: int, compared: Iterable[Compared]) -> None:
    """Write what became of cases, inside the caller's transaction.

    By COPY: where offices were sorted out anew every case of years is elsewhere.
    """
    with connection.cursor() as cursor, cursor.copy(_KEEP) as lines:
        for each in compared:
            before = each.before
            live = before["live"] or each.office
            lines.write_row((replay_id, each.id, each.office, live, before["first"], before["now"]))


def wake_replays() -> None:
    """Have a worker look for trials once the transaction has committed."""
    wake_after_commit(REPLAY, Lane.BULK.value)
