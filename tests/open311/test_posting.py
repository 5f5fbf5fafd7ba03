"""POST requests: what is accepted, what is refused and how, and once is once."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings

from accounts.models import ApiClient, RateClass
from leases.models import Lane
from open311.models import TestRequest
from open311.submission import SAME_WISH
from places.folding import fold
from places.models import Place, Source
from reports.actions.fetch_photo import CLIENT, fetch_photo
from reports.actions.housekeeping import forget_what_is_due
from reports.actions.route import route_report
from reports.models import (
    Contact,
    Effect,
    IdempotencyRecord,
    Photo,
    RemotePhoto,
    Report,
    Screening,
    TimelineEntry,
)
from reports.queries.reconcile import reconcile
from tests.factories import QuestionFactory
from tests.open311.conftest import make_key
from tests.open311.partner import (
    HERE,
    POTHOLE,
    TEST_HERE,
    Partner,
    described,
    encoded,
    numbers,
    texts,
    xml_of,
)
from tests.people import TOWN_HALL, Town
from tests.photo_samples import encoded as picture_bytes
from tests.photo_samples import jpeg_full_of_canaries, picture

pytestmark = pytest.mark.django_db


def jpeg(name: str = "foto.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture_bytes(picture(40, 30), "JPEG"), "image/jpeg")


def mistyped(token: str) -> str:
    """The token with another last letter."""
    return token[:-1] + ("3" if token.endswith("2") else "2")


def number_of(answer: Any) -> str:
    assert answer.status_code == 201, answer.content
    [record] = answer.json()
    assert set(record) == {"service_request_id", "service_notice", "account_id"}
    return str(record["service_request_id"])


def test_a_request_becomes_a_report(partner: Partner, heilbronn: Town) -> None:
    number = number_of(
        partner.report(
            email=" erika@buerger.example ",
            first_name="Erika",
            last_name="Mustermann",
            phone="07131 5550100",
            address_string="Marktplatz 7",
            device_id="abc",
            account_id="17",
            nobody_knows="this",
            **{"attribute[easting]": "4711"},
        )
    )

    report = Report.objects.select_related("submission", "contact").get(number=number)
    assert (report.source, report.api_client) == ("open311", ApiClient.objects.get())
    assert report.submission.description == POTHOLE["description"]
    assert report.submission.address == "Marktplatz 7"
    assert report.submission.answers == {}
    contact = report.contact
    assert (contact.name, contact.email) == ("Erika Mustermann", "erika@buerger.example")
    assert contact.phone == "07131 5550100"


def test_the_answer_in_xml(partner: Partner) -> None:
    answer = partner.report("requests.xml")

    assert answer.status_code == 201
    assert texts(xml_of(answer), "request/service_request_id") == [Report.objects.get().number]


def test_the_least_that_is_enough(partner: Partner) -> None:
    """GeoReport wants a service and a place, not a word more."""
    number_of(
        partner.send("requests.json", "service_code=+strasse.schlagloch+&lat=49,1427&long=9.2187+")
    )

    report = Report.objects.select_related("submission").get()
    assert report.submission.description == "Ohne Text gemeldet: Schlagloch"
    assert report.place.y == pytest.approx(49.1427)


def test_text_in_an_old_code_page_and_control_characters(partner: Partner) -> None:
    body = encoded(POTHOLE | {"description": ""}) + "&description=L%F6cher%00%08+hier"
    number_of(partner.send("requests.json", body))

    assert Report.objects.get().submission.description == "Löcher hier"


class TestKeys:
    def test_without_a_key_or_with_a_wrong_one(self, stranger: Partner, heilbronn: Town) -> None:
        for key in ("", "falsch", "anl_" + "x" * 32, "anl_\x00"):
            answer = stranger.send("requests.json", POTHOLE | {"api_key": key})
            assert answer.status_code == 403, key
            assert described(answer) == ["api_key fehlt, ist falsch oder gesperrt."]
        assert not Report.objects.exists()

    def test_in_the_address(self, stranger: Partner, key: str) -> None:
        assert stranger.send(f"requests.json?api_key={key}", POTHOLE).status_code == 201
        assert stranger.send("requests.json?api_key=anl_nix", POTHOLE).status_code == 403

    def test_what_a_key_may_do(self, heilbronn: Town, heidenheim: Town) -> None:
        for changes in ({"is_test_only": True}, {"may_post_requests": False}):
            refused = Partner(make_key(heilbronn, **changes)).report()
            assert refused.status_code == 403, changes
        foreign = Partner(make_key(heidenheim)).report()
        assert (foreign.status_code, len(described(foreign))) == (403, 1)
        ApiClient.objects.update(is_active=False, is_test_only=False, may_post_requests=True)
        assert Partner(make_key(None)).report().status_code == 201
        assert Report.objects.count() == 1

    def test_too_many(self, partner: Partner, settings: Settings) -> None:
        settings.RATE_CLASSES = settings.RATE_CLASSES | {"standard": 1}
        answers = [partner.report(description=f"Loch {number}") for number in range(7)]

        assert answers[0].status_code == 201
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert described(answers[-1]) == ["Zu viele Meldungen in kurzer Zeit."]


class TestFaults:
    @pytest.mark.parametrize(
        ("changes", "status", "says"),
        [
            ({"service_code": ""}, 400, "service_code required"),
            ({"service_code": "gibt.es.nicht"}, 404, "service_code: "),
            ({"service_code": "strasse"}, 404, "service_code: "),
            ({"lat": ""}, 400, "lat required"),
            ({"long": ""}, 400, "long required"),
            ({"lat": "", "long": ""}, 400, "lat required"),
            ({"lat": "91"}, 400, "lat: "),
            ({"lat": "NaN"}, 400, "lat: "),
            ({"lat": "10", "long": "10"}, 400, "lat/long: "),
            ({"lat": "", "long": "", "address_id": "4711"}, 400, "address_id: "),
            ({"description": "x" * 4001}, 400, "description: "),
            ({"email": "keine"}, 400, "email: "),
            ({"jurisdiction_id": "heidenheim"}, 404, "jurisdiction_id: "),
        ],
    )
    def test_are_named(
        self, partner: Partner, changes: dict[str, str], status: int, says: str
    ) -> None:
        answer = partner.report(**changes)

        assert answer.status_code == status
        assert described(answer)[0].startswith(says)
        assert not Report.objects.exists()

    def test_another_town_of_ours_is_named(self, partner: Partner, heidenheim: Town) -> None:
        [text] = described(partner.report(long="10.15"))

        assert "Heidenheim" in text

    def test_a_missing_answer_is_named_by_its_code(self, partner: Partner, heilbronn: Town) -> None:
        tree = heilbronn.categories["tree"]
        for order, code in enumerate(("hoehe", "HOEHE.2".lower(), "wann"), start=1):
            QuestionFactory(
                category=tree, code=code, order=order, datatype="number", is_required=code != "wann"
            )
        answer = partner.report(service_code="gruen.baum", **{"attribute[wann]": "gestern"})

        first, second, third = described(answer)
        assert first.startswith("hoehe required")
        assert second.startswith("hoehe.2 required")
        assert third.startswith("wann: ")

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            (b'{"service_code": "x"}', "application/json"),
            (b"<request/>", "text/xml"),
            (b"x" * (1024 * 1024 + 1), "application/x-www-form-urlencoded"),
            (
                b"&".join(b"a%d=1" % number for number in range(300)),
                "application/x-www-form-urlencoded",
            ),
            (b"--x\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=x"),
            (b"", "multipart/form-data"),
        ],
    )
    def test_of_the_body(self, partner: Partner, body: bytes, kind: str) -> None:
        answer = partner.client.post(
            f"{HERE}/requests.json?api_key={partner.key}", body, content_type=kind
        )
        assert answer.status_code == 400
        assert len(described(answer)) == 1

    def test_a_body_that_was_cut_off(self, partner: Partner) -> None:
        body = encoded(POTHOLE | {"api_key": partner.key}).encode()
        answer = partner.client.generic(
            "POST",
            f"{HERE}/requests.json",
            body,
            content_type="application/x-www-form-urlencoded",
            **{"CONTENT_LENGTH": str(len(body) + 10), "wsgi.input": BytesIO(body)},
        )
        assert answer.status_code == 400
        assert not Report.objects.exists()


def test_answers_to_questions(partner: Partner, heilbronn: Town) -> None:
    tree = heilbronn.categories["tree"]
    options = [{"key": key, "de": key.upper()} for key in "abc"]
    QuestionFactory(category=tree, code="hoehe", order=1, datatype="number")
    QuestionFactory(category=tree, code="seit", order=2, datatype="date")
    QuestionFactory(category=tree, code="art", order=3, datatype="single", options=options)
    QuestionFactory(category=tree, code="teile", order=4, datatype="multiple", options=options)
    fields = POTHOLE | {"service_code": "gruen.baum", "attribute[hoehe]": "12,5"}
    pairs = [
        *fields.items(),
        ("attribute[seit]", "2026-11-20T10:00:00+01:00"),
        ("attribute[art]", "b"),
        ("attribute[teile][]", "c"),
        ("attribute[teile][]", "a"),
    ]
    number_of(partner.send("requests.json", pairs))

    assert Report.objects.get().submission.answers == {
        "hoehe": 12.5,
        "seit": "2026-11-20",
        "art": "b",
        "teile": ["a", "c"],
    }


class TestAddresses:
    @pytest.fixture
    def gazetteer(self, heilbronn: Town) -> None:
        source = Source.objects.create(municipality=heilbronn.municipality, key="t")
        for key, lon in (("marktplatz", TOWN_HALL[0]), ("namenlos", None)):
            Place.objects.create(
                municipality=heilbronn.municipality,
                source=source,
                version=1,
                kind="square",
                key=key,
                name=key.title(),
                folded=fold(key),
                point=Point(lon, TOWN_HALL[1], srid=4326) if lon else None,
            )

    def test_words_and_ids_lead_to_a_place(self, partner: Partner, gazetteer: None) -> None:
        without = {"service_code": "strasse.schlagloch"}
        by_words = partner.send(
            "requests.json", without | {"address_string": "Marktplatz, Heilbronn"}
        )
        by_id = partner.send("requests.json", without | {"address_id": "marktplatz"})

        for number in (number_of(by_words), number_of(by_id)):
            report = Report.objects.select_related("submission").get(number=number)
            assert (report.place.x, report.place.y) == pytest.approx(TOWN_HALL)
            assert report.place_chosen_by == "address"
            assert "Marktplatz" in report.submission.address

    def test_what_leads_nowhere_is_named(self, partner: Partner, gazetteer: None) -> None:
        for field, value in (
            ("address_string", "Gibtesnichtgasse 4711"),
            ("address_string", "Namenlos"),
            ("address_id", "#NOTPINPOINTED#"),
        ):
            sent = {"service_code": "strasse.schlagloch", field: value}
            assert described(partner.send("requests.json", sent))[0].startswith(f"{field}: ")


class TestPhotos:
    @pytest.mark.parametrize(
        "names", [["media"], ["photo1", "photo2"], ["file_0", "file_1"], ["media[]"]]
    )
    def test_come_under_many_names(self, partner: Partner, names: list[str]) -> None:
        parts = POTHOLE | {name: jpeg(f"{name}.jpg") for name in names}
        number_of(partner.send_parts("requests.json", parts))

        assert Photo.objects.count() == len(names)

    def test_a_bad_one_costs_no_report(self, partner: Partner) -> None:
        bad = SimpleUploadedFile("bild.jpg", b"<svg onload=alert(1)>", "image/jpeg")
        answer = partner.send_parts("requests.json", POTHOLE | {"media": [bad, jpeg()]})

        assert answer.json()[0]["service_notice"].startswith("media 1: ")
        assert Photo.objects.get().ordinal == 2

    def test_six_are_too_many(self, partner: Partner) -> None:
        parts = POTHOLE | {f"photo{number}": jpeg() for number in range(1, 7)}
        answer = partner.send_parts("requests.json", parts)

        assert answer.status_code == 400
        assert not Report.objects.exists()

    def test_a_foreign_address_is_fetched_later_and_only_where_allowed(
        self, heilbronn: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        partner = Partner(make_key(heilbronn, media_hosts="fotos.partner.example, b.example"))
        urls = [
            "https://fotos.partner.example/1.jpg",
            "https://evil.example/2.jpg",
            "file:///etc/x",
        ]
        pairs = [*(POTHOLE | {"description": ""}).items(), *(("media_url", url) for url in urls)]
        answer = partner.send("requests.json", pairs)

        assert "media_url" in answer.json()[0]["service_notice"]
        remote = RemotePhoto.objects.get()
        assert remote.url == urls[0]
        assert Effect.objects.filter(kind="fetch_photo").get().lane == Lane.MEDIA

        monkeypatch.setattr(type(CLIENT), "get", lambda *_a, **_k: jpeg_full_of_canaries())
        for _twice in range(2):
            fetch_photo(remote.pk, now=timezone.now())

        remote.refresh_from_db()
        assert (remote.state, remote.url) == ("kept", "")
        assert Photo.objects.get().report.remote_photos.get() == remote
        assert Effect.objects.filter(kind="derive_photo").count() == 1

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1:9/x.jpg",
            "http://localhost/x.jpg",
            "http://[::1]/x.jpg",
            "http://169.254.169.254/latest/meta-data",
        ],
    )
    def test_an_internal_address_is_never_asked(
        self, heilbronn: Town, partner: Partner, url: str
    ) -> None:
        """Not even where somebody allowed the name."""
        ApiClient.objects.update(media_hosts="127.0.0.1, localhost, ::1, 169.254.169.254")
        number_of(partner.report(media_url=url))
        remote = RemotePhoto.objects.get()

        fetch_photo(remote.pk, now=timezone.now(), last_try=True)

        remote.refresh_from_db()
        assert (remote.state, remote.failure_code, remote.url) == ("refused", "unreachable", "")
        assert not Photo.objects.exists()
        assert TimelineEntry.objects.filter(kind="photo_not_fetched").count() == 1

    def test_an_address_nobody_settles_is_forgotten(
        self, heilbronn: Town, partner: Partner
    ) -> None:
        ApiClient.objects.update(media_hosts="a.example")
        number_of(partner.report(media_url="https://a.example/x"))
        forget_what_is_due(now=timezone.now() + timedelta(days=13))
        assert RemotePhoto.objects.get().url
        Effect.objects.filter(kind="fetch_photo").delete()
        found = {each.name for each in reconcile() if each.count}
        assert "photos_nobody_will_fetch" in found

        forget_what_is_due(now=timezone.now() + timedelta(days=15))

        assert RemotePhoto.objects.get().url == ""

    def test_what_is_fetched_and_no_photo_is_refused(
        self, heilbronn: Town, partner: Partner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ApiClient.objects.update(media_hosts="a.example")
        number_of(partner.report(media_url="https://a.example/x"))
        monkeypatch.setattr(type(CLIENT), "get", lambda *_a, **_k: b"<html>")
        fetch_photo(RemotePhoto.objects.get().pk, now=timezone.now())

        assert RemotePhoto.objects.get().state == "refused"


class TestOnceIsOnce:
    def test_the_same_key_gives_the_same_answer(self, partner: Partner) -> None:
        first = partner.report(Idempotency_Key="a-key-of-one-client")
        partner.send("requests.json", POTHOLE, Idempotency_Key="another-key-of-it")
        again = partner.send("requests.json", POTHOLE, Idempotency_Key="another-key-of-it")

        assert again.headers["Idempotency-Replayed"] == "true"
        assert Report.objects.count() == 2
        assert number_of(first) != number_of(again)
        other = partner.send(
            "requests.json", POTHOLE | {"description": "x"}, Idempotency_Key="another-key-of-it"
        )
        assert other.status_code == 400
        assert Report.objects.count() == 2

    def test_a_device_that_says_the_same_within_minutes(self, partner: Partner) -> None:
        first = partner.report(deviceid="d1", phone="1")
        again = partner.report(device_id="d1", phone="2")
        others = [
            partner.report(device_id="d2"),
            partner.report(device_id="d1", description="anderes"),
            partner.report(device_id="d1", lat="49.15"),
        ]
        long_ago = timezone.now() - SAME_WISH - timedelta(minutes=1)
        IdempotencyRecord.objects.update(created_at=long_ago)
        later = partner.report(deviceid="d1", phone="1")

        assert number_of(first) == number_of(again)
        assert len({number_of(answer) for answer in (first, later, *others)}) == 5

    def test_without_a_device_only_what_is_the_same_throughout(self, partner: Partner) -> None:
        first, again = partner.report(), partner.report()
        other = partner.report(phone="07131 1")

        assert number_of(first) == number_of(again) != number_of(other)

    def test_a_repeated_upload(self, partner: Partner) -> None:
        for _twice in range(2):
            number_of(partner.send_parts("requests.json", POTHOLE | {"media": jpeg()}))

        assert Report.objects.count() == Photo.objects.count() == 1


class TestTokens:
    def test_a_mass_of_requests_is_answered_by_token(self, heilbronn: Town) -> None:
        partner = Partner(make_key(heilbronn, rate_class=RateClass.BULK))
        [record] = partner.report().json()
        token = record["token"]
        assert set(record) == {"token", "service_notice", "account_id"}

        waiting = partner.get(f"tokens/{token}.json").json()
        in_xml = xml_of(partner.get(f"tokens/{token}.xml"))
        report = Report.objects.get()
        assert set(Effect.objects.values_list("lane", flat=True)) == {Lane.BULK}
        route_report(report.pk)
        known = partner.get(f"tokens/{token}.json").json()

        assert waiting == [{"service_request_id": None, "token": token}]
        assert in_xml.find("request/service_request_id") is None
        assert known == [{"service_request_id": report.number, "token": token}]

    def test_a_held_report_is_known_once_it_is_released(
        self, partner: Partner, settings: Settings
    ) -> None:
        settings.RATE_CLASSES = settings.RATE_CLASSES | {"standard": 1}
        records = [partner.report(description=f"Loch {n}").json()[0] for n in range(4)]
        held = Report.objects.filter(screening=Screening.HELD)
        token = next(record["token"] for record in records if "token" in record)
        for report in held:
            route_report(report.pk)

        before = partner.get(f"tokens/{token}.json").json()
        held.update(screening=Screening.CLEAR)
        after = partner.get(f"tokens/{token}.json").json()

        assert before[0]["service_request_id"] is None
        assert after[0]["service_request_id"].startswith("HN-")

    def test_asking_costs_one_query(
        self, heilbronn: Town, django_assert_num_queries: Callable[..., Any]
    ) -> None:
        partner = Partner(make_key(None, rate_class=RateClass.BULK), "/open311/v2")
        answer = partner.send("requests.json", POTHOLE | {"jurisdiction_id": "heilbronn"})
        token = answer.json()[0]["token"]

        with django_assert_num_queries(2):  # which town is this host? and the token
            assert partner.get(f"tokens/{token}.json").status_code == 200
        with django_assert_num_queries(1):
            assert partner.get(f"tokens/{mistyped(token)}.json").status_code == 404

    @pytest.mark.parametrize(
        "token", ["x", "1-", "ffffffffffffffff-AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", "%00"]
    )
    def test_guessing(self, stranger: Partner, token: str) -> None:
        assert stranger.get(f"tokens/{token}.json").status_code == 404


class TestBulk:
    SHEET = (
        "service_code;lat;long;description;email;external_id;attribute[teile]\n"
        "strasse.schlagloch;49,1427;9,2187;Loch eins;;e1;\n"
        "gibt.es.nicht;49,1427;9,2187;Loch zwei;;e2;\n"
        'gruen.baum;49,1427;9,2187;"Baum; drei";;e3;a|c\n'
    )

    @pytest.fixture
    def send(self, heilbronn: Town, partner: Partner) -> Callable[..., Any]:
        options = [{"key": key, "de": key} for key in "abc"]
        tree = heilbronn.categories["tree"]
        QuestionFactory(category=tree, code="teile", datatype="multiple", options=options)

        def post(sheet: str | bytes, suffix: str = "json") -> Any:
            return partner.client.post(
                f"{HERE}/bulk.{suffix}?api_key={partner.key}", sheet, content_type="text/csv"
            )

        return post

    def test_every_row_has_its_result(self, send: Callable[..., Any]) -> None:
        answer = send(self.SHEET)
        first, second, third = answer.json()

        assert answer.status_code == 201
        assert [record["row"] for record in answer.json()] == [1, 2, 3]
        assert set(first) == {"row", "token", "service_notice", "account_id"}
        assert second["errors"][0]["code"] == 404
        assert "token" in third
        tree = Report.objects.get(category__code="gruen.baum").submission
        assert (tree.description, tree.answers) == ("Baum; drei", {"teile": ["a", "c"]})
        assert send(self.SHEET, "xml").status_code == 201
        assert Report.objects.count() == 2  # the same rows again

    def test_what_is_no_table(self, send: Callable[..., Any], partner: Partner) -> None:
        for sheet in ("", "a;b\n1;2\n", "\x00", "service_code\n" + "x\n" * 201):
            assert described(send(sheet)), sheet[:20]
        assert send(self.SHEET.encode("cp1252")).status_code == 201
        ApiClient.objects.update(may_post_bulk=False)
        assert send(self.SHEET).status_code == 403

    def test_a_file_in_a_form(self, partner: Partner, send: Callable[..., Any]) -> None:
        sheet = SimpleUploadedFile("m.csv", self.SHEET.encode(), "text/csv")

        assert partner.send_parts("bulk.json", {"csv": sheet}).status_code == 201
        assert partner.send_parts("bulk.json", {}).status_code == 400


class TestTryingOut:
    def test_nothing_reaches_an_office(self, heilbronn: Town) -> None:
        partner = Partner(make_key(heilbronn, is_test_only=True), TEST_HERE)
        [number] = numbers(partner.report(email="erika@buerger.example").json())
        [same] = numbers(partner.report(email="erika@buerger.example").json())
        [record] = partner.get(f"requests/{number}.json").json()

        assert number == same
        assert number.startswith("TEST-")
        assert (record["status"], record["service_code"]) == ("open", "strasse.schlagloch")
        assert record["description"] is None
        assert numbers(partner.get("requests.json").json()) == [number]
        for table in (Report, Contact, Effect, Photo):
            assert not table.objects.exists()
        assert "erika" not in repr(TestRequest.objects.values().get()).lower()

    def test_the_same_faults(self, heilbronn: Town) -> None:
        partner = Partner(make_key(heilbronn, is_test_only=True), TEST_HERE)
        QuestionFactory(category=heilbronn.categories["tree"], code="hoehe", is_required=True)

        assert partner.report(service_code="nix").status_code == 404
        assert described(partner.report(service_code="gruen.baum"))[0].startswith("hoehe required")
        assert partner.report(lat="10", long="10").status_code == 400

    def test_a_token_to_try(self, heilbronn: Town) -> None:
        partner = Partner(make_key(heilbronn, is_test_only=True), TEST_HERE)
        token = partner.report(as_token="true").json()[0]["token"]
        [known] = partner.get(f"tokens/{token}.json").json()

        assert known == {"service_request_id": TestRequest.objects.get().number, "token": token}
        assert partner.get(f"tokens/{mistyped(token)}.xml").status_code == 404

    def test_updates_both_ways(self, heilbronn: Town) -> None:
        partner = Partner(make_key(heilbronn, is_test_only=True), TEST_HERE)
        [number] = numbers(partner.report().json())
        sent = {"service_request_id": number, "status": "FIXED", "description": "ok"}
        answer = partner.send("servicerequestupdates.xml", sent)

        assert texts(xml_of(answer), "request_update/update_id") == [f"{number}-1"]
        [update] = partner.get("servicerequestupdates.json").json()
        assert (update["service_request_id"], update["status"]) == (number, "FIXED")
        assert partner.get(f"requests/{number}.json").json()[0]["status"] == "closed"

    def test_old_ones_are_gone(self, heilbronn: Town) -> None:
        partner = Partner(make_key(heilbronn), TEST_HERE)
        [old] = numbers(partner.report().json())
        TestRequest.objects.update(sent_at=timezone.now() - timedelta(days=8))
        partner.report(description="neu")

        assert partner.get(f"requests/{old}.json").status_code == 404


def test_a_file_object_is_read_twice() -> None:
    """The digest for telling twins apart leaves the file where it was."""
    from open311.submission import _digest

    file = BytesIO(b"x")
    assert _digest(file) == _digest(file)
    assert file.read() == b"x"
