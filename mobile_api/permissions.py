"""Who may use an endpoint. The default is nobody: every view names its permission itself."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import ApiClient

if TYPE_CHECKING:  # the framework's views load this module themselves
    from rest_framework.views import APIView


class DenyAll(BasePermission):
    """Nobody; what a view without a permission of its own gets."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Never."""
        return False


class Everybody(BasePermission):
    """Public data, and reports, which anybody may send. A wrong app token is refused before."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Always."""
        return True


class MayExplainRouting(BasePermission):
    """Whoever holds a token that the town's administration has given this right."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Never without a token, however it was reached."""
        return isinstance(request.auth, ApiClient) and request.auth.may_explain_routing


class ReceiptHolder(Everybody):
    """Anybody may ask; the view shows private facts only to a valid receipt or the posting app."""
