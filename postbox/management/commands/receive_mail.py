"""manage.py receive_mail TOWN < mail: take in one mail from a mail server's pipe.

Exit 0 means committed. Every failure is 75 (EX_TEMPFAIL of sysexits.h): the mail server keeps
the mail and tries again. Nothing a citizen sent is ever bounced for a fault of ours.
"""

import logging
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import Municipality
from postbox.fetching import LARGEST_BYTES
from postbox.parsing import parse
from reports.actions.receive_mail import receive_mail

logger = logging.getLogger(__name__)

EX_TEMPFAIL = 75


class Command(BaseCommand):
    help = "Take in one mail from standard input; exit 75 asks the mail server to try again."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The town whose mailbox it is, and the envelope's recipient where it is known."""
        parser.add_argument("town")
        parser.add_argument("--recipient", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, take in, and leave with the right code."""
        try:
            raw, is_cut = _read()
            town = Municipality.objects.defer("coverage", "pages").get(slug=options["town"])
            mail = parse(raw, recipient=options["recipient"], is_cut=is_cut)
            taken = receive_mail(town, mail, now=timezone.now())
        except Exception as error:
            # The words of an exception may quote the mail; its kind is enough to act on.
            logger.error("mail not taken: %s", type(error).__name__)  # noqa: TRY400
            sys.exit(EX_TEMPFAIL)
        self.stdout.write(taken.value)


def _read() -> tuple[bytes, bool]:
    """All of standard input, of a huge mail the beginning; whether something is missing."""
    raw = sys.stdin.buffer.read(LARGEST_BYTES)
    rest = 0
    while chunk := sys.stdin.buffer.read(1024 * 1024):
        rest += len(chunk)
    return raw, rest > 0
