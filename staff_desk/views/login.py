"""Signing in and out."""

from base64 import b32encode
from typing import Any, cast

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import User
from staff_desk.access import DeskRequest, desk_page, open_page
from staff_desk.forms import CodeForm, LoginForm
from staff_desk.sign_in import (
    CredentialsWrong,
    NobodyWaiting,
    TooManyTries,
    Waiting,
    check_code,
    check_password,
    safe_next,
    waiting,
)

NEXT = "desk_next"


@open_page
@sensitive_post_parameters("password")
def log_in(request: HttpRequest) -> HttpResponse:
    """Address and password."""
    form = LoginForm(request.POST if request.method == "POST" else None)
    if request.method == "GET":
        request.session[NEXT] = safe_next(request, request.GET.get("next", ""), "")
    if form.is_bound and form.is_valid():
        wanted = request.session.get(NEXT, "")
        try:
            signed_in = check_password(request, **form.cleaned_data)
        except CredentialsWrong:
            form.add_error(None, _("E-Mail-Adresse oder Kennwort stimmt nicht."))
        except TooManyTries as limit:
            return _too_many(request, form, limit)
        else:
            request.session[NEXT] = wanted
            return _go_on(request) if signed_in else redirect("staff_desk:login_code")
    return _page(request, form, _("Anmelden"))


@open_page
@sensitive_post_parameters("code")
def log_in_code(request: HttpRequest) -> HttpResponse:
    """The one-time code; shows the key of a first device."""
    try:
        expected = waiting(request)
    except NobodyWaiting:
        return redirect("staff_desk:login")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        wanted = request.session.get(NEXT, "")
        try:
            check_code(request, form.cleaned_data["code"])
        except NobodyWaiting:
            return redirect("staff_desk:login")
        except CredentialsWrong:
            form.add_error("code", _("Dieser Code gilt nicht. Bitte den nächsten abwarten."))
        except TooManyTries as limit:
            return _too_many(request, form, limit)
        else:
            request.session[NEXT] = wanted
            return _go_on(request)
    return _page(request, form, _("Zweiter Schritt"), **_device(expected))


@desk_page("POST")
def log_out(request: DeskRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("staff_desk:login")


def _go_on(request: HttpRequest) -> HttpResponse:
    """To the page that was asked for; who only administers has no queue."""
    wanted = request.session.pop(NEXT, "")
    user = cast("User", request.user)
    home = "admin:index" if user.is_staff and not user.roles.exists() else "staff_desk:queue"
    return redirect(wanted or reverse(home))


def _device(expected: Waiting) -> dict[str, Any]:
    if expected.enrolling is None:
        return {"text": _("Bitte geben Sie den Einmalcode aus Ihrer App ein.")}
    key = b32encode(expected.enrolling.bin_key).decode().rstrip("=")
    return {
        "text": _(
            "Ihre Rolle verlangt einen zweiten Schritt. Legen Sie in Ihrer Authenticator-App ein "
            "Konto mit diesem Schlüssel an und geben Sie den angezeigten Code ein."
        ),
        "key": " ".join(key[at : at + 4] for at in range(0, len(key), 4)),
        "key_link": expected.enrolling.config_url,
    }


def _too_many(
    request: HttpRequest, form: LoginForm | CodeForm, limit: TooManyTries
) -> HttpResponse:
    form.add_error(None, _("Zu viele Versuche. Bitte versuchen Sie es später noch einmal."))
    response = _page(request, form, _("Anmelden"), status=429)
    response.headers["Retry-After"] = str(limit.retry_after)
    return response


def _page(
    request: HttpRequest,
    form: LoginForm | CodeForm,
    heading: str,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    context |= {"form": form, "heading": heading}
    return render(request, "staff_desk/login.html", context, status=status)
