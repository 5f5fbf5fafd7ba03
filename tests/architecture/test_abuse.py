"""What people try who mean no good: over real HTTP, by hand-made requests, with naughty words."""

import base64
import csv
import html
import io
import itertools
import json
import re
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings as live_settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts import limits, peers
from accounts.models import User
from notifications.models import Message
from reports.actions.publish import publish_report
from reports.actions.route import route_report
from reports.models import Publication, Report
from tests.architecture.access_policy import SHARED_HOST, TOWN
from tests.architecture.everybody import OWN, World
from tests.factories import PASSWORD, QuestionFactory, UserFactory
from tests.people import ERIKA, TOWN_HALL, Town, fresh

pytestmark = pytest.mark.django_db

LOGIN = "/desk/anmelden/"
CODE = "/desk/anmelden/code/"
FORM = "/heilbronn/melden/strasse.schlagloch/"


# Hand-made requests


Answer = tuple[int, dict[str, str], bytes]


def raw(base: str, request: bytes) -> Answer:
    """Send bytes as they are; status, headers (the last of each name) and body of the answer."""
    address = urlsplit(base)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    head, _blank, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines if ": " in line)
    return int(first.split()[1]), {name.lower(): value for name, value in headers.items()}, body


class TestHandMadeRequests:
    @pytest.fixture
    def ask(self, web: str, heilbronn: Town) -> Any:
        """Send a request line and further header lines."""
        host = urlsplit(web).netloc

        def send(line: bytes, *more: bytes, named: bytes = b"") -> Answer:
            headers = [b"Host: " + (named or host.encode()), b"Connection: close", *more]
            return raw(web, b"\r\n".join([line, *headers, b"", b""]))

        return send

    def test_no_header_says_who_we_are(self, ask: Any) -> None:
        get = b"GET /desk/ HTTP/1.1"
        for header in (
            b"X-Forwarded-Host: evil.example",
            b"X-Forwarded-Server: evil.example",
            b"Forwarded: host=evil.example",
            b"X-Original-URL: /evil.example/",
            b"X-Rewrite-URL: /evil.example/",
            b"SCRIPT_NAME: /evil.example",
            b"PATH_INFO: /evil.example/",
        ):
            status, headers, body = ask(get, header)
            assert (status, headers["location"]) == (302, "/desk/anmelden/?next=/desk/"), header
            assert b"evil" not in body
        assert ask(b"GET /evil/desk/ HTTP/1.1", b"SCRIPT_NAME: /evil")[0] == 404
        assert ask(b"GET http://evil.example/desk/ HTTP/1.1")[1]["location"].startswith("/desk/")
        assert ask(get, named=b"evil.example")[0] == 400
        assert ask(get, b"Host: evil.example")[0] == 400

    def test_nothing_is_smuggled_into_headers(self, ask: Any) -> None:
        for path in (
            b"/heilbronn%0d%0aSet-Cookie:x=1",
            b"/desk/?x=%0d%0aSet-Cookie:x=1",
            b"/desk/anmelden/?next=/desk/%0d%0aSet-Cookie:x=1",
            b"/heilbronn/meldung/x%0d%0aSet-Cookie:x=1/zugang/?code=%0d%0aX:1",
            b"/opendata/heilbronn%0d%0aSet-Cookie:x=1/reports.csv",
            b"/api/v1/reports?municipality=heilbronn&cursor=%0d%0aSet-Cookie:x=1",
        ):
            status, headers, _body = ask(b"GET " + path + b" HTTP/1.1")
            assert status < 500
            assert not headers.get("set-cookie", "").startswith("x=1"), path

    def test_nobody_is_sent_to_another_host(self, ask: Any) -> None:
        for path in (
            b"//evil.example/%2e%2e",
            b"//evil.example",
            b"///evil.example/",
            b"/\\evil.example",
            b"/heilbronn//evil.example",
            b"/desk//evil.example/..",
            b"/desk/anmelden/?next=//evil.example/",
        ):
            status, headers, _body = ask(b"GET " + path + b" HTTP/1.1")
            assert status < 500
            target = headers.get("location", "/")
            assert urlsplit(target).hostname in {None, "127.0.0.1"}, (path, target)
            assert not target.startswith(("//", "/\\")), (path, target)

    def test_no_path_leads_out_of_the_house(self, ask: Any) -> None:
        for path in (
            b"/heilbronn/foto/../../../../etc/passwd",
            b"/heilbronn/foto/..%2f..%2f..%2f..%2fetc%2fpasswd",
            b"/heilbronn/foto/%2e%2e%5c%2e%2e%5csettings.py",
            b"/heilbronn/kacheln/1/..%2f..%2f/1.png",
            b"/api/v1/photos/..%2f..%2fsealed",
            b"/static/..%2f..%2fbackend/settings.py",
            b"/static/%2e%2e/%2e%2e/etc/passwd",
            b"/static//etc/passwd",
            b"/heilbronn/../desk/",
            b"/heilbronn/%2e%2e/desk/",
            b"/heilbronn/%64esk/",
            b"/heilbronn;/desk/",
        ):
            status, _headers, body = ask(b"GET " + path + b" HTTP/1.1")
            assert status in {302, 404}, path
            assert b"root:" not in body
            assert b"SECRET_KEY" not in body

    @pytest.mark.parametrize(
        ("line", "headers", "statuses"),
        [
            (b"TRACE / HTTP/1.1", [b"Cookie: sitzung=geheim"], {405}),
            (b"QUATSCH /heilbronn/ HTTP/1.1", [], {403, 405}),
            (b"GET /heilbronn/ HTTP/1.1", [b"Accept-Language: \xff\xfe"], {200}),
            (b"GET /heilbronn/ HTTP/1.1", [b"Cookie: quittung=\xff\xfe; sitzung=\x80"], {200}),
            (b"GET /heilbronn/ HTTP/1.1", [b"If-None-Match: \xff", b"Referer: \xff"], {200}),
            (b"GET /heilbronn/ HTTP/1.1", [b"X: a\x00b"], {400}),
            (b"GET /heilbronn/\xff\xfe HTTP/1.1", [], {400, 404}),
            (b"GET /%00/ HTTP/1.1", [], {404}),
            (b"GET /heilbronn/meldung/%00/zugang/?code=%00 HTTP/1.1", [], {404}),
            (b"GET /" + b"a" * 9000 + b" HTTP/1.1", [], {414}),
            (b"GET / HTTP/1.1", [b"X: " + b"a" * 70_000], {431}),
            (b"POST /heilbronn/meine/ HTTP/1.1", [b"Content-Length: -1"], {400}),
            (b"POST / HTTP/1.1", [b"Content-Length: 4", b"Content-Length: 6"], {400}),
            (
                b"POST /api/v1/reports HTTP/1.1",
                [b"Content-Length: 4", b"Transfer-Encoding: chunked"],
                {400},
            ),
        ],
    )
    def test_nonsense_is_refused_and_not_repeated(
        self, ask: Any, line: bytes, headers: list[bytes], statuses: set[int]
    ) -> None:
        status, _headers, body = ask(line, *headers)

        assert status in statuses
        assert b"geheim" not in body
        assert b"Traceback" not in body

    def test_the_method_is_the_one_of_the_request(
        self, web: str, heilbronn: Town, report: Any
    ) -> None:
        receipt = report(heilbronn)
        with httpx.Client(base_url=web) as browser:
            holder = f"/heilbronn/meldung/{receipt.number}/zugang/"
            browser.get(holder, params={"code": receipt.secret})
            page = f"/heilbronn/meine/{receipt.number}/zurueckziehen/"
            for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
                answer = browser.get(page, headers={name: "POST"}, params={"_method": "POST"})
                assert answer.status_code == 200

        assert fresh(receipt).status == "received"

    def test_a_forged_forwarded_address_buys_no_further_try(
        self, web: str, heilbronn: Town
    ) -> None:
        statuses = []
        with httpx.Client(base_url=web, headers={"Referer": f"{web}{LOGIN}"}) as browser:
            token = _token(browser.get(LOGIN).text)
            for number in range(22):
                forged = {"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": "198.51.100.9"}
                sent = {
                    "csrfmiddlewaretoken": token,
                    "email": f"niemand{number}@rathaus.example",
                    "password": "falsch",
                }
                statuses.append(browser.post(LOGIN, data=sent, headers=forged).status_code)

        assert statuses[:20] == [200] * 20
        assert statuses[20:] == [429] * 2

    def test_mails_lead_to_us_whatever_host_was_asked(self, web: str, heilbronn: Town) -> None:
        port = urlsplit(web).port
        document = {
            "category": "strasse.schlagloch",
            "lon": TOWN_HALL[0],
            "lat": TOWN_HALL[1],
            "description": "Loch",
            "email": "erika@buerger.example",
        }
        forged = {"Host": f"localhost:{port}", "X-Forwarded-Host": "evil.example"}
        answer = httpx.post(f"{web}/api/v1/reports", json=document, headers=forged)

        assert answer.status_code == 201
        message = Message.objects.get(event="report_received")
        for name in ("confirm_link", "receipt_link"):
            assert message.context[name]["url"].startswith(f"{web}/heilbronn/"), name
        assert "evil" not in answer.text


def _token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    return found[1]


# Values that make no sense


MARK = "2026-01-01T00:00:00+00:00"


def _mark(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    "address",
    [
        "/desk/suche/?q=%00",
        f"/desk/suche/?q={'a' * 3000}",
        "/desk/freigabe/?nach=%00",
        "/desk/vorgang/%00/",
        "/desk/foto/%00/1/320.webp",
        "/desk/foto/{number}/99999999999999999999999/320.webp",
        "/desk/foto/{number}/1/99999999999999999999999.webp",
        "/desk/?amt=99999999999&art=%D9%A3&stand=x&liste=x&meine=x",
        "/desk/?amt=" + "9" * 3000,
        "/desk/?q=%25_%5C%00",
        "/desk/vorgang/{number}/abschliessen/?baustein=%00",
        f"/desk/?liste=offen&ab={_mark(MARK, 10**30, MARK, 'x')}",
        "/desk/?liste=offen&ab=WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwxZTQwMCwiMjAyNi0wMS0wMVQwMDow"
        "MDowMCswMDowMCIsIngiXQ==",
        f"/desk/?liste=offen&ab={_mark('2026-01-01T00:00:00', 1, '2026-01-01T00:00:00', 'x')}",
        f"/desk/?liste=offen&ab={_mark(MARK, 1, MARK, chr(0))}",
        f"/desk/?liste=offen&ab={_mark('9999-12-31T23:59:59-14:00', 1, MARK, 'x')}",
        f"/desk/?liste=offen&ab={_mark('0001-01-01T00:00:00+14:00', 1, MARK, 'x')}",
        f"/desk/?liste=offen&ab={base64.urlsafe_b64encode(b'[' * 1500).decode()}",
        f"/desk/?liste=offen&ab={_mark(None, None, None, None)}",
        "/heilbronn/?seite=%00&davor=%00&category=%00&since=%00&status=%00",
        "/heilbronn/?since=9999-99-99&page=-1",
        "/heilbronn/meldungen.geojson?reporter__email__startswith=a",
        "/heilbronn/meldungen.geojson?bbox=1,1,1e400,2",
        "/heilbronn/bestaetigen/x/?code=%00",
        "/opendata/heilbronn/reports.csv?office_name__startswith=a",
        "/api/v1/reports?municipality=heilbronn&ordering=email",
    ],
)
def test_senseless_addresses_are_no_errors_of_ours(
    heilbronn: Town, report: Any, address: str
) -> None:
    receipt = report(heilbronn)
    dora = Client()
    dora.force_login(heilbronn.people["dora"])

    answer = dora.get(address.replace("{number}", receipt.number))

    assert answer.status_code < 500


@pytest.mark.parametrize(
    ("verb", "sent"),
    [
        ("freigabe", {"entscheidung": "photo_99:approved"}),
        ("freigabe", {"entscheidung": "is_confidential:approved"}),
        ("freigabe", {"entscheidung": "text:quatsch"}),
        ("freigabe", {"entscheidung": "text:approved", "version": "9" * 5000}),
        ("freigabe", {"entscheidung": "text:approved", "public_text": "a\x00b"}),
        ("nachricht", {"message": "9" * 5000}),
        ("nachricht", {"message": "9" * 30}),
        ("nachricht", {"message": "٣"}),
        ("notiz", {"text": "a\x00b"}),
        ("notiz", {"text": "a", "version": "9" * 5000}),
        ("abschliessen", {"text": "a", "outcome": "dublette", "leading_number": "\x00"}),
        ("abschliessen", {"text": "a", "outcome": "vorgemerkt", "planned_date": "9999-12-31"}),
        ("loeschsperre", {"reason": "a", "until": "9999-12-31"}),
        ("zuweisen", {"person": "999999999999999999999999"}),
        ("abgeben", {"to_office": "1 OR 1=1", "reason": "a"}),
    ],
)
def test_senseless_forms_of_the_desk_are_no_errors_of_ours(
    heilbronn: Town, report: Any, verb: str, sent: dict[str, str]
) -> None:
    receipt = report(heilbronn)
    dora = Client()
    dora.force_login(heilbronn.people["dora"])
    version = {"version": str(fresh(receipt).version)}

    answer = dora.post(f"/desk/vorgang/{receipt.number}/{verb}/", version | sent)

    assert answer.status_code < 500
    assert "\x00" not in str(Report.objects.get(pk=receipt.report.pk).submission.public_text)


# Naughty words


NAUGHTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "{{ 7*7 }}{% debug %}${7*7}",
    "</textarea></script><svg/onload=alert(1)>",
    "</title><style>*{display:none}</style>",
    "<!--",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "%(number)s {number} %s %n",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "+49 7131 1; DROP TABLE reports_report;--",
    "\u202etxt.exe \u2066\ufeff",
    "＝1+1",
    "\u2028\u2029line",
    "🏳️‍🌈 ﷽ Z̸̢̛",
]


class TestNaughtyWords:
    @pytest.fixture(params=NAUGHTY)
    def word(self, request: pytest.FixtureRequest) -> str:
        """One naughty text."""
        return str(request.param)

    def test_they_are_text_on_every_page(self, heilbronn: Town, report: Any, word: str) -> None:
        QuestionFactory(category=heilbronn.categories["pothole"], code="frage", text="Frage?")
        sent = {
            "lon": str(TOWN_HALL[0]),
            "lat": str(TOWN_HALL[1]),
            "form_key": "a-key-of-a-naughty-form",
            "description": word,
            "address": word,
            "name": word,
            "phone": word[:40],
            "answer_frage": word,
        }
        visitor, clara = Client(), Client()
        clara.force_login(heilbronn.people["clara"])
        answer = visitor.post(FORM, sent)
        assert answer.status_code == 302, answer.content.decode()[:500]
        number = answer["Location"].split("/")[-2]
        route_report(Report.objects.get(number=number).pk)
        for verb, fields in (
            ("notiz", {"text": word}),
            ("antworten", {"text": word}),
            ("loeschsperre", {"reason": word, "until": "2099-01-01"}),
            ("freigabe", {"entscheidung": "text:approved", "public_text": f"{word} "}),
            ("freigabe", {"entscheidung": "report:approved"}),
        ):
            version = {"version": str(Report.objects.get(number=number).version)}
            done = clara.post(f"/desk/vorgang/{number}/{verb}/", version | fields)
            assert done.status_code == 302, (verb, done.status_code)
        publish_report(Report.objects.get(number=number).pk, now=timezone.now())

        for browser, address in (
            (visitor, f"/heilbronn/meine/{number}/"),
            (visitor, f"/heilbronn/meldung/{number}/"),
            (visitor, "/heilbronn/"),
            (visitor, "/opendata/heilbronn/"),
            (clara, f"/desk/vorgang/{number}/"),
            (clara, f"/desk/vorgang/{number}/abschliessen/"),
            (clara, "/desk/?liste=offen"),
            (clara, f"/desk/?liste=offen&q={word}"),
            (clara, "/desk/freigabe/"),
        ):
            page = browser.get(address)
            assert page.status_code == 200, address
            assert_text_only(page.content.decode(), word)
        assert_feeds_are_whole(visitor, number, word)

    def test_a_refused_form_gives_them_back_unharmed(self, heilbronn: Town, word: str) -> None:
        answer = Client().post(FORM, {"form_key": "k", "description": word, "address": word})

        page = answer.content.decode()
        assert answer.status_code == 422
        assert_text_only(page, word)
        area = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
        assert area
        assert html.unescape(area[1]) == word


def assert_text_only(page: str, word: str) -> None:
    """No tag, attribute or template of a page comes from the word."""
    for mark in ("<script>alert", "<img src=x", "<svg/onload", "<style>*", "onmouseover='alert"):
        assert mark not in page
    assert 'href="javascript:' not in page
    assert "49{% debug" not in page
    assert "<!--<" not in page
    if word == "{{ 7*7 }}{% debug %}${7*7}":
        assert "{{ 7*7 }}" in html.unescape(page) or word not in html.unescape(page)


def assert_feeds_are_whole(browser: Client, number: str, word: str) -> None:
    """The feeds and the API give the words back as data, and a spreadsheet computes nothing."""
    table = browser.get("/opendata/heilbronn/reports.csv").getvalue().decode()
    [row] = [row for row in csv.DictReader(io.StringIO(table)) if row["number"] == number]
    assert row["text"].strip() in {word.strip(), f"'{word.strip()}"}
    for name in ("text", "answer", "category_name", "office_name", "district"):
        assert not row[name].lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋"))
    assert None not in row, "no column has moved"
    feed = json.loads(browser.get("/opendata/heilbronn/reports.geojson").getvalue())
    [feature] = [each for each in feed["features"] if each["id"] == number]
    assert feature["properties"]["text"] == word.strip()
    assert browser.get(f"/api/v1/reports/{number}").json()["text"] == word.strip()
    dots = browser.get("/heilbronn/meldungen.geojson").json()["features"]
    assert [dot["id"] for dot in dots] == [number]


def test_nothing_typed_becomes_a_header_of_a_mail(heilbronn: Town) -> None:
    for address in (
        "a@b.example\nBcc: x@y.example",
        "a@b.example\r\nSubject: x",
        "a@b.example\u2028Bcc: x@y.example",
        '"a\r\nb"@b.example',
        "a@b.example,c@d.example",
        "<a@b.example>",
        "a@b.example\x00",
    ):
        sent = {"lon": TOWN_HALL[0], "lat": TOWN_HALL[1], "form_key": "k" * 20, "description": "x"}
        answer = Client().post(FORM, sent | {"email": address})
        assert answer.status_code == 422, address
    assert not Message.objects.exists()


# Signing in


class TestSigningIn:
    @pytest.fixture(autouse=True)
    def _roles(self, settings: Settings) -> None:
        settings.SECOND_FACTOR_ROLES = {"admin"}

    def test_a_session_known_before_is_worth_nothing_after(self, heilbronn: Town) -> None:
        browser = Client()
        browser.get(LOGIN)
        name = live_settings.SESSION_COOKIE_NAME
        before = browser.cookies[name].value
        browser.post(LOGIN, {"email": heilbronn.people["clara"].email, "password": PASSWORD})
        signed_in = browser.cookies[name].value
        assert signed_in != before
        assert self._reaches_the_desk(signed_in)
        assert not self._reaches_the_desk(before)

        browser.post("/desk/abmelden/")
        assert not self._reaches_the_desk(signed_in)

    def test_a_session_from_before_the_code_is_worth_nothing(self, heilbronn: Town) -> None:
        ada = heilbronn.people["ada"]
        device = TOTPDevice.objects.create(user=ada, confirmed=True)
        browser = Client()
        browser.post(LOGIN, {"email": ada.email, "password": PASSWORD})
        half = browser.cookies[live_settings.SESSION_COOKIE_NAME].value
        assert not self._reaches_the_desk(half)

        answer = browser.post(CODE, {"code": code_of(device)})

        assert answer.status_code == 302
        assert browser.cookies[live_settings.SESSION_COOKIE_NAME].value != half
        assert not self._reaches_the_desk(half)

    def test_a_code_is_good_for_one_person_once(self, heilbronn: Town) -> None:
        ada = heilbronn.people["ada"]
        device = TOTPDevice.objects.create(user=ada, confirmed=True)
        code = code_of(device)
        statuses = []
        for _turn in range(2):
            browser = Client()
            browser.post(LOGIN, {"email": ada.email, "password": PASSWORD})
            statuses.append(browser.post(CODE, {"code": code}).status_code)

        assert statuses == [302, 200]

    def test_codes_cannot_be_tried_out(self, heilbronn: Town) -> None:
        ada = heilbronn.people["ada"]
        TOTPDevice.objects.create(user=ada, confirmed=True)
        statuses = []
        for number in range(24):
            browser = Client(REMOTE_ADDR=f"192.0.2.{number}")
            browser.post(LOGIN, {"email": ada.email, "password": PASSWORD})
            statuses.append(browser.post(CODE, {"code": f"{number:06d}"}).status_code)

        assert set(statuses[:20]) == {200}
        assert set(statuses[20:]) == {429}

    def test_an_ipv6_household_is_one_address(self, heilbronn: Town, settings: Settings) -> None:
        statuses = [
            Client(REMOTE_ADDR=f"2001:db8:1:2::{number:x}")
            .post(LOGIN, {"email": f"x{number}@rathaus.example", "password": "falsch"})
            .status_code
            for number in range(21)
        ]

        assert statuses[-1] == 429

    def test_tries_at_the_same_moment_do_not_slip_through(
        self, heilbronn: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The try is counted before the password is looked at."""
        monkeypatch.setattr("staff_desk.sign_in.TRIES_PER_ACCOUNT", 1)
        seen: list[bool] = []
        genuine = MD5PasswordHasher.verify

        def verify(self: Any, password: str, encoded: str) -> bool:
            if not seen:
                seen.append(True)
                answer = Client().post(LOGIN, {"email": clara.email, "password": "auch falsch"})
                seen.append(answer.status_code == 429)
            return genuine(self, password, encoded)

        clara = heilbronn.people["clara"]
        monkeypatch.setattr(MD5PasswordHasher, "verify", verify)
        Client().post(LOGIN, {"email": clara.email, "password": "falsch"})

        assert seen == [True, True]

    @pytest.mark.parametrize("kind", ["known", "unknown", "inactive", "without password"])
    def test_every_wrong_login_costs_the_same_work(
        self, heilbronn: Town, monkeypatch: pytest.MonkeyPatch, kind: str
    ) -> None:
        """One hash, whoever is asked for: the time tells nothing, and the words neither."""
        person = heilbronn.people["clara"]
        if kind == "inactive":
            User.objects.filter(pk=person.pk).update(is_active=False)
        if kind == "without password":
            person.set_unusable_password()
            person.save()
        email = "niemand@rathaus.example" if kind == "unknown" else person.email
        hashed: list[str] = []
        genuine = MD5PasswordHasher.encode
        monkeypatch.setattr(
            MD5PasswordHasher,
            "encode",
            lambda self, password, salt: hashed.append(kind) or genuine(self, password, salt),
        )

        answer = Client().post(LOGIN, {"email": email, "password": "falsch"})

        assert len(hashed) == 1
        page = answer.content.decode()
        assert "E-Mail-Adresse oder Kennwort stimmt nicht." in page
        assert answer.status_code == 200

    def test_a_new_password_ends_the_other_sessions(self, heilbronn: Town) -> None:
        clara = heilbronn.people["clara"]
        here, elsewhere = Client(), Client()
        for browser in (here, elsewhere):
            browser.post(LOGIN, {"email": clara.email, "password": PASSWORD})
        new = "ein ganz neues langes Kennwort"
        sent = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

        assert here.post("/desk/konto/", sent).status_code == 302

        assert here.get("/desk/").status_code == 200
        assert elsewhere.get("/desk/").status_code == 302

    def test_deactivation_ends_every_session(self, heilbronn: Town) -> None:
        clara = heilbronn.people["clara"]
        browser = Client()
        browser.force_login(clara)
        User.objects.filter(pk=clara.pk).update(is_active=False)

        assert browser.get("/desk/").status_code == 302

    @pytest.mark.parametrize(
        "wanted",
        [
            "//evil.example/desk/",
            "https://evil.example/desk/",
            "https:evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "/desk/../../evil",
            "/desk/\r\nSet-Cookie: x=1",
            "/heilbronn/",
            "///desk/",
            "http:///evil.example/desk/",
            "\x00/desk/",
        ],
    )
    def test_nobody_is_sent_elsewhere_after_signing_in(self, heilbronn: Town, wanted: str) -> None:
        for entry in (LOGIN, "/admin/login/"):
            browser = Client()
            browser.get(entry, {"next": wanted}, follow=True)
            clara = heilbronn.people["clara"].email
            answer = browser.post(LOGIN, {"email": clara, "password": PASSWORD})
            target = answer["Location"]
            assert target.startswith(("/desk/", "/admin/")), target
            assert urlsplit(target).hostname is None
        changed = Client().post("/i18n/setlang/", {"language": "en", "next": wanted})
        assert urlsplit(changed["Location"]).hostname is None
        assert not changed["Location"].startswith(("//", "/\\", "\\"))

    def _reaches_the_desk(self, session_key: str) -> bool:
        browser = Client()
        browser.cookies[live_settings.SESSION_COOKIE_NAME] = session_key
        return browser.get("/desk/").status_code == 200


def code_of(device: TOTPDevice) -> str:
    """What the person's app shows now."""
    return f"{TOTP(device.bin_key, device.step, device.t0, device.digits).token():06d}"


# Forms of others, receipts of others


def test_every_form_needs_its_token(world: World) -> None:
    """The APIs take no cookies, so they need none. Each form is asked of somebody else: the token
    is looked at before it matters who sends it."""
    wrong, turns = [], itertools.cycle(("holder", "dispatcher", "admin"))
    for prefix, routes in (("", SHARED_HOST), ("/heilbronn", TOWN)):
        for route, row in routes.items():
            takes_forms = any(answer != "method" for answer in row.own["POST"].values())
            # One click in a mail program (RFC 8058) brings a code of its own and no cookie.
            by_code = route.endswith("/abmelden/")
            if route.startswith(("api/", "open311/")) or by_code or not takes_forms:
                continue
            actor, path = next(turns), prefix + world.path(route, OWN)
            browser, _cookies = world.browsers[actor]
            browser.handler.enforce_csrf_checks = True
            answer = world.ask(actor, "POST", path, {"csrfmiddlewaretoken": "x" * 32}, "")
            if answer.status_code not in {403, 405}:
                wrong.append((actor, path, answer.status_code))
    assert wrong == []


def test_a_strangers_cookie_opens_nothing_in_the_api(world: World) -> None:
    number = world.numbers[OWN]
    for actor in ("dispatcher", "admin", "clerk"):
        answer = world.ask(actor, "GET", f"/api/v1/reports/{number}", {}, "")
        assert answer.status_code == 404


class TestReceipts:
    @pytest.fixture
    def held(self, heilbronn: Town, report: Any) -> tuple[Client, Any]:
        """A browser that holds a receipt."""
        receipt = report(heilbronn, sender=ERIKA)
        browser = Client()
        browser.get(f"/heilbronn/meldung/{receipt.number}/zugang/", {"code": receipt.secret})
        return browser, receipt

    def test_a_renewed_secret_locks_everybody_else_out(self, held: Any) -> None:
        browser, receipt = held
        page = f"/heilbronn/meine/{receipt.number}/"
        stolen = Client()
        stolen.cookies.load({name: each.value for name, each in browser.cookies.items()})
        assert stolen.get(page).status_code == 200

        browser.post(f"{page}zugangscode/")

        assert browser.get(page).status_code == 200
        assert stolen.get(page).status_code == 404
        assert stolen.post(f"{page}zurueckziehen/").status_code == 404
        secret = {"X-Receipt-Secret": receipt.secret}
        assert Client(headers=secret).get(f"/api/v1/reports/{receipt.number}").status_code == 404
        old_link = f"/heilbronn/meldung/{receipt.number}/zugang/"
        assert stolen.get(old_link, {"code": receipt.secret})["Location"] == "/heilbronn/meine/"
        assert fresh(receipt).status == "received"

    def test_a_cookie_cannot_be_made_at_home(self, held: Any) -> None:
        browser, receipt = held
        name = live_settings.RECEIPT_COOKIE_NAME
        value = browser.cookies[name].value
        page = f"/heilbronn/meine/{receipt.number}/"
        body, _colon, signature = value.rpartition(":")
        for forged in (
            "",
            value[:-1],
            value + "x",
            f"{body}:{signature[::-1]}",
            f".{body}:{signature}",
            json.dumps([[receipt.number, 1]]),
            base64.urlsafe_b64encode(json.dumps([[receipt.number, 1]]).encode()).decode(),
            "\x00",
            "x" * 4000,
        ):
            thief = Client()
            thief.cookies[name] = forged
            assert thief.get(page).status_code == 404, forged

    def test_a_receipt_opens_its_own_report_only(
        self, held: Any, heilbronn: Town, heidenheim: Town, report: Any
    ) -> None:
        browser, receipt = held
        neighbour = report(heilbronn)
        elsewhere = report(heidenheim, lon=10.15)
        for number in (neighbour.number, elsewhere.number):
            assert browser.get(f"/heilbronn/meine/{number}/").status_code == 404
            link = f"/heilbronn/meldung/{number}/zugang/"
            assert browser.get(link, {"code": receipt.secret})["Location"] == "/heilbronn/meine/"
        assert browser.get(f"/heidenheim/meine/{receipt.number}/").status_code == 404

    def test_secrets_cannot_be_tried_out(self, heilbronn: Town, report: Any) -> None:
        receipt = report(heilbronn)
        browser = Client()
        page = "/heilbronn/meine/"
        for _turn in range(60):
            browser.post(page, {"number": receipt.number, "secret": "AAAAA-" * 4 + "AAAAA"})

        refused = browser.post(page, {"number": receipt.number, "secret": receipt.secret})

        assert refused.status_code == 422
        assert "Zu viele Versuche" in refused.content.decode()

    def test_a_number_without_its_secret_says_nothing(self, heilbronn: Town, report: Any) -> None:
        receipt = report(heilbronn)
        answers = []
        for number in (receipt.number, "HN-2026-999999"):
            sent = {"number": number, "secret": "falsch-falsch"}
            page = Client().post("/heilbronn/meine/", sent).content.decode()
            answers.append(re.sub(r'value="[^"]*"|nonce="[^"]*"', "", page).replace(number, "…"))

        assert answers[0] == answers[1]


# Whose address it is


@pytest.mark.parametrize(
    ("proxies", "forwarded", "peer"),
    [
        (0, "198.51.100.1", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "198.51.100.1, 203.0.113.5", "203.0.113.5"),
        (1, "198.51.100.1,, ,203.0.113.5", "203.0.113.5"),
        (2, "198.51.100.1, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (2, "10.0.0.2", "127.0.0.1"),
        (1, "quatsch", "unknown"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
    ],
)
def test_only_our_own_proxies_are_believed(
    rf: Any, settings: Settings, proxies: int, forwarded: str, peer: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", headers={"X-Forwarded-For": forwarded} if forwarded else {})

    assert peers.peer_network(request) == peer


def test_what_was_taken_back_does_not_count(db: None) -> None:
    hour = timezone.timedelta(hours=1)
    assert limits.count_attempt("x", limit=1, window=hour).allowed
    limits.take_back("x", window=hour)
    assert limits.count_attempt("x", limit=1, window=hour).allowed
    assert not limits.count_attempt("x", limit=1, window=hour).allowed


# The administration


def test_hidden_columns_cannot_be_guessed_at(
    heilbronn: Town, report: Any, settings: Settings
) -> None:
    settings.SECOND_FACTOR_ROLES = set()
    report(heilbronn, sender=ERIKA)
    ada = Client()
    ada.force_login(heilbronn.people["ada"])
    for query in (
        "notifications/message/?recipient__startswith=e",
        "notifications/message/?context__answer__startswith=a",
        "notifications/message/?key__startswith=a",
        "accounts/apiclient/?token_hash__startswith=a",
        "accounts/user/?password__startswith=a",
        "accounts/user/?roles__user__password__startswith=a",
        "accounts/office/?municipality__control_centre_email__startswith=a",
        "accounts/office/?_to_field=email",
    ):
        assert ada.get(f"/admin/{query}").status_code in {302, 400}, query
        assert "?e=1" in ada.get(f"/admin/{query}").headers.get("Location", "?e=1")
    for query in (
        "notifications/message/?state__exact=pending",
        "accounts/user/?is_active__exact=1",
        "accounts/user/?roles__role__exact=clerk",
        f"accounts/office/?municipality__id__exact={heilbronn.municipality.pk}",
    ):
        assert ada.get(f"/admin/{query}").status_code == 200, query


def test_no_link_signs_an_administrator_out(heilbronn: Town, settings: Settings) -> None:
    settings.SECOND_FACTOR_ROLES = set()
    ada = Client()
    ada.force_login(heilbronn.people["ada"])

    assert ada.get("/admin/logout/").status_code == 405
    assert ada.get("/admin/").status_code == 200
    assert ada.post("/admin/logout/").status_code == 302
    assert ada.get("/admin/").status_code == 302


def test_ten_hours_end_the_administration_too(heilbronn: Town, settings: Settings) -> None:
    settings.SECOND_FACTOR_ROLES = set()
    ada = Client()
    ada.force_login(heilbronn.people["ada"])
    assert ada.get("/admin/").status_code == 200
    session = ada.session
    session["desk_signed_in_at"] = timezone.now().timestamp() - live_settings.SESSION_COOKIE_AGE - 1
    session.save()

    assert ada.get("/admin/").status_code == 302


# Cases nobody else may know of


class TestConfidentialCases:
    @pytest.fixture
    def hidden(self, heilbronn: Town, report: Any) -> Any:
        """A confidential case of Amt 66."""
        receipt = report(heilbronn, "pothole")
        Report.objects.filter(pk=receipt.report.pk).update(
            is_confidential=True, publication=Publication.WITHHELD
        )
        return receipt

    def test_it_is_not_found_out_by_naming_it_as_a_duplicate(
        self, heilbronn: Town, report: Any, hidden: Any
    ) -> None:
        other = report(heilbronn, "tree")
        gero = Client()
        gero.force_login(heilbronn.people["gero"])
        told = []
        for number in (hidden.number, "HN-2026-999999"):
            sent = {
                "version": fresh(other).version,
                "outcome": "dublette",
                "text": "Doppelt",
                "leading_number": number,
            }
            answer = gero.post(f"/desk/vorgang/{other.number}/abschliessen/", sent)
            page = answer.content.decode().replace(number, "…")
            told.append((answer.status_code, re.sub(r'value="[^"]{20,}"|nonce="[^"]*"', "", page)))

        assert told[0] == told[1]
        assert told[0][0] == 422

    def test_its_number_stands_on_no_other_case(
        self, heilbronn: Town, report: Any, hidden: Any
    ) -> None:
        other = report(heilbronn, "pothole")
        Report.objects.filter(pk=hidden.report.pk).update(
            status="duplicate",
            closing_reason="duplicate",
            closed_at=timezone.now(),
            leading=other.report,
        )
        page = f"/desk/vorgang/{other.number}/"
        for name, sees in (("clara", True), ("dora", True), ("mona", False), ("max", False)):
            browser = Client()
            browser.force_login(heilbronn.people[name])
            assert (hidden.number in browser.get(page).content.decode()) == sees, name


def test_an_operator_without_a_role_is_no_clerk(heilbronn: Town, settings: Settings) -> None:
    """Operators administer; cases are seen by role only."""
    settings.SECOND_FACTOR_ROLES = set()
    operator = Client()
    operator.force_login(UserFactory(is_staff=True, is_superuser=True))

    assert operator.get("/desk/").status_code == 403
