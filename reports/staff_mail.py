"""Mail to mailboxes that staff typed in: of offices and people in the house, bodies and firms."""

import logging

from notifications import outbox
from notifications.outbox import Letter

logger = logging.getLogger(__name__)


def queue_or_log(letter: Letter) -> None:
    """Book a mail in the caller's transaction; once per key.

    A mailbox nobody can write to must not stop the rest: neither the routing nor the alarm chain,
    nor the mails to others. It is logged by event and case, never by its address.
    """
    try:
        outbox.queue_many([letter])
    except outbox.RecipientRefused:
        logger.error(  # noqa: TRY400 - the traceback would say nothing more
            "no deliverable address", extra={"event": letter.event, "ref": letter.subject_ref}
        )
