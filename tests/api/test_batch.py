"""What an app has gathered without a network is sent together, and each report is for itself."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from accounts.api_clients import issue_token
from accounts.models import RateClass
from reports.models import Photo, Report
from tests.api.client import POTHOLE, Phone, new_key, plain_jpeg
from tests.api.test_uploads import Tus
from tests.people import Town

pytestmark = pytest.mark.django_db
EACH = 13  # queries a report


def item(key: str | None = None, **changes: Any) -> dict[str, Any]:
    return {"key": key or new_key(), "report": POTHOLE | changes}


def results(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_each_report_gets_its_own_receipt(heilbronn: Town, heidenheim: Town, phone: Phone) -> None:
    token = Tus().upload(plain_jpeg())
    items = [item(uploads=[token]), item(lon=10.15, lat=49.14), item(description="Noch eins.")]

    told = results(phone.post("reports/batch", {"reports": items}))

    assert [each["status"] for each in told] == [201, 201, 201]
    assert [each["key"] for each in told] == [each["key"] for each in items]
    assert [each["receipt"]["municipality"] for each in told] == [
        *("heilbronn", "heidenheim", "heilbronn")
    ]
    assert told[0]["receipt"]["photos"][0]["state"] == "accepted"
    assert Report.objects.count() == 3
    assert Photo.objects.count() == 1


def test_a_bad_report_does_not_spoil_the_others(heilbronn: Town, phone: Phone) -> None:
    items = [
        item(lat=0, lon=0),
        item(colour="rot"),
        {"report": POTHOLE},
        "kein Objekt",
        {"key": new_key(), "report": POTHOLE, "mehr": 1},
        item(uploads=["D" * 32]),
        item(),
    ]

    told = results(phone.post("reports/batch", {"reports": items}))

    assert [each["status"] for each in told] == [422, 400, 400, 400, 400, 422, 201]
    codes = [each["problem"] and each["problem"]["errors"][0]["code"] for each in told]
    assert codes == [
        "outside",
        "unknown_field",
        "invalid_idempotency_key",
        "required",
        "unknown_field",
        "upload_unknown",
        None,
    ]
    assert told[1]["problem"]["errors"][0]["pointer"] == "#/colour"
    assert told[1]["problem"]["detail_en"] == "The request contains errors."
    assert Report.objects.count() == 1


def test_repeating_a_batch_doubles_nothing(heilbronn: Town, phone: Phone) -> None:
    token, single = Tus().upload(plain_jpeg()), new_key()
    earlier = phone.send(POTHOLE, key=single).json()
    items = [item(uploads=[token]), item(single), item(single, description="Etwas anderes.")]

    first = results(phone.post("reports/batch", {"reports": items}))
    again = results(phone.post("reports/batch", {"reports": items}))

    assert first[1]["receipt"] == earlier
    assert first[1]["replayed"] is True
    assert first[2]["problem"]["code"] == "idempotency_key_reused"
    assert [each["receipt"] for each in again] == [each["receipt"] for each in first]
    assert [each["replayed"] for each in again] == [True, True, False]
    assert Report.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ([], "#", "invalid"),
        ({}, "#/reports", "required"),
        ({"reports": {}}, "#/reports", "not_a_list"),
        ({"reports": []}, "#/reports", "empty"),
        ({"reports": [{}] * 21}, "#/reports", "max_length"),
        ({"reports": [{}], "andere": 1}, "#/andere", "unknown_field"),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(
    heilbronn: Town, phone: Phone, body: Any, pointer: str, code: str
) -> None:
    answer = phone.post("reports/batch", body)

    assert answer.status_code == 400
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        (pointer, code)
    ]


def test_an_outage_in_the_middle_leaves_what_is_accepted(
    heilbronn: Town, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mobile_api.v1 import submission

    real, calls = submission.submit_report, []

    def flaky(**values: Any) -> Any:
        calls.append(values)
        if len(calls) == 2:
            raise OperationalError("server closed the connection")
        return real(**values)

    monkeypatch.setattr(submission, "submit_report", flaky)

    told = results(phone.post("reports/batch", {"reports": [item(), item(), item()]}))

    assert [each["status"] for each in told] == [201, 503, 503]
    assert told[1]["retry_after"] == 5
    assert len(calls) == 2


def test_an_outage_from_the_start_is_503(
    heilbronn: Town, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(**_values: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("mobile_api.v1.submission.submit_report", gone)

    answer = phone.post("reports/batch", {"reports": [item(), item()]})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


def test_a_token_of_one_town_counts_for_each_report(
    heilbronn: Town, heidenheim: Town, phone: Phone
) -> None:
    _client, token = issue_token(
        name="App", municipality=heilbronn.municipality, rate_class=RateClass.STANDARD
    )

    told = results(
        phone.post(
            "reports/batch",
            {"reports": [item(), item(lon=10.15, lat=49.14)]},
            Authorization=f"Bearer {token}",
        )
    )

    assert [each["status"] for each in told] == [201, 403]


def test_the_number_of_queries_grows_with_the_reports_only(
    heilbronn: Town, phone: Phone, django_assert_num_queries: Callable[..., Any]
) -> None:
    phone.send()

    for number in (1, 3):
        with django_assert_num_queries(1 + EACH * number):
            results(phone.post("reports/batch", {"reports": [item() for _each in range(number)]}))
