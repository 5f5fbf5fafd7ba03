"""Who may open a page of the desk.

Every view says so itself with `desk_page` (or `open_page` for the login), and urls.py refuses a
view that says nothing: a page cannot be open by accident.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.translation import gettext as _

from accounts.models import Municipality, RoleAssignment, User
from accounts.towns import host_town
from reports.policies import Staff, staff_of

P = ParamSpec("P")
View = Callable[..., HttpResponseBase]

SIGNED_IN_AT, SEEN_AT, TOWN = "desk_signed_in_at", "desk_seen_at", "desk_town"
LONGEST = timedelta(seconds=settings.SESSION_COOKIE_AGE)
LONGEST_IDLE = timedelta(seconds=settings.DESK_IDLE_SECONDS)
_SEEN_EVERY = timedelta(minutes=1)
_MARK = "desk_access"


@dataclass(frozen=True)
class Desk:
    """Who is asking, in which municipality, and where else the person has a role."""

    user: User
    staff: Staff
    town: Municipality
    towns: Sequence[Municipality]


class DeskRequest(HttpRequest):
    """A request that has passed `desk_page`; for type checking only."""

    desk: Desk


def desk_page(
    *methods: str, needs: Callable[[Staff], bool] = lambda staff: True
) -> Callable[[Callable[Concatenate[DeskRequest, P], HttpResponseBase]], View]:
    """Open a view to staff with a role here that satisfies `needs`, for the named HTTP methods.

    Strangers go to the login, a missing second factor too; staff without the role get 403.
    Nothing of the desk is ever cached.
    """
    allowed = methods or ("GET", "HEAD")

    def decorate(view: Callable[Concatenate[DeskRequest, P], HttpResponseBase]) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            response = _refuse(request) or _admit(request, needs)
            if response is None and request.method not in allowed:
                response = HttpResponseNotAllowed(allowed)
            if response is None:
                response = view(cast("DeskRequest", request), *args, **kwargs)
            return never_stored(response)

        setattr(guarded, _MARK, "staff")
        return guarded

    return decorate


def open_page(view: Callable[Concatenate[HttpRequest, P], HttpResponseBase]) -> View:
    """Declare that a view is for strangers too: the login, and links that carry their own code."""

    @wraps(view)
    def opened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return never_stored(view(request, *args, **kwargs))

    setattr(opened, _MARK, "everybody")
    return opened


def desk_path(route: str, view: View, name: str) -> URLPattern:
    """`path()` that refuses a view which does not say who may open it."""
    if access_of(view) is None:
        raise ImproperlyConfigured(f"{name} does not say who may open it")
    return path(route, view, name=name)


def access_of(view: Callable[..., Any]) -> str | None:
    """What a view says about its access: "staff", "everybody", or None where it says nothing."""
    return getattr(view, _MARK, None)


def never_stored(response: HttpResponseBase) -> HttpResponseBase:
    """Forbid browsers and proxies to keep a page of the desk."""
    http_response = cast("HttpResponse", response)
    add_never_cache_headers(http_response)
    patch_cache_control(http_response, no_store=True, private=True)
    return response


def _refuse(request: HttpRequest) -> HttpResponseBase | None:
    """Send to the login who is not signed in, or not any more."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse("staff_desk:login"))
    if _is_too_old(request):
        logout(request)
        messages.info(request, _("Sie wurden abgemeldet, weil länger nichts geschah."))
        return redirect_to_login(request.get_full_path(), reverse("staff_desk:login"))
    return None


def _admit(request: HttpRequest, needs: Callable[[Staff], bool]) -> HttpResponseBase | None:
    """Set `request.desk`, and refuse whom the page is not for."""
    user = cast("User", request.user)
    rows = _roles(request, user)
    if not rows:
        raise PermissionDenied
    asks = any(row.role in settings.SECOND_FACTOR_ROLES for row in rows)
    if asks and not user.is_verified():  # type: ignore[attr-defined]
        logout(request)
        return redirect_to_login(request.get_full_path(), reverse("staff_desk:login"))
    towns = list({row.municipality_id: row.municipality for row in rows}.values())
    chosen = request.session.get(TOWN)
    town = next((town for town in towns if town.slug == chosen), towns[0])
    staff = staff_of(user, town.pk, rows)
    # Before anything is refused: the page that says so stands inside the desk.
    request.desk = Desk(user, staff, town, towns)  # type: ignore[attr-defined]
    if not needs(staff):
        raise PermissionDenied
    return None


def _roles(request: HttpRequest, user: User) -> list[RoleAssignment]:
    rows = RoleAssignment.objects.filter(user=user).select_related("municipality")
    # On a city's own host nothing of others is visible.
    town = host_town(request)
    if town is not None:
        rows = rows.filter(municipality=town)
    return list(
        rows.defer("municipality__coverage", "municipality__pages").order_by(
            "municipality__name", "pk"
        )
    )


def _is_too_old(request: HttpRequest) -> bool:
    """Whether the session is past its absolute or its idle limit; keeps the time of this visit."""
    now = timezone.now()
    session = request.session
    signed_in = session.setdefault(SIGNED_IN_AT, now.timestamp())
    seen = session.setdefault(SEEN_AT, now.timestamp())
    if now.timestamp() - signed_in > LONGEST.total_seconds():
        return True
    if now.timestamp() - seen > LONGEST_IDLE.total_seconds():
        return True
    if now.timestamp() - seen > _SEEN_EVERY.total_seconds():
        session[SEEN_AT] = now.timestamp()
    return False
