"""How many reports one sender may send by the form; counted together with the API's."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest

from accounts import limits
from accounts.peers import peer_network
from reports.models import Screening

HOUR = timedelta(hours=1)
HARD_FACTOR = 5
DRAFT_PHOTOS = 60

logger = logging.getLogger(__name__)


class TooManyReports(Exception):
    """This sender has sent so many reports that nobody could read them."""


def may_keep_draft(request: HttpRequest) -> bool:
    """Whether one more photo of a form that goes back may be kept for this sender, this hour.

    Nothing else bounds what forms that never become a report would leave on our disk.
    """
    sender = ("draft-photos", peer_network(request))
    return limits.count_attempt(*sender, limit=DRAFT_PHOTOS, window=HOUR).allowed


def judge_pace(request: HttpRequest) -> Screening:
    """Count a report of a sender and say whether a person has to look at it before it is shown.

    Raises TooManyReports. Where the counter itself cannot be written in time the report goes
    through: limits protect against floods and must not turn citizens away.
    """
    soft: int = settings.RATE_CLASSES["anonymous"]
    sender = ("reports", "peer", peer_network(request))
    try:
        if limits.count_attempt(*sender, limit=soft, window=HOUR).allowed:
            return Screening.CLEAR
        hits = limits.attempts(*sender, window=HOUR)
    except OperationalError as error:
        logger.warning("limit not counted: %s", type(error).__name__)
        return Screening.CLEAR
    if hits > soft * HARD_FACTOR:
        raise TooManyReports
    return Screening.HELD
