"""Fetches a mailbox by IMAP (RFC 3501): take in, commit, and only then move the mail away.

Whatever breaks in between, the mail is still there and comes again; that it came before is known
by what it holds. Read or unread does not matter: people may look into the mailbox.
"""

import contextlib
import imaplib
import logging
import re
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import Municipality
from postbox.accounts import MailboxAccount
from postbox.parsing import parse
from reports.actions.receive_mail import Taken, receive_mail

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 20
AT_ONCE = 50
LARGEST_BYTES = 40 * 1024 * 1024
BEGINNING_BYTES = 200_000
DONE_FOLDER = "Anliegen-uebernommen"
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxAway(Exception):
    """The mailbox could not be reached or did not do as asked; nothing is lost, try later."""


@dataclass(frozen=True)
class Fetched:
    """How many mails one turn took in, and how many were known already."""

    taken: int = 0
    known: int = 0


def fetch_mailbox(account: MailboxAccount, town: Municipality) -> Fetched:
    """Take in at most 50 mails of a mailbox, the oldest first. Raises MailboxAway, OSError."""
    taken = known = 0
    try:
        with _session(account) as imap:
            for uid in _waiting(imap, account.folder):
                if taken + known >= AT_ONCE:
                    break
                outcome = _take(imap, uid, town)
                if outcome is not None:
                    _put_away(imap, uid)
                known += outcome == Taken.KNOWN
                taken += outcome not in {Taken.KNOWN, None}
    except (imaplib.IMAP4.error, OSError, ssl.SSLError, EOFError) as error:
        # Names the kind of fault; a server's words may repeat the user or a subject.
        raise MailboxAway(type(error).__name__) from None
    return Fetched(taken, known)


@contextlib.contextmanager
def _session(account: MailboxAccount) -> Iterator[imaplib.IMAP4]:
    if account.uses_tls:
        imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            account.host,
            account.port,
            ssl_context=ssl.create_default_context(),
            timeout=TIMEOUT_SECONDS,
        )
    else:
        imap = imaplib.IMAP4(account.host, account.port, timeout=TIMEOUT_SECONDS)
    try:
        imap.login(account.user, account.password)
        yield imap
    finally:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            imap.logout()


def _waiting(imap: imaplib.IMAP4, folder: str) -> list[str]:
    _ok(imap.select(_quoted(folder)))
    found = _ok(imap.uid("SEARCH", "UNDELETED"))
    return [uid.decode() for uid in (found[0] or b"").split()]


def _message(imap: imaplib.IMAP4, uid: str) -> tuple[bytes | None, bool]:
    """The bytes of a mail, of a huge one only the beginning; None where it has gone meanwhile."""
    sizes = _SIZE.search(b" ".join(_flat(_ok(imap.uid("FETCH", uid, "(RFC822.SIZE)")))))
    is_huge = sizes is not None and int(sizes[1]) > LARGEST_BYTES
    wanted = f"(BODY.PEEK[]<0.{BEGINNING_BYTES}>)" if is_huge else "(BODY.PEEK[])"
    answer = _ok(imap.uid("FETCH", uid, wanted))
    raw = next((part[1] for part in answer if isinstance(part, tuple)), None)
    return raw, is_huge


def _take(imap: imaplib.IMAP4, uid: str, town: Municipality) -> Taken | None:
    """Take one mail in; None where it stays in the mailbox for another try."""
    raw, is_cut = _message(imap, uid)
    if raw is None:
        return None
    try:
        return receive_mail(town, parse(raw, is_cut=is_cut), now=timezone.now())
    except Exception as error:
        # One mail that cannot be taken must not keep the others waiting; its words stay out of
        # the log.
        logger.error("mail not taken: %s", type(error).__name__)  # noqa: TRY400
        return None


def _put_away(imap: imaplib.IMAP4, uid: str) -> None:
    """Move what is committed into the folder for it; where the server lets nobody, delete it.

    COPY and \\Deleted instead of MOVE (RFC 6851), which not every server has.
    """
    if imap.uid("COPY", uid, DONE_FOLDER)[0] != "OK":
        imap.create(DONE_FOLDER)
        _ok(imap.uid("COPY", uid, DONE_FOLDER))
    _ok(imap.uid("STORE", uid, "+FLAGS", r"(\Deleted)"))
    imap.expunge()


def _ok(answer: tuple[str, Sequence[Any]]) -> Sequence[Any]:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(status)
    return data


def _flat(answer: Sequence[Any]) -> Iterator[bytes]:
    for part in answer:
        if isinstance(part, tuple):
            yield part[0]
        elif part is not None:
            yield part


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'
