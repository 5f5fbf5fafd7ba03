"""What is deleted tonight, what was deleted, and why something was not: for data protection."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.utils import timezone

from reports.actions.retain import outlook_of
from reports.policies import may_oversee_deletion
from reports.queries.retention import Slice, kept
from reports.retention import DeletionProof, Part, RetentionRun
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk

SHOWN_NIGHTS = timedelta(days=14)


@desk_page(needs=may_oversee_deletion)
def overview(request: DeskRequest) -> HttpResponse:
    """Figures only: by class and part, tonight and the last two weeks."""
    now, town = timezone.now(), request.desk.town
    pieces = outlook_of(town, now=now)
    context: dict[str, Any] = {
        "classes": [_class_row(piece, counts) for piece, counts in pieces],
        "tonight": sum(sum(counts.values()) for _piece, counts in pieces),
        "kept": [each for piece, _counts in pieces for each in kept(piece, now=now)],
        "nights": _nights(town.pk, now - SHOWN_NIGHTS),
        "last_run": RetentionRun.objects.order_by("-pk").first(),
    }
    return render_desk(request, "staff_desk/retention.html", context, current="retention")


def _class_row(piece: Slice, counts: dict[str, int]) -> dict[str, Any]:
    parts = [
        {"label": part.label, "days": piece.days(part), "due": counts[part.value]} for part in Part
    ]
    return {"terms": piece.terms, "parts": parts}


def _nights(town_id: int, since: Any) -> Sequence[dict[str, Any]]:
    proofs = DeletionProof.objects.filter(municipality_id=town_id, at__gte=since)
    rows = proofs.values("at__date", "part", "cause").annotate(count=Count("pk"))
    labels, causes = dict(Part.choices), dict(DeletionProof.Cause.choices)
    return [
        {
            "day": row["at__date"],
            "part": labels[row["part"]],
            "cause": causes[row["cause"]],
            "count": row["count"],
        }
        for row in rows.order_by("-at__date", "part", "cause")
    ]
