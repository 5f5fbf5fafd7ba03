"""manage.py fetch_mail [town]: look into the mailboxes now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from postbox.turns import fetch_all


class Command(BaseCommand):
    help = "Fetch the mailboxes of ANLIEGEN_MAILBOXES once; workers do it every minute."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The short name of a town, to fetch only its mailbox."""
        parser.add_argument("town", nargs="?", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fetch and say what came of it."""
        outcomes = fetch_all(options["town"])
        if not outcomes:
            self.stdout.write("no mailbox is set (ANLIEGEN_MAILBOXES)")
        for town, words in outcomes.items():
            self.stdout.write(f"{town}: {words}" if town else words)
