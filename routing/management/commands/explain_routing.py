"""Say who would be responsible for a place and a category, and why."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Municipality
from routing.answers import AnswersInvalid, check_answers
from routing.assignment import assign
from routing.catalogue import find_category
from routing.coverage import is_on_earth, town_at
from routing.models import Category


class Command(BaseCommand):
    """The same decision as for a report, printed sentence by sentence; nothing is stored."""

    help = "Erklärt, welches Amt für einen Ort und eine Anliegenart zuständig ist."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("lon", type=float, help="geografische Länge, z. B. 9.2187")
        parser.add_argument("lat", type=float, help="geografische Breite, z. B. 49.1427")
        parser.add_argument("category", help="Code der Anliegenart, z. B. strasse.schlagloch")
        parser.add_argument("--municipality", help="Kurzname; sonst aus dem Ort")
        parser.add_argument("--at", type=datetime.fromisoformat, help="Zeitpunkt (ISO 8601)")
        parser.add_argument("--text", default="", help="Text der Meldung")
        parser.add_argument("--source", default="web", help="Eingangsweg, z. B. phone")
        parser.add_argument(
            "--answer",
            action="append",
            default=[],
            metavar="FRAGE=ANTWORT",
            help="Antwort auf eine Zusatzfrage; mehrfach möglich",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Decide and print."""
        point = Point(options["lon"], options["lat"], srid=4326)
        if not is_on_earth(point):
            raise CommandError("Länge und Breite liegen außerhalb der Erde.")
        town = _town(options["municipality"], point)
        category = _category(town, options["category"])
        moment = options["at"] or timezone.now()
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=town.tz)
        decision = assign(
            municipality_id=town.pk,
            category_id=category.pk,
            point=point,
            at=moment,
            answers=_answers(category, options["answer"]),
            text=options["text"],
            source=options["source"],
        )
        self.stdout.write(f"{town.name}, {category.name}: {decision.office_label}")
        for sentence in decision.sentences:
            self.stdout.write(f"  {sentence}")


def _town(slug: str | None, point: Point) -> Municipality:
    if slug is None:
        town = town_at(point)
        if town is None:
            raise CommandError("Der Ort liegt in keiner Kommune dieser Installation.")
        return town
    town = Municipality.objects.filter(slug=slug).defer("coverage").first()
    if town is None:
        raise CommandError(f"Eine Kommune {slug!r} gibt es nicht.")
    return town


def _answers(category: Category, given: list[str]) -> dict[str, Any]:
    """Checked answers from FRAGE=ANTWORT; the same question several times means several choices."""
    typed: dict[str, Any] = {}
    for each in given:
        code, _sign, answer = each.partition("=")
        typed.setdefault(code, []).append(answer)
    told = {code: answers if len(answers) > 1 else answers[0] for code, answers in typed.items()}
    try:
        # What is not answered does not matter here.
        checked = check_answers(category.pk, told)
    except AnswersInvalid as invalid:
        faults = {code: text for code, text in invalid.errors.items() if code in told}
        if faults:
            raise CommandError("; ".join(f"{c}: {t}" for c, t in faults.items())) from invalid
        return told
    return checked.values


def _category(town: Municipality, code: str) -> Category:
    category = find_category(town.pk, code)
    if category is None:
        offered = ", ".join(
            Category.objects.filter(municipality=town, is_active=True, children__isnull=True)
            .order_by("code")
            .values_list("code", flat=True)
        )
        raise CommandError(f"Die Anliegenart {code!r} gibt es nicht. Angeboten: {offered}.")
    return category
