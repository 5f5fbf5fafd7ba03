"""Where a report is not taken here: another town's form with everything typed, or whom to ask."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import Municipality
from accounts.towns import town_of
from public_web.before_sending import TAKEN_OVER
from public_web.kinds import kinds_of, spoken_language
from routing import catalogue
from routing.catalogue import CategoryInfo
from routing.offering import Moment

# What belongs to the town where it was typed, or to the request.
_LEFT_BEHIND = {
    "csrfmiddlewaretoken",
    "form_key",
    "kept_photos",
    "district",
    "confirmed",
    "category",
}
_ANSWER = "answer_"


@require_POST
def take_over(request: HttpRequest) -> HttpResponse:
    """Choose this town's category for what was typed in another town's form, and go on there.

    Nothing is kept on the way: the words travel in hidden fields. Answers to the other town's
    questions stay behind, photos have to be added again.
    """
    town = town_of(request)
    moment = Moment(town, timezone.now(), language=spoken_language())
    groups = kinds_of(town, moment).groups
    carried = [
        (name, value)
        for name, value in request.POST.items()
        if name not in _LEFT_BEHIND and not name.startswith(_ANSWER) and value
    ]
    context = {
        "groups": [{"name": group.name, "kinds": group.children or (group,)} for group in groups],
        "carried": carried,
        "came_from": request.POST.get("category", "")[:60],
        "marker": TAKEN_OVER,
    }
    return render(request, "public_web/take_over.html", context)


def not_offered(
    request: HttpRequest, town: Municipality, code: str, category: CategoryInfo | None
) -> HttpResponse:
    """A category that is unknown, no longer offered or paused: say so, and where to turn."""
    known = category is not None or catalogue.is_known(town.pk, code)
    pauses = [notice for notice in category.notices if notice.pauses] if category else []
    context = {"category": category, "is_known": known, "pauses": pauses}
    status = 200 if pauses else 404
    return render(request, "public_web/not_offered.html", context, status=status)
