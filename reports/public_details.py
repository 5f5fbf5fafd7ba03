"""What else of a published report strangers see: answers and new statuses, public attributes.

Written by actions/publish.py together with the public row.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from reports.lifecycle import ClosingReason, Status, WaitingFor
from reports.models import Remark, Report, Submission, TimelineEntry
from reports.publication import grid_of, policy_of
from reports.published import PublishedUpdate
from reports.queries.assets import assets_of
from routing.models import Datatype, PublicationPolicy, Question

TOLD = frozenset({"status_changed", "reopened", "answered"})
# Free text may name persons and nobody has approved it: only choices, numbers and dates go out.
SHOWN = frozenset({Datatype.SINGLE, Datatype.MULTIPLE, Datatype.NUMBER, Datatype.DATE})
# The widest grid in which naming a lamp gives no more away than the dot on the map does.
EXACT_GRID_M = 50
# Between the moment an entry is written here and the moment others can read it.
COMMIT_MARGIN = timedelta(seconds=10)


def write_updates(report: Report, *, now: datetime) -> None:
    """Bring the public entries in line with the timeline; what was public keeps its time.

    Coarse categories show no times of their own, so they tell no entries.
    """
    shown = PublishedUpdate.objects.filter(report_id=report.number)
    if policy_of(report) == PublicationPolicy.COARSE:
        shown.delete()
        return
    rows = list(_rows(report, now))
    if rows:
        PublishedUpdate.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["report", "seq"],
            update_fields=["kind", "status", "closing_reason", "waiting_for", "text"],
        )


def public_attributes(report: Report) -> list[dict[str, Any]]:
    """Answers to public questions of the category, in the catalogue's German words.

    `[{"code", "question", "datatype", "values": [{"key", "name"}]}]`; at most one query.
    """
    submission: Submission | None = getattr(report, "submission", None)
    coarse = policy_of(report) == PublicationPolicy.COARSE
    if coarse or submission is None or not submission.answers:
        return []
    questions = Question.objects.filter(
        category_id=report.category_id,
        code__in=list(submission.answers),
        is_confidential=False,
        datatype__in=sorted(SHOWN),
    )
    return [
        {
            "code": question.code,
            "question": question.text,
            "datatype": question.datatype,
            "values": list(_values(question, submission.answers[question.code])),
        }
        for question in questions.order_by("order", "pk")
    ]


def public_assets(report: Report) -> list[dict[str, str]]:
    """Things of public layers a report is about; at most one query.

    A thing tells the place to the metre, so only categories whose places are about as exact.
    """
    policy, grid = policy_of(report), grid_of(report)
    if policy == PublicationPolicy.COARSE or grid > EXACT_GRID_M:
        return []
    return [
        {
            "reference": asset.reference,
            "label": asset.label,
            "code": asset.layer.code,
            "layer": asset.layer.name,
            "key": asset.key,
        }
        for asset in assets_of(report.pk)
        if asset.layer.is_public
    ]


def _rows(report: Report, now: datetime) -> Iterator[PublishedUpdate]:
    entries = list(TimelineEntry.objects.filter(report=report, is_public=True).order_by("seq"))
    texts = _answers(report, entries)
    status: str = Status.RECEIVED
    for entry in entries:
        status = _known(entry.data.get("to"), Status) or status
        if entry.kind in TOLD:
            yield PublishedUpdate(
                report_id=report.number,
                seq=entry.seq,
                kind=entry.kind,
                status=status,
                closing_reason=_known(entry.data.get("reason"), ClosingReason),
                waiting_for=_known(entry.data.get("waiting_for"), WaitingFor),
                text=texts.get(entry.remark_id or 0, ""),
                visible_at=_next_minute(now + COMMIT_MARGIN),
            )


def _answers(report: Report, entries: Iterable[TimelineEntry]) -> dict[int, str]:
    """Answers only: other remarks are internal even where an entry beside them is public."""
    wanted = [entry.remark_id for entry in entries if entry.remark_id and entry.data.get("answer")]
    if not wanted:
        return {}
    rows = Remark.objects.filter(report=report, pk__in=wanted, kind=Remark.Kind.ANSWER)
    return dict(rows.values_list("pk", "body"))


def _values(question: Question, answer: Any) -> Iterator[dict[str, str]]:
    names = {option["key"]: option.get("de") or option["key"] for option in question.options}
    for value in answer if isinstance(answer, list) else [answer]:
        yield {"key": str(value), "name": str(names.get(value, value))}


def _known(value: Any, words: Iterable[str]) -> str:
    return str(value) if value in set(words) else ""


def _next_minute(at: datetime) -> datetime:
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + timedelta(minutes=1)
