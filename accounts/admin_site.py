"""The administration: for people with the role "admin", with second factor where it is asked for.

It has no login of its own; the desk's login counts tries and asks for the code.
"""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts.models import Role, RoleAssignment, User
from accounts.second_factor import needs_second_factor
from accounts.towns import host_town

# The desk keeps the same notes, so idling and the longest session count over both.
SIGNED_IN_AT, SEEN_AT = "desk_signed_in_at", "desk_seen_at"
_MINUTE = 60


class DeskAdminSite(admin.AdminSite):
    """Opens to verified administrators; strangers go to the desk's login."""

    site_header = _("Anliegen – Administration")
    site_title = _("Administration")
    index_title = _("Stammdaten")

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether this person may use the administration now."""
        user = request.user
        if not isinstance(user, User) or not may_administer(request):
            return False
        if needs_second_factor(user) and not cast("Any", user).is_verified():
            return False
        return not _too_old(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send strangers to the desk's login; raises PermissionDenied for staff without role."""
        wanted = request.GET.get("next") or reverse("admin:index", current_app=self.name)
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated and not may_administer(request):
            raise PermissionDenied
        return redirect_to_login(wanted, settings.LOGIN_URL)

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """End the session; only by POST, so that no link on another site can do it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        logout(request)
        return redirect(settings.LOGIN_URL)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every page as Django guards it, and none of them kept by browsers and proxies."""
        guarded = super().admin_view(view, cacheable)

        def unstored(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = guarded(request, *args, **kwargs)
            patch_cache_control(response, no_store=True, private=True)
            return cast("HttpResponse", response)

        return unstored if cacheable else never_cache(unstored)


def administered_towns(request: HttpRequest) -> frozenset[int] | None:
    """Ids of the municipalities a person administers; None means all (operators).

    On a city's own host name only that city, for operators too. Asked once per request.
    """
    known = getattr(request, "_administered_towns", False)
    if known is False:
        known = _towns_of(request)
        request._administered_towns = known  # type: ignore[attr-defined]
    return cast("frozenset[int] | None", known)


def may_administer(request: HttpRequest) -> bool:
    """Whether the person behind a request is an operator or administers a municipality."""
    user = request.user
    if not isinstance(user, User) or not (user.is_active and user.is_staff):
        return False
    return user.is_superuser or bool(administered_towns(request))


def _towns_of(request: HttpRequest) -> frozenset[int] | None:
    user, here = cast("User", request.user), host_town(request)
    if user.is_superuser:
        return None if here is None else frozenset({here.pk})
    roles = RoleAssignment.objects.filter(user=user, role=Role.ADMIN)
    if here is not None:
        roles = roles.filter(municipality=here)
    return frozenset(roles.values_list("municipality_id", flat=True))


def _too_old(request: HttpRequest) -> bool:
    """Whether the session is past its idle or its absolute limit; keeps the time of this visit."""
    now = timezone.now().timestamp()
    signed_in = request.session.setdefault(SIGNED_IN_AT, now)
    seen = request.session.setdefault(SEEN_AT, now)
    if now - signed_in > settings.SESSION_COOKIE_AGE or now - seen > settings.DESK_IDLE_SECONDS:
        return True
    if now - seen > _MINUTE:
        request.session[SEEN_AT] = now
    return False
