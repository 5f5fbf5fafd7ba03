"""Persons are planted, worked on and taken back, while every public byte is searched for them.

Everything goes in by the real doors. After each step the weekly leak check's own search runs over
all that a stranger can fetch, below the town's prefix or on its own host, in one language or the
other: pages, feeds, API, photos, errors, headers, small files, and over files, tables and Redis.
Only what a moderator has approved may be found, and nothing once it is gone.
"""

import io
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import Settings

from accounts import short_memory
from accounts.models import Municipality
from leakcheck.check import findings_of, look_at_exits, look_into_stores
from leakcheck.exits import of_case
from leakcheck.known import known_people
from leakcheck.models import LeakCheck
from leakcheck.people import People
from leakcheck.rows import look_at_rows
from leakcheck.search import Canary, Search
from leases.models import Lane
from notifications.models import Message
from reports.actions.erase_person import erase_person
from reports.models import Photo, Report
from reports.published import PublishedReport
from reports.tasks import drain
from tests.factories import QuestionFactory
from tests.people import TOWN_HALL, Town
from tests.photo_samples import CANARY, jpeg_full_of_canaries, picture

pytestmark = pytest.mark.django_db

OWN_HOST = "melden.heilbronn.example"


@dataclass(frozen=True)
class Person:
    """Somebody who reports something; every word that is theirs carries their number."""

    k: int
    category: str

    @property
    def private(self) -> dict[str, str]:
        """What never becomes public."""
        return {
            "name": f"Nachname{self.k}kanarie",
            "email": f"kanarie{self.k}@person{self.k}.example",
            "phone": f"0170 5{self.k:03d}8877",
            "plate": f"HN-KA {self.k:03d}9",
            "address": f"Kanariengasse {self.k}a",
            "note": f"Notizkanarie{self.k}",
            "reason": f"Grundkanarie{self.k}",
            "answer": f"Antwortkanarie{self.k}",
            "message": f"Nachrichtkanarie{self.k}",
            "objection": f"Widerspruchkanarie{self.k}",
            "feedback": f"Rückmeldungkanarie{self.k}",
            "supporter": f"mitkanarie{self.k}@nachbar{self.k}.example",
            "device": f"Geraetekanarie-{self.k}-Geraetekanarie",
        }

    @property
    def text(self) -> str:
        """What the person wrote; may become public as it is."""
        return f"Wortkanarie{self.k}"

    @property
    def edited(self) -> str:
        """What a moderator makes of it."""
        return f"Freigabekanarie{self.k}"

    @property
    def reply(self) -> str:
        """The office's public answer."""
        return f"Amtskanarie{self.k}"

    @property
    def tokens(self) -> list[str]:
        return [*self.private.values(), self.text, self.edited, self.reply]


@dataclass
class Story:
    """Who has reported what, and what a stranger may find by now."""

    town: Town
    numbers: dict[int, str] = field(default_factory=dict)
    secrets: dict[int, str] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    staff: dict[str, Client] = field(default_factory=dict)
    allowed: set[str] = field(default_factory=set)

    def report(self, person: Person) -> None:
        """Send it by the API, with a photo."""
        private = person.private
        sent = {
            "category": self.town.categories[person.category].code,
            "lon": TOWN_HALL[0] + person.k / 10_000,
            "lat": TOWN_HALL[1],
            "description": f"{person.text}, Wagen {private['plate']}, {private['name']}",
            "address": private["address"],
            "name": private["name"],
            "email": private["email"],
            "phone": private["phone"],
            "answers": {"kennzeichen": private["plate"], "naeheres": private["answer"]},
        }
        own_picture = picture(640 + 8 * person.k, 480)
        photo = SimpleUploadedFile(f"{private['name']}.jpg", jpeg_full_of_canaries(own_picture))
        answer = Client().post("/api/v1/reports", {"report": json.dumps(sent), "photos": [photo]})
        assert answer.status_code == 201, answer.content
        receipt = answer.json()
        self.people[person.k] = person
        self.numbers[person.k], self.secrets[person.k] = receipt["number"], receipt["secret"]

    def act(self, who: str, k: int, verb: str, **fields: str) -> None:
        """Do something with a case through the desk's form."""
        answer = self._desk(who).post(
            f"/desk/vorgang/{self.numbers[k]}/{verb}/", {"version": self._version(k), **fields}
        )
        assert answer.status_code == 302, (verb, answer.status_code, answer.content[:3000])

    def decide(self, k: int, decision: str, **fields: str) -> None:
        """Approve or withhold a part, as the moderator."""
        answer = self._desk("mona").post(
            f"/desk/vorgang/{self.numbers[k]}/freigabe/",
            {"version": self._version(k), "entscheidung": decision, **fields},
        )
        assert answer.status_code == 302, (decision, answer.status_code)

    def holder(self, k: int) -> Client:
        """The browser of whoever has the receipt; elsewhere: the crawler used up its tries here."""
        browser = Client(REMOTE_ADDR="192.0.2.9")
        browser.get(f"/heilbronn/meldung/{self.numbers[k]}/zugang/", {"code": self.secrets[k]})
        return browser

    def _desk(self, who: str) -> Client:
        if who not in self.staff:
            self.staff[who] = Client()
            self.staff[who].force_login(self.town.people[who])
        return self.staff[who]

    def _version(self, k: int) -> int:
        return Report.objects.get(number=self.numbers[k]).version

    @property
    def canaries(self) -> list[str]:
        """Everything that may be found nowhere unless it is allowed."""
        planted = [token for person in self.people.values() for token in person.tokens]
        staff = [
            word
            for person in self.town.people.values()
            for word in (person.email, f"{person.first_name} {person.last_name}")
        ]
        written = [code.replace("-", "") for code in self.secrets.values()]
        return [CANARY, *planted, *staff, *self.secrets.values(), *written]


def work_through(lanes: Iterable[Lane] = (Lane.CITIZEN, Lane.MEDIA, Lane.STAFF)) -> None:
    """Let the workers do what is owed."""
    for lane in lanes:
        drain(lane)


# Searching


def beside_the_way(story: Story) -> Iterator[str]:
    """Addresses no link leads to: wrong codes, other people's links, files that are not public."""
    prefix = "/heilbronn" if story.town.municipality.host_name is None else ""
    for number in story.numbers.values():
        yield f"{prefix}/meldung/{number}/zugang/?code=falsch"
        yield f"{prefix}/meldung/{number}/betrifft-mich-auch/1/bestaetigen/"
        yield from (f"/api/v1/reports/{number}/{name}" for name in ("supports", "subscription"))
        yield from of_case(prefix, number)
        yield f"/opendata/ogc/collections/{story.town.slug}-reports/items/{number}"
    for derivatives in Photo.objects.values_list("derivatives", flat=True):
        for copy in derivatives.values():
            for name in (copy.get("webp"), copy.get("jpeg")):
                yield from (f"{prefix}/foto/{name}", f"/api/v1/photos/{name}")
    for key in Photo.objects.values_list("original_key", flat=True):
        yield from (f"{prefix}/foto/{key}", f"/api/v1/photos/{key}")


def found_in(pages: dict[str, bytes], words: Iterable[str]) -> dict[str, set[str]]:
    """Which words stand where, whatever their case and escaping."""
    search = Search(People(), [Canary(word, word) for word in words])
    for address, content in pages.items():
        search.look(address, content.decode("utf-8", "replace"))
    return by_word(search)


def by_word(search: Search) -> dict[str, set[str]]:
    """Where each canary was seen."""
    seen: dict[str, set[str]] = {}
    for finding in search.found:
        if finding.kind.startswith("canary "):
            seen.setdefault(finding.kind.removeprefix("canary "), set()).add(finding.exit)
    return seen


def assert_clean(story: Story, *, step: str, own_host: bool, language: str) -> dict[str, int]:
    """Search everything public, as the weekly check does; addresses with their status."""
    host = OWN_HOST if own_host else None
    town = story.town.municipality
    Municipality.objects.filter(slug="heilbronn").update(host_name=host)
    town.host_name = host
    search = Search(known_people([town]), [Canary(word, word) for word in story.canaries])
    look_at_rows(search, town)
    further = list(beside_the_way(story))
    with as_live():
        seen = look_at_exits(search, town, languages=[language], further=further)
    look_into_stores(search)
    Municipality.objects.filter(slug="heilbronn").update(host_name=None)
    town.host_name = None
    words = by_word(search)
    hits = {word: where for word, where in words.items() if word not in story.allowed}
    assert hits == {}, f"{step}: {hits}"
    others = [each for each in findings_of(search) if not each.kind.startswith("canary ")]
    assert others == [], f"{step}: {others}"
    assert search.unchecked == [], step
    missing = story.allowed - words.keys()
    assert not missing, f"{step}: approved and not shown: {missing}"
    return seen


@contextmanager
def as_live() -> Iterator[None]:
    """Towns are remembered as on a live installation, not looked up at every address."""
    short_memory.forget()
    with override_settings(REMEMBER_SECONDS=600):
        yield
    short_memory.forget()


def page(address: str) -> str:
    """What a stranger's browser shows."""
    return Client().get(address).content.decode()


@pytest.fixture
def story(heilbronn: Town, settings: Settings) -> Story:
    """Heilbronn with questions to answer, one of them confidential."""
    settings.ALLOWED_HOSTS = ["testserver", "127.0.0.1", OWN_HOST]
    settings.SECOND_FACTOR_ROLES = set()
    settings.LIMIT_FACTOR = 10_000
    for category in heilbronn.categories.values():
        QuestionFactory(category=category, code="kennzeichen", is_confidential=True)
        QuestionFactory(category=category, code="naeheres")
    return Story(heilbronn)


AUTOMATIC, APPROVED, EDITED, NEVER, COARSE, DANGER, SECRET, GONE, ERASED = range(1, 10)
KINDS = {
    AUTOMATIC: "pothole",
    APPROVED: "tree",
    EDITED: "tree",
    NEVER: "noise",
    COARSE: "needles",
    DANGER: "collapse",
    SECRET: "tree",
    GONE: "tree",
    ERASED: "pothole",
}


def test_a_whole_life_leaves_no_trace_of_anybody(story: Story) -> None:
    for k, category in KINDS.items():
        story.report(Person(k, category))
    work_through()
    assert not Photo.objects.exclude(state="ready").exists()
    home = page("/heilbronn/")
    assert story.numbers[AUTOMATIC] in home
    assert story.numbers[APPROVED] not in home

    _work_on_everything(story)
    _citizens_take_part(story)
    work_through()
    # Whatever was just reported is still there; what came of it must not be seen either.
    assert_clean(story, step="worked on", own_host=False, language="en")

    _approve(story)
    work_through()
    seen = assert_clean(story, step="approved", own_host=True, language="de")
    photos = [name for name in seen if "/foto/" in name and seen[name] == 200]
    assert {name.partition("/foto/")[2] for name in photos} == copies_of(story, EDITED)
    for number in (NEVER, SECRET, DANGER):
        assert seen[f"/meldung/{story.numbers[number]}/"] == 404

    _take_back(story)
    work_through([Lane.CITIZEN, Lane.STAFF])
    seen = assert_clean(story, step="taken back", own_host=False, language="en")
    for name in copies_of(story, EDITED):
        assert seen[f"/heilbronn/foto/{name}"] == 404, name
    _are_gone(seen, [story.numbers[k] for k in (APPROVED, EDITED, GONE, AUTOMATIC, COARSE, ERASED)])


def _are_gone(seen: dict[str, int], numbers: list[str]) -> None:
    """At no exit any more; only the list of changes says that they were withdrawn."""
    lists = (
        *("/heilbronn/", "/heilbronn/meldungen.geojson", "/opendata/heilbronn/reports.geojson"),
        *("/opendata/heilbronn/reports.csv", "/opendata/heilbronn/updates.atom"),
        *(
            "/opendata/ogc/collections/heilbronn-reports/items",
            "/api/v1/reports?municipality=heilbronn",
        ),
        "/heilbronn/open311/v2/requests.json",
    )
    listed = {address: body_of(address) for address in lists}
    changes = body_of("/opendata/heilbronn/changes.json")
    for number in numbers:
        for address in ("/heilbronn/meldung/{}/", "/api/v1/reports/{}"):
            assert seen[address.format(number)] == 404, address
        assert Client().get(f"/heilbronn/open311/v2/requests/{number}.json").status_code == 404
        assert [address for address, body in listed.items() if number in body] == []
        assert number in changes


def body_of(address: str) -> str:
    """What an address answers with 200."""
    answer = Client().get(address)
    assert answer.status_code == 200, address
    return answer.getvalue().decode()


def copies_of(story: Story, k: int) -> set[str]:
    """The names of the safe copies of somebody's photo."""
    made = Photo.objects.get(report__number=story.numbers[k]).derivatives.values()
    return {copy[form] for copy in made for form in ("webp", "jpeg")}


def _work_on_everything(story: Story) -> None:
    """All that staff write: notes, reasons, answers, offers, holds."""
    for k, person in story.people.items():
        reason, note = person.private["reason"], person.private["note"]
        story.act("dora", k, "uebernehmen")
        story.act("dora", k, "notiz", text=note)
        if k != ERASED:
            story.act("dora", k, "loeschsperre", reason=reason, until="2099-01-01")
        story.act("dora", k, "antworten", text=f"{person.reply}: Wir kümmern uns.")
        if k == DANGER:
            story.act("dora", k, "quittieren")
            continue
        other = "67" if person.category == "pothole" else "66"
        story.act("dora", k, "abgeben", to_office=str(story.town.offices[other].pk), reason=reason)
        story.act("dora", k, "zurueckgeben", reason=reason)
    story.act("dora", SECRET, "vertraulich", reason=story.people[SECRET].private["reason"])
    # Where a category is public at once, so is what the office answers.
    story.allowed |= {story.people[AUTOMATIC].reply, story.people[ERASED].reply}


def _citizens_take_part(story: Story) -> None:
    """All that senders and others write afterwards, by the pages and by the API."""
    for k, person in story.people.items():
        private, number = person.private, story.numbers[k]
        browser = story.holder(k)
        sent = {"form_key": f"{k:032d}", "text": private["message"]}
        assert browser.post(f"/heilbronn/meine/{number}/ergaenzen/", sent).status_code == 302
        api = Client(headers={"X-Receipt-Secret": story.secrets[k]}, REMOTE_ADDR="192.0.2.9")
        for path, body in (
            ("objection", {"parts": ["text"], "reason": private["objection"]}),
            ("supports", {"email": private["supporter"]}),
            ("supports", {"device": private["device"]}),
        ):
            if path == "objection" and k in {APPROVED, EDITED, GONE}:
                continue  # their texts are approved later in this story
            address = f"/api/v1/reports/{number}/{path}"
            answer = api.post(address, json.dumps(body), content_type="application/json")
            assert answer.status_code in {201, 202, 404}, answer.content
    end = {"outcome": "erledigt", "text": story.people[AUTOMATIC].reply}
    story.act("dora", AUTOMATIC, "abschliessen", **end)
    sent = {
        "form_key": "9" * 32,
        "is_fixed": "no",
        "text": story.people[AUTOMATIC].private["feedback"],
    }
    address = f"/heilbronn/meine/{story.numbers[AUTOMATIC]}/stimmt-das/"
    assert story.holder(AUTOMATIC).post(address, sent).status_code == 302
    assert Report.objects.get(number=story.numbers[AUTOMATIC]).reopened_count == 1


def _approve(story: Story) -> None:
    people = story.people
    story.decide(APPROVED, "report:approved")
    story.decide(EDITED, "report:approved")
    story.decide(EDITED, "text:approved", public_text=f"{people[EDITED].edited} am Weg")
    story.decide(EDITED, "photo_1:approved")
    story.decide(COARSE, "report:approved")
    story.decide(GONE, "report:approved")
    story.decide(GONE, "text:approved", public_text=f"{people[GONE].edited} am Bach")
    story.allowed |= {people[APPROVED].reply, people[EDITED].reply, people[GONE].reply}
    story.allowed |= {people[EDITED].edited, people[GONE].edited}


def _take_back(story: Story) -> None:
    """By the reporter, by objection, by erasure, by the moderator, as confidential, as spam."""
    answer = story.holder(GONE).post(f"/heilbronn/meine/{story.numbers[GONE]}/zurueckziehen/")
    assert answer.status_code == 302
    story.decide(APPROVED, "report:withheld")
    story.act("dora", EDITED, "vertraulich", reason=story.people[EDITED].private["reason"])
    story.act("dora", AUTOMATIC, "spam")
    objection = {"parts": ["report"], "reason": story.people[COARSE].private["objection"]}
    answer = Client(headers={"X-Receipt-Secret": story.secrets[COARSE]}).post(
        f"/api/v1/reports/{story.numbers[COARSE]}/objection",
        json.dumps(objection),
        content_type="application/json",
    )
    assert answer.status_code in {200, 201}, answer.content
    reply = story.people[ERASED].reply
    story.act("dora", ERASED, "abschliessen", outcome="erledigt", text=reply)
    email = story.people[ERASED].private["email"]
    town = story.town.municipality.pk
    assert erase_person(town, email, reason="", by=None, now=timezone.now()).erased
    story.allowed.clear()


def test_a_leak_is_found_named_and_told(story: Story) -> None:
    """Somebody writes past the publish step; the check says where, whose and what, and no more."""
    person = Person(APPROVED, "tree")
    story.report(person)
    work_through()
    story.decide(APPROVED, "report:approved")
    work_through()
    number, phone = story.numbers[APPROVED], person.private["phone"]
    PublishedReport.objects.filter(number=number).update(text=f"Bitte anrufen: {phone}")
    said = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("check_leaks", "--kommune", "heilbronn", "--json", stdout=said)

    assert refused.value.returncode == 1
    assert phone not in said.getvalue()
    (result,) = json.loads(said.getvalue())
    found = {(each["exit"], each["number"], each["kind"]) for each in result["findings"]}
    assert ("open_data.reports", number, "phone") in found
    assert ("published", number, "unapproved_text") in found
    assert (f"/heilbronn/meldung/{number}/", number, "contact_phone") in found
    assert ("/opendata/heilbronn/reports.csv", number, "contact_phone") in found
    assert LeakCheck.objects.latest("started_at").hits == result["hits"] == len(found)
    health = Client().get("/healthz/effects").json()
    assert (health["status"], health["leaks"]["days"]) == ("trouble", 0)
    told = Message.objects.get(event="leak_found")
    assert told.recipient == story.town.offices["dispatch"].email


def test_confidential_answers_and_contacts_stay_with_the_circle(story: Story) -> None:
    """The desk is no public place, yet not everybody there may read everything."""
    story.report(Person(SECRET, "pothole"))
    story.report(Person(APPROVED, "pothole"))
    work_through()
    hidden = story.people[SECRET]
    story.act("clara", SECRET, "vertraulich", reason=hidden.private["reason"])

    for name in ("mona", "max", "ada", "gero"):
        pages = _crawl_desk(story, name)
        assert found_in(pages, [*hidden.tokens, story.numbers[SECRET]]) == {}, name
        contacts = [story.people[APPROVED].private[word] for word in ("email", "phone")]
        answers = [story.people[APPROVED].private["plate"]]
        seen = found_in(pages, contacts).keys() | set()
        assert seen == set(), (name, seen)
        if name == "gero":
            assert found_in(pages, answers) == {}
    for name in ("clara", "dora"):
        pages = _crawl_desk(story, name)
        assert found_in(pages, [hidden.private["email"], hidden.text]), name


def _crawl_desk(story: Story, name: str) -> dict[str, bytes]:
    """Lists, counters, searches and cases, as one of the staff."""
    browser = story._desk(name)
    number, text = story.numbers[SECRET], story.people[SECRET].text
    waiting = ["/desk/", "/desk/freigabe/", "/desk/abgaben/", "/desk/konto/"]
    tabs = ("jetzt", "neu", "offen", "gefahr", "abgeschlossen")
    waiting += [f"/desk/?liste={tab}" for tab in tabs]
    waiting += [f"/desk/?liste=offen&q={word}" for word in (text[:8], number[3:], "Kanariengasse")]
    waiting += [f"/desk/vorgang/{each}/" for each in story.numbers.values()]
    waiting += [f"/desk/vorgang/{number}/{verb}/" for verb in ("notiz", "abschliessen")]
    waiting += [f"/desk/foto/{number}/1/800.jpeg"]
    pages = {}
    for address in waiting:
        answer = browser.get(address)
        # What was searched or asked for may stand on the page again.
        shown = re.sub(rb'<input[^>]*name="q"[^>]*>|[?&;]q=[^"&]*', b"", answer.getvalue())
        shown = shown.replace(number.encode(), b"") if number in address else shown
        pages[address] = f"{answer.status_code}\n".encode() + shown
    opened = browser.get("/desk/suche/", {"q": number})
    pages["search"] = opened.headers.get("Location", "").partition("?")[0].encode()
    return pages
