"""Senders a town treats apart: blocked addresses and domains, and throw-away mail domains.

A report is never refused for its address. The address is left out, or the report is looked at.
"""

import contextlib
import hashlib
import hmac
from datetime import date, datetime

from disposable_email_domains import blocklist
from django.conf import settings

from accounts.models import Municipality
from accounts.short_memory import remembered
from reports.abuse import BlockedSender, BlockEffect

_DOMAIN_LEVELS = 5


def effect_on(town: Municipality, email: str, now: datetime) -> BlockEffect | None:
    """What a town does with an address, None for the usual; the nearest entry counts. One query."""
    address = email.strip()
    if not address:
        return None
    keys = _keys(address)
    today = now.astimezone(town.tz).date()
    entries = _entries_of(town.pk)
    for key in keys:
        effect, expires_on = entries.get(key, ("", date.min))
        if effect and expires_on >= today:
            return None if effect == BlockEffect.ALLOW else BlockEffect(effect)
    return BlockEffect(settings.THROW_AWAY_MAIL) if _is_throw_away(address) else None


@remembered
def _entries_of(municipality_id: int) -> dict[str, tuple[str, date]]:
    rows = BlockedSender.objects.filter(municipality_id=municipality_id)
    found = rows.values_list("key", "effect", "expires_on")
    return {key: (effect, expires_on) for key, effect, expires_on in found}


def key_of(word: str) -> str:
    """The keyed hash of an address, or of a domain written without `@`."""
    message = b"block:" + _plain(word).encode("utf-8", "replace")
    return hmac.new(settings.RECEIPT_KEY, message, hashlib.sha256).hexdigest()


def _keys(address: str) -> list[str]:
    """Of an address and of its domains, the nearest first."""
    return [key_of(word) for word in (address, *_domains(address))]


def _domains(address: str) -> list[str]:
    labels = _plain(address).rpartition("@")[2].split(".")
    longest = labels[-_DOMAIN_LEVELS:]
    return [".".join(longest[at:]) for at in range(max(len(longest) - 1, 1))]


def _is_throw_away(address: str) -> bool:
    if settings.THROW_AWAY_MAIL not in BlockEffect.values:
        return False
    return any(domain in blocklist for domain in _domains(address))


def _plain(word: str) -> str:
    """Spelling makes no other address: case folded, international domains in their ASCII form."""
    local, at, domain = word.strip().casefold().rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return f"{local}{at}{domain}"
