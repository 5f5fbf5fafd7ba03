"""Derive default offices and rules from another system's cases, and measure how well they fit."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Point
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Municipality, Office
from reports.actions.take_over import OldRecord
from reports.old_records import WordMap, guess_columns, read_records, read_rows
from routing import assignment, derivation
from routing.models import Category
from routing.town_setup import category_words, office_words


class Command(BaseCommand):
    """Learns on the first part of the cases by time and prints the share on the rest."""

    help = "Leitet Zuständigkeiten aus früheren Fällen ab und misst sie an den jüngeren."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("municipality", help="Kurzname der Kommune")
        parser.add_argument("file", type=Path)
        parser.add_argument("--train-share", type=float, default=0.8)
        parser.add_argument("--no-office", nargs="*", default=[], help="Wörter, die kein Amt sind")
        parser.add_argument("--dry-run", action="store_true", help="nichts speichern")

    def handle(self, *args: Any, **options: Any) -> None:
        """Split by time, derive, apply, and replay the rest through the live decision."""
        town = Municipality.objects.filter(slug=options["municipality"]).first()
        if town is None:
            raise CommandError(f"Kommune {options['municipality']!r} gibt es nicht.")
        cases = _cases(town, options["file"], frozenset(options["no_office"]))
        if not cases:
            raise CommandError("Keine Fälle mit Amt und Ort gefunden.")
        split = int(len(cases) * options["train_share"])
        findings = derivation.derive(town, [_worked(case) for case in cases[:split]])
        rules = [finding for finding in findings if finding.district_id is not None]
        self.stdout.write(
            f"{len(cases)} Fälle mit Amt; aus den ersten {split}: "
            f"{len(findings) - len(rules)} Ämter je Anliegenart, {len(rules)} Regeln je Stadtteil."
        )
        for finding in rules:
            self.stdout.write(
                f"  {finding.category_code} in {finding.district_name} → {finding.office_key} "
                f"({finding.cases} von {finding.of})"
            )
        if options["dry_run"]:
            return
        derivation.apply(town, findings)
        self._measure(town, cases[split:])

    def _measure(self, town: Municipality, rest: list[OldRecord]) -> None:
        offices = dict(Office.objects.filter(municipality=town).values_list("pk", "key"))
        categories = dict(Category.objects.filter(municipality=town).values_list("code", "pk"))
        now = timezone.now()
        right = sum(
            offices[
                assignment.assign(
                    municipality_id=town.pk,
                    category_id=categories[case.category_code],
                    point=Point(case.lon, case.lat, srid=4326),
                    at=now,
                ).office_id
            ]
            == case.office_key
            for case in rest
        )
        if rest:
            self.stdout.write(
                f"Auf den übrigen {len(rest)} Fällen erreicht die Regelung in "
                f"{right / len(rest):.1%} das Amt, das die Kommune gewählt hat ({right})."
            )


def _cases(town: Municipality, file: Path, no_office: frozenset[str]) -> list[OldRecord]:
    rows = read_rows(file)
    first = next(rows, {})
    mapping = WordMap(
        columns=guess_columns(list(first), {}),
        categories=category_words(town),
        offices=office_words(town),
        no_office=no_office,
        zone=town.tz,
    )
    records = [
        record
        for record in read_records(iter([first, *rows]), mapping)
        if isinstance(record, OldRecord) and record.office_key
    ]
    return sorted(records, key=lambda record: record.received_at)


def _worked(case: OldRecord) -> derivation.WorkedCase:
    return derivation.WorkedCase(case.category_code, case.lon, case.lat, case.office_key)
