"""Issue an access token for an app or partner system."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.api_clients import issue_token
from accounts.models import Municipality, RateClass


class Command(BaseCommand):
    """Prints the token once; only its hash is kept."""

    help = "Stellt einen API-Zugang aus und zeigt den Token einmal an."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name", help="wer damit arbeitet, z. B. »Übernahme 2026«")
        parser.add_argument("--municipality", help="Kurzname; ohne Angabe gilt er für alle")
        parser.add_argument(
            "--rate-class", choices=RateClass.values, default=RateClass.STANDARD.value
        )
        parser.add_argument("--email", default="", help="Ansprechperson")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the client and print its token on a line of its own."""
        town = None
        if options["municipality"]:
            town = Municipality.objects.filter(slug=options["municipality"]).first()
            if town is None:
                raise CommandError(f"Kommune {options['municipality']!r} gibt es nicht.")
        _client, token = issue_token(
            name=options["name"],
            municipality=town,
            rate_class=RateClass(options["rate_class"]),
            contact_email=options["email"],
        )
        self.stdout.write(token)
