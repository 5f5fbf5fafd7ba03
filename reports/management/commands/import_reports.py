"""Take over another system's cases from a file."""

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Municipality
from reports.actions.take_over import OldRecord, Outcome, Refused, take_over
from reports.lifecycle import Status
from reports.old_records import WordMap, guess_columns, read_records, read_rows
from routing.town_setup import category_words, office_words


class Command(BaseCommand):
    """Reads CSV (with a column mapping) or GeoReport JSON/XML; repeatable without doubles."""

    help = "Übernimmt Fälle eines anderen Systems (CSV, GeoReport JSON/XML)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("municipality", help="Kurzname der Kommune")
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--map",
            nargs="*",
            default=[],
            metavar="FELD=SPALTE",
            help="z. B. text=Beschreibung received_at=Datum",
        )
        parser.add_argument("--category-map", type=Path, help="JSON: {Wort der Datei: Code}")
        parser.add_argument("--fallback-category", default="", help="Code für unbekannte Wörter")
        parser.add_argument("--office-map", type=Path, help="JSON: {Wort der Datei: Schlüssel}")
        parser.add_argument(
            "--no-office", nargs="*", default=[], help="Wörter, die kein Amt bezeichnen"
        )
        parser.add_argument("--status-map", type=Path, help="JSON: {Wort der Datei: Stand}")
        parser.add_argument(
            "--default-status", default=Status.DONE, choices=[status.value for status in Status]
        )
        parser.add_argument("--refused", type=Path, help="Datei für das Protokoll der Ablehnungen")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the import and print what was refused and why."""
        town = Municipality.objects.filter(slug=options["municipality"]).first()
        if town is None:
            raise CommandError(f"Kommune {options['municipality']!r} gibt es nicht.")
        try:
            rows = read_rows(options["file"])
            first = next(rows, None)
        except (OSError, ValueError, KeyError) as problem:
            raise CommandError(f"Datei nicht lesbar: {problem}") from problem
        if first is None:
            raise CommandError("Die Datei enthält keine Zeilen.")
        mapping = _mapping(town, options, list(first))
        self.stdout.write(f"Spalten: {dict(mapping.columns)}")
        unreadable: list[Refused] = []
        try:
            outcome = take_over(
                town,
                _sift(read_records(chain([first], rows), mapping), unreadable),
                now=timezone.now(),
                progress=lambda done: self.stdout.write(f"  {done} Zeilen …", ending="\r"),
            )
        except ValueError as problem:
            raise CommandError(
                f"Abgebrochen: {problem}. Was bis dahin übernommen ist, bleibt; "
                "ein neuer Lauf macht dort weiter."
            ) from problem
        outcome.refused[:0] = unreadable
        self._report(outcome, options["refused"])

    def _report(self, outcome: Outcome, file: Path | None) -> None:
        self.stdout.write(
            f"\n{outcome.taken} übernommen, {outcome.known} schon vorhanden, "
            f"{len(outcome.refused)} abgelehnt."
        )
        for (code, message), count in Counter(
            (refusal.code, refusal.message) for refusal in outcome.refused
        ).most_common(20):
            self.stdout.write(f"  {count:6}  {code}: {message}")
        if file is not None:
            lines = (f"{r.key}\t{r.code}\t{r.message}\n" for r in outcome.refused)
            file.write_text("".join(lines), encoding="utf-8")
            self.stdout.write(f"Protokoll: {file}")


def _sift(records: Iterator[OldRecord | Refused], refused: list[Refused]) -> Iterator[OldRecord]:
    for record in records:
        if isinstance(record, Refused):
            refused.append(record)
        else:
            yield record


def _mapping(town: Municipality, options: dict[str, Any], names: list[str]) -> WordMap:
    told = {}
    for pair in options["map"]:
        name, separator, column = pair.partition("=")
        if not separator:
            raise CommandError(f"--map erwartet FELD=SPALTE, nicht {pair!r}")
        told[name] = column
    statuses = {word: Status(value) for word, value in _read_map(options["status_map"]).items()}
    return WordMap(
        columns=guess_columns(names, told),
        categories=category_words(town) | _read_map(options["category_map"]),
        offices=office_words(town) | _read_map(options["office_map"]),
        no_office=frozenset(options["no_office"]),
        statuses=statuses,
        default_status=Status(options["default_status"]),
        zone=town.tz,
        fallback_category=options["fallback_category"],
    )


def _read_map(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    content: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return content
