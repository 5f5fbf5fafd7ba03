"""Writes the description of the API to its committed file, or checks that the file is current."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mobile_api import schema

COMMITTED = Path("docs") / "api" / "openapi-v1.json"


class Command(BaseCommand):
    """`manage.py openapi [--check | --write]`; needs no database."""

    help = "Prints the OpenAPI description of v1, writes it, or compares it with the file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Exactly one of printing, writing and checking."""
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--write", action="store_true", help=f"write {COMMITTED}")
        either.add_argument("--check", action="store_true", help=f"fail if {COMMITTED} differs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError where the file differs from the code."""
        path = settings.BASE_DIR / COMMITTED
        text = schema.as_text()
        if options["write"]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"{COMMITTED} written")
        elif options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                raise CommandError(f"{COMMITTED} differs from the code: manage.py openapi --write")
            self.stdout.write(f"{COMMITTED} is current")
        else:
            self.stdout.write(text, ending="")
