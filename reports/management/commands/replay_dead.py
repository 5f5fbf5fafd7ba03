"""Try effects again that were given up, once their cause is gone."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from leases.claiming import revive
from leases.models import WorkState
from reports.models import Effect


class Command(BaseCommand):
    """Lists dead effects; with --yes gives them all their attempts again."""

    help = "Nimmt gescheiterte Wirkungen wieder auf."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--kind", choices=Effect.Kind.values, help="nur diese Art")
        parser.add_argument("--yes", action="store_true", help="wirklich wieder aufnehmen")

    def handle(self, *args: Any, **options: Any) -> None:
        """List or revive."""
        dead = Effect.objects.filter(state=WorkState.DEAD).select_related("report").order_by("pk")
        if options["kind"]:
            dead = dead.filter(kind=options["kind"])
        rows = list(dead)
        for effect in rows:
            self.stdout.write(f"{effect.report.number}  {effect.kind}  {effect.last_error}")
        if options["yes"]:
            revived = revive(Effect, [effect.pk for effect in rows])
            self.stdout.write(f"{revived} wieder aufgenommen")
