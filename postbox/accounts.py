"""Which mailboxes are fetched, as operators have set them (ANLIEGEN_MAILBOXES)."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

PASSWORD = "ANLIEGEN_MAILBOX_PASSWORD_"  # noqa: S105 - the name of a variable
PORTS = {"imaps": 993, "imap": 143}


class MailboxUnset(ValueError):
    """A mailbox is written so that nobody could fetch it; says what is wrong, never a password."""


@dataclass(frozen=True)
class MailboxAccount:
    """One mailbox of one town. `imap` without TLS is for a server on this machine only."""

    town_slug: str
    host: str
    port: int
    user: str
    folder: str
    uses_tls: bool
    password: str


def mailbox_accounts() -> list[MailboxAccount]:
    """Every mailbox to fetch. Raises MailboxUnset."""
    return [_account(word) for word in settings.MAILBOXES]


def _account(word: str) -> MailboxAccount:
    slug, _equals, address = word.partition("=")
    parts = urlsplit(address.strip())
    slug = slug.strip()
    if parts.scheme not in PORTS or not parts.hostname or not parts.username:
        raise MailboxUnset(f"{slug}: expected town=imaps://user@host/folder")
    if parts.password is not None:
        raise MailboxUnset(f"{slug}: the password belongs into {_variable(slug)}")
    uses_tls = parts.scheme == "imaps"
    if not uses_tls and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise MailboxUnset(f"{slug}: without TLS only on this machine")
    return MailboxAccount(
        town_slug=slug,
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        user=unquote(parts.username),
        folder=unquote(parts.path.lstrip("/")) or "INBOX",
        uses_tls=uses_tls,
        password=_password(slug),
    )


def _password(slug: str) -> str:
    name = _variable(slug)
    file = os.environ.get(f"{name}_FILE")
    value = Path(file).read_text().strip() if file else os.environ.get(name, "").strip()
    if not value:
        raise MailboxUnset(f"{slug}: {name} is not set")
    return value


def _variable(slug: str) -> str:
    return PASSWORD + slug.upper().replace("-", "_")
