"""The receipt page and joining in, as a browser without scripts sees them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import derived_codes
from notifications.models import Message
from reports.actions.change_status import change_status
from reports.actions.publish import publish_report
from reports.actions.submit import Receipt
from reports.lifecycle import ClosingReason, Status, WaitingFor
from reports.models import Contact, Photo, PhotoState, Remark, Report
from reports.participation import Feedback, Objection, Support, Wish
from reports.receipts import LEAVE_PURPOSE, STOP_PURPOSE, SUPPORT_PURPOSE
from tests.people import ERIKA, Town, fresh
from tests.photo_samples import encoded, picture

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]


@pytest.fixture
def holder() -> Callable[[Receipt], Client]:
    """A browser that has opened the link of a receipt."""

    def open_link(receipt: Receipt) -> Client:
        browser = Client()
        browser.get(f"/heilbronn/meldung/{receipt.number}/zugang/", {"code": receipt.secret})
        return browser

    return open_link


def page(browser: Client, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status, answer
    return answer.content.decode()


def mine(receipt: Receipt, more: str = "") -> str:
    return f"/heilbronn/meine/{receipt.number}/{more}"


def staff(town: Town, receipt: Receipt) -> dict[str, Any]:
    return {
        "by": town.people["clara"],
        "now": timezone.now(),
        "expected_version": fresh(receipt).version,
    }


def jpeg(seed: int = 0) -> SimpleUploadedFile:
    return SimpleUploadedFile("foto.jpg", encoded(picture(40 + seed, 30), "JPEG"))


def test_a_message_and_a_photo_go_along_with_each_other(
    heilbronn: Town, report: Submit, holder: Callable[[Receipt], Client]
) -> None:
    case = report(heilbronn)
    browser = holder(case)
    sent = {"form_key": "a" * 32, "text": "Es wird größer.", "photos": [jpeg()]}
    for _tap in range(2):
        answer = browser.post(mine(case, "ergaenzen/"), sent | {"photos": [jpeg()]})
        assert answer.status_code == 302

    shown = page(browser, mine(case))
    assert "Es wird größer." in shown
    assert "Sie haben ein Foto ergänzt." in shown
    assert Remark.objects.count() == Photo.objects.count() == 1


def test_what_was_typed_comes_back_and_what_was_accepted_stays(
    heilbronn: Town, report: Submit, holder: Callable[[Receipt], Client]
) -> None:
    case = report(heilbronn)
    browser = holder(case)
    long = "viel zu lang " * 400

    refused = browser.post(
        mine(case, "ergaenzen/"), {"form_key": "a" * 32, "text": long, "photos": [jpeg()]}
    )
    assert refused.status_code == 422
    assert "viel zu lang viel zu lang" in refused.content.decode()
    empty = browser.post(mine(case, "ergaenzen/"), {"form_key": "b" * 32, "text": " "})
    # The switch of languages leads to where a page can be asked for.
    assert re.search(rf'name="next"\s+value="{mine(case)}"', empty.content.decode())
    assert empty.status_code == 422
    assert "fügen Sie ein Foto hinzu" in empty.content.decode()


def test_the_open_question_stands_on_top_and_takes_the_answer(
    heilbronn: Town, report: Submit, holder: Callable[[Receipt], Client]
) -> None:
    case = report(heilbronn)
    browser = holder(case)
    change_status(
        case.report.pk,
        to=Status.WAITING,
        waiting_for=WaitingFor.CITIZEN,
        answer="Welche Hausnummer?",
        **staff(heilbronn, case),
    )
    shown = page(browser, mine(case))
    assert "Unsere Frage an Sie" in shown
    assert "Die Frist ruht" in shown
    question = shown.split('name="question" value="')[1].split('"')[0]

    sent = {"form_key": "a" * 32, "question": question, "text": "Vor 12a."}
    assert browser.post(mine(case, "ergaenzen/"), sent).status_code == 302
    late = browser.post(
        mine(case, "ergaenzen/"), {"form_key": "b" * 32, "question": question, "text": "Vor 14."}
    )

    assert fresh(case).status == Status.IN_PROGRESS
    assert late.status_code == 422
    assert "schon beantwortet" in late.content.decode()
    assert "Vor 14." in late.content.decode()


def test_an_unreadable_photo_is_replaced_where_it_stands(
    heilbronn: Town, report: Submit, holder: Callable[[Receipt], Client]
) -> None:
    case = report(heilbronn, photos=1)
    Photo.objects.update(state=PhotoState.FAILED)
    browser = holder(case)
    assert "Ersatz für Foto 1" in page(browser, mine(case))

    browser.post(
        mine(case, "ergaenzen/"), {"form_key": "a" * 32, "replaces": "1", "photos": [jpeg()]}
    )

    assert Photo.objects.get(ordinal=2).replaces == 1
    shown = page(browser, mine(case))
    assert "Ersatz für Foto 1" not in shown
    assert "Es ist ersetzt." in shown


def test_a_withdrawn_report_promises_nothing(
    heilbronn: Town, report: Submit, holder: Callable[[Receipt], Client]
) -> None:
    case = report(heilbronn, "tree", photos=1, sender=ERIKA)
    Contact.objects.update(email_confirmed_at=timezone.now())
    Photo.objects.update(state=PhotoState.READY)
    browser = holder(case)
    promises = ("wartet auf Freigabe", "Sie erhalten Nachricht zum Stand")
    before = page(browser, mine(case))
    assert [promise for promise in promises if promise in before] == list(promises)

    browser.post(mine(case, "zurueckziehen/"))

    shown = page(browser, mine(case))
    assert fresh(case).status == Status.WITHDRAWN
    assert [promise for promise in promises if promise in shown] == []
    assert "nicht öffentlich; nur die Verwaltung sieht es" in shown


def test_whether_it_is_true_is_asked_once(
    heilbronn: Town, report: Submit, holder: Callable[[Receipt], Client]
) -> None:
    case = report(heilbronn)
    browser = holder(case)
    assert "Stimmt das?" not in page(browser, mine(case))
    change_status(
        case.report.pk,
        to=Status.DONE,
        closing_reason=ClosingReason.DONE,
        answer="Geflickt.",
        **staff(heilbronn, case),
    )
    assert "Stimmt das?" in page(browser, mine(case))

    unclear = browser.post(mine(case, "stimmt-das/"), {"form_key": "a" * 32, "text": "Hm"})
    assert unclear.status_code in {200, 422}
    assert "Hm" in unclear.content.decode()
    sent = {"form_key": "a" * 32, "is_fixed": "no", "satisfaction": "2", "text": "Noch da"}
    for _tab in range(2):
        assert browser.post(mine(case, "stimmt-das/"), sent).status_code == 302

    assert Feedback.objects.get().satisfaction == 2
    assert fresh(case).reopened_count == 1
    assert "Stimmt das?" not in page(browser, mine(case))


def test_objecting_and_choosing_messages(
    heilbronn: Town, report: Submit, holder: Callable[[Receipt], Client]
) -> None:
    case = report(heilbronn, sender=ERIKA)
    browser = holder(case)

    assert page(browser, mine(case, "widerspruch/")).count('type="checkbox"') == 3
    nothing = browser.post(
        mine(case, "widerspruch/"), {"form_key": "a" * 32, "reason": "Mein Auto"}
    )
    assert nothing.status_code == 422
    assert "Mein Auto" in nothing.content.decode()
    browser.post(mine(case, "widerspruch/"), {"form_key": "b" * 32, "parts": ["report"]})
    browser.post(mine(case, "nachrichten/"), {"wants": "result"})

    assert Objection.objects.get().part == "report"
    assert Contact.objects.get().wants == Wish.RESULT
    assert "Sie haben widersprochen" in page(browser, mine(case))
    without = report(heilbronn)
    assert holder(without).get(mine(without, "nachrichten/")).status_code == 302


def test_every_mail_has_a_way_out_by_post_only(
    heilbronn: Town, report: Submit, client: Client
) -> None:
    case = report(heilbronn, sender=ERIKA)
    Contact.objects.update(email_confirmed_at=timezone.now())
    code = derived_codes.derive(STOP_PURPOSE, case.report.pk, 1)
    address = f"/heilbronn/meldung/{case.number}/abmelden/?code={code}"
    strict = Client(enforce_csrf_checks=True)

    assert page(strict, address)
    assert Contact.objects.get().wants == Wish.ALL
    # A mail program posts by itself, without cookies or tokens, and follows no redirect.
    answer = strict.post(address, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert Contact.objects.get().wants == Wish.NONE
    assert strict.post(address, {"wants": "result"}).status_code == 200
    assert Contact.objects.get().wants == Wish.RESULT
    assert strict.post(address.replace(code, "falsch"), {"wants": "all"}).status_code == 404
    assert Contact.objects.get().wants == Wish.RESULT


# "Betrifft mich auch"


def supports(receipt: Receipt, more: str = "") -> str:
    return f"/heilbronn/meldung/{receipt.number}/betrifft-mich-auch/{more}"


def test_joining_in_by_address_needs_a_click(
    heilbronn: Town, report: Submit, client: Client
) -> None:
    case = report(heilbronn)
    publish_report(case.report.pk, now=timezone.now())
    public = f"/heilbronn/meldung/{case.number}/"
    assert "Betrifft mich auch" in page(client, public)

    wrong = client.post(supports(case), {"form_key": "a" * 32, "way": "email", "email": "nix"})
    assert wrong.status_code == 422
    assert 'value="nix"' in wrong.content.decode()
    sent = {"form_key": "b" * 32, "way": "email", "email": "nachbarin@post.example"}
    for _tap in range(2):
        assert "Postfach" in client.post(supports(case), sent).content.decode()
    [mail] = Message.objects.filter(event="support_confirm")
    support = Support.objects.get()
    assert str(support.nonce) not in page(client, supports(case))
    assert support.confirmed_at is None

    code = derived_codes.derive(SUPPORT_PURPOSE, support.pk, support.nonce or 0)
    link = supports(case, f"{support.pk}/bestaetigen/?code={code}")
    assert mail.context["confirm_link"]["url"].endswith(f"{support.pk}/bestaetigen/?code=")
    page(client, link)
    assert Support.objects.get().confirmed_at is None
    for _click in range(2):
        assert "Sie zählen mit" in client.post(link).content.decode()
    publish_report(case.report.pk, now=timezone.now())
    assert "Eine weitere Person" in page(client, public)
    assert client.post(link.replace(code, "falsch")).status_code == 404


def test_joining_in_with_this_browser_and_leaving(
    heilbronn: Town, report: Submit, client: Client
) -> None:
    case = report(heilbronn)
    page(client, supports(case))
    assert "geraet" not in client.cookies

    for _tap in range(2):
        client.post(supports(case), {"way": "device"})

    assert Support.objects.count() == 1
    assert client.cookies["geraet"].value not in str(Support.objects.values())
    assert "Sie zählen mit" in page(client, supports(case))
    client.post(supports(case), {"way": "leave"})
    assert not Support.objects.exists()


def test_the_way_out_of_a_supporters_mail(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    support = Support.objects.create(
        report=case.report, person_hash="x", email="a@b.example", confirmed_at=timezone.now()
    )
    code = derived_codes.derive(LEAVE_PURPOSE, support.pk, 1)
    address = supports(case, f"{support.pk}/abmelden/?code={code}")
    strict = Client(enforce_csrf_checks=True)

    page(strict, address)
    assert Support.objects.exists()
    assert strict.post(address.replace(code, "falsch")).status_code == 404
    for _click in range(2):
        answer = strict.post(address, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert not Support.objects.exists()


def test_hidden_reports_offer_nothing(heilbronn: Town, report: Submit, client: Client) -> None:
    case = report(heilbronn, "tree")
    page(client, supports(case), status=404)
    assert client.post(supports(case), {"way": "device"}).status_code == 404
    Report.objects.update(publication="approved", category=heilbronn.categories["needles"])
    assert "nicht oder nicht mehr" in page(client, supports(case))
    client.post(supports(case), {"way": "device"})
    assert not Support.objects.exists()
