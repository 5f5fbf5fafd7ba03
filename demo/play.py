"""Plays one report through the running service over real HTTP and checks every promise.

A phone sends a photo with EXIF and GPS; Celery makes it safe and routes it; the office and the
reporter get mail; the address is confirmed by POST; a clerk takes the case, approves it, answers
and closes; the reporter hears of it; the public sees it, without EXIF and without contact data.
"""

import json
import re
import time
from base64 import b32encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from accounts.models import Role, RoleAssignment
from demo.photos import as_phone_jpeg, draw_scene
from demo.towns import PASSWORD, TOTP_KEY, WITH_DEVICE
from demo.visitor import Visitor
from leakcheck.metadata import foreign_parts
from reports.models import Contact, Report

T = TypeVar("T")

TOWN = "heilbronn"
PLACE = (9.21870, 49.14270)
CATEGORY = "strasse.schlagloch"
DESCRIPTION = "Großes Schlagloch auf dem Radstreifen, gestern ist jemand gestürzt."
REPORTER = {"name": "Erika Mustermann", "email": "erika.mustermann@buerger.example"}
ANSWER = (
    "Vielen Dank für den Hinweis. Unser Betriebshof hat das Schlagloch heute mit Kaltasphalt "
    "verfüllt. Rückfragen beantwortet das Amt für Straßenwesen, Telefon 07131 00-6600."
)
WAIT_SECONDS = 60.0
# What must never be found in anything public.
PRIVATE = [REPORTER["name"], REPORTER["email"], "Mustermann", "buerger.example"]


class PromiseBroken(Exception):
    """A step of the demo did not do what it promises."""


@dataclass(frozen=True)
class Played:
    """The demo report as its sender holds it."""

    number: str
    secret: str
    url: str


class Play:
    """The story, one method a scene; `say` gets a line for each step with its time."""

    def __init__(self, base_url: str, mail_url: str, say: Callable[[str], None]) -> None:
        self.base_url, self.mail_url, self.say = base_url, mail_url, say
        self.public = httpx.Client(base_url=base_url, follow_redirects=True, timeout=30)
        self.started_at = datetime.now(UTC).isoformat()
        self.number = self.secret = self.receipt_url = ""

    def run(self) -> Played:
        """Play every scene in order; raises PromiseBroken, naming the promise."""
        with self._step("Meldung mit Foto vom Telefon gesendet und angenommen (201)"):
            self._submit()
        with self._step("Foto gesichert, Zuständigkeit durch Celery gefunden"):
            self._await_receipt(lambda state: self._photo_ready(state) and state["office"])
        with self._step("Mail an das zuständige Amt"):
            self._await_mail(self._office_address(), self.number)
        with self._step("Eingangsbestätigung an die meldende Person"):
            mail = self._await_mail(REPORTER["email"], self.number)
        with self._step("Adresse bestätigt (POST nach Klick)"):
            self._confirm(mail)
        with self._step("Fremde sehen weder Text noch Foto"):
            self._check_nothing_private_yet()
        with self._step("Sachbearbeitung übernimmt den Vorgang"):
            clerk = self._clerk()
            self._act(clerk, "uebernehmen")
        with self._step("Meldung, Text und Foto freigegeben"):
            clerk.send_form(self._case, action="/freigabe/", entscheidung="alles")
        with self._step("Geantwortet und abgeschlossen"):
            self._act(clerk, "abschliessen", outcome="erledigt", text=ANSWER)
        with self._step("Mail mit der Antwort an die meldende Person"):
            self._await_mail(REPORTER["email"], "Kaltasphalt")
        with self._step("Öffentlich auf der Karte, mit Text, Antwort und Foto"):
            self._check_public_page()
        with self._step("Foto ohne EXIF, GPS und andere Metadaten"):
            self._check_photo()
        with self._step("In den offenen Daten, ohne Kontaktdaten"):
            self._check_feeds()
        return Played(self.number, self.secret, self.receipt_url)

    @contextmanager
    def _step(self, words: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.say(f"  {time.monotonic() - begun:6.2f} s  {words}")

    def _submit(self) -> None:
        photo = as_phone_jpeg(
            draw_scene("pothole", 7, (1600, 1200)),
            lon=PLACE[0],
            lat=PLACE[1],
            taken_at=datetime.now(UTC),
        )
        if b"Exif" not in photo:
            raise PromiseBroken("das Foto der Vorführung trägt kein EXIF")
        report = {
            "municipality": TOWN,
            "category": CATEGORY,
            "lon": PLACE[0],
            "lat": PLACE[1],
            "accuracy_m": 8,
            "place_chosen_by": "gps",
            "description": DESCRIPTION,
            "address": "Marktplatz 7",
            "answers": {"lage": "radstreifen"},
            **REPORTER,
        }
        answer = self.public.post(
            "/api/v1/reports",
            files=[
                ("report", (None, json.dumps(report), "application/json")),
                ("photos", ("IMG_0001.jpg", photo, "image/jpeg")),
            ],
            headers={"Idempotency-Key": uuid4().hex},
        )
        if answer.status_code != httpx.codes.CREATED:
            raise PromiseBroken(f"Annahme: {answer.status_code} {answer.text[:300]}")
        content = answer.json()
        self.number, self.secret = content["number"], content["secret"]
        self.receipt_url = content["receipt_url"]

    def _photo_ready(self, state: dict[str, Any]) -> bool:
        return all(photo["state"] == "ready" for photo in state["photos"])

    def _await_receipt(self, fits: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            answer = self.public.get(
                f"/api/v1/reports/{self.number}", headers={"X-Receipt-Secret": self.secret}
            )
            state: dict[str, Any] = answer.json()
            return state if answer.is_success and fits(state) else None

        return _await(look, "die Meldung wird bearbeitet")

    def _await_mail(self, recipient: str, containing: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            mails = httpx.get(
                f"{self.mail_url}/api/messages",
                params={"to": recipient, "since": self.started_at},
            ).json()["messages"]
            found = [mail for mail in mails if containing in mail["subject"] + mail["body"]]
            return found[-1] if found else None

        return _await(look, f"Mail an {recipient}")

    def _office_address(self) -> str:
        office = Report.objects.select_related("office").get(number=self.number).office
        if office is None:
            raise PromiseBroken("kein Amt")
        return office.email

    def _confirm(self, mail: dict[str, Any]) -> None:
        found = re.search(r"https?://\S+/bestaetigen/\S+", mail["body"])
        if found is None:
            raise PromiseBroken("kein Bestätigungslink in der Mail")
        address = found.group().rstrip(".>")
        reporter = Visitor(self.base_url)
        reporter.get(address)  # what a mail scanner does; it must confirm nothing
        if self._address_confirmed():
            raise PromiseBroken("ein GET hat die Adresse bestätigt")
        reporter.send_form(address, action="bestaetigen")
        if not self._address_confirmed():
            raise PromiseBroken("die Adresse ist nicht bestätigt")

    def _address_confirmed(self) -> bool:
        return Contact.objects.filter(
            report__number=self.number, email_confirmed_at__isnull=False
        ).exists()

    def _check_nothing_private_yet(self) -> None:
        page = self.public.get(f"/{TOWN}/meldung/{self.number}/").text
        for word in [*PRIVATE, "Radstreifen, gestern", "/foto/"]:
            if word in page:
                raise PromiseBroken(f"vor der Freigabe öffentlich: {word}")

    def _clerk(self) -> Visitor:
        report = Report.objects.get(number=self.number, office__isnull=False)
        role = (
            RoleAssignment.objects.filter(office=report.office, role=Role.CLERK)
            .select_related("user")
            .order_by("pk")
            .first()
        )
        if role is None:
            raise PromiseBroken("das Amt hat keine Sachbearbeitung")
        clerk = Visitor(self.base_url)
        clerk.log_in(role.user.email, PASSWORD)
        return clerk

    @property
    def _case(self) -> str:
        return f"/desk/vorgang/{self.number}/"

    def _act(self, clerk: Visitor, verb: str, **values: str) -> None:
        clerk.send_form(self._case, action=f"/{verb}/", **values)

    def _check_public_page(self) -> None:
        def look() -> str | None:
            page = self.public.get(f"/{TOWN}/meldung/{self.number}/")
            there = "Kaltasphalt" in page.text and "Radstreifen" in page.text
            return page.text if page.is_success and there and "/foto/" in page.text else None

        page = _await(look, "die öffentliche Seite")
        _refuse_private("öffentliche Seite", page)
        points = self.public.get(f"/{TOWN}/meldungen.geojson").text
        if self.number not in points:
            raise PromiseBroken("die Meldung fehlt auf der Karte")
        _refuse_private("Karte", points)

    def _check_photo(self) -> None:
        page = self.public.get(f"/{TOWN}/meldung/{self.number}/").text
        addresses = set(re.findall(r'(?:src|srcset|href)="([^" ]*/foto/[^" ]+)"', page))
        if not addresses:
            raise PromiseBroken("kein Foto auf der öffentlichen Seite")
        for address in addresses:
            picture = self.public.get(address)
            if not picture.headers["content-type"].startswith("image/"):
                raise PromiseBroken(f"{address}: kein Bild")
            # Not by searching for words: any three letters turn up among pixels some day.
            if foreign := foreign_parts(picture.content):
                raise PromiseBroken(f"{address} enthält mehr als das Bild: {', '.join(foreign)}")

    def _check_feeds(self) -> None:
        for name in ("reports.geojson", "reports.csv"):
            feed = self.public.get(f"/opendata/{TOWN}/{name}").text
            if self.number not in feed:
                raise PromiseBroken(f"{name}: die Meldung fehlt")
            _refuse_private(name, feed)


def logins() -> dict[str, dict[str, dict[str, str]]]:
    """Login of one person per town and role, with the TOTP secret where one is asked for."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    rows = RoleAssignment.objects.select_related("user", "municipality").order_by("pk")
    for row in rows.filter(user__is_active=True):
        entry = {"email": row.user.email, "password": PASSWORD}
        if row.role in WITH_DEVICE:
            entry["totp_secret"] = _base32(TOTP_KEY)
        found.setdefault(row.municipality.slug, {}).setdefault(row.role, entry)
    return found


def _base32(key: str) -> str:
    return b32encode(bytes.fromhex(key)).decode()


def _refuse_private(where: str, text: str) -> None:
    for word in PRIVATE:
        if word in text:
            raise PromiseBroken(f"{where}: enthält {word}")


def _await(look: Callable[[], T | None], what: str) -> T:
    deadline = time.monotonic() + WAIT_SECONDS
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise PromiseBroken(f"nach {WAIT_SECONDS:.0f} s nicht da: {what}")
        time.sleep(0.1)
    return found
