"""Play one report through the running service and write var/demo.json."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo.partner import partner_access
from demo.play import Play, PromiseBroken, logins
from demo.visitor import PageProblem


class Command(BaseCommand):
    """Needs the running stack (`make demo` calls it); prints every step with its time."""

    help = "Spielt eine Meldung von Anfang bis Ende durch den laufenden Dienst."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--base-url", default=settings.BASE_URL)
        parser.add_argument("--mail-url", default=os.environ.get("ANLIEGEN_MAIL_URL", ""))
        parser.add_argument("--output", type=Path, default=settings.BASE_DIR / "var" / "demo.json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, then write addresses, logins and the receipt for people and scripts."""
        play = Play(options["base_url"], options["mail_url"].rstrip("/"), self.stdout.write)
        try:
            played = play.run()
        except (PromiseBroken, PageProblem) as problem:
            raise CommandError(f"Die Vorführung stockt: {problem}") from problem
        content = {
            "base_url": options["base_url"],
            "mail_url": play.mail_url,
            "logins": logins(),
            **partner_access(options["base_url"]),
            "receipt": {"number": played.number, "secret": played.secret, "url": played.url},
        }
        options["output"].write_text(json.dumps(content, ensure_ascii=False, indent=2))
        options["output"].chmod(0o600)
