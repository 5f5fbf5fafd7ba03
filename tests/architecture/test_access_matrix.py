"""Everybody asks every address in every way: the answers are those of access_policy.py.

Whatever is answered, to whomever, carries its headers and no inline code (see headers.py).

The addresses come from the URL resolver. What does not exist and what belongs to others must not
be told apart: same status, same words.
"""

import os
import re
from binascii import crc32
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.contrib.messages import get_messages
from django.http import HttpResponseBase
from pytest_django import Settings

from accounts import short_memory
from accounts.models import Municipality
from notifications.models import Message
from reports.models import Report
from staff_desk.verbs import VERBS
from tests.architecture import access_policy as policy
from tests.architecture.access_policy import ACTORS, METHODS, Row
from tests.architecture.everybody import (
    FOREIGN,
    MISSING,
    OWN,
    OWN_HOST,
    SECRET,
    World,
    addresses,
)
from tests.architecture.headers import faults_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]

SHARED = addresses("backend.urls")
ON_OWN_HOST = addresses(live_settings.TOWN_URLCONF)


def _verb(route: str) -> str:
    """What a clerk does to a case at this address, or nothing."""
    words = route.split("/")
    return words[-2] if words[-2:-1] and words[-2] in VERBS else ""


def _family(route: str) -> str:
    """Addresses that are checked in one world: a door, some verbs, an app's administration."""
    words = route.split("/")
    if words[0] == "admin" and len(words) > 4:
        return f"administration of {words[1] if words[1] in LARGE_APPS else 'the rest'}"
    if _verb(route):
        return f"verbs {sorted(VERBS).index(_verb(route)) // 8 + 1}"
    return words[0] if words[0] in {"admin", "desk", "api"} else "open pages"


def _family_on_own_host(route: str) -> str:
    return "admin" if route.startswith("admin/") else _family(route)


WHOLE = bool(os.environ.get("ANLIEGEN_WHOLE_MATRIX"))
_IN_TURNS = ("PUT", "DELETE")
_ANSWERED = {policy.PAGE, policy.MAY, policy.MOVED, policy.REFUSED}
LARGE_APPS = ("accounts", "reports", "routing")
FAMILIES = sorted({_family(route) for route in SHARED})
# All verbs come in by one address, which looks for the case by the host: eight of them tell.
OWN_HOST_FAMILIES = sorted(
    {_family_on_own_host(route) for route in ON_OWN_HOST if not _verb(route)}
)
OWN_HOST_FAMILIES.append("verbs 2")


def test_every_address_has_its_row() -> None:
    assert set(SHARED) == set(policy.SHARED_HOST)
    assert set(ON_OWN_HOST) == set(policy.OWN_HOST)
    assert len(SHARED) == len(set(SHARED))


# Asking


@pytest.mark.parametrize("family", FAMILIES)
def test_on_the_shared_host(world: World, family: str) -> None:
    rows = [(route, policy.SHARED_HOST[route]) for route in SHARED if _family(route) == family]
    assert_told(wrong for route, row in rows for wrong in check(world, route, row))


def test_below_the_prefix_of_a_town(world: World) -> None:
    assert_told(
        wrong
        for route, row in policy.TOWN.items()
        for wrong in check(world, route, row, prefix="/heilbronn")
    )


@pytest.mark.parametrize("family", OWN_HOST_FAMILIES)
def test_on_the_host_of_a_town(world: World, settings: Settings, family: str) -> None:
    """Nothing of the neighbours is visible there, to whoever asks."""
    settings.ALLOWED_HOSTS = [OWN_HOST]
    Municipality.objects.filter(slug="heilbronn").update(host_name=OWN_HOST)
    short_memory.forget()
    actors = ("stranger", "holder", "clerk", "neighbour", "dispatcher", "admin")
    more: dict[str, Any] = {"host": OWN_HOST, "methods": ("GET", "POST"), "actors": actors}
    assert_told(
        wrong
        for route in ON_OWN_HOST
        if _family_on_own_host(route) == family
        for wrong in check(world, route, policy.OWN_HOST[route], **more)
    )


def assert_told(wrong: Iterable[object]) -> None:
    """Fail with every answer that is not what the policy says."""
    found = list(wrong)
    assert not found, "\n".join(map(str, found))


def test_below_a_prefix_there_is_no_second_installation(world: World) -> None:
    for route in SHARED:
        path = f"/heilbronn{world.path(route, OWN)}"
        if route.split("/")[0] in {"desk", "admin", "api", "opendata", "healthz", "readyz"}:
            assert world.ask("dispatcher", "GET", path, {}, "").status_code == 404, path


def check(
    world: World,
    route: str,
    row: Row,
    *,
    prefix: str = "",
    host: str = "",
    methods: tuple[str, ...] = METHODS,
    actors: tuple[str, ...] = ACTORS,
) -> Iterator[object]:
    """Ask one address for all objects, methods and people; yields what the policy says not."""
    for kind in _kinds(route, row, host):
        path, body = f"{prefix}{world.path(route, kind)}", _body(world, row, kind)
        missing_path = f"{prefix}{world.path(route, MISSING)}"
        for method in methods if kind == OWN else ("GET", "POST"):
            cells = {who: _expected(row, route, kind, method, who, bool(host)) for who in actors}
            if _is_another_turn(route, method, cells):
                continue
            for actor in _people(cells, kind, method, route, on_own_host=bool(host)):
                expected = cells[actor]
                answer = world.ask(actor, method, path, body, host)
                if not fits(expected, answer):
                    yield actor, method, path, expected, shown(answer)
                yield from ((actor, method, path, fault) for fault in faults_of(path, answer))
                if kind == FOREIGN and _depends_on_the_object(route, actor, expected):
                    missing = world.ask(actor, method, missing_path, body, host)
                    if told(answer, path) != told(missing, missing_path):
                        yield actor, method, path, "like a missing one", shown(answer)


def _is_another_turn(route: str, method: str, cells: dict[str, str]) -> bool:
    """Where an address knows neither PUT nor DELETE, one of them tells for both."""
    if WHOLE or method not in _IN_TURNS or _ANSWERED.intersection(cells.values()):
        return False
    return method != _IN_TURNS[crc32(route.encode()) % len(_IN_TURNS)]


def _was_asked_elsewhere(expected: str, kind: str, method: str, *, on_own_host: bool) -> bool:
    """Whether the way to the login was tried already, before any object is looked for.

    For the own GET and POST tell for every method that knows no page; what is foreign is asked
    for by GET, and so is what lies on a town's own host, where the shared one was posted to.
    """
    if WHOLE or expected != policy.LOGIN or kind == SECRET:
        return False
    if method in _IN_TURNS:
        return True
    return method == "POST" and (kind == FOREIGN or on_own_host)


def _people(
    cells: dict[str, str], kind: str, method: str, route: str, *, on_own_host: bool
) -> Iterator[str]:
    """Who asks: of those whom an address answers alike one, the next at the next address.

    Whoever is refused before any object is looked up, who is shown the same page, from whom the
    same is hidden: it is one decision in the code, made for all of them. For the own two ask by
    GET, but not on a town's own host, where it is of the neighbours that nothing may be seen.
    What is confidential is always asked for by all, with WHOLE everything is.
    """
    alike: dict[str, list[str]] = defaultdict(list)
    for actor, cell in cells.items():
        alike[cell].append(actor)
    turn = crc32(f"{method} {route}".encode())
    for cell, people in alike.items():
        if _was_asked_elsewhere(cell, kind, method, on_own_host=on_own_host):
            continue
        is_read = (kind, method) == (OWN, "GET") and cell != policy.LOGIN
        asking = 2 if is_read and not on_own_host else 1
        if WHOLE or kind == SECRET:
            asking = len(people)
        yield from (people[(turn + each) % len(people)] for each in range(asking)[: len(people)])


def _depends_on_the_object(route: str, actor: str, expected: str) -> bool:
    """Whether the answer could differ; the login and a wrong method come before any object."""
    looked_up = expected not in {policy.LOGIN, policy.METHOD}
    return looked_up and not _is_neighbours_desk(route, actor)


def _is_neighbours_desk(route: str, actor: str) -> bool:
    return actor == "neighbour" and route.startswith("desk/")


def _kinds(route: str, row: Row, host: str) -> list[str]:
    if not row.other:
        return [OWN]
    if route.startswith("opendata/") and not host:
        return [OWN, MISSING]
    # What is missing is asked for beside what is foreign.
    return [OWN, *([SECRET] if row.secret else []), FOREIGN]


def _expected(row: Row, route: str, kind: str, method: str, actor: str, on_own_host: bool) -> str:
    if actor == "neighbour" and on_own_host:
        actor = "roleless"
    elif kind == FOREIGN and _is_neighbours_desk(route, actor):
        actor, kind = "clerk", OWN
    cells = {OWN: row.own, SECRET: row.secret}.get(kind, row.other)
    return cells[method][actor]


def _body(world: World, row: Row, kind: str) -> dict[str, str]:
    if not row.body:
        return {}
    report = Report.objects.filter(number=world.numbers[kind]).first()
    message = Message.objects.filter(subject_ref=world.numbers[kind]).first()
    known = world.fill[world.numbers[kind]] | {
        "version": str(report.version if report else 1),
        "message": str(message.pk if message else 1),
    }
    return {name: value.format(**known) for name, value in row.body.items()}


def fits(expected: str, answer: HttpResponseBase) -> bool:
    """Whether an answer is of the expected kind."""
    status, to = answer.status_code, answer.headers.get("Location", "")
    to_login = status == 302 and to.startswith(("/desk/anmelden/", "/admin/login/"))
    moved = status in {301, 302} and not to_login
    return {
        policy.PAGE: status in {200, 204} or (status == 422 and not to),
        policy.MAY: status in {200, 409, 422} or moved,
        policy.MOVED: moved,
        policy.LOGIN: to_login,
        policy.FORBIDDEN: status == 403,
        policy.HIDDEN: status == 404,
        policy.METHOD: status == 405,
        policy.REFUSED: status in {400, 401, 409, 411, 412, 415, 422},
    }[expected]


def shown(answer: HttpResponseBase) -> tuple[int, str]:
    """An answer in a failure's words."""
    return answer.status_code, answer.headers.get("Location", "")


_CHANGES_EVERY_TIME = re.compile(
    r'nonce="[^"]*"|nonce-[^\']*|name="csrfmiddlewaretoken" value="[^"]*"|value="[0-9a-f]{32}"'
)


def told(answer: Any, path: str) -> tuple[Any, ...]:
    """What an answer tells, without what differs from one request to the next and the id asked."""
    body = _CHANGES_EVERY_TIME.sub("", answer.getvalue().decode())
    said = [re.sub(r"\d+", "#", str(message)) for message in get_messages(answer.wsgi_request)]
    words = path.strip("/").split("/")
    for word in (path, *words):
        if (any(character.isdigit() for character in word) and len(word) > 5) or word == path:
            body = body.replace(word, "…")
    headers = {
        name: _CHANGES_EVERY_TIME.sub("", value).replace(path, "…")
        for name, value in answer.headers.items()
        if name not in {"Expires", "Content-Length"}
    }
    return answer.status_code, body, headers, said
