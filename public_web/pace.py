"""How much one sender may send by the form: counted together with the API's, before it is read."""

import math
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import limits
from accounts.arrivals import Arrival, arrival_of
from accounts.peers import peer_network
from public_web import proof_of_work
from public_web.forms import TRAP
from reports.screening import Reason

HOUR = timedelta(hours=1)
SUGGESTIONS_WITHIN = timedelta(minutes=10)
DRAFT_PHOTOS = 60


def may_keep_draft(request: HttpRequest) -> bool:
    """Whether one more photo of a form that goes back may be kept for this sender, this hour.

    Nothing else bounds what forms that never become a report would leave on our disk.
    """
    sender = ("draft-photos", peer_network(request))
    return limits.count_attempt(*sender, limit=DRAFT_PHOTOS, window=HOUR).allowed


def arrival(request: HttpRequest) -> Arrival:
    """From where a form came, and what about it looks like a machine's work."""
    fell = request.POST.get(TRAP, "").strip() != ""
    return arrival_of(
        request,
        suspicions=(Reason.HONEYPOT.value,) if fell else (),
        work=proof_of_work.shown(request.POST.get(proof_of_work.FIELD, "")),
    )


def too_many(request: HttpRequest, retry_after: int) -> HttpResponse:
    """What people see who sent far too much; their browser still has what they typed."""
    minutes = math.ceil(retry_after / 60)
    return render(request, "public_web/errors/too_many.html", {"minutes": minutes})
