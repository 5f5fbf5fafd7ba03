"""Signing in: password, then a one-time code where the role asks for it. Tries are counted.

An unknown address costs the same work and gets the same words as a wrong password.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth import authenticate, login, logout
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_otp import login as otp_login
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import limits
from accounts.models import User
from accounts.peers import peer_network
from accounts.second_factor import needs_second_factor
from staff_desk.access import SEEN_AT, SIGNED_IN_AT

TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS = 20, 20
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CODE_WITHIN_SECONDS = 10 * 60
PENDING = "desk_pending"
AGAIN_AT, AGAIN_SECONDS = "desk_confirmed_at", 10 * 60


class TooManyTries(Exception):
    """The account or the address has used up its tries; `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(str(retry_after))
        self.retry_after = retry_after


class CredentialsWrong(Exception):
    """Address and password do not belong together, or the code is wrong."""


class NobodyWaiting(Exception):
    """The code page was opened without a password before it, or too late."""


@dataclass(frozen=True)
class _Tries:
    """Tries that are counted under one key in a fixed window; in the end failed ones only."""

    key: tuple[str, str]
    limit: int
    window: timedelta


@dataclass(frozen=True)
class Waiting:
    """Somebody whose password was right and whose code is missing; a device without code yet."""

    user: User
    enrolling: TOTPDevice | None


def check_password(request: HttpRequest, email: str, password: str) -> bool:
    """Check a password; True where the person is signed in, False where the code comes next.

    Raises TooManyTries, CredentialsWrong.
    """
    from_here = _Tries(("login-address", peer_network(request)), TRIES_PER_ADDRESS, HOUR)
    _count([from_here, _Tries(_account_key(email), TRIES_PER_ACCOUNT, DAY)])
    user = authenticate(request, username=email.strip(), password=password)
    if not isinstance(user, User):
        raise CredentialsWrong
    limits.forget(*_account_key(email))
    # Only failures stay counted: a whole town hall signs in from one address every morning.
    limits.take_back(*from_here.key, window=from_here.window)
    if not needs_second_factor(user) and not _has_device(user):
        _sign_in(request, user)
        return True
    logout(request)
    request.session[PENDING] = {"user": user.pk, "at": timezone.now().timestamp()}
    return False


def waiting(request: HttpRequest) -> Waiting:
    """Who is expected to give a code; a first device is prepared. Raises NobodyWaiting."""
    pending = request.session.get(PENDING)
    if not pending or timezone.now().timestamp() - pending["at"] > CODE_WITHIN_SECONDS:
        raise NobodyWaiting
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    if user is None:
        raise NobodyWaiting
    if _has_device(user):
        return Waiting(user, None)
    device = TOTPDevice.objects.filter(user=user, confirmed=False).order_by("pk").first()
    return Waiting(user, device or TOTPDevice.objects.create(user=user, confirmed=False))


def check_code(request: HttpRequest, code: str) -> None:
    """Check a one-time code and sign in. Raises NobodyWaiting, TooManyTries, CredentialsWrong."""
    expected = waiting(request)
    _count([_Tries(("login-code", str(expected.user.pk)), TRIES_PER_ACCOUNT, DAY)])
    device = _verified(expected, code)
    if device is None:
        raise CredentialsWrong
    limits.forget("login-code", str(expected.user.pk))
    _sign_in(request, expected.user)
    otp_login(request, device)


def confirm_again(request: HttpRequest, user: User, password: str, code: str) -> None:
    """Password and code once more, before somebody's data are copied or erased.

    It holds for a few minutes of this session. Raises TooManyTries, CredentialsWrong.
    """
    _count([_Tries(("login-again", str(user.pk)), TRIES_PER_ACCOUNT, DAY)])
    if not user.check_password(password):
        raise CredentialsWrong
    if _has_device(user) and _verified(Waiting(user, None), code) is None:
        raise CredentialsWrong
    limits.forget("login-again", str(user.pk))
    request.session[AGAIN_AT] = timezone.now().timestamp()


def is_confirmed_again(request: HttpRequest) -> bool:
    """Whether that was done in this session a few minutes ago."""
    at = request.session.get(AGAIN_AT, 0)
    return bool(timezone.now().timestamp() - at < AGAIN_SECONDS)


def safe_next(request: HttpRequest, wanted: str, fallback: str) -> str:
    """Where to go after signing in: only to pages for staff on this host."""
    allowed = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if allowed and wanted.startswith(("/desk/", "/admin/")) else fallback


def _verified(expected: Waiting, code: str) -> TOTPDevice | None:
    # Locked, so that one code cannot be used twice at the same moment.
    with transaction.atomic():
        devices = TOTPDevice.objects.select_for_update().filter(user=expected.user)
        confirmed = expected.enrolling is None
        for device in devices.filter(confirmed=confirmed).order_by("pk"):
            if device.verify_token(code):
                if not confirmed:
                    device.confirmed = True
                    device.save(update_fields=["confirmed"])
                return device
    return None


def _sign_in(request: HttpRequest, user: User) -> None:
    login(request, user)  # gives the session a new key
    now = timezone.now().timestamp()
    request.session.pop(PENDING, None)
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = now


def _has_device(user: User) -> bool:
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def _account_key(email: str) -> tuple[str, str]:
    return ("login-account", email.strip().casefold())


def _count(tries: list[_Tries]) -> None:
    # Counted before the password is looked at: tries at the same moment must not slip through.
    for each in tries:
        verdict = limits.count_attempt(*each.key, limit=each.limit, window=each.window)
        if not verdict.allowed:
            raise TooManyTries(verdict.retry_after)
