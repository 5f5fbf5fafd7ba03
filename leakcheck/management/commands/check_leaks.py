"""Search everything public for personal data, now."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Municipality
from leakcheck.check import check_leaks
from leakcheck.exits import Limits
from leakcheck.models import LeakCheck


class Command(BaseCommand):
    """Exit code 0: nothing found; 1: a leak; 2: something could not be looked at."""

    help = "Durchsucht alles Öffentliche nach personenbezogenen Daten (Leckprüfung)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which town, how many pages, which logs, and how to say it."""
        usual = Limits()
        parser.add_argument("--kommune", help="Kürzel der Kommune; sonst alle")
        parser.add_argument("--vorgaenge", type=int, default=usual.cases, help="Stichprobe")
        parser.add_argument("--adressen", type=int, default=usual.addresses, help="höchstens")
        parser.add_argument("--logs", nargs="*", default=[], help="Protokolldateien; - für stdin")
        parser.add_argument("--json", action="store_true", help="Ausgabe für Programme")

    def handle(self, *args: Any, **options: Any) -> None:
        """Search and print; values are never shown, only where and of which kind."""
        towns = Municipality.objects.filter(is_live=True)
        if options["kommune"]:
            towns = towns.filter(slug=options["kommune"])
        if not (chosen := list(towns)):
            raise CommandError("Diese Kommune gibt es nicht.", returncode=2)
        limits = Limits(cases=options["vorgaenge"], addresses=options["adressen"])
        results = check_leaks(chosen, limits=limits, logs=options["logs"])
        self._say(results, as_json=options["json"])
        if hits := sum(result.hits for result in results):
            raise CommandError(f"{hits} Fundstellen", returncode=1)
        if any(result.unchecked for result in results):
            raise CommandError("nicht alles konnte geprüft werden", returncode=2)

    def _say(self, results: list[LeakCheck], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps([_as_values(result) for result in results]))
            return
        for result in results:
            self.stdout.write(
                f"{result.municipality}: {result.rows} Zeilen, {result.exits} Adressen,"
                f" {result.read_bytes} Zeichen, {result.hits} Fundstellen"
            )
            for found in result.findings:
                number = found["number"] or "–"
                self.stdout.write(f"  {found['kind']:20} {number:18} {found['exit']}")
            for what in result.unchecked:
                self.stdout.write(f"  nicht geprüft: {what}")


def _as_values(result: LeakCheck) -> dict[str, Any]:
    return {
        "municipality": result.municipality.slug,
        "rows": result.rows,
        "exits": result.exits,
        "characters": result.read_bytes,
        "hits": result.hits,
        "findings": result.findings,
        "unchecked": result.unchecked,
    }
