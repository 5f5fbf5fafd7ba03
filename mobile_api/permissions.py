"""Who may use an endpoint. The default is nobody: every view names its permission itself."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

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


class ReceiptHolder(Everybody):
    """Anybody may ask; the view shows private facts only to a valid receipt or the posting app."""
