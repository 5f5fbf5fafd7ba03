"""The API for whoever holds a receipt, and for people who join in: codes, repetitions, queries."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts import derived_codes
from reports import additions
from reports.actions.change_status import change_status
from reports.actions.publish import publish_report
from reports.actions.submit import Receipt
from reports.lifecycle import ClosingReason, Status, WaitingFor
from reports.models import Contact, Photo, PhotoState, Remark, Report, Screening
from reports.participation import Support
from reports.published import PublishedReport
from reports.receipts import LEAVE_PURPOSE, SUPPORT_PURPOSE
from tests.api.client import Phone, new_key, plain_jpeg
from tests.people import ERIKA, Town, fresh

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
DEVICE = "0b8f4d9e5c3a4f7f9a1e6d2c7b5a4938"


class Holder:
    """Whoever holds a receipt, calling below its report."""

    def __init__(self, receipt: Receipt) -> None:
        self.number, self.phone = receipt.number, Phone()
        self.headers = {"X_Receipt_Secret": receipt.secret}

    def get(self, path: str = "") -> Any:
        return self.phone.get(f"reports/{self.number}{path}", **self.headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        headers = self.headers | ({"Idempotency_Key": key} if key else {})
        return self.phone.post(f"reports/{self.number}/{path}", body or {}, **headers)

    def send(self, *photos: bytes, key: str | None = None, **fields: Any) -> Any:
        files = [SimpleUploadedFile(f"{n}.jpg", data) for n, data in enumerate(photos)]
        headers = {"X-Receipt-Secret": self.headers["X_Receipt_Secret"]}
        headers |= {"Idempotency-Key": key} if key else {}
        answer = self.phone.client.post(
            f"/api/v1/reports/{self.number}/photos", {"photos": files, **fields}, headers=headers
        )
        return self.phone._checked("post", f"reports/{self.number}/photos", answer)


def staff(town: Town, receipt: Receipt) -> dict[str, Any]:
    return {
        "by": town.people["clara"],
        "now": timezone.now(),
        "expected_version": fresh(receipt).version,
    }


def ask(town: Town, receipt: Receipt) -> None:
    change_status(
        receipt.report.pk,
        to=Status.WAITING,
        waiting_for=WaitingFor.CITIZEN,
        answer="Welche Hausnummer?",
        **staff(town, receipt),
    )


def close(town: Town, receipt: Receipt) -> None:
    change_status(
        receipt.report.pk,
        to=Status.DONE,
        closing_reason=ClosingReason.DONE,
        answer="Geflickt.",
        **staff(town, receipt),
    )


def test_a_report_tells_what_is_expected_asked_and_possible(
    heilbronn: Town, report: Submit
) -> None:
    case = report(heilbronn, sender=ERIKA)
    holder = Holder(case)
    before = holder.get().json()
    assert before["question"] is None
    assert before["forecast"]["first_answer_by"]
    assert before["forecast"]["sentence"].startswith("Mit einer ersten Antwort rechnen Sie bitte")
    assert before["actions"] == ["add_text", "add_photos", "withdraw", "object", "choose_messages"]

    ask(heilbronn, case)
    asked = holder.get().json()
    assert asked["question"]["text"] == "Welche Hausnummer?"
    assert asked["forecast"]["is_paused"]
    assert "answer" in asked["actions"]

    body = {"question": asked["question"]["id"], "text": "Vor 12a."}
    assert holder.post("answer", body).json() == {"status": "in_progress"}
    after = holder.get().json()
    assert after["question"] is None
    assert after["timeline"][-1]["text"] == "Vor 12a."
    assert after["timeline"][-1]["own_words"]
    assert after["answer"] == "Welche Hausnummer?"
    assert holder.post("answer", body).status_code == 201
    other = holder.post("answer", body | {"text": "Vor 14."})
    assert (other.status_code, other.json()["code"]) == (409, "already_answered")


def test_the_same_key_gives_the_same_answer_again(heilbronn: Town, report: Submit) -> None:
    holder, key = Holder(report(heilbronn)), new_key()

    first = holder.post("messages", {"text": "Es wird größer."}, key=key)
    again = holder.post("messages", {"text": "Es wird größer."}, key=key)
    other = holder.post("messages", {"text": "Anders."}, key=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Remark.objects.count() == 1
    # The key means another wish elsewhere.
    assert holder.post("withdrawal", key=key).json() == {"status": "withdrawn"}
    assert holder.post("withdrawal", key=key).headers["Idempotency-Replayed"] == "true"


def test_photos_are_added_named_and_replaced(heilbronn: Town, report: Submit) -> None:
    holder, key = Holder(report(heilbronn, photos=1)), new_key()

    sent = holder.send(plain_jpeg(), b"GIF89a", key=key)
    again = holder.send(plain_jpeg(), b"GIF89a", key=key)

    assert sent.json() == again.json()
    good, bad = sent.json()["photos"]
    assert (good["state"], good["ordinal"]) == ("accepted", 2)
    assert (bad["state"], bad["ordinal"]) == ("refused", None)
    assert bad["message"]
    Photo.objects.filter(ordinal=2).update(state=PhotoState.FAILED)
    assert holder.send(plain_jpeg(2), replaces=2).json()["photos"][0]["ordinal"] == 3
    shown = {photo["ordinal"]: photo for photo in holder.get().json()["photos"]}
    assert shown[2]["is_replaced"]
    assert shown[3]["replaces"] == 2
    refused = holder.send(plain_jpeg(3), replaces=2)
    assert refused.json()["errors"][0]["code"] == "not_replaceable"
    nothing = holder.send(b"GIF89a")
    assert nothing.status_code == 422
    assert nothing.json()["errors"][0]["pointer"] == "#/photos/0"
    assert holder.send().json()["errors"][0]["code"] == "no_photo"
    assert holder.send(plain_jpeg(), surprise="x").json()["errors"][0]["code"] == "unknown_part"


def test_an_objection_and_a_no_have_their_effect(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn, sender=ERIKA)
    holder = Holder(case)
    publish_report(case.report.pk, now=timezone.now())

    stands = holder.post("objection", {"parts": ["report"], "reason": "Nachbarn"})
    publish_report(case.report.pk, now=timezone.now())

    assert stands.json() == {"parts": ["report"]}
    assert not PublishedReport.objects.exists()
    assert holder.get().json()["objections"] == ["report"]
    assert holder.post("objection", {"parts": []}).status_code == 400
    assert holder.post("objection", {"parts": ["shoes"]}).status_code == 400

    early = holder.post("feedback", {"is_fixed": False})
    assert (early.status_code, early.json()["code"]) == (409, "feedback_closed")
    close(heilbronn, case)
    assert holder.get().json()["feedback"]["open_until"]
    said = holder.post("feedback", {"is_fixed": False, "satisfaction": 2})
    assert said.json() == {"status": "in_progress", "is_fixed": False}
    twice = holder.post("feedback", {"is_fixed": True})
    assert (twice.status_code, twice.json()["code"]) == (409, "feedback_given")
    assert holder.post("feedback", {"is_fixed": "vielleicht"}).status_code == 400
    assert holder.post("feedback", {"is_fixed": True, "satisfaction": 6}).status_code == 400


def test_messages_are_chosen(heilbronn: Town, report: Submit) -> None:
    with_address, without = Holder(report(heilbronn, sender=ERIKA)), Holder(report(heilbronn))

    assert with_address.get("/subscription").json() == {"wants": "all"}
    assert with_address.post("subscription", {"wants": "result"}).json() == {"wants": "result"}
    assert Contact.objects.get().wants == "result"
    assert without.get("/subscription").json()["code"] == "no_address"
    assert without.post("subscription", {"wants": "all"}).json()["code"] == "no_address"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("messages", {"text": "Hallo"}),
        ("answer", {"text": "Hallo"}),
        ("withdrawal", {}),
        ("objection", {"parts": ["text"]}),
        ("feedback", {"is_fixed": True}),
        ("subscription", {"wants": "none"}),
    ],
)
def test_without_the_receipt_nothing_exists(
    heilbronn: Town, report: Submit, phone: Phone, path: str, body: Any
) -> None:
    case, other = report(heilbronn), report(heilbronn)
    for headers in ({}, {"X_Receipt_Secret": other.secret}, {"Authorization": "Receipt falsch"}):
        answer = phone.post(f"reports/{case.number}/{path}", body, **headers)
        assert answer.status_code == 404, headers


def test_ended_cases_say_why(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    holder = Holder(case)
    Report.objects.update(screening=Screening.SPAM)
    spam = holder.post("messages", {"text": "Hallo"})
    assert (spam.status_code, spam.json()["code"], spam.json()["reason"]) == (
        409,
        "case_closed",
        "refused",
    )
    Report.objects.update(screening=Screening.CLEAR)
    assert holder.post("withdrawal").status_code == 201
    assert holder.post("messages", {"text": "Hallo"}).json()["reason"] == "withdrawn"
    assert holder.post("withdrawal").json()["code"] == "not_withdrawable"
    assert holder.get().json()["actions"] == []


def test_what_is_too_often_waits(
    heilbronn: Town, report: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(additions, "ADDITIONS_AN_HOUR", 1)
    holder = Holder(report(heilbronn))
    assert holder.post("messages", {"text": "Eins"}).status_code == 201
    late = holder.post("messages", {"text": "Zwei"})
    assert late.status_code == 429
    assert int(late.headers["Retry-After"]) > 0


def test_others_join_in_by_address_and_device(
    heilbronn: Town, report: Submit, phone: Phone
) -> None:
    case = report(heilbronn)
    path = f"reports/{case.number}/supports"

    asked = phone.post(path, {"email": "nachbarin@post.example"})
    assert (asked.status_code, asked.json()) == (202, {"state": "asked"})
    counted = phone.post(path, {"device": DEVICE})
    assert (counted.status_code, counted.json()) == (201, {"state": "counted"})
    assert phone.post(path, {"device": DEVICE}).status_code == 201
    assert phone.post(path, {"device": DEVICE, "email": "a@b.example"}).status_code == 400
    assert phone.post(path, {"device": "kurz"}).status_code == 400

    support = Support.objects.exclude(email="").get()
    code = derived_codes.derive(SUPPORT_PURPOSE, support.pk, support.nonce or 0)
    wrong = phone.post(f"{path}/confirm", {"support": support.pk, "code": "falsch"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "confirmation_invalid")
    for _click in range(2):
        confirmed = phone.post(f"{path}/confirm", {"support": support.pk, "code": code})
        assert confirmed.json() == {"state": "counted"}
    publish_report(case.report.pk, now=timezone.now())
    assert phone.get(f"reports/{case.number}").json()["supports"] == 2

    leave = derived_codes.derive(LEAVE_PURPOSE, support.pk, 1)
    for _click in range(2):
        left = phone.post(f"{path}/leave", {"support": support.pk, "code": leave})
        assert left.json() == {"state": "left"}
    assert phone.post(f"{path}/leave", {"device": DEVICE}).json() == {"state": "left"}
    publish_report(case.report.pk, now=timezone.now())
    assert phone.get(f"reports/{case.number}").json()["supports"] == 0


def test_only_open_public_reports_count(heilbronn: Town, report: Submit, phone: Phone) -> None:
    hidden, closed, coarse = (
        report(heilbronn, "tree"),
        report(heilbronn),
        report(heilbronn, "needles"),
    )
    Report.objects.filter(pk=coarse.report.pk).update(publication="approved")
    close(heilbronn, closed)

    told = {
        case.number: phone.post(f"reports/{case.number}/supports", {"device": DEVICE}).json()[
            "code"
        ]
        for case in (hidden, closed, coarse)
    }

    assert list(told.values()) == ["not_found", "support_closed", "support_closed"]


def test_the_number_of_queries_is_fixed(
    heilbronn: Town, report: Submit, django_assert_num_queries: Callable[..., Any]
) -> None:
    case, other = report(heilbronn, sender=ERIKA, photos=2), Holder(report(heilbronn))
    holder = Holder(case)
    holder.post("messages", {"text": "Erste"})
    support = {"device": DEVICE}

    def asked(number: int, act: Callable[[], Any]) -> None:
        with django_assert_num_queries(number):
            assert act().status_code in {200, 201}

    asked(12, holder.get)
    asked(13, lambda: holder.post("messages", {"text": "Zweite"}, key=new_key()))
    asked(18, lambda: holder.send(plain_jpeg(), key=new_key()))
    asked(16, lambda: holder.post("objection", {"parts": ["text"]}, key=new_key()))
    asked(7, lambda: holder.post("subscription", {"wants": "result"}))
    asked(3, lambda: holder.get("/subscription"))
    asked(15, lambda: holder.phone.post(f"reports/{case.number}/supports", support))
    ask(heilbronn, case)
    asked(27, lambda: holder.post("answer", {"text": "12a"}, key=new_key()))
    close(heilbronn, case)
    asked(15, lambda: holder.post("feedback", {"is_fixed": True}, key=new_key()))
    asked(18, lambda: other.post("withdrawal", key=new_key()))
