"""Try a version or a draft of the rules on past cases and print what would move."""

import time
from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Municipality, Office
from reports.actions.try_rules import load_trial
from routing.replay import BASES, CHANGES, Tally
from routing.rules.loading import rule_set_in_force
from routing.rules.rows import Rule, RuleSet

_BASE_NAMES = {
    "live": "den geltenden Regeln",
    "first": "der ersten Zuordnung",
    "now": "dem heutigen Amt",
}
_CHANGE_NAMES = {
    "priority": "Dringlichkeit",
    "due": "Fristen",
    "publication": "Veröffentlichung",
    "first_look": "Erstsichtung",
    "danger": "Gefahr",
}


class Command(BaseCommand):
    """The figures of a trial at the desk; nothing is stored."""

    help = "Probiert Regeln an den Meldungen eines Zeitraums aus."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("municipality", help="Kurzname")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--rules", type=int, help="Nummer der Version; sonst die geltende")
        which.add_argument("--draft", type=int, help="Nummer des Entwurfs, wie in seiner Adresse")
        parser.add_argument(
            "--from", dest="first", type=date.fromisoformat, help="sonst vor 1 Jahr"
        )
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="letzter Tag")

    def handle(self, *args: Any, **options: Any) -> None:
        """Decide every case and print the counts."""
        town = Municipality.objects.filter(slug=options["municipality"]).first()
        if town is None:
            raise CommandError("Diese Kommune gibt es hier nicht.")
        last = options["last"] or timezone.localdate()
        first = options["first"] or last - timedelta(days=365)
        if first > last:
            raise CommandError("Der Zeitraum endet, bevor er beginnt.")
        rule_set = _rule_set(town, options)
        begun = time.perf_counter()
        trial = load_trial(town, rule_set, rule_set_in_force(town.pk, timezone.now()), first, last)
        tally, position = Tally(), None
        while True:
            compared, position = trial.after(position)
            for each in compared:
                tally.add(each)
            if position is None:
                break
        took = time.perf_counter() - begun
        rate = tally.looked_at / took
        self.stdout.write(
            f"{rule_set}: {tally.looked_at} Fälle vom {first:%d.%m.%Y} bis {last:%d.%m.%Y} "
            f"in {took:.1f} s ({rate:.0f} je Sekunde)"
        )
        self._print(town, rule_set, tally)

    def _print(self, town: Municipality, rule_set: RuleSet, tally: Tally) -> None:
        names = {row.pk: row.label for row in Office.objects.filter(municipality=town)}
        for base in BASES:
            moved, known = tally.moved(base), tally.known(base)
            self.stdout.write(f"Gegenüber {_BASE_NAMES[base]}: {moved} von {known} wären anderswo")
            for (before, to), count in tally.ways[base].most_common():
                if before != to:
                    self.stdout.write(f"  {count:6}  {names.get(before)} → {names.get(to)}")
        for change in CHANGES:
            self.stdout.write(f"{_CHANGE_NAMES[change]}: {tally.changes[change]} anders")
        self.stdout.write("Treffer je Regel:")
        for rule in Rule.objects.filter(rule_set=rule_set, is_active=True).order_by("priority"):
            self.stdout.write(f"  {tally.hits[rule.pk]:6}  {rule}")


def _rule_set(town: Municipality, options: dict[str, Any]) -> RuleSet:
    sets = RuleSet.objects.filter(municipality=town)
    if options["draft"] is not None:
        found = sets.drafts().filter(pk=options["draft"]).first()
    elif options["rules"] is not None:
        found = sets.versions().filter(version=options["rules"]).first()
    else:
        found = rule_set_in_force(town.pk, timezone.now())
    if found is None:
        raise CommandError("Dieses Regelwerk gibt es nicht.")
    return found
