"""The public reader as a process: it starts and serves with the public role's password alone."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from reports.actions.publish import publish_report
from reports.actions.submit import Receipt
from reports.models import Publication, Report
from tests.people import Town

pytestmark = pytest.mark.django_db
ASK = """
import django
django.setup()
from django.db import connections
from django.test import Client
client = Client(SERVER_NAME="127.0.0.1")
base = "/opendata/heilbronn/"
files = "reports.csv reports.geojson reports.gpkg changes.json updates.atom snapshots/".split()
paths = ["/opendata/", base, *(base + name for name in files), "/opendata/catalog.ttl"]
paths += ["/opendata/ogc/collections/heilbronn-reports/items", "/healthz"]
for path in (*paths, "/heilbronn/melden/", "/desk/", "/admin/", "/healthz/effects"):
    answer = client.get(path)
    content = b"".join(answer) if answer.streaming else answer.content
    print(path, answer.status_code, answer.headers.get("Location", "-"), NUMBER in content)
print("post", client.post("/heilbronn/melden/").status_code)
try:
    connections["default"].cursor()
except Exception as error:
    print("app", type(error).__name__)
"""


def test_the_reader_needs_the_public_role_and_nothing_else(
    heilbronn: Town, report: Callable[..., Receipt], tmp_path: Path
) -> None:
    made = report(heilbronn).report
    Report.objects.filter(pk=made.pk).update(publication=Publication.APPROVED)
    publish_report(made.pk, now=timezone.now())
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "backend.settings",
        "ANLIEGEN_ENVIRONMENT": "test",
        "ANLIEGEN_DB_ROLE": "public",
        "ANLIEGEN_DB_HOST": os.environ["ANLIEGEN_DB_HOST"],
        "ANLIEGEN_DB_PORT": os.environ.get("ANLIEGEN_DB_PORT", "5432"),
        "ANLIEGEN_DB_NAME": settings.DATABASES["default"]["NAME"],
        "ANLIEGEN_BASE_URL": "https://app.example",
        "ANLIEGEN_OPEN_DATA_ROOT": str(tmp_path),
    }
    asked = subprocess.run(
        [sys.executable, "-c", ASK.replace("NUMBER", repr(made.number.encode()))],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    told = [line.split(" ") for line in asked.stdout.splitlines()]
    answers = {line[0]: line[1:] for line in told}
    served = [path for path in answers if path.startswith("/opendata/heilbronn/") or "ogc" in path]
    assert len(served) == 8, asked.stderr[-2000:]
    for path in served:
        shows = "False" if "snapshots" in path else "True"
        assert answers[path] == ["200", "-", shows], path
    assert answers["/opendata/catalog.ttl"][0] == answers["/healthz"][0] == "200"
    for path in ("/heilbronn/melden/", "/desk/", "/admin/", "/healthz/effects"):
        assert answers[path][:2] == ["302", f"https://app.example{path}"]
    assert answers["post"] == ["404"]
    assert answers["app"] == ["ImproperlyConfigured"]
