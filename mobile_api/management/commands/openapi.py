"""Writes the description and the codes of the API to their files, or checks that they are new."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mobile_api import code_list, schema

COMMITTED = Path("docs") / "api" / "openapi-v1.json"
CODES = Path("docs") / "api" / "codes.md"


class Command(BaseCommand):
    """`manage.py openapi [--check | --write]`; needs no database."""

    help = "Prints the OpenAPI description of v1, writes it, or compares it with the file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Exactly one of printing, writing and checking."""
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--write", action="store_true", help=f"write {COMMITTED}, {CODES}")
        either.add_argument("--check", action="store_true", help="fail if one of them differs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError where the file differs from the code."""
        if not (options["write"] or options["check"]):
            self.stdout.write(schema.as_text(), ending="")
            return
        for name, text in ((COMMITTED, schema.as_text()), (CODES, code_list.as_markdown())):
            path = settings.BASE_DIR / name
            if options["write"]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            elif not path.exists() or path.read_text(encoding="utf-8") != text:
                raise CommandError(f"{name} differs from the code: manage.py openapi --write")
            self.stdout.write(f"{name} {'written' if options['write'] else 'is current'}")
