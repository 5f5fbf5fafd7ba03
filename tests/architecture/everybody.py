"""A world with everybody in it, and all addresses: for asking anything as anybody."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts import short_memory
from accounts.api_clients import issue_token
from accounts.models import RateClass, Team, User
from figures.models import ManagementReport, StatisticsChoice
from leakcheck.models import LeakCheck
from notifications.models import Message, Template
from opendata.models import Subscriber
from reports import photo_storage
from reports.abuse import BlockedSender
from reports.actions.confidential import mark_confidential
from reports.actions.receive_mail import mail_seal_context
from reports.actions.submit import Receipt
from reports.blocking import key_of
from reports.delegating import Delegation, Firm
from reports.desk_entry import ReplyTask
from reports.escalations import EscalationStep
from reports.filing import FileHandover
from reports.inbox import IncomingFile, IncomingMail
from reports.models import Photo, PhotoState, Report
from reports.outside import OutsideBody, Passing
from reports.retention import DeletionClass
from reports.rights import RightsRequest
from routing.category_notice import CategoryNotice
from routing.models import ClosingDay, OfficeHours, OnCallShift, RuleSet
from routing.word_topic import WordTopic
from sensors.models import Device, Fleet
from staff_desk.verbs import VERBS
from tests.factories import (
    PASSWORD,
    AreaFactory,
    AssetFactory,
    AssetLayerFactory,
    CategoryFactory,
    RuleFactory,
    UserFactory,
)
from tests.people import ERIKA, Town, fresh

OWN_HOST = "melden.heilbronn.example"
ANY_VERB = "desk/vorgang/<str:number>/<slug:verb>/"
OWN, SECRET, FOREIGN, MISSING = "own", "secret", "foreign", "missing"
MISSING_ID = 999_999_999


def addresses(urlconf: str) -> list[str]:
    """Every address of a resolver as its patterns are written, the desk's verbs one by one."""
    return list(_walk(get_resolver(urlconf).url_patterns))


def _walk(patterns: Any, prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        # The administration names every app it knows; one more is no other address.
        route = re.sub(r"\(\?P<app_label>[^)]*\)", "<app_label>", f"{prefix}{pattern.pattern}")
        if hasattr(pattern, "url_patterns"):
            yield from _walk(pattern.url_patterns, route)
        elif route == ANY_VERB:
            yield from (route.replace("<slug:verb>", verb) for verb in VERBS)
        else:
            yield route


@dataclass
class World:
    """Two towns with a case each, a confidential case, and everybody's browser."""

    numbers: dict[str, str]
    rows: dict[str, dict[str, Any]]  # ids in the administration by "app/model" and kind
    fill: dict[str, dict[str, str]]  # what the bodies of the policy leave open, by town
    photo_name: str
    rules: dict[str, tuple[int, int]]  # a draft and a rule in it
    browsers: dict[str, tuple[Client, str]] = field(default_factory=dict)
    known: dict[str, dict[str, object]] = field(default_factory=dict)  # _values by kind

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
        if kind not in self.known:
            self.known[kind] = self._values(kind)
        values = self.known[kind] | self._admin_ids(route, kind)
        fixed = {
            "admin/^<app_label>/$": "admin/routing/",
            "admin/(?P<url>.*)$": "admin/nirgends/",
            "api/v1/^": "api/v1/nirgends",
            "open311/^": "open311/nirgends",
        }
        written = fixed.get(route, route)
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), written)

    def _values(self, kind: str) -> dict[str, object]:
        """What stands for each part of an address; nothing of it changes, all asking is undone."""
        return {
            "number": self.numbers[kind],
            "other": self.numbers[kind],
            "ordinal": "1",
            "incident_id": "999999",
            "support_id": "1",
            "size": "320",
            "image_format": "jpeg",
            "slug": {FOREIGN: "heidenheim", MISSING: "nirgends"}.get(kind, "heilbronn"),
            "fleet": "1",
            "code": {FOREIGN: "nur.heidenheim", MISSING: "gibt.es.nicht"}.get(kind, "gruen.baum"),
            "layer": "leuchten",
            "key": {FOREIGN: "nur-dort", MISSING: "nirgends"}.get(kind, "47/11"),
            "page": "impressum" if kind == OWN else "nirgends",
            "name": self.photo_name if kind == OWN else f"00/{'0' * 64}.jpg",
            "z": "5",
            "x": "16",
            "suffix": "xml",
            "syntax": "ttl",
            "day": "2020-01-01",
            "collection": {MISSING: "nirgends-reports", FOREIGN: "heidenheim-reports"}.get(
                kind, "heilbronn-reports"
            ),
            "token": "A" * 32,
            "device_id": "00000000-0000-4000-8000-000000000000",
            "y": "10",
            "task_id": self._task_id(kind),
            "mail_id": self._mail_id(kind),
            "request_id": self._request_id(kind),
            "handover_id": self._handover_id(kind),
            "set_id": self.rules.get(kind, (MISSING_ID, MISSING_ID))[0],
            "rule_id": self.rules.get(kind, (MISSING_ID, MISSING_ID))[1],
            "alert_id": "1",
            "absence_id": str(MISSING_ID),
            "report_id": self._report_id(kind),
            "delegation_id": self._delegation_id(kind),
            "change_id": "999999999",
            "kind": "nirgends",
            "passing_id": self._passing_id(kind),
            "content_type_id": str(ContentType.objects.get_for_model(Report).pk),
        }

    def _task_id(self, kind: str) -> int:
        owed = ReplyTask.objects.filter(report__number=self.numbers[kind])
        return owed.values_list("pk", flat=True).first() or MISSING_ID

    def _request_id(self, kind: str) -> int:
        asked = RightsRequest.objects.filter(report__number=self.numbers[kind])
        return asked.values_list("pk", flat=True).first() or MISSING_ID

    def _handover_id(self, kind: str) -> int:
        filed = FileHandover.objects.filter(report__number=self.numbers[kind])
        return filed.values_list("pk", flat=True).first() or MISSING_ID

    def _mail_id(self, kind: str) -> int:
        about = IncomingMail.objects.filter(about__number=self.numbers[kind])
        return about.values_list("pk", flat=True).first() or MISSING_ID

    def _report_id(self, kind: str) -> int:
        slug = {OWN: "heilbronn", FOREIGN: "heidenheim"}.get(kind, "nirgends")
        made = ManagementReport.objects.filter(municipality__slug=slug)
        return made.values_list("pk", flat=True).first() or MISSING_ID

    def _passing_id(self, kind: str) -> int:
        made = Passing.objects.filter(report__number=self.numbers[kind])
        return made.values_list("pk", flat=True).first() or MISSING_ID

    def _delegation_id(self, kind: str) -> int:
        made = Delegation.objects.filter(report__number=self.numbers[kind])
        return made.values_list("pk", flat=True).first() or MISSING_ID

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
def world(
    heilbronn: Town,
    heidenheim: Town,
    report: Any,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """See World. What Django logs of every refusal is left out: thousands of lines nobody reads.

    Sessions live in the browsers' cookies, which every question starts with anew, and towns are
    remembered as on a live installation: thousands of questions would look both up again.
    """
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    short_memory.forget()
    settings.REMEMBER_SECONDS = 600
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
        rules={OWN: _draft(heilbronn), FOREIGN: _draft(heidenheim)},
    )
    made.browsers = {
        actor: (client, client.cookies.output(header="", sep=";"))
        for actor, client in _clients(own, heilbronn, heidenheim)
    }
    User.objects.filter(pk=heilbronn.people["carlo"].pk).update(is_active=False)
    yield made
    short_memory.forget()


def _draft(town: Town) -> tuple[int, int]:
    """A draft of the town's rules with one rule in it."""
    draft = RuleSet.objects.create(municipality=town.municipality, reason="Probe")
    rule = RuleFactory(municipality=town.municipality, rule_set=draft, office=town.offices["66"])
    return draft.pk, rule.pk


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
    ReplyTask.objects.create(
        report=receipt.report,
        kind=ReplyTask.Kind.LETTER,
        event="report_closed",
        due_at=timezone.now(),
    )
    ManagementReport.objects.get_or_create(
        municipality=town.municipality, office=town.offices["66"], first=date(2026, 1, 1),
        last=date(2026, 6, 30), defaults={"requested_by": next(iter(town.people.values()))},
    )  # fmt: skip
    body, _made = OutsideBody.objects.get_or_create(
        municipality=town.municipality,
        kind="rail",
        name="Bahn",
        channel="mail",
        email="bahn@bahn.example",
    )
    Passing.objects.create(
        report=receipt.report,
        body=body,
        channel=body.channel,
        letter_remark_id=0,
        passed_by=next(iter(town.people.values())),
        follow_up_on=timezone.localdate(),
    )
    firm, _made = Firm.objects.get_or_create(
        municipality=town.municipality, name="Tiefbau", email="tiefbau@firma.example"
    )
    Delegation.objects.create(
        report=receipt.report,
        firm=firm,
        instructions_remark_id=0,
        until=timezone.now() + timedelta(days=7),
        delegated_by=next(iter(town.people.values())),
    )
    mail = IncomingMail.objects.create(
        municipality=town.municipality, message_key=receipt.number, about=receipt.report
    )
    RightsRequest.objects.create(report=receipt.report, right="access", due_on=date(2030, 1, 1))
    FileHandover.objects.create(report=receipt.report, state="delivered")
    key = photo_storage.keep_original(b"a file", context=mail_seal_context(town.slug))
    IncomingFile.objects.create(mail=mail, ordinal=1, name="a", byte_size=6, sealed_key=key)
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
    verified.cookies[live_settings.SESSION_COOKIE_NAME] = session.session_key
    yield "admin", _visited(verified)

    yield "deactivated", _signed_in(people["carlo"])
    yield "roleless", _signed_in(UserFactory(is_staff=True))
    for actor, name in (
        ("clerk", "clara"),
        ("other_clerk", "gero"),
        ("dispatcher", "dora"),
        ("moderator", "mona"),
        ("manager", "max"),
    ):
        yield actor, _visited(_signed_in(people[name]))
    yield "neighbour", _visited(_signed_in(heidenheim.people["heidi"]))


def _signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _visited(client: Client) -> Client:
    """Open a page, whose time the session notes; else each question would do so again."""
    client.get("/desk/abwesenheit/")
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
    layer = AssetLayerFactory(municipality=place, code="leuchten")
    yield "routing/assetlayer", layer
    key = "47/11" if place.slug == "heilbronn" else "nur-dort"
    yield "routing/asset", AssetFactory(layer=layer, key=key)
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
    yield "routing/wordtopic", WordTopic.objects.create(municipality=place, kind="danger", code="a")
    notice = CategoryNotice.objects.create(municipality=place, text="Streupause im Sommer")
    yield "routing/categorynotice", notice
    now = timezone.now()
    shift = {"starts_at": now, "ends_at": now + timedelta(days=1)}
    yield (
        "routing/oncallshift",
        OnCallShift.objects.create(municipality=place, person=person, **shift),
    )
    yield (
        "opendata/subscriber",
        Subscriber.objects.create(municipality=place, name="Portal", url="https://portal.example/"),
    )
    yield "figures/statisticschoice", StatisticsChoice.objects.create(municipality=place)
    fleet = Fleet.objects.create(municipality=place, name="Körbe")
    yield "sensors/fleet", fleet
    yield "sensors/device", Device.objects.create(fleet=fleet, eui="70b3d57ed0001a2b")
    found = dict.fromkeys(("rows", "exits", "read_bytes", "hits"), 0)
    times = {"started_at": now, "ended_at": now}
    yield "leakcheck/leakcheck", LeakCheck.objects.create(municipality=place, **times, **found)
    wording = {"event": "report_received", "subject": "Ihre Meldung", "body": "Danke."}
    yield (
        "reports/deletionclass",
        DeletionClass.objects.create(municipality=place, name="Standard", is_standard=True),
    )
    yield (
        "reports/escalationstep",
        EscalationStep.objects.create(municipality=place, rung="dispatcher", hours=8),
    )
    yield (
        "reports/blockedsender",
        BlockedSender.objects.create(
            municipality=place,
            key=key_of("laestig.example"),
            shown="laestig.example",
            reason="Massenmails",
            expires_on=date(2030, 1, 1),
        ),
    )
    yield "reports/outsidebody", OutsideBody.objects.get(municipality=place)
    yield "reports/firm", Firm.objects.get(municipality=place)
    yield "notifications/template", Template.objects.create(municipality=place, **wording)
    yield "notifications/message", Message.objects.filter(municipality=place).first()
