"""Sending a report from a phone: accepted once, answered honestly, never lost to a bad photo."""

import json
import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connections
from django.test import override_settings
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.api_clients import issue_token
from accounts.models import RateClass
from leases.models import Lane
from reports import receipts
from reports.models import Contact, Effect, Photo, Report, Screening, TimelineEntry
from tests.api.client import POTHOLE, Phone, new_key, plain_jpeg
from tests.factories import QuestionFactory
from tests.intake import limit
from tests.people import Town

pytestmark = pytest.mark.django_db


def test_a_report_is_accepted_with_number_secret_and_addresses(
    heilbronn: Town, phone: Phone
) -> None:
    answer = phone.send(POTHOLE | {"email": "erika@buerger.example", "name": "Erika"})

    assert answer.status_code == 201, answer.content
    body = answer.json()
    report = Report.objects.get(number=body["number"])
    assert receipts.opens(report, body["secret"])
    assert report.source == "app"
    assert report.municipality.slug == "heilbronn"
    assert body["municipality"] == "heilbronn"
    assert answer.headers["Location"] == body["status_url"]
    assert body["status_url"].endswith(f"/api/v1/reports/{body['number']}")
    assert body["secret"] in body["receipt_url"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert Contact.objects.get(report=report).email == "erika@buerger.example"
    assert TimelineEntry.objects.filter(report=report, kind="received").exists()
    assert Effect.objects.filter(report=report, kind="route").exists()


def test_the_town_may_be_named_and_must_fit_the_place(
    heilbronn: Town, heidenheim: Town, phone: Phone
) -> None:
    named = phone.send(POTHOLE | {"municipality": "heilbronn"})
    wrong = phone.send(POTHOLE | {"municipality": "heidenheim"})
    unknown = phone.send(POTHOLE | {"municipality": "ulm"})
    outside = phone.send(POTHOLE | {"lat": 0, "lon": 0})

    assert named.status_code == 201
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["code"] == "other_municipality"
    assert wrong.json()["municipality"] == "heilbronn"
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["code"] == "unknown_municipality"
    assert outside.status_code == 422
    assert outside.json()["errors"][0]["code"] == "outside"


def test_a_citys_own_host_takes_reports_for_this_city_only(
    heilbronn: Town, heidenheim: Town
) -> None:
    heidenheim.municipality.host_name = "melden.heidenheim.localhost"
    heidenheim.municipality.save()
    there = Phone(host="melden.heidenheim.localhost")

    other_place = there.send()
    other_name = there.send(POTHOLE | {"municipality": "heilbronn"})
    here = there.send(POTHOLE | {"lon": 10.15, "lat": 49.14})

    assert other_place.status_code == 422
    assert "municipality" not in other_place.json()
    assert other_name.json()["errors"][0]["code"] == "unknown_municipality"
    assert here.status_code == 201


def test_the_same_key_with_the_same_report_gives_the_same_bytes(
    heilbronn: Town, phone: Phone
) -> None:
    key = new_key()
    photos = [plain_jpeg(), b"no photo"]

    first = phone.send_with_photos(photos, key=key)
    again = phone.send_with_photos(photos, key=key)

    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Report.objects.count() == 1


def test_the_same_key_with_another_report_is_refused(heilbronn: Town, phone: Phone) -> None:
    key = new_key()
    phone.send(key=key)

    other = phone.send(POTHOLE | {"description": "Etwas anderes."}, key=key)

    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"
    assert Report.objects.count() == 1


def test_a_quoted_key_is_the_same_key(heilbronn: Town, phone: Phone) -> None:
    key = new_key()
    phone.send(key=key)

    assert phone.send(key=f'"{key}"').headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    "key", ["short", "with space in the middle of it", "ü" * 20, "x" * 201, ""]
)
def test_a_key_that_is_none_is_refused(heilbronn: Town, phone: Phone, key: str) -> None:
    answer = phone.send(key=key)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["header"] == "Idempotency-Key"


def test_keys_of_different_apps_do_not_meet(heilbronn: Town, phone: Phone) -> None:
    _client, token = issue_token(name="App", municipality=None, rate_class=RateClass.STANDARD)
    key = new_key()
    phone.send(key=key)

    other = phone.send(key=key, Authorization=f"Bearer {token}")

    assert other.status_code == 201
    assert "Idempotency-Replayed" not in other.headers
    assert Report.objects.count() == 2


def test_twenty_phones_with_one_key_make_one_report(heilbronn: Town) -> None:
    key = new_key()
    answers: list[Any] = []

    def send() -> None:
        try:
            answers.append(Phone().send(key=key))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    accepted = [answer for answer in answers if answer.status_code == 201]
    assert len(answers) == 20
    assert Report.objects.count() == 1
    assert len({answer.content for answer in accepted}) == 1
    assert {answer.status_code for answer in answers} <= {201, 503}


def test_a_bad_photo_is_named_and_the_report_survives(heilbronn: Town, phone: Phone) -> None:
    answer = phone.send_with_photos([plain_jpeg(), b"%PDF-1.4", b""])

    assert answer.status_code == 201
    verdicts = answer.json()["photos"]
    assert [photo["state"] for photo in verdicts] == ["accepted", "refused", "refused"]
    assert [photo["code"] for photo in verdicts] == [None, "unsupported_type", "empty"]
    assert "JPEG" in verdicts[1]["message"]
    assert Photo.objects.count() == 1


def test_a_photo_may_stand_for_the_description(heilbronn: Town, phone: Phone) -> None:
    wordless = POTHOLE | {"description": ""}

    assert phone.send_with_photos([plain_jpeg()], wordless).status_code == 201
    alone = phone.send(wordless)
    assert alone.status_code == 422
    assert alone.json()["errors"][0]["pointer"] == "#/description"


def test_more_than_five_photos_are_refused(heilbronn: Town, phone: Phone) -> None:
    six = phone.send_with_photos([plain_jpeg(seed=n) for n in range(6)])
    seven = phone.send_with_photos([b"x"] * 8)

    assert six.status_code == 422
    assert six.json()["errors"][0]["code"] == "too_many_photos"
    assert seven.status_code == 400
    assert seven.json()["errors"][0]["code"] == "too_many_files"


def test_the_json_part_may_be_a_file_as_browsers_send_it(heilbronn: Town, phone: Phone) -> None:
    boundary = "grenze"
    body = (
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="report"; filename="blob"\r\n'
        "Content-Type: application/json\r\n\r\n"
        f"{json.dumps(POTHOLE)}\r\n--{boundary}--\r\n"
    )

    answer = phone.client.post(
        "/api/v1/reports", body, content_type=f"multipart/form-data; boundary={boundary}"
    )

    assert answer.status_code == 201, answer.content


def test_a_photo_sent_as_text_is_not_lost_silently(heilbronn: Town, phone: Phone) -> None:
    answer = phone.client.post("/api/v1/reports", {"report": json.dumps(POTHOLE), "photos": "x"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "file_name_missing"
    assert Report.objects.count() == 0


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.99])
def test_a_transfer_cut_short_is_no_report(heilbronn: Town, phone: Phone, share: float) -> None:
    photo = SimpleUploadedFile("a.jpg", plain_jpeg())
    whole = encode_multipart(BOUNDARY, {"report": json.dumps(POTHOLE), "photos": photo})

    answer = phone.client.generic(
        "POST",
        "/api/v1/reports",
        **{
            "CONTENT_TYPE": MULTIPART_CONTENT,
            "CONTENT_LENGTH": str(len(whole)),
            "wsgi.input": BytesIO(whole[: int(len(whole) * share)]),
        },
    )

    assert answer.status_code == 400
    assert Report.objects.count() == 0
    assert Photo.objects.count() == 0


def test_answers_are_checked_and_explained_in_both_languages(heilbronn: Town, phone: Phone) -> None:
    QuestionFactory(
        category=heilbronn.categories["pothole"],
        code="lage",
        datatype="single",
        is_required=True,
        options=[
            {"key": "weg", "de": "Gehweg", "en": "Pavement"},
            {
                "key": "tief",
                "de": "Sehr tief",
                "danger": True,
                "advice_de": "Bitte rufen Sie 112.",
                "advice_en": "Please call 112.",
            },
        ],
    )

    missing = phone.send()
    wrong = phone.send(POTHOLE | {"answers": {"lage": "mond", "x/y": 1}})
    danger = phone.send(POTHOLE | {"answers": {"lage": "tief"}, "language": "en"})

    fault = missing.json()["errors"][0]
    assert (missing.status_code, fault["pointer"]) == (422, "#/answers/lage")
    assert fault["detail"] == "Bitte beantworten Sie diese Frage."
    pointers = {fault["pointer"] for fault in wrong.json()["errors"]}
    assert pointers == {"#/answers/lage", "#/answers/x~1y"}
    assert danger.json()["advice"] == ["Please call 112."]
    assert Report.objects.get(number=danger.json()["number"]).is_danger


def test_unknown_fields_are_named(heilbronn: Town, phone: Phone) -> None:
    answer = phone.send(POTHOLE | {"status": "done", "is_danger": True})

    assert answer.status_code == 400
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"#/status", "#/is_danger"}
    assert {fault["code"] for fault in answer.json()["errors"]} == {"unknown_field"}


def test_a_token_counts_for_its_own_town_only(
    heilbronn: Town, heidenheim: Town, phone: Phone
) -> None:
    client, token = issue_token(
        name="App", municipality=heilbronn.municipality, rate_class=RateClass.STANDARD
    )
    bearer = f"Bearer {token}"

    here = phone.send(Authorization=bearer)
    there = phone.send(POTHOLE | {"lon": 10.15, "lat": 49.14}, Authorization=bearer)

    assert Report.objects.get(number=here.json()["number"]).api_client == client
    assert there.status_code == 403
    assert there.json()["code"] == "permission_denied"


def test_a_wrong_token_is_refused_not_ignored(heilbronn: Town, phone: Phone) -> None:
    for token in ("anl_doesnotexist_at_all_1234", "x", "anl_" + "ü" * 20):
        answer = phone.send(Authorization=f"Bearer {token}")
        assert answer.status_code == 401
        assert answer.json()["code"] == "not_authenticated"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_mass_imports_wait_behind_citizens(heilbronn: Town, phone: Phone) -> None:
    _client, token = issue_token(name="Import", municipality=None, rate_class=RateClass.BULK)

    number = phone.send(Authorization=f"Bearer {token}").json()["number"]

    assert Effect.objects.get(report__number=number, kind="route").lane == Lane.BULK


def test_above_the_pace_reports_are_held_and_far_above_refused(
    heilbronn: Town, phone: Phone, settings: Any
) -> None:
    limit(settings, peer=(2, 10))

    screenings = [
        Report.objects.get(number=phone.send().json()["number"]).screening for _ in range(4)
    ]
    for _ in range(6):
        phone.send(b"nonsense")
    refused = phone.send()

    assert screenings == [Screening.CLEAR, Screening.CLEAR, Screening.HELD, Screening.HELD]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 3601
    assert Report.objects.count() == 4


def test_a_forged_header_does_not_make_somebody_else(
    heilbronn: Town, phone: Phone, settings: Any
) -> None:
    limit(settings, peer=(1, 5))

    codes = [phone.send(X_Forwarded_For=f"10.0.0.{n}").status_code for n in range(7)]

    assert codes[-1] == 429


def test_behind_one_proxy_the_address_it_saw_counts(
    heilbronn: Town, phone: Phone, settings: Any
) -> None:
    limit(settings, peer=(1, 5))
    settings.TRUSTED_PROXIES = 1

    forged = [phone.send(X_Forwarded_For=f"10.0.0.{n}, 192.0.2.7").status_code for n in range(7)]
    others = phone.send(X_Forwarded_For="192.0.2.8").status_code
    rotated = [phone.send(X_Forwarded_For=f"2001:db8:1:2::{n:x}").status_code for n in range(1, 8)]

    assert forged[-1] == 429
    assert others == 201
    assert rotated[-1] == 429, "an IPv6 household is its /64"


def test_a_database_that_is_away_is_503_and_no_receipt(
    heilbronn: Town, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(**_values: Any) -> None:
        raise OperationalError("terminating connection: erika@buerger.example")

    monkeypatch.setattr("mobile_api.v1.submission.submit_report", gone)

    answer = phone.send()

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["code"] == "unavailable"
    assert b"erika" not in answer.content


def test_a_full_disk_is_503_and_no_report(
    heilbronn: Town, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_values: Any, **_more: Any) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reports.photo_storage.keep_original", full)

    answer = phone.send_with_photos([plain_jpeg()])

    assert answer.status_code == 503
    assert Report.objects.count() == 0


def test_an_unexpected_error_says_nothing_of_the_inside(
    heilbronn: Town, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_values: Any) -> None:
        raise RuntimeError("Erika Mustermann")

    monkeypatch.setattr("mobile_api.v1.submission.submit_report", broken)

    answer = phone.send()

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert b"Erika" not in answer.content


def test_the_receipt_opens_the_report_and_nothing_else_does(heilbronn: Town, phone: Phone) -> None:
    receipt = phone.send(
        POTHOLE
        | {"email": "erika@buerger.example", "address": "Marktplatz 7", "category": "gruen.baum"}
    ).json()
    path = f"reports/{receipt['number']}"

    own = phone.get(path, Authorization=f"Receipt {receipt['secret']}")
    header = phone.get(path, X_Receipt_Secret=receipt["secret"].lower().replace("-", " "))
    stranger = phone.get(path)
    wrong = phone.get(path, Authorization="Receipt 22222-22222-22222-22222-22222")
    nonsense = phone.get(path, X_Receipt_Secret="ü" * 30)
    unknown = phone.get("reports/HN-2026-999999")

    body = own.json()
    assert body["view"] == "receipt"
    assert body["place"]["address"] == "Marktplatz 7"
    assert body["address_state"] == "unconfirmed"
    assert body["timeline"][0]["kind"] == "received"
    assert "erika@" not in own.content.decode()
    assert own.headers["Cache-Control"] == "no-store"
    assert header.content == own.content
    refused = {answer.content for answer in (stranger, wrong, nonsense, unknown)}
    assert len(refused) == 1
    assert stranger.status_code == unknown.status_code == wrong.status_code == 404


def test_the_posting_app_reads_its_own_reports_and_no_others(heilbronn: Town, phone: Phone) -> None:
    _client, token = issue_token(name="App", municipality=None, rate_class=RateClass.STANDARD)
    _other, other_token = issue_token(name="B", municipality=None, rate_class=RateClass.STANDARD)
    tree = POTHOLE | {"category": "gruen.baum"}
    mine = phone.send(tree, Authorization=f"Bearer {token}").json()["number"]
    foreign = phone.send(tree).json()["number"]

    assert phone.get(f"reports/{mine}", Authorization=f"Bearer {token}").json()["view"] == "receipt"
    assert phone.get(f"reports/{foreign}", Authorization=f"Bearer {token}").status_code == 404
    assert phone.get(f"reports/{mine}", Authorization=f"Bearer {other_token}").status_code == 404


def test_a_receipt_of_one_town_means_nothing_on_the_host_of_another(
    heilbronn: Town, heidenheim: Town, phone: Phone
) -> None:
    heidenheim.municipality.host_name = "melden.heidenheim.localhost"
    heidenheim.municipality.save()
    receipt = phone.send().json()

    there = Phone(host="melden.heidenheim.localhost").get(
        f"reports/{receipt['number']}", Authorization=f"Receipt {receipt['secret']}"
    )

    assert there.status_code == 404


def test_the_address_is_confirmed_by_the_code_and_by_nothing_else(
    heilbronn: Town, phone: Phone
) -> None:
    from accounts import derived_codes

    number = phone.send(POTHOLE | {"email": "erika@buerger.example"}).json()["number"]
    report = Report.objects.get(number=number)
    code = derived_codes.derive(receipts.CONFIRM_PURPOSE, report.pk, 1)
    path = f"reports/{number}/confirm-address"

    wrong = phone.post(path, {"code": "22222-22222-22222-22222-22222"})
    unknown = phone.post("reports/HN-2026-999999/confirm-address", {"code": code})
    right = phone.post(path, {"code": code})
    again = phone.post(path, {"code": code})

    assert wrong.status_code == unknown.status_code == 422
    assert wrong.content == unknown.content
    assert right.json() == {"address_state": "confirmed"}
    assert again.status_code == 200
    assert TimelineEntry.objects.filter(report=report, kind="address_confirmed").count() == 1


def test_a_late_confirmation_is_told_so(heilbronn: Town, phone: Phone) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from accounts import derived_codes

    number = phone.send(POTHOLE | {"email": "erika@buerger.example"}).json()["number"]
    report = Report.objects.get(number=number)
    Contact.objects.filter(report=report).update(confirm_until=timezone.now() - timedelta(hours=1))

    late = phone.post(
        f"reports/{number}/confirm-address",
        {"code": derived_codes.derive(receipts.CONFIRM_PURPOSE, report.pk, 1)},
    )

    assert late.status_code == 410
    assert late.json()["code"] == "confirmation_expired"


def test_guessing_codes_is_slowed_down(
    heilbronn: Town, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mobile_api.throttling.CONFIRMATIONS_AN_HOUR", 2)

    codes = [
        phone.post("reports/HN-2026-000001/confirm-address", {"code": "x"}).status_code
        for _ in range(3)
    ]

    assert codes == [422, 422, 429]


@override_settings(DEBUG=False)
def test_the_number_of_queries_is_fixed(
    heilbronn: Town, phone: Phone, django_assert_num_queries: Callable[..., Any]
) -> None:
    photos = [plain_jpeg(seed=n) for n in range(3)]
    phone.send()  # the sequence of receipt numbers exists from now on

    with django_assert_num_queries(13):
        phone.send()
    with django_assert_num_queries(18):
        receipt = phone.send_with_photos(photos, key=new_key()).json()
    with django_assert_num_queries(8):
        phone.get(f"reports/{receipt['number']}", Authorization=f"Receipt {receipt['secret']}")


def test_answers_say_how_much_is_left(heilbronn: Town, phone: Phone, settings: Any) -> None:
    settings.LIMIT_FACTOR = 1
    settings.INTAKE_LIMITS = settings.INTAKE_LIMITS | {"peer": {"soft": 1, "hard": 3}}

    answers = [phone.send() for _each in range(4)]

    assert [answer.headers["RateLimit"].partition(";t=")[0] for answer in answers] == [
        f'"reports";r={left}' for left in (2, 1, 0, 0)
    ]
    assert answers[0].headers["RateLimit-Policy"] == '"reports";q=3;w=3600'
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert "RateLimit" not in phone.get("municipalities").headers
