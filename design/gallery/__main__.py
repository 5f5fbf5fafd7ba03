"""Writes the gallery."""

import json
import shutil
import sys
from pathlib import Path

import django
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from design.gallery import samples

STATIC = Path(__file__).resolve().parent.parent / "static"


def write(folder: Path, language: str = "de") -> list[Path]:
    """Write all pages with their static files; returns the pages."""
    shutil.copytree(STATIC, folder / "static", dirs_exist_ok=True)
    for name, content in samples.geojson().items():
        (folder / name).write_text(json.dumps(content))
    written = []
    for name, (shell, template, context) in samples.pages().items():
        request = RequestFactory().get(f"/{name}.html")
        frame = {
            "shell": shell,
            "pattern": template,
            "town": samples.town(),
            "user": samples.Person(),
            "desk_nav": samples.DESK_NAV,
            "desk_towns": [
                {"slug": "musterstadt", "name": "Musterstadt"},
                {"slug": "b", "name": "Beispielheim"},
            ],
            "desk_town": "musterstadt",
            "is_task": name.startswith(("melden", "anliegenart")),
            "picker": name.startswith("melden"),
        }
        with translation.override(language):
            html = render_to_string("design/gallery_page.html", frame | context, request)
        target = folder / f"{name}.html"
        target.write_text(html)
        written.append(target)
    return written


def main() -> None:
    """Entry point of `python -m design.gallery`."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    settings.configure(
        ROOT_URLCONF="design.gallery.urls",
        SECRET_KEY="gallery",  # noqa: S106 - signs nothing
        INSTALLED_APPS=["django.contrib.staticfiles", "design"],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        STATIC_URL="static/",
        LANGUAGE_CODE="de",
        LANGUAGES=[("de", "Deutsch"), ("en", "Englisch")],
        TIME_ZONE="Europe/Berlin",
        USE_TZ=True,
    )
    django.setup()
    language = sys.argv[2] if len(sys.argv) > 2 else "de"
    sys.stdout.write(f"{len(write(folder, language))} pages in {folder}\n")


if __name__ == "__main__":
    main()
