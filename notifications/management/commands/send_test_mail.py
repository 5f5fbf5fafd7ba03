"""Sends a test mail the way every mail goes: outbox, worker, relay."""

import time
import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Municipality
from leases.models import Lane, WorkState
from notifications import outbox
from notifications.models import Message
from notifications.tasks import drain

FINAL = {WorkState.DONE, WorkState.DEAD, WorkState.CANCELLED}


class Command(BaseCommand):
    """`manage.py send_test_mail heilbronn it@stadt.example`"""

    help = "Send a test mail of a municipality and say what became of it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Town, address, and whether to do without a worker."""
        parser.add_argument("town", help="short name, e.g. heilbronn")
        parser.add_argument("recipient")
        parser.add_argument("--language", default="de")
        parser.add_argument("--wait", type=float, default=30.0, help="seconds to wait for a worker")
        parser.add_argument(
            "--here", action="store_true", help="deliver in this process, without a worker"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Book the mail and follow it; raises CommandError where it does not go out."""
        town = Municipality.objects.filter(slug=options["town"]).first()
        if town is None:
            raise CommandError(f"There is no municipality {options['town']!r}.")
        key = f"test:{uuid.uuid4()}"
        try:
            outbox.queue(
                municipality_id=town.pk,
                key=key,
                event="test_message",
                recipient=options["recipient"],
                context={},
                lane=Lane.STAFF,
                language=options["language"],
            )
        except outbox.RecipientRefused:
            raise CommandError(f"{options['recipient']!r} is no mail address.") from None
        if options["here"]:
            drain(Lane.STAFF.value)
        self._report(key, 0.0 if options["here"] else options["wait"])

    def _report(self, key: str, patience: float) -> None:
        deadline = time.monotonic() + patience
        while (row := Message.objects.get(key=key)).state not in FINAL | {WorkState.UNCERTAIN}:
            if row.last_error or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        state = outbox.state_of(row)
        told = f"{state.state_label} {state.last_error}".strip()
        if row.state != WorkState.DONE:
            raise CommandError(f"Not sent: {told}. Does a worker run, and does the relay answer?")
        self.stdout.write(f"{told} ({row.message_id})")
