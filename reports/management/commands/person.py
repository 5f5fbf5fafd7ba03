"""Copy or erase what is held on a person, by e-mail address."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Municipality
from reports.actions.erase_person import erase_person, look_up
from reports.person_export import export
from reports.queries.person import find_person
from reports.rights import PersonLookup


class Command(BaseCommand):
    """`person export ADDRESS --town heilbronn --reason "…" --to FILE.zip`; `person erase …`."""

    help = "Kopie (Art. 15, 20) oder Löschung (Art. 17) zu einer E-Mail-Adresse."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("what", choices=["export", "erase"])
        parser.add_argument("address")
        parser.add_argument("--town", required=True, help="Kurzname der Kommune")
        parser.add_argument("--reason", required=True, help="Anlass, wird protokolliert")
        parser.add_argument("--to", default="person.zip", help="Datei der Kopie")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the copy, or erase and say what stays."""
        town = Municipality.objects.filter(slug=options["town"]).first()
        if town is None:
            raise CommandError("Diese Kommune gibt es nicht.")
        if options["what"] == "erase":
            self._erase(town, options["address"], options["reason"])
        else:
            self._export(town, options["address"], options["reason"], Path(options["to"]))

    def _export(self, town: Municipality, address: str, reason: str, to: Path) -> None:
        found = find_person(town.pk, address)
        look_up(town.pk, address, PersonLookup.Purpose.EXPORT, reason=reason, by=None, found=found)
        with export(found, now=timezone.now()) as file:
            to.touch(mode=0o600)
            to.write_bytes(file.read())
        self.stdout.write(f"{found.count} Einträge")

    def _erase(self, town: Municipality, address: str, reason: str) -> None:
        done = erase_person(town.pk, address, reason=reason, by=None, now=timezone.now())
        self.stdout.write(
            f"gelöscht: {done.erased}, noch offen und nur zum Teil: {done.partly}, "
            f"Löschsperre: {done.held}"
        )
