"""Who may POST: api keys of partner systems with what each may do."""

import re

from django.utils.translation import gettext_lazy as _

from accounts.api_clients import find_partner
from accounts.models import ApiClient, Municipality
from open311.endpoint import Ask
from open311.refusals import Fault, Refused

_KEY = re.compile(r"anl_[A-Za-z0-9_-]{16,80}")


def client_of(ask: Ask, key: str) -> ApiClient:
    """The partner behind a key. Raises Refused 403 where it is missing, wrong or for tests only."""
    client = find_partner(key) if _KEY.fullmatch(key) else None
    if client is None:
        raise _forbidden(_("api_key fehlt, ist falsch oder gesperrt."))
    if client.is_test_only and not ask.is_test:
        raise _forbidden(_("Dieser api_key gilt nur am Testendpunkt /open311/test/v2."))
    return client


def check_town(client: ApiClient, town: Municipality) -> None:
    """Raises Refused 403 where the key belongs to another town."""
    if client.municipality_id not in {None, town.pk}:
        raise _forbidden(_("Dieser api_key gilt für eine andere Kommune."))


def check_requests(client: ApiClient) -> None:
    """Raises Refused 403 unless the partner may send requests."""
    if not client.may_post_requests:
        raise _forbidden(_("Mit diesem api_key dürfen keine Meldungen gesendet werden."))


def check_updates(client: ApiClient) -> None:
    """Raises Refused 403 unless the partner may send updates."""
    if not client.may_post_updates:
        raise _forbidden(_("Mit diesem api_key dürfen keine Nachrichten gesendet werden."))


def check_bulk(client: ApiClient) -> None:
    """Raises Refused 403 unless the partner may send many requests at once."""
    if not client.may_post_bulk:
        raise _forbidden(_("Mit diesem api_key darf nicht in Mengen gesendet werden."))


def _forbidden(description: object) -> Refused:
    return Refused(Fault(403, str(description)))
