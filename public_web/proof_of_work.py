"""A sum the browser does when very much comes in at once, so that people need not wait for a check.

ALTCHA, served by ourselves: no other server is asked and nobody is watched. A proof is good for
one report (`reports.screening` counts it) and for an hour. Whoever cannot show one loses nothing:
the report is held back and looked at.
"""

import hashlib
import hmac
import json
from datetime import datetime, timedelta

import altcha
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.arrivals import arrival_of
from accounts.towns import town_of
from reports.screening import work_is_wanted

FIELD = "altcha"
GOOD_FOR = timedelta(hours=1)
ALGORITHM, ROUNDS = "PBKDF2/SHA-256", 2_000
_LONGEST = 4_000


def challenge_for(request: HttpRequest) -> str:
    """A challenge as JSON where the next report would be held back without one, else empty."""
    now = timezone.now()
    if not work_is_wanted(town_of(request), arrival_of(request), now):
        return ""
    return new_challenge(now)


def new_challenge(now: datetime) -> str:
    """A signed challenge; the browser tries some 250 keys, the server checks one."""
    made = altcha.create_challenge(
        ALGORITHM, ROUNDS, expires_at=now + GOOD_FOR, hmac_secret=_signing_key()
    )
    return json.dumps(made.to_dict())


def shown(payload: str) -> str:
    """The id of a challenge that was solved, empty for anything else. Never raises."""
    if not payload or len(payload) > _LONGEST:
        return ""
    try:
        if not altcha.verify_solution(payload, _signing_key()).verified:
            return ""
        return str(altcha.Payload.from_base64(payload).challenge.parameters.nonce)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _signing_key() -> bytes:
    return hmac.new(settings.RECEIPT_KEY, b"proof-of-work", hashlib.sha256).digest()
