"""Everybody asks every address in every way: the answers are those of access_policy.py.

The addresses come from the URL resolver. What does not exist and what belongs to others must not
be told apart: same status, same words.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts.api_clients import issue_token
from accounts.models import Municipality, RateClass, Team, User
from notifications.models import Message, Template
from reports import photo_storage
from reports.actions.confidential import mark_confidential
from reports.actions.submit import Receipt
from reports.models import Photo, PhotoState, Report
from routing.models import ClosingDay, OfficeHours, OnCallShift
from staff_desk.verbs import VERBS
from tests.architecture import access_policy as policy
from tests.architecture.access_policy import ACTORS, METHODS, Row
from tests.factories import (
    PASSWORD,
    AreaFactory,
    CategoryFactory,
    RuleFactory,
    UserFactory,
)
from tests.people import ERIKA, Town, fresh

pytestmark = pytest.mark.django_db

OWN_HOST = "melden.heilbronn.example"
ANY_VERB = "desk/vorgang/<str:number>/<slug:verb>/"
OWN, SECRET, FOREIGN, MISSING = "own", "secret", "foreign", "missing"
MISSING_ID = 999_999_999
# A public page of the neighbouring town is nobody's secret on the host both share.
PUBLIC_SLUGS = "<slug:slug>"


def _walk(patterns: Any, prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if hasattr(pattern, "url_patterns"):
            yield from _walk(pattern.url_patterns, route)
        elif route == ANY_VERB:
            yield from (route.replace("<slug:verb>", verb) for verb in VERBS)
        else:
            yield route


SHARED = list(_walk(get_resolver("backend.urls").url_patterns))
ON_OWN_HOST = list(_walk(get_resolver(live_settings.TOWN_URLCONF).url_patterns))


def _family(route: str) -> str:
    """Addresses that are checked in one world: a door, some verbs, an app's administration."""
    words = route.split("/")
    if words[0] == "admin" and len(words) > 4:
        return f"administration of {words[1]}"
    if words[-2:-1] and words[-2] in VERBS:
        return f"verbs {sorted(VERBS).index(words[-2]) // 8 + 1}"
    return words[0] if words[0] in {"admin", "desk", "api"} else "open pages"


FAMILIES = sorted({_family(route) for route in SHARED})


def test_every_address_has_its_row() -> None:
    assert set(SHARED) == set(policy.SHARED_HOST)
    assert set(ON_OWN_HOST) == set(policy.OWN_HOST)
    assert len(SHARED) == len(set(SHARED))


@dataclass
class World:
    """Two towns with a case each, a confidential case, and everybody's browser."""

    numbers: dict[str, str]
    rows: dict[str, dict[str, Any]]  # ids in the administration by "app/model" and kind
    fill: dict[str, dict[str, str]]  # what the bodies of the policy leave open, by town
    photo_name: str
    browsers: dict[str, tuple[Client, str]] = field(default_factory=dict)

    def ask(
        self, actor: str, method: str, path: str, body: Mapping[str, str], host: str
    ) -> HttpResponseBase:
        """One request as somebody; whatever it changes is undone."""
        browser, cookies = self.browsers[actor]
        browser.cookies = SimpleCookie(cookies)
        headers = {"host": host} if host else {}
        with undone():
            if method == "POST":
                return browser.post(path, body, headers=headers)
            return browser.generic(method, path, headers=headers)

    def path(self, route: str, kind: str) -> str:
        """The address of an object of this kind."""
        values = {
            "number": self.numbers[kind],
            "ordinal": "1",
            "size": "320",
            "image_format": "jpeg",
            "slug": {FOREIGN: "heidenheim", MISSING: "nirgends"}.get(kind, "heilbronn"),
            "code": {FOREIGN: "nur.heidenheim", MISSING: "gibt.es.nicht"}.get(kind, "gruen.baum"),
            "page": "impressum" if kind == OWN else "nirgends",
            "name": self.photo_name if kind == OWN else f"00/{'0' * 64}.jpg",
            "z": "5",
            "x": "16",
            "y": "10",
            "content_type_id": str(ContentType.objects.get_for_model(Report).pk),
            **self._admin_ids(route, kind),
        }
        fixed = {
            "admin/^(?P<app_label>accounts|routing|notifications)/$": "admin/routing/",
            "admin/(?P<url>.*)$": "admin/nirgends/",
            "api/v1/^": "api/v1/nirgends",
        }
        written = fixed.get(route, route)
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), written)

    def _admin_ids(self, route: str, kind: str) -> dict[str, Any]:
        model = "/".join(route.split("/")[1:3])
        pk = self.rows.get(model, {}).get(kind, MISSING_ID)
        return {"object_id": pk, "id": pk}


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def world(heilbronn: Town, heidenheim: Town, report: Any, settings: Settings) -> World:
    """See World."""
    settings.SECOND_FACTOR_ROLES = {"admin"}
    CategoryFactory(municipality=heidenheim.municipality, code="nur.heidenheim")
    own, secret = (_case(heilbronn, report) for _each in range(2))
    foreign = _case(heidenheim, report, lon=10.15, lat=49.14)
    mark_confidential(
        secret.report.pk,
        reason="Anschuldigung",
        by=heilbronn.people["clara"],
        now=timezone.now(),
        expected_version=fresh(secret).version,
    )
    made = World(
        numbers={
            OWN: own.number,
            SECRET: secret.number,
            FOREIGN: foreign.number,
            MISSING: "HN-2026-999999",
        },
        rows={
            model: {OWN: ours.pk, FOREIGN: theirs.pk}
            for model, ours, theirs in _admin_rows(heilbronn, heidenheim)
        },
        fill={
            own.number: _choices(heilbronn, "clara"),
            secret.number: _choices(heilbronn, "clara"),
            foreign.number: _choices(heidenheim, "heidi"),
        },
        photo_name=own.report.photos.get().derivatives["320"]["jpeg"],
    )
    made.browsers = {
        actor: (client, client.cookies.output(header="", sep=";"))
        for actor, client in _clients(own, heilbronn, heidenheim)
    }
    User.objects.filter(pk=heilbronn.people["carlo"].pk).update(is_active=False)
    return made


def _choices(town: Town, person: str) -> dict[str, str]:
    return {
        "office": str(town.offices["67"].pk),
        "person": str(town.people[person].pk),
        "category": str(town.categories["tree"].pk),
    }


def _case(town: Town, report: Any, **place: float) -> Receipt:
    """A case of Amt 66 with a contact, a message and a photo nobody has approved."""
    receipt: Receipt = report(town, "pothole", photos=1, sender=ERIKA, **place)
    Report.objects.filter(pk=receipt.report.pk).update(publication="pending")
    name = photo_storage.keep_staff_derivative(f"bytes of {receipt.number}".encode(), ".jpg")
    Photo.objects.filter(report=receipt.report).update(
        state=PhotoState.READY, derivatives={"320": {"jpeg": name, "width": 320, "height": 240}}
    )
    return receipt


def _clients(own: Receipt, heilbronn: Town, heidenheim: Town) -> Iterator[tuple[str, Client]]:
    people = heilbronn.people
    yield "stranger", Client()

    holder = Client(headers={"X-Receipt-Secret": own.secret})
    holder.get(f"/heilbronn/meldung/{own.number}/zugang/", {"code": own.secret})
    yield "holder", holder

    half = Client()
    half.post("/desk/anmelden/", {"email": people["ada"].email, "password": PASSWORD})
    yield "half_admin", half
    yield "unverified_admin", _signed_in(people["ada"])

    verified = _signed_in(people["ada"])
    device = TOTPDevice.objects.create(user=people["ada"], confirmed=True)
    session = verified.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    yield "admin", verified

    yield "deactivated", _signed_in(people["carlo"])
    yield "roleless", _signed_in(UserFactory(is_staff=True))
    for actor, name in (
        ("clerk", "clara"),
        ("other_clerk", "gero"),
        ("dispatcher", "dora"),
        ("moderator", "mona"),
        ("manager", "max"),
    ):
        yield actor, _signed_in(people[name])
    yield "neighbour", _signed_in(heidenheim.people["heidi"])


def _signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _admin_rows(*towns: Town) -> Iterator[tuple[str, Any, Any]]:
    made = [dict(_rows_of(town)) for town in towns]
    return ((model, made[0][model], made[1][model]) for model in made[0])


def _rows_of(town: Town) -> Iterator[tuple[str, Any]]:
    place, office = town.municipality, town.offices["67"]
    person = next(iter(town.people.values()))
    yield "accounts/municipality", place
    yield "accounts/office", office
    yield "accounts/team", Team.objects.create(office=office, name="Trupp")
    yield "accounts/user", person
    client, _token = issue_token(name="App", municipality=place, rate_class=RateClass.STANDARD)
    yield "accounts/apiclient", client
    area = AreaFactory(municipality=place, key="rand")
    yield "routing/area", area
    yield "routing/category", town.categories["noise"]
    yield "routing/rule", RuleFactory(municipality=place, office=office, area=area)
    yield (
        "routing/officehours",
        OfficeHours.objects.create(office=office, weekday=1, opens=time(8), closes=time(12)),
    )
    yield (
        "routing/closingday",
        ClosingDay.objects.create(municipality=place, day=date(2026, 12, 24)),
    )
    now = timezone.now()
    shift = {"starts_at": now, "ends_at": now + timedelta(days=1)}
    yield (
        "routing/oncallshift",
        OnCallShift.objects.create(municipality=place, person=person, **shift),
    )
    wording = {"event": "report_received", "subject": "Ihre Meldung", "body": "Danke."}
    yield "notifications/template", Template.objects.create(municipality=place, **wording)
    yield "notifications/message", Message.objects.filter(municipality=place).first()


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


def test_on_the_host_of_a_town(world: World, settings: Settings) -> None:
    """Nothing of the neighbours is visible there, to whoever asks."""
    settings.ALLOWED_HOSTS = [OWN_HOST]
    Municipality.objects.filter(slug="heilbronn").update(host_name=OWN_HOST)
    rows = policy.OWN_HOST
    actors = ("stranger", "holder", "clerk", "neighbour", "dispatcher", "admin")
    methods = ("GET", "POST")
    assert_told(
        wrong
        for route in ON_OWN_HOST
        for wrong in check(world, route, rows[route], host=OWN_HOST, methods=methods, actors=actors)
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
        for method in methods if kind == OWN else ("GET", "POST"):
            for actor in actors:
                answer = world.ask(actor, method, path, body, host)
                expected = _expected(row, route, kind, method, actor, bool(host))
                if not fits(expected, answer):
                    yield actor, method, path, expected, shown(answer)
                if kind == FOREIGN and _depends_on_the_object(route, actor, expected):
                    missing_path = f"{prefix}{world.path(route, MISSING)}"
                    missing = world.ask(actor, method, missing_path, body, host)
                    if told(answer, path) != told(missing, missing_path):
                        yield actor, method, path, "like a missing one", shown(answer)


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
        policy.REFUSED: status in {400, 401, 409, 411, 415, 422},
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
