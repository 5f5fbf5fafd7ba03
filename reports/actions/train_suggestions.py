"""Learn anew which kind of report a text speaks of, from a town's own closed cases.

Run every night; it learns only where there is a reason to. Where a text that was learned from has
been erased since, or its case is confidential now, the model in use goes in any case: better none
than one that remembers.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings

from accounts.models import Municipality
from reports.queries.closed_texts import examples, no_longer_allowed
from suggestion import versions
from suggestion.models import Outcome, SuggestionModel

logger = logging.getLogger(__name__)

# So many cases more, or so many days, make it worth while.
ENOUGH_NEW = 25
OLD_AFTER = timedelta(days=30)


class Reason(StrEnum):
    """Why a model is learned, or why not."""

    ASKED = "asked"
    FIRST = "first"
    NEW_CASES = "new_cases"
    FORGOTTEN = "forgotten"
    OLD = "old"
    NOTHING_NEW = "nothing_new"
    TOO_FEW = "too_few"
    CANNOT = "cannot"


@dataclass(frozen=True)
class Training:
    """What came of a run: why, and the version that was written, if any."""

    reason: Reason
    version: SuggestionModel | None = None

    @property
    def is_in_use(self) -> bool:
        """Whether a new version suggests from now on."""
        return self.version is not None and self.version.outcome == Outcome.ACTIVE


def train_suggestions(
    town: Municipality, *, now: datetime, asked: bool = False, dry_run: bool = False
) -> Training:
    """Learn a new version where there is a reason (or it is `asked` for) and scikit-learn is here.

    With `dry_run` nothing is written; the version returned is not saved.
    """
    present = versions.in_use(town.pk)
    forgotten = present is not None and no_longer_allowed(town.pk, present.sources) > 0
    reason = Reason.FORGOTTEN if forgotten else _reason(town, present, now)
    if reason is Reason.NOTHING_NEW and asked:
        reason = Reason.ASKED
    if reason is Reason.NOTHING_NEW:
        return Training(reason)
    if not versions.can_learn():
        return _without(town, Reason.CANNOT, forgotten=forgotten, dry_run=dry_run)
    learning = versions.learning()
    try:
        learned = learning.learn(examples(town.pk), precision=settings.SUGGESTION_PRECISION)
    except learning.TooFewCases:
        return _without(town, Reason.TOO_FEW, forgotten=forgotten, dry_run=dry_run)
    if dry_run:
        return Training(reason, versions.unsaved(town.pk, learned))
    row = versions.keep(
        town.pk,
        learned,
        precision=settings.SUGGESTION_PRECISION,
        must_replace=forgotten,
        now=now,
    )
    logger.info(
        "suggestions learned", extra={"town": town.slug, "version": row.version, "why": reason}
    )
    return Training(reason, row)


def train_everywhere(*, now: datetime) -> dict[str, Reason]:
    """Every town's turn; one that fails does not keep the next from its own."""
    reasons = {}
    for town in Municipality.objects.order_by("slug").defer("coverage", "pages"):
        try:
            reasons[town.slug] = train_suggestions(town, now=now).reason
        except Exception:
            logger.exception("suggestions not learned", extra={"town": town.slug})
    return reasons


def _reason(town: Municipality, present: SuggestionModel | None, now: datetime) -> Reason:
    if present is None:
        return Reason.FIRST
    last = versions.newest_versions(town.pk, most=1)[0]
    if now - last.created_at > OLD_AFTER:
        return Reason.OLD
    known = set(present.sources)
    new = sum(case.source not in known for case in examples(town.pk))
    return Reason.NEW_CASES if new >= ENOUGH_NEW else Reason.NOTHING_NEW


def _without(town: Municipality, reason: Reason, *, forgotten: bool, dry_run: bool) -> Training:
    """No new model; one that must not be used any more goes all the same."""
    if forgotten and not dry_run:
        versions.withdraw(town.pk)
    return Training(reason)
