"""Requests as clients by other authors send them, byte by byte, over a real server."""

from collections.abc import Callable
from http.client import HTTPConnection
from io import BytesIO
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as Xml

import pytest

from reports.models import Report
from tests.factories import QuestionFactory
from tests.open311.partner import HERE, POTHOLE, Partner
from tests.people import Town

pytestmark = pytest.mark.django_db
# LWP escapes brackets and writes blanks as plus signs.
LWP = {"User-Agent": "libwww-perl/6.67", "TE": "deflate,gzip;q=0.3", "Connection": "TE, close"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def ask(web: str) -> Callable[..., tuple[int, str, bytes]]:
    """Send bytes to the server: status, type and body of the answer."""

    def send(
        method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, bytes]:
        connection = HTTPConnection(urlsplit(web).netloc, timeout=30)
        connection.request(method, path, body, LWP | (headers or {}))
        answer = connection.getresponse()
        found = answer.status, answer.headers["Content-Type"], answer.read()
        connection.close()
        return found

    return send


def test_fixmystreet_sends_reports_and_fetches_updates(
    ask: Callable[..., tuple[int, str, bytes]], heilbronn: Town, key: str
) -> None:
    """Service list, definition, report with attributes, comment, updates; all in XML, all by id."""
    QuestionFactory(category=heilbronn.categories["tree"], code="hoehe", datatype="number")
    town = "jurisdiction_id=heilbronn"
    base = "/open311/v2/"
    status, kind, body = ask("GET", f"{base}services.xml?{town}")
    assert (status, kind) == (200, "text/xml; charset=utf-8")
    codes = [element.text for element in Xml.fromstring(body).iter("service_code")]
    assert "gruen.baum" in codes
    _status, _kind, body = ask("GET", f"{base}services/gruen.baum.xml?{town}")
    assert Xml.fromstring(body).findtext("attributes/attribute/code") == "hoehe"

    text = "title: Ast hängt\n\ndetail: über dem Weg\n\nurl: https://fms.example/report/1\n\n"
    fields = (
        f"{town}&api_key={key}&service_code=gruen.baum&lat=49.142700&long=9.218700"
        f"&email={quote('erika@buerger.example')}&first_name=Erika&last_name=Mustermann"
        f"&attribute%5Bhoehe%5D=12&attribute%5Beasting%5D=513000&attribute%5Bfixmystreet_id%5D=1"
        f"&deviceid=iPhone&description={quote(text).replace('%20', '+')}"
    ).encode()
    status, _kind, body = ask("POST", f"{base}requests.xml", fields, FORM)
    assert status == 201, body
    number = Xml.fromstring(body).findtext("request/service_request_id")
    report = Report.objects.select_related("submission").get(number=number)
    assert report.submission.answers == {"hoehe": 12}
    assert report.submission.description == text.strip()

    comment = (
        f"{town}&api_key={key}&update_id=1&service_request_id={number}&status=INVESTIGATING"
        "&updated_datetime=2026-11-23T10%3A00%3A00%2B01%3A00&description=Noch+da"
        "&email=erika%40buerger.example&first_name=Erika&last_name=-"
    ).encode()
    status, _kind, body = ask("POST", f"{base}servicerequestupdates.xml", comment, FORM)
    assert status == 201, body
    assert Xml.fromstring(body).findtext("request_update/update_id")
    window = "start_date=2026-11-22T00:00:00Z&end_date=2099-01-01T00:00:00Z"
    status, _kind, body = ask(
        "GET", f"{base}servicerequestupdates.xml?{town}&api_key={key}&{window}"
    )
    assert (status, Xml.fromstring(body).tag) == (200, "service_request_updates")

    status, _kind, body = ask("POST", f"{base}requests.xml", fields.replace(b"anl_", b"xxx_"), FORM)
    errors = Xml.fromstring(body)
    assert (status, errors.findtext("error/code")) == (403, "403")


def test_a_form_without_a_type(
    ask: Callable[..., tuple[int, str, bytes]], heilbronn: Town, key: str
) -> None:
    body = f"api_key={key}&service_code=strasse.schlagloch&lat=49.1427&long=9.2187".encode()

    assert ask("POST", f"{HERE}/requests.json", body)[0] == 201
    assert ask("POST", f"{HERE}/requests.json", b"")[0] == 403
    assert ask("HEAD", f"{HERE}/services.xml")[2] == b""
    assert ask("GET", "/open311/v2/services.xml%00")[0] in {400, 404}


def test_a_multipart_form_that_was_cut_off(stranger: Partner, key: str) -> None:
    """Half a photo is no photo: nothing is kept, and the next try is the first."""
    part = b'--x\r\nContent-Disposition: form-data; name="'
    fields = POTHOLE | {"api_key": key}
    body = b"".join(
        part + name.encode() + b'"\r\n\r\n' + value.encode() + b"\r\n"
        for name, value in fields.items()
    )
    body += part + b'media"; filename="a.jpg"\r\n\r\n\xff\xd8' + b"x" * 5000
    answer = stranger.client.generic(
        "POST",
        f"{HERE}/requests.json",
        body,
        content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(len(body) + 5000), "wsgi.input": BytesIO(body)},
    )

    assert answer.status_code == 400
    assert not Report.objects.exists()


def test_a_client_that_repeats_its_query_in_the_form(stranger: Partner, key: str) -> None:
    fields = {
        "jurisdiction_id": "heilbronn",
        "service_code": "strasse.schlagloch",
        "lat": "49.1427",
    }
    answer = stranger.send(
        f"requests.json?jurisdiction_id=heilbronn&api_key={key}&long=9.2187", fields
    )

    assert answer.status_code == 201
