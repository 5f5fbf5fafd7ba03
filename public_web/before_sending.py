"""What the form asks before it sends: a call to 112 first, or another body to turn to.

The answer travels in the field `confirmed`, from a box beside the notice (with a script) or from
the page between form and sending (without). Whoever sends without it is asked; whatever is sent
with it is taken.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from accounts.towns import town_of
from public_web.draft_photos import DraftPhoto
from public_web.kinds import spoken_language
from reports.concerns import concerns_of, texts_of
from reports.notices import Asks, Notice, NoticeKind, notices_for, questions_before_sending
from routing.answers import stops_among
from routing.catalogue import CategoryInfo
from routing.offering import Moment
from routing.question_info import asked

CONFIRMED, BACK, TAKEN_OVER = "confirmed", "back", "taken_over"
CALLED, NO_DANGER, ANYWAY = "called_emergency", "no_danger", "send_anyway"
_NEVER_CARRIED = {"csrfmiddlewaretoken", CONFIRMED, BACK, "kept_photos"}


def confirmed_in(sent: QueryDict) -> frozenset[str]:
    """What the sender has said to the notices so far."""
    words = " ".join(sent.getlist(CONFIRMED))[:200].split()
    return frozenset(words) & {CALLED, NO_DANGER, ANYWAY}


def questions_for(
    request: HttpRequest, category: CategoryInfo, answers: Mapping[str, Any]
) -> list[Notice]:
    """Notices that want an answer before this form is sent; one query."""
    sent = request.POST
    stops = stops_among(asked(category.questions, answers), answers)
    texts = texts_of(sent.get("description", ""), sent.get("address", ""), answers)
    concerns = concerns_of(town_of(request), texts, spoken_language(), stops)
    moment = Moment(town_of(request), timezone.now())
    return questions_before_sending(notices_for(None, concerns, [], moment))


def unanswered(notices: Sequence[Notice], confirmed: frozenset[str]) -> bool:
    """Whether any of the notices has not been answered yet."""
    asks = {notice.asks for notice in notices}
    calls_first = Asks.CALLED_EMERGENCY in asks and not confirmed & {CALLED, NO_DANGER}
    return calls_first or (Asks.SEND_ANYWAY in asks and ANYWAY not in confirmed)


def ask(
    request: HttpRequest,
    category: CategoryInfo,
    notices: Sequence[Notice],
    *,
    kept: Sequence[DraftPhoto],
    photo_errors: Sequence[str],
) -> HttpResponse:
    """The page between form and sending: the notices, and everything typed in hidden fields."""
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _NEVER_CARRIED
        for value in values
    ]
    asks = {notice.asks for notice in notices}
    further = [ANYWAY] if Asks.SEND_ANYWAY in asks else []
    context = {
        "category": category,
        "notices": notices,
        "carried": carried,
        "kept_photos": kept,
        "photo_errors": photo_errors,
        "is_danger": Asks.CALLED_EMERGENCY in asks,
        "may_send": all(notice.may_send for notice in notices),
        "called": " ".join([CALLED, *further]),
        "no_danger": " ".join([NO_DANGER, *further]),
        "anyway": ANYWAY,
        "draft_key": f"melden-{town_of(request).slug}",
        "stopped": [notice for notice in notices if notice.kind == NoticeKind.STOP],
    }
    return render(request, "public_web/before_sending.html", context)
