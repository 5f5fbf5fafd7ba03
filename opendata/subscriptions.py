"""Tell subscribers that something has changed: id, kind, time and link, signed, until they took it.

What is owed is a row: a span in the order of changes. Its events are read when it is sent, so a
report that was withdrawn meanwhile is told as withdrawn, and nothing of it was ever kept.
"""

import hashlib
import hmac
import json
import logging
import time
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.derived_codes import derive
from accounts.towns import public_url
from leases.claiming import Claim, Outcome, claim_due, settle
from leases.models import Lane
from opendata.models import Delivery, Subscriber
from outgoing.client import OutgoingClient, Unanswered, Unreachable
from reports.queries import public_feeds
from reports.queries.public_facts import Change

EVENTS = 500  # in one message
BATCH, MAX_ATTEMPTS, LEASE_SECONDS = 5, 12, 120.0
_WAITS = (30, 120, 600, 1800, 3600, 4 * 3600)
_out = OutgoingClient(agent="anliegen-webhook", max_bytes=1024)

logger = logging.getLogger(__name__)


def key_of(subscriber: Subscriber) -> str:
    """What signs the messages to a subscriber; computed, stored nowhere."""
    return derive("webhook", subscriber.pk, subscriber.key_version)


def book(subscriber_id: int) -> bool:
    """Book the next message of a subscriber if there is anything new; whether there was."""
    with transaction.atomic():
        subscriber = (
            Subscriber.objects.select_for_update(of=("self",))
            .select_related("municipality")
            .defer("municipality__coverage")
            .get(pk=subscriber_id)
        )
        slug = subscriber.municipality.slug
        if subscriber.change is None:  # whoever is new is told of what comes from now on
            subscriber.change = int(public_feeds.feed_state(slug).mark, 16)
            subscriber.save(update_fields=["change"])
            return False
        found = public_feeds.changes(slug, after=subscriber.change, limit=EVENTS)
        if not found.changes:
            return False
        Delivery.objects.create(
            subscriber=subscriber, lane=Lane.BULK, after=subscriber.change, until=found.last
        )
        subscriber.change = found.last
        subscriber.save(update_fields=["change"])
    return found.has_more


def deliver_due(*, seconds: float = 20.0) -> int:
    """Book what is new, send what is due; returns how many messages were tried."""
    until = time.monotonic() + seconds
    active = Subscriber.objects.filter(is_active=True, municipality__is_live=True)
    for pk in active.values_list("pk", flat=True):
        while book(pk) and time.monotonic() < until:
            pass
    tried = 0
    while time.monotonic() < until:
        claims = claim_due(Delivery, Lane.BULK, limit=BATCH, lease=LEASE_SECONDS)
        for claim in claims:
            settle(Delivery, claim, _outcome(claim))
        tried += len(claims)
        if len(claims) < BATCH:
            break
    return tried


def signature(key: str, at: int, body: bytes) -> str:
    """`t=<seconds>,v1=<hex>`: HMAC-SHA-256 over the seconds, a dot and the body."""
    signed = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


def _outcome(claim: Claim) -> Outcome:
    delivery = (
        Delivery.objects.select_related("subscriber__municipality")
        .defer("subscriber__municipality__coverage")
        .get(pk=claim.pk)
    )
    if not delivery.subscriber.is_active:
        return Outcome.cancelled("Inactive")
    body = _body(delivery)
    if body is None:
        return Outcome.done()  # all of it changed once more and is told by a later message
    fault = _send(delivery, body)
    if not fault:
        return Outcome.done()
    if claim.attempt >= MAX_ATTEMPTS:
        logger.error("a subscriber was given up", extra={"row": delivery.subscriber_id})
        return Outcome.dead(fault)
    return Outcome.retry(_WAITS[min(claim.attempt, len(_WAITS)) - 1], fault)


def _send(delivery: Delivery, body: bytes) -> str:
    """What went wrong; empty where the server took it."""
    subscriber, now = delivery.subscriber, int(time.time())
    headers = {
        "Content-Type": "application/json",
        "Anliegen-Delivery": str(delivery.pk),
        "Anliegen-Signature": signature(key_of(subscriber), now, body),
    }
    try:
        reply = _out.post(
            subscriber.url,
            body,
            headers=headers,
            allow_private=settings.WEBHOOKS_TO_PRIVATE_NETWORK,
        )
    except (Unreachable, Unanswered) as problem:
        return type(problem).__name__
    return "" if 200 <= reply.status < 300 else f"Status{reply.status}"


def _body(delivery: Delivery) -> bytes | None:
    town = delivery.subscriber.municipality
    span = delivery.until - delivery.after
    found = public_feeds.changes(town.slug, after=delivery.after, limit=min(span, EVENTS))
    events = [
        _event(change, public_url(town, f"meldung/{change.number}/"))
        for change in found.changes
        if change.change <= delivery.until
    ]
    if not events:
        return None
    return json.dumps({"delivery": delivery.pk, "events": events}, ensure_ascii=False).encode()


def _event(change: Change, address: str) -> dict[str, str]:
    at: datetime = change.changed_at
    kind = "removed" if change.is_removed else "published"
    return {"id": change.number, "kind": kind, "changed_at": at.isoformat(), "link": address}
