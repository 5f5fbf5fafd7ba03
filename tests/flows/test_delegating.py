"""Work goes to a firm by a link: accepted, done, refused, silent, taken back."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from leases.models import Lane
from notifications.models import Message
from notifications.tasks import drain as send_mails
from reports.actions.delegate import meet_deadline, revoke
from reports.actions.firm_reports import DelegationEnded, FirmKey, take_step
from reports.delegating import Delegation, DelegationState, Firm
from reports.editing import CaseChanged
from reports.models import Effect, Photo, Remark, TimelineEntry
from reports.tasks import drain
from tests.people import ERIKA, fresh
from tests.photo_samples import jpeg_full_of_canaries
from tests.threads import at_once

pytestmark = pytest.mark.django_db
WORK = "Bitte mit Kaltasphalt verfüllen."


@pytest.fixture
def firm(heilbronn):
    return Firm.objects.create(
        municipality=heilbronn.municipality,
        name="Tiefbau Muster",
        trade="Straßenbau",
        email="post@tiefbau.example",
    )


def signed_in(person):
    browser = Client()
    browser.force_login(person)
    return browser


def give(town, receipt, firm, **values):
    """Clara sends the form as a browser would."""
    form = {
        "version": fresh(receipt).version,
        "firm": firm.pk,
        "instructions": WORK,
        "until": (timezone.localdate() + timedelta(days=7)).isoformat(),
    }
    clara = signed_in(town.people["clara"])
    return clara.post(f"/desk/vorgang/{receipt.number}/beauftragen/", form | values)


def do(town, receipt, verb):
    clara = signed_in(town.people["clara"])
    address = f"/desk/vorgang/{receipt.number}/{verb}/"
    return clara.post(address, {"version": fresh(receipt).version})


def opened(sink):
    """The firm's browser after a click on the link in its mail, and the address of its page."""
    send_mails(Lane.STAFF)
    mail = sink.find(to="tiefbau.example")[-1].as_json()
    link = re.search(r"http://\S+/beauftragung/\S+", mail["body"]).group()
    browser = Client()
    page = browser.get("/" + link.split("/", 3)[3], follow=True)
    assert page.status_code == 200
    return browser, page.redirect_chain[-1][0]


def kinds(receipt):
    return list(
        TimelineEntry.objects.filter(report=receipt.report)
        .order_by("seq")
        .values_list("kind", flat=True)
    )


def test_from_the_link_to_the_proof_photo_and_the_clerk(heilbronn, firm, report, mail_sink):
    case = report(heilbronn, photos=1, sender=ERIKA)
    drain("media")
    asked = give(heilbronn, case, firm, photos=["1"])
    assert asked.status_code == 302, asked.context["form"].errors
    assert fresh(case).status == "in_progress"

    browser, page = opened(mail_sink)
    shown = browser.get(page)
    assert shown["X-Robots-Tag"].startswith("noindex")
    assert "no-store" in shown["Cache-Control"]
    words = shown.content.decode()
    assert WORK in words
    for private in ("Erika", "Mustermann", "buerger.example", "5550100", "Radfahrer stürzen"):
        assert private not in words
    assert browser.get(f"{page}foto/1.jpg").content[:2] == b"\xff\xd8"

    browser.post(page, {"schritt": "annehmen", "form_key": "a"})
    picture = SimpleUploadedFile("nachher.jpg", jpeg_full_of_canaries(), "image/jpeg")
    bad = SimpleUploadedFile("notiz.txt", b"no photo", "text/plain")
    both = {"schritt": "erledigt", "text": "Fertig.", "form_key": "b", "photos": [picture, bad]}
    kept = browser.post(page, both)
    assert kept.status_code == 422  # the bad one is named, the good one is kept
    assert "Fertig." in kept.content.decode()
    browser.post(page, {"schritt": "erledigt", "text": "Fertig.", "form_key": "c"})
    browser.post(page, {"schritt": "erledigt", "text": "Fertig.", "form_key": "c"})
    drain("media")

    delegation = Delegation.objects.get()
    assert delegation.state == DelegationState.DONE
    proof = Photo.objects.get(proof_of=delegation)
    assert (proof.state, proof.publication) == ("ready", "pending")
    assert browser.get(f"{page}foto/{proof.ordinal}.jpg").content[:2] == b"\xff\xd8"
    assert Remark.objects.filter(kind="outside").count() == 1
    assert fresh(case).unread_since is not None
    done = Message.objects.filter(event="office_news").latest("pk")
    assert done.context["news"] == "firm_done"
    clara = signed_in(heilbronn.people["clara"])
    assert "abzunehmen" in clara.get("/desk/wiedervorlagen/").content.decode()

    # the reporter sees neither the firm's words nor its photo among the own ones
    receipt = Client(headers={"X-Receipt-Secret": case.secret})
    own = receipt.get(f"/api/v1/reports/{case.number}").json()
    assert [photo["ordinal"] for photo in own["photos"]] == [1]
    assert "Fertig." not in str(own)

    assert do(heilbronn, case, "beauftragung-abnehmen").status_code == 302
    assert browser.get(page).status_code == 404
    assert give(heilbronn, case, firm).status_code == 302  # one after another
    assert Delegation.objects.count() == 2
    assert kinds(case).count("delegation_done") == 1


def test_a_refusal_says_why_and_ends_the_link(heilbronn, firm, report, mail_sink):
    case = report(heilbronn)
    give(heilbronn, case, firm)
    browser, page = opened(mail_sink)

    assert browser.post(page, {"schritt": "ablehnen", "form_key": "a"}).status_code == 422
    refused = browser.post(page, {"schritt": "ablehnen", "text": "Kein Team", "form_key": "b"})

    assert "abgelehnt" in refused.content.decode()
    assert browser.get(page).status_code == 404
    assert Delegation.objects.get().state == DelegationState.REFUSED
    assert Message.objects.filter(event="office_news").latest("pk").context["news"] == (
        "firm_refused"
    )


def test_silence_brings_it_back_and_work_under_way_is_only_told(heilbronn, firm, report):
    silent, busy = report(heilbronn), report(heilbronn)
    for case in (silent, busy):
        give(heilbronn, case, firm)
    waiting, working = Delegation.objects.order_by("pk")
    take_step(FirmKey(working.pk, 1), to=DelegationState.WORKING, text="", now=timezone.now())
    deadline = Effect.objects.get(report=silent.report, kind=Effect.Kind.DELEGATION_DEADLINE)
    assert deadline.next_at == waiting.until

    meet_deadline(waiting.pk, now=waiting.until - timedelta(minutes=1))
    assert Delegation.objects.get(pk=waiting.pk).is_open
    for _again in range(2):
        meet_deadline(waiting.pk, now=waiting.until)
        meet_deadline(working.pk, now=working.until)

    waiting.refresh_from_db()
    working.refresh_from_db()
    assert (waiting.state, working.state) == ("silent", "working")
    assert kinds(silent).count("delegation_silent") == 1
    assert "delegation_late" in kinds(busy)
    news = set(Message.objects.filter(event="office_news").values_list("context__news", flat=True))
    assert news == {"firm_silent", "firm_late"}
    assert Message.objects.filter(event="delegation_revoked").count() == 1


def test_one_click_takes_it_back_and_closing_ends_it(heilbronn, firm, report, mail_sink):
    case = report(heilbronn)
    give(heilbronn, case, firm)
    assert give(heilbronn, case, firm).status_code == 422  # one at a time
    browser, page = opened(mail_sink)

    assert do(heilbronn, case, "beauftragung-zuruecknehmen").status_code == 302
    assert browser.get(page).status_code == 404
    late = browser.post(page, {"schritt": "erledigt", "form_key": "a"})
    assert late.status_code == 404
    assert Delegation.objects.get().state == DelegationState.REVOKED

    give(heilbronn, case, firm)
    clara = signed_in(heilbronn.people["clara"])
    closing = {"version": fresh(case).version, "outcome": "erledigt", "text": "Erledigt."}
    clara.post(f"/desk/vorgang/{case.number}/abschliessen/", closing)
    states = set(Delegation.objects.values_list("state", flat=True))
    assert states == {"revoked"}
    assert fresh(case).status == "done"


def test_done_and_taken_back_at_once_is_one_of_both(heilbronn, firm, report):
    """The firm's telephone and the clerk's mouse at the same moment: whoever locks first."""
    case = report(heilbronn)
    give(heilbronn, case, firm)
    delegation = Delegation.objects.get()
    version = fresh(case).version
    clara = heilbronn.people["clara"]

    def act(number):
        if number:
            return revoke(case.report.pk, by=clara, now=timezone.now(), expected_version=version)
        key = FirmKey(delegation.pk, delegation.key_version)
        return take_step(key, to=DelegationState.DONE, text="Fertig.", now=timezone.now())

    firms, clerks = at_once(2, act)

    delegation.refresh_from_db()
    told = [kind for kind in kinds(case) if kind in {"delegation_done", "delegation_revoked"}]
    if isinstance(firms, Exception):
        assert isinstance(firms, DelegationEnded)
        assert (delegation.state, told) == ("revoked", ["delegation_revoked"])
    else:
        assert isinstance(clerks, CaseChanged)
        assert (delegation.state, told) == ("done", ["delegation_done"])
