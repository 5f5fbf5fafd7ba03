"""Two keys in the header Authorization: an app's token (Bearer) and a report's secret (Receipt).

No cookies: a browser page of somebody else can therefore use the API, but nobody's session.
"""

import re

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.api_clients import find_client
from accounts.models import ApiClient

_TOKEN = re.compile(r"anl_[A-Za-z0-9_-]{16,80}")
_SECRET = re.compile(r"[A-Za-z0-9 -]{16,60}")


class AppTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer anl_…`; without it a request is anonymous, which is fine."""

    def authenticate(self, request: Request) -> tuple[None, ApiClient] | None:
        """The app behind the token as `request.auth`. Raises AuthenticationFailed."""
        scheme, token = _authorization(request)
        if scheme != "bearer":
            return None
        client = find_client(token) if _TOKEN.fullmatch(token) else None
        if client is None:
            raise AuthenticationFailed(_("Dieses Token gibt es nicht, oder es ist gesperrt."))
        return None, client

    def authenticate_header(self, request: Request) -> str:
        """What a 401 answer asks for (RFC 6750)."""
        return 'Bearer realm="Anliegen"'


def receipt_secret(request: Request) -> str | None:
    """The secret a request shows: `Authorization: Receipt …` or `X-Receipt-Secret`, else None.

    Something that cannot be a secret comes back as an empty text: shown, and wrong.
    """
    scheme, value = _authorization(request)
    shown = value if scheme == "receipt" else request.headers.get("X-Receipt-Secret")
    if shown is None:
        return None
    return shown if _SECRET.fullmatch(shown) else ""


def client_of(request: Request) -> ApiClient | None:
    """The app whose token a request carries."""
    return request.auth if isinstance(request.auth, ApiClient) else None


def _authorization(request: Request) -> tuple[str, str]:
    scheme, _blank, value = request.headers.get("Authorization", "").strip().partition(" ")
    return scheme.lower(), value.strip()
