"""What holds for the repository as a whole: deployments, requirements, files, addresses."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.test import Client
from django.urls import get_resolver
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from accounts.models import RESERVED_SLUGS
from backend import celery_config
from backend.celery import app as celery
from deploy.local import postgres, programs
from deploy.local.services import Mail, Services, Site, Web
from leases.models import Lane
from tests.people import Town

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
OUR_SERVICES = {name: service for name, service in COMPOSE.items() if "build" in service}
REQUIREMENTS = ("base", "demo", "dev", "image")
# Extras of production are installed by its image together.
IN_THE_IMAGE = {"detection", "heic", "learning", "s3"}

MAX_LINES = 500
TOO_LONG_WITH_REASON = {
    "reports/models.py": "all tables of a case, so that its constraints are read together",
    "reports/actions/submit.py": "the whole story of a submission, from top to bottom",
    "mobile_api/v1/serializers.py": "every shape of version 1, beside each other",
    "notifications/events.py": "every occasion of a message, with its values, beside each other",
    "demo/stage.py": "one year of made-up cases told as one story",
    "design/gallery/samples.py": "made-up data for every building block",
    "design/static/design/ground.css": "the look of every shared block, in gallery order",
    "design/static/design/desk.css": "the look of the desk, loaded by its pages only",
    "design/static/design/public.css": "the look of the public pages, loaded by them only",
}
LONGEST_TEST = 1000


def committed_files() -> list[Path]:
    """Every file of the repository, those about to be committed included."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


FILES = committed_files()
PYTHON = [path for path in FILES if path.suffix == ".py"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str | None:
    """The file's text; None for pictures, fonts and compiled catalogues."""
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return None


# ---------------------------------------------------------------- queues and containers


def test_the_lanes_of_owed_work_are_the_queues():
    assert set(celery_config.QUEUES) == set(Lane.values)


def test_compose_consumes_every_queue():
    workers = [s["command"] for s in OUR_SERVICES.values() if s["command"][0] == "worker"]

    assert_each_is_consumed_once(
        [queue for _role, queues in workers for queue in queues.split(",")]
    )


def test_the_local_stack_consumes_every_queue(monkeypatch, tmp_path):
    monkeypatch.setattr(programs, "VAR", tmp_path)
    site = Site(Services(), Web(), Mail(smtp_port=1, page_port=2), values={})

    commands = [program.command for program in programs.programs(site)]

    queues = [command[command.index("-Q") + 1] for command in commands if "-Q" in command]
    assert_each_is_consumed_once([queue for several in queues for queue in several.split(",")])


def assert_each_is_consumed_once(queues: list[str]) -> None:
    """Two groups on one queue would make the shares of the lanes meaningless."""
    assert sorted(queues) == sorted(celery_config.QUEUES)


def test_the_clock_starts_tasks_that_exist_on_queues_that_exist():
    celery.loader.import_default_modules()

    for entry in celery_config.beat_schedule.values():
        assert entry["task"] in celery.tasks
        assert entry["options"]["queue"] in celery_config.QUEUES


def test_every_role_runs_from_the_same_image():
    assert {service["image"] for service in OUR_SERVICES.values()} == {"anliegen:${RELEASE:-local}"}
    assert {"web", "beat", "migrate"} < OUR_SERVICES.keys()


def test_every_service_says_whether_it_is_well():
    for name, service in COMPOSE.items():
        one_shot = service.get("restart") == "no"
        assert one_shot or service["healthcheck"]["test"], name
    assert [name for name, service in COMPOSE.items() if service.get("restart") == "no"] == [
        "migrate"
    ]


def test_images_of_others_are_pinned():
    images = [service["image"] for service in COMPOSE.values() if "build" not in service]
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    for image in images + bases:
        _name, colon, tag = image.partition(":")
        assert colon, image
        assert tag != "latest", image


def test_no_secret_stands_in_the_compose_file():
    for service in COMPOSE.values():
        for name, value in service.get("environment", {}).items():
            if name.endswith(("_KEY", "PASSWORD", "AUTH")):
                assert str(value).startswith("${"), name


def test_the_container_database_has_the_roles_and_extensions_of_the_local_one():
    script = (ROOT / "deploy" / "compose" / "roles.sql.sh").read_text()

    extensions = re.findall(r"CREATE EXTENSION IF NOT EXISTS (\w+);", script)
    assert sorted(extensions) == sorted(postgres.EXTENSIONS)
    settings_of = {role: {} for role in re.findall(r"CREATE ROLE (\w+) LOGIN", script)}
    for role, name, value in re.findall(r"ALTER ROLE (\w+) SET (\w+) = '(\w+)';", script):
        settings_of[role][name] = value
    assert settings_of == postgres.ROLE_SETTINGS


# ---------------------------------------------------------------- requirements


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_are_pinned_by_hash_and_name_no_place(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()

    blocks = re.split(r"\n(?=\S)", text.strip().replace("\\\n", " "))
    assert [block for block in blocks if block.startswith("-")] == []
    assert [block for block in blocks if not block.startswith("#") and "--hash=" not in block] == []
    assert "://" not in text
    assert "@" not in text


def test_requirements_build_on_each_other():
    base, demo, dev, image = (pinned(name) for name in REQUIREMENTS)

    assert base.items() < demo.items() < dev.items()
    assert base.items() < image.items() < dev.items()


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {"base": project["dependencies"], **project["optional-dependencies"]}

    for name, requirements in declared.items():
        versions = pinned("image" if name in IN_THE_IMAGE else name)
        for requirement in map(Requirement, requirements):
            version = versions.get(canonicalize_name(requirement.name))
            assert version is not None, requirement
            assert requirement.specifier.contains(version), requirement


def pinned(name: str) -> dict[str, str]:
    """{package: version} of a requirements file."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    found = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;\\]+)", text, re.MULTILINE)
    return {canonicalize_name(package): version for package, version in found}


# ---------------------------------------------------------------- files


def test_no_file_tells_where_it_was_made():
    """Registries differ from house to house, and nobody else has our folders."""
    hosts = ["pypi" + ".org", "python" + "hosted", "registry." + "npmjs", "crates" + ".io"]
    folders = [f"/{name}/" for name in ("work", "root")]
    words = re.compile(
        "|".join([*map(re.escape, hosts), *(rf"(?<![\w.]){folder}" for folder in folders)])
        + r'|"resolved' + r'"\s*:'
    )  # fmt: skip

    found = {
        f"{name_of(path)}: {match.group()}"
        for path in FILES
        if (text := text_of(path)) is not None and (match := words.search(text))
    }
    assert found == set()
    assert {path.name for path in FILES} & {"uv" + ".lock", "package-" + "lock.json"} == set()


def test_files_stay_readable_in_one_sitting():
    long = {}
    for path in FILES:
        name = name_of(path)
        if path.suffix not in {".py", ".js", ".css", ".html"} or is_made_elsewhere(name):
            continue
        lines = len(path.read_text().splitlines())
        if lines > (LONGEST_TEST if name.startswith("tests/") else MAX_LINES):
            long[name] = lines

    assert long.keys() - TOO_LONG_WITH_REASON.keys() == set(), long
    assert TOO_LONG_WITH_REASON.keys() - {name_of(path) for path in FILES} == set()


def is_made_elsewhere(name: str) -> bool:
    return "/vendor/" in name or "/migrations/" in name


def test_forms_and_serializers_list_their_fields():
    """A field is private until somebody writes its name."""
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in PYTHON
        if not name_of(path).startswith("tests/")
        for node in nodes_of(path, "exclude", "__" + "all__")
        if _leaves_fields_open(node)
    ]
    assert found == []


def nodes_of(path: Path, *words: str) -> Iterator[ast.AST]:
    """The parts of a program, if it holds one of the words at all."""
    text = path.read_text()
    return ast.walk(ast.parse(text)) if any(word in text for word in words) else iter(())


def _leaves_fields_open(node: ast.AST) -> bool:
    """Whether this is `class Meta` with `exclude`, or any `fields = "__all__"`."""
    if isinstance(node, ast.ClassDef) and node.name == "Meta":
        names = {t.id for n in node.body for t in _targets(n) if isinstance(t, ast.Name)}
        return "exclude" in names
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.keyword):
        value = node.value
        return isinstance(value, ast.Constant) and value.value == "__" + "all__"
    return False


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) else []


def test_only_commands_and_tools_print():
    tools = ("deploy/", "bench/", "tests/", "design/gallery/")
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in PYTHON
        if not name_of(path).startswith(tools) and "/management/" not in name_of(path)
        for node in nodes_of(path, "print(")
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]
    assert found == []


def test_links_between_documents_lead_somewhere():
    found = set()
    for path in FILES:
        links = re.findall(r"\]\(([^)\s]+)\)", path.read_text()) if path.suffix == ".md" else []
        for link in links:
            target = "" if re.match(r"\w+:", link) else link.partition("#")[0]
            if not (path.parent / target).exists():
                found.add(f"{name_of(path)}: {link}")
    assert found == set()


def test_what_others_wrote_comes_with_licence_and_version():
    vendor = ROOT / "design" / "static" / "design" / "vendor"
    for folder in vendor.iterdir():
        assert list(folder.glob("LICENSE*")), folder
        assert (folder / "VERSION").read_text().strip(), folder
        assert f"`{folder.name}`" in (ROOT / "docs" / "vendoring.md").read_text(), folder

    strays = [name_of(p) for p in FILES if ".min." in p.name and vendor not in p.parents]
    assert strays == []


# ---------------------------------------------------------------- addresses

SAMPLES: dict[str, Any] = {
    "number": "HN-2026-000001", "other": "HN-2026-000002", "incident_id": "1", "id": "1",
    "code": "strasse.schlagloch", "name": "a/b.webp",
    "support_id": "1", "fleet": "1", "layer": "lampen", "key": "1", "rule_id": "1", "set_id": "1",
    "collection": "meldungen", "day": "2026-01-01", "syntax": "ttl",
    "slug": "heilbronn", "verb": "notiz", "ordinal": "1", "size": "320", "image_format": "webp",
    "device_id": "00000000-0000-4000-8000-000000000000", "token": "A" * 32,
    "z": "12", "x": "2153", "y": "1413", "object_id": "1",
    "app_label": "accounts", "page": "impressum", "task_id": "1", "mail_id": "1",
    "request_id": "1", "handover_id": "1", "alert_id": "1", "absence_id": "1",
    "content_type_id": "1", "report_id": "1", "url": "x", "suffix": "json",
    "passing_id": "1",
    "change_id": "1", "kind": "teilen",
    "delegation_id": "1",
}  # fmt: skip
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


def addresses(urlconf: str) -> list[str]:
    """One address for each pattern of a resolver."""
    return sorted({_sample(route) for route in _routes(get_resolver(urlconf).url_patterns, "")})


def _routes(patterns: Any, prefix: str) -> Iterator[str]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if hasattr(pattern, "url_patterns"):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


def _sample(route: str) -> str:
    filled = _ARGUMENT.sub(lambda found: SAMPLES[found[1] or found[2]], route)
    return re.sub(r"[\^$\\]|\(\?P.*", "", filled)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("urlconf", "prefix"), [("backend.urls", "/"), ("backend.town_urls", "/heilbronn/")]
)
def test_no_address_breaks_for_a_stranger(heilbronn: Town, urlconf, prefix):
    client = Client(raise_request_exception=False)

    broken = {
        address: status
        for address in addresses(urlconf)
        if (status := client.get(prefix + address).status_code) >= 500
    }
    assert broken == {}


def test_no_town_can_take_a_word_of_the_installation():
    words = {
        address.partition("/")[0]
        for address in _routes(get_resolver("backend.urls").url_patterns, "")
    }
    words |= {
        url.strip("/").partition("/")[0] for url in (settings.STATIC_URL, "/media/", "/tiles/")
    }

    assert {word for word in words if word} - RESERVED_SLUGS == set()
