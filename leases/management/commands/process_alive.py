"""Health check for containers: has this process shown a sign of life lately?"""

import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from leases import heartbeats


class Command(BaseCommand):
    """Exit 0 when the named process, or any worker of this host, was seen within some seconds."""

    help = "Prüft das Lebenszeichen eines Arbeitsprozesses."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--name", help="z. B. beat; ohne Angabe: ein Worker dieses Rechners")
        parser.add_argument("--within", type=float, default=60.0, help="Sekunden")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare the age of the heartbeat with the limit."""
        wanted = options["name"]
        ending = f"@{socket.gethostname()}"
        ages = [
            age
            for name, age in heartbeats.ages().items()
            if (name == wanted if wanted else name.startswith("worker:") and name.endswith(ending))
        ]
        if not ages or min(ages) > options["within"]:
            raise CommandError(f"kein Lebenszeichen innerhalb von {options['within']:.0f} s")
