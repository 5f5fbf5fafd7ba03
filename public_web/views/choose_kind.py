"""The first step of reporting: choose a kind of report from the list, or say what is wrong."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.limits import count_attempt
from accounts.models import Municipality
from accounts.peers import peer_network
from accounts.towns import town_of
from public_web.before_sending import TAKEN_OVER
from public_web.forms import TEXT_LIMIT
from public_web.kinds import Kinds, kinds_of, spoken_language
from public_web.pace import SUGGESTIONS_WITHIN
from reports.concerns import concerns_of, texts_of
from reports.notices import Notice, notices_for
from reports.queries.suggested import Suggested, suggested_kinds
from routing.offering import Moment


@require_http_methods(["GET", "HEAD", "POST"])
def choose_category(request: HttpRequest) -> HttpResponse:
    """Groups and categories, searchable; by POST also what a description may be about.

    A description comes by POST so that it stands in no log of addresses; it is not kept.
    """
    town = town_of(request)
    moment = Moment(town, timezone.now(), language=spoken_language())
    kinds = kinds_of(town, moment)
    context: dict[str, Any] = {"groups": kinds.groups, "marker": TAKEN_OVER}
    description = request.POST.get("description", "").replace("\x00", "").strip()[:TEXT_LIMIT]
    if description:
        context |= {
            "description": description,
            "notices": _notices(town, description, moment),
            "suggested": _suggested(request, town, description, kinds),
        }
    return render(request, "public_web/choose_category.html", context)


def _suggested(
    request: HttpRequest, town: Municipality, description: str, kinds: Kinds
) -> Suggested | None:
    """What fits; None for somebody who has asked very often: the list is still there."""
    verdict = count_attempt(
        "suggestions",
        peer_network(request),
        limit=settings.SUGGESTIONS,
        window=SUGGESTIONS_WITHIN,
    )
    if not verdict.allowed:
        return None
    return suggested_kinds(town, description, kinds.groups, now=timezone.now())


def _notices(town: Municipality, description: str, moment: Moment) -> list[Notice]:
    """Whom to call, or whom to turn to, if the words say so; one query."""
    concerns = concerns_of(town, texts_of(description, "", {}), spoken_language(), [])
    return notices_for(None, concerns, [], moment)
