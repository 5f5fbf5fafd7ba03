"""One turn through all mailboxes; two turns never fetch the same one at once."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from accounts.models import Municipality
from leases import heartbeats
from postbox.accounts import MailboxAccount, MailboxUnset, mailbox_accounts
from postbox.fetching import MailboxAway, fetch_mailbox

logger = logging.getLogger(__name__)

_LOCK = 7_241_966


def fetch_all(only: str = "") -> dict[str, str]:
    """Fetch every mailbox, or only one town's; returns what came of each, in words for operators.

    One that is away keeps nobody else waiting.
    """
    try:
        accounts = mailbox_accounts()
    except MailboxUnset as unset:
        logger.error("mailbox set up wrongly: %s", unset)  # noqa: TRY400 - says it all
        return {"": str(unset)}
    chosen = [account for account in accounts if not only or account.town_slug == only]
    return {account.town_slug: _fetch(account) for account in chosen}


def _fetch(account: MailboxAccount) -> str:
    town = Municipality.objects.filter(slug=account.town_slug).defer("coverage", "pages").first()
    if town is None:
        logger.error("mailbox of an unknown town")
        return "unknown town"
    with _alone(town.pk) as is_free:
        if not is_free:
            return "is being fetched already"
        try:
            fetched = fetch_mailbox(account, town)
        except MailboxAway as away:
            logger.warning("mailbox away: %s", away, extra={"town": town.slug})
            return f"away: {away}"
    heartbeats.beat(f"mailbox:{town.slug}"[:40], taken=fetched.taken)
    return f"{fetched.taken} taken, {fetched.known} known"


@contextmanager
def _alone(town_id: int) -> Iterator[bool]:
    """Hold the mailbox of a town for this connection, without any transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, town_id])
        row = cursor.fetchone()
    is_free = bool(row and row[0])
    try:
        yield is_free
    finally:
        if is_free:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, town_id])
