"""Versions of a town's model: which is in use, when a new one takes its place, what is kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.db import transaction
from django.db.models import Max

from suggestion.judging import Case, judge
from suggestion.linear_model import LinearModel
from suggestion.models import Outcome, SuggestionModel
from suggestion.packing import PayloadRefused, pack, unpack

# So much worse in the share of right answers is chance, not a worse model.
CHANCE = 0.01
# On fewer cases that the model in use has not seen, two models cannot be told apart.
FEWEST_TO_COMPARE = 30
KEPT_PAYLOADS = 2


@dataclass(frozen=True)
class Comparison:
    """Right answers of the new model's rehearsal and of the one in use, on the same cases."""

    cases: int
    new: float
    in_use: float

    @property
    def is_worse(self) -> bool:
        """Whether the new one should not take the other's place."""
        return self.cases >= FEWEST_TO_COMPARE and self.new < self.in_use - CHANCE


def can_learn() -> bool:
    """Whether scikit-learn is installed here (extra `learning`)."""
    return find_spec("sklearn") is not None


def learning() -> Any:
    """The module that learns; it needs scikit-learn, and seconds to load."""
    return import_module("suggestion.learning")


def in_use(town_id: int) -> SuggestionModel | None:
    """The version in use."""
    rows = SuggestionModel.objects.filter(municipality_id=town_id, outcome=Outcome.ACTIVE)
    return rows.first()


def newest_versions(town_id: int, *, most: int = 10) -> list[SuggestionModel]:
    """The latest versions without their bytes, the newest first."""
    rows = SuggestionModel.objects.filter(municipality_id=town_id).order_by("-version")
    return list(rows.defer("payload", "sources")[:most])


def compare(row: SuggestionModel | None, learned: Any) -> Comparison | None:
    """Both on cases that neither has learned from; None where there is nothing to compare."""
    if row is None or row.payload is None:
        return None
    try:
        model = unpack(bytes(row.payload), town_id=row.municipality_id, version=row.version)
    except PayloadRefused:
        return None
    unseen = [case for case in learned.held_out if case.seen.at > row.learned_until]
    if not unseen:
        return None
    return Comparison(
        cases=len(unseen), new=_right(learned.rehearsal, unseen), in_use=_right(model, unseen)
    )


def keep(
    town_id: int, learned: Any, *, precision: float, must_replace: bool, now: datetime
) -> SuggestionModel:
    """Write a new version and put it to use unless it is worse than the one in use.

    `must_replace`: what the one in use has learned from may no longer be used, so it goes whatever
    the figures say, and its bytes and those of all earlier versions with it.
    """
    with transaction.atomic():
        rows = SuggestionModel.objects.filter(municipality_id=town_id)
        present = rows.filter(outcome=Outcome.ACTIVE).select_for_update().first()
        comparison = compare(present, learned)
        worse = comparison is not None and comparison.is_worse and not must_replace
        version = (rows.aggregate(last=Max("version"))["last"] or 0) + 1
        if present is not None and not worse:
            present.outcome = Outcome.REPLACED
            present.save(update_fields=["outcome"])
        row = SuggestionModel.objects.create(
            municipality_id=town_id,
            version=version,
            created_at=now,
            outcome=Outcome.NOT_BETTER if worse else Outcome.ACTIVE,
            case_count=learned.case_count,
            learned_until=learned.learned_until,
            precision=precision,
            offer_from=learned.model.offer_from,
            sure_from=learned.model.sure_from,
            findings=learned.findings | _compared(comparison),
            sources=[] if worse else list(learned.sources),
            payload=None if worse else pack(learned.model, town_id=town_id, version=version),
        )
        _forget_payloads(town_id, keep=1 if must_replace else KEPT_PAYLOADS)
        return row


def unsaved(town_id: int, learned: Any) -> SuggestionModel:
    """What `keep` would write, without a version and without the bytes."""
    return SuggestionModel(
        municipality_id=town_id,
        case_count=learned.case_count,
        learned_until=learned.learned_until,
        offer_from=learned.model.offer_from,
        sure_from=learned.model.sure_from,
        findings=learned.findings | _compared(compare(in_use(town_id), learned)),
    )


def withdraw(town_id: int) -> bool:
    """Take the version in use away, and every byte that was learned; whether there was one."""
    with transaction.atomic():
        rows = SuggestionModel.objects.filter(municipality_id=town_id)
        count = rows.filter(outcome=Outcome.ACTIVE).update(outcome=Outcome.WITHDRAWN, payload=None)
        _forget_payloads(town_id, keep=0)
    return bool(count)


def _forget_payloads(town_id: int, *, keep: int) -> None:
    rows = SuggestionModel.objects.filter(municipality_id=town_id, payload__isnull=False)
    kept = list(rows.order_by("-version").values_list("pk", flat=True)[:keep])
    rows.exclude(pk__in=kept).update(payload=None, sources=[])


def _right(model: LinearModel, cases: Collection[Case]) -> float:
    return float((judge(model, list(cases)).ranks < 1).mean())


def _compared(comparison: Comparison | None) -> dict[str, object]:
    if comparison is None:
        return {}
    return {
        "compared_cases": comparison.cases,
        "compared_new": round(comparison.new, 4),
        "compared_in_use": round(comparison.in_use, 4),
    }
