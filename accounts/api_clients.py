"""Tokens of apps and partner systems: shown once, kept as a hash."""

import hashlib
import secrets

from accounts.models import ApiClient, Municipality, RateClass


def issue_token(
    *,
    name: str,
    municipality: Municipality | None,
    rate_class: RateClass,
    contact_email: str = "",
    **permissions: bool,
) -> tuple[ApiClient, str]:
    """Create a client and return it with its token, which cannot be shown again.

    `permissions` are fields of ApiClient: is_test_only, may_post_requests, may_post_updates,
    may_post_bulk, may_explain_routing.
    """
    token = "anl_" + secrets.token_urlsafe(24)
    client = ApiClient.objects.create(
        name=name,
        municipality=municipality,
        rate_class=rate_class,
        contact_email=contact_email,
        token_hash=_hash(token),
        **permissions,
    )
    return client, token


def find_client(token: str) -> ApiClient | None:
    """The active client that holds a token for real reports, or None."""
    client = find_partner(token)
    return None if client is None or client.is_test_only else client


def find_partner(token: str) -> ApiClient | None:
    """The active client that holds a token, also one for trying out only, or None."""
    return (
        ApiClient.objects.filter(token_hash=_hash(token), is_active=True)
        .select_related("municipality", "acts_as")
        .defer("municipality__coverage", "municipality__pages")
        .first()
    )


def _hash(token: str) -> str:
    # The token carries 192 random bits, so a plain hash cannot be reversed by guessing.
    return hashlib.sha256(token.encode()).hexdigest()
