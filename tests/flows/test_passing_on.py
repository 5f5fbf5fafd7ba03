"""Not ours: a case goes to a body outside, and what the body answers comes back to it."""

import re
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.test import Client
from django.utils import timezone

from leases.models import Lane
from notifications.models import Message
from notifications.tasks import drain as send_mails
from postbox.parsing import parse
from reports.actions.change_status import change_status
from reports.actions.follow_up import settle_passing
from reports.actions.receive_mail import Taken, receive_mail
from reports.actions.route import route_report
from reports.inbox import IncomingMail
from reports.lifecycle import Status
from reports.models import Contact, Effect, Photo, Remark, Report, TimelineEntry
from reports.outside import BodyChannel, BodyConsent, OutsideBody, Passing
from reports.queries.receipt import receipt_view
from reports.tasks import drain
from routing.models import Category
from tests.people import ERIKA, fresh

pytestmark = pytest.mark.django_db
LETTER = "Die Fahrbahn gehört zur B 27, bitte prüfen."
ROAD = "bauamt@land.example"


@pytest.fixture
def body(heilbronn):
    """A body of Heilbronn's directory: body(channel=…)."""

    def make(**values):
        return OutsideBody.objects.create(
            municipality=heilbronn.municipality,
            **{
                "kind": "road",
                "name": "Straßenbauverwaltung",
                "channel": BodyChannel.MAIL,
                "email": ROAD,
            }
            | values,
        )

    return make


def signed_in(person):
    browser = Client()
    browser.force_login(person)
    return browser


def pass_on(town, receipt, to, **values):
    """Clara sends the form as a browser would."""
    day = timezone.localdate() + timedelta(days=14)
    form = {
        "version": fresh(receipt).version,
        "body": to.pk,
        "letter": LETTER,
        "follow_up_on": day.isoformat(),
        "ends": "abschliessen",
        "text": "Wir haben Ihre Meldung an die Straßenbauverwaltung weitergegeben.",
    }
    clara = signed_in(town.people["clara"])
    return clara.post(f"/desk/vorgang/{receipt.number}/weitergeben/", form | values)


def answer_of(mail, text="Wird am Montag verfüllt."):
    """What the body answers to a mail of ours, as a mail program does."""
    reply = EmailMessage()
    reply["From"], reply["To"] = "Sachbearbeiter <sb@land.example>", "meldungen@heilbronn.example"
    reply["Subject"] = f"AW: {mail['subject']}"
    reply["Message-ID"] = "<antwort@land.example>"
    reply.set_content(text)
    return parse(reply.as_bytes())


def only_mail(sink, recipient):
    (mail,) = sink.find(to=recipient)
    return mail.as_json()


class TestByMail:
    def test_to_the_road_authority_and_back(self, heilbronn, body, report, mail_sink):
        case = report(heilbronn, photos=1, sender=ERIKA)
        drain("media")
        asked = pass_on(heilbronn, case, body(), photos=["1"])
        assert asked.status_code == 302, asked.content.decode()[:3000]
        send_mails(Lane.STAFF)

        mail = only_mail(mail_sink, ROAD)
        assert LETTER in mail["body"]
        everything = mail["subject"] + mail["body"]
        for private in ("Erika", "buerger.example", "5550100", "Radfahrer stürzen"):
            assert private not in everything
        closed = fresh(case)
        assert (closed.status, closed.closing_reason) == ("done", "forwarded")

        # the link shows what the body may see, with the masked photo, and ends with the passing
        link = re.search(r"http://\S+/weitergabe/\S+", mail["body"]).group()
        bureau = Client()
        page = bureau.get("/" + link.split("/", 3)[3], follow=True)
        assert page.status_code == 200
        assert page["X-Robots-Tag"].startswith("noindex")
        assert "no-store" in page["Cache-Control"]
        shown = page.content.decode()
        assert LETTER in shown
        assert "Erika" not in shown
        picture = re.search(r'src="(/heilbronn/weitergabe/\d+/foto/1\.jpg)"', shown).group(1)
        assert bureau.get(picture).content[:2] == b"\xff\xd8"
        assert Client().get(picture).status_code == 404

        # the answer by mail finds the case by the code in the subject
        town = heilbronn.municipality
        taken = receive_mail(town, answer_of(mail), now=timezone.now())
        assert taken == Taken.ON_CASE
        assert receive_mail(town, answer_of(mail), now=timezone.now()) == Taken.KNOWN
        assert Remark.objects.get(kind="outside").body == "Wird am Montag verfüllt."
        assert fresh(case).unread_since is not None
        news = Message.objects.get(event="office_news")
        assert (news.recipient, news.context["news"]) == (heilbronn.offices["66"].email, "outside")
        clara = signed_in(heilbronn.people["clara"])
        assert "Wird am Montag verfüllt." in clara.get("/desk/wiedervorlagen/").content.decode()

        # what the public reads is neither the body's answer nor a refusal
        receipt = Client()
        receipt.get(f"/heilbronn/meldung/{case.number}/zugang/", {"code": case.secret})
        told = receipt.get(f"/heilbronn/meine/{case.number}/").content.decode()
        assert "weitergegeben an: Straßenbauverwaltung" in told
        assert "Montag" not in told
        assert "nicht umsetzbar" not in told

        passing = Passing.objects.get()
        settle_passing(passing.pk, by=heilbronn.people["clara"], now=timezone.now())
        assert bureau.get(picture).status_code == 404
        assert bureau.get(f"/heilbronn/weitergabe/{passing.pk}/").status_code == 404

    def test_a_wrong_code_leads_nowhere(self, heilbronn, body, report, mail_sink):
        case = report(heilbronn)
        pass_on(heilbronn, case, body())
        forged = f"Vorgang {case.number} [{'AAAAA-' * 4}AAAAA]"

        receive_mail(heilbronn.municipality, answer_of({"subject": forged}), now=timezone.now())

        assert not Remark.objects.filter(kind="outside").exists()
        assert IncomingMail.objects.get().about == case.report
        passing = Passing.objects.get()
        guess = f"/heilbronn/weitergabe/{passing.pk}/zugang/?code=AAAAA-AAAAA-AAAAA-AAAAA-AAAAA"
        assert Client().get(guess).status_code == 404

    def test_the_body_answers_on_its_page_once(self, heilbronn, body, report):
        case = report(heilbronn)
        pass_on(heilbronn, case, body(), ends="warten", text="")
        assert fresh(case).waiting_for == "third_party"
        passing = Passing.objects.get()
        clara = signed_in(heilbronn.people["clara"])
        letter = clara.get(f"/desk/wiedervorlagen/{passing.pk}/schreiben/").content.decode()
        code = re.search(r'class="code">([A-Z2-9-]{29})<', letter).group(1)
        bureau = Client()
        bureau.get(f"/heilbronn/weitergabe/{passing.pk}/zugang/", {"code": code})

        form = {"text": "Wir kommen.", "form_key": "k1"}
        for _again in range(2):
            sent = bureau.post(f"/heilbronn/weitergabe/{passing.pk}/", form)
            assert sent.status_code == 302
        assert bureau.post(f"/heilbronn/weitergabe/{passing.pk}/", {"text": " "}).status_code == 422

        assert Remark.objects.filter(kind="outside").count() == 1
        entry = TimelineEntry.objects.get(report=case.report, kind="body_answered")
        assert (entry.actor_kind, entry.is_public) == ("outside", False)


class TestWhatIsRefused:
    def test_a_danger_is_made_safe_first(self, heilbronn, body, report):
        case = report(heilbronn, "collapse")

        refused = pass_on(heilbronn, case, body())

        assert refused.status_code == 422
        assert "Erst die Gefahr" in refused.content.decode()
        assert LETTER in refused.content.decode()
        assert not Passing.objects.exists()
        clara = signed_in(heilbronn.people["clara"])
        version = fresh(case).version
        clara.post(f"/desk/vorgang/{case.number}/gesichert/", {"version": version})
        assert pass_on(heilbronn, case, body(name="Bahn")).status_code == 302

    def test_names_stay_without_a_consent_for_this_very_body(self, heilbronn, body, report):
        case = report(heilbronn, sender=ERIKA)
        road, rail = body(), body(name="Bahn", email="bahn@bahn.example")
        BodyConsent.objects.create(report=case.report, body=rail)

        refused = pass_on(heilbronn, case, road, with_contact="on")
        assert refused.status_code == 422
        assert "keine Einwilligung" in refused.content.decode()
        assert pass_on(heilbronn, case, rail, with_contact="on").status_code == 302

        mail = Message.objects.get(event="passed_on")
        assert "Erika Mustermann" in mail.context["reporter"]
        # an unconfirmed address is nobody's to give away
        assert "buerger.example" not in mail.context["reporter"]
        entry = TimelineEntry.objects.get(report=case.report, kind="passed_on")
        assert entry.data["contact"] is True

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"follow_up_on": "2020-01-01"}, "follow_up_on"),
            ({"letter": " "}, "letter"),
            ({"text": ""}, "text"),
            ({"body": "999999"}, "body"),
        ],
    )
    def test_faults_are_said_at_the_field(self, heilbronn, body, report, values, field):
        refused = pass_on(heilbronn, report(heilbronn), body(), **values)

        assert refused.status_code == 422
        assert field in refused.context["form"].errors
        assert not Passing.objects.exists()

    def test_a_photo_whose_masks_are_not_ready_stays(self, heilbronn, body, report):
        case = report(heilbronn, photos=1)
        drain("media")
        Photo.objects.update(masks_version=2)

        assert pass_on(heilbronn, case, body(), photos=["1"]).status_code == 422


class TestConsent:
    def test_given_in_the_form_shown_taken_back_and_the_office_told(self, heilbronn, body):
        works = body(name="Stadtwerke", asks_consent=True)
        works.categories.add(heilbronn.categories["pothole"])
        silent = body(name="Bahn", email="bahn@bahn.example")
        citizen = Client()
        address = "/heilbronn/melden/strasse.schlagloch/"
        page = citizen.get(address)
        asked = page.context["form"]["share_with"]
        assert [label for _pk, label in asked.field.choices] == ["Stadtwerke"]
        form = {
            "form_key": page.context["form"]["form_key"].value(),
            "lon": "9.2187",
            "lat": "49.1427",
            "place_chosen_by": "map",
            "description": "Tiefes Loch.",
            "name": "Erika Mustermann",
            "phone": "07131 5550100",
            "share_with": [str(works.pk)],
        }
        sent = citizen.post(address, form)
        assert sent.status_code == 302, sent.context["form"].errors
        drain(Lane.CITIZEN)
        case = Report.objects.get()
        assert BodyConsent.objects.get().body == works
        assert TimelineEntry.objects.filter(report=case, kind="consent_given").exists()

        clara = signed_in(heilbronn.people["clara"])
        passing = f"/desk/vorgang/{case.number}/weitergeben/"
        offered = clara.get(passing).context["form"]
        assert "Stadtwerke" in str(offered.fields["with_contact"].help_text)
        clara.post(
            passing,
            {
                "version": case.version,
                "body": works.pk,
                "letter": LETTER,
                "follow_up_on": (timezone.localdate() + timedelta(days=5)).isoformat(),
                "ends": "warten",
                "with_contact": "on",
            },
        )
        assert "Erika" in Message.objects.get(event="passed_on").context["reporter"]

        sharing = f"/heilbronn/meine/{case.number}/einwilligung/"
        assert "eingewilligt" in citizen.get(f"/heilbronn/meine/{case.number}/").content.decode()
        assert citizen.post(sharing, {"stelle": works.pk, "wille": "nein"}).status_code == 302
        assert BodyConsent.objects.get().revoked_at is not None
        assert Message.objects.filter(context__news="consent_revoked").exists()
        assert citizen.post(sharing, {"stelle": silent.pk, "wille": "ja"}).status_code == 404
        assert citizen.post(sharing, {"stelle": works.pk, "wille": "ja"}).status_code == 302
        assert BodyConsent.objects.filter(revoked_at=None).count() == 1

    def test_apps_ask_with_the_receipt(self, heilbronn, body, report):
        works = body(name="Stadtwerke", asks_consent=True)
        works.categories.add(heilbronn.categories["pothole"])
        case = report(heilbronn, sender=ERIKA)
        app = Client(headers={"X-Receipt-Secret": case.secret})
        address = f"/api/v1/reports/{case.number}"

        asked = app.get(address).json()["sharing"]
        assert asked == [{"id": works.pk, "name": "Stadtwerke", "is_allowed": False}]
        given = app.post(
            f"{address}/sharing", {"id": works.pk, "is_allowed": True}, "application/json"
        )
        assert (given.status_code, given.json()["is_allowed"]) == (201, True)
        assert app.get(address).json()["sharing"][0]["is_allowed"] is True
        refused = app.post(
            f"{address}/sharing", {"id": 999_999, "is_allowed": True}, "application/json"
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "addition_refused")


class TestToTheTownNextDoor:
    def test_the_case_is_made_there_once_and_both_know(self, heilbronn, heidenheim, body, report):
        case = report(heilbronn, photos=1, sender=ERIKA)
        Contact.objects.filter(report=case.report).update(email_confirmed_at=timezone.now())
        drain("media")
        next_door = body(
            name="Heidenheim",
            kind="town",
            channel=BodyChannel.TOWN,
            to_municipality=heidenheim.municipality,
        )
        BodyConsent.objects.create(report=case.report, body=next_door)
        pass_on(heilbronn, case, next_door, photos=["1"], with_contact="on")
        for _again in range(2):
            drain(Lane.STAFF)

        there = Report.objects.get(municipality=heidenheim.municipality)
        assert (there.source, there.category.code) == ("neighbour", "strasse.schlagloch")
        assert there.submission.description == LETTER
        assert there.contact.name == "Erika Mustermann"
        assert there.photos.count() == 1
        assert Passing.objects.get().there == there
        here = TimelineEntry.objects.get(report=case.report, kind="passed_to_town")
        other = TimelineEntry.objects.get(report=there, kind="came_from_town")
        assert (here.data["number"], other.data["number"]) == (there.number, case.number)

    def test_what_the_other_town_answers_stands_on_the_first_receipt(
        self, heilbronn, heidenheim, body, report
    ):
        case = report(heilbronn, sender=ERIKA)
        Contact.objects.filter(report=case.report).update(email_confirmed_at=timezone.now())
        next_door = body(channel=BodyChannel.TOWN, to_municipality=heidenheim.municipality)
        pass_on(heilbronn, case, next_door)
        drain(Lane.STAFF)
        Report.objects.filter(pk=case.report.pk).update(unread_since=None)
        there = Report.objects.get(municipality=heidenheim.municipality)
        route_report(there.pk)
        there.refresh_from_db()

        change_status(
            there.pk,
            to=Status.DONE,
            closing_reason="done",
            answer="Das Loch ist zu.",
            by=heidenheim.people["hanno"],
            now=timezone.now(),
            expected_version=there.version,
        )
        for _again in range(2):
            Effect.objects.filter(kind="report_back").update(state="pending", attempts=0)
            drain(Lane.STAFF)

        words = f"{heidenheim.municipality.name}: Das Loch ist zu."
        told = receipt_view(fresh(case), now=timezone.now())
        assert [step.kind for step in told.timeline].count("town_ended") == 1
        assert told.answer == words
        assert "erika@buerger.example" not in str(there.submission.description)
        [mail] = Message.objects.filter(event="report_status", context__answer=words)
        assert mail.recipient == ERIKA.email
        assert fresh(case).unread_since is not None
        assert Passing.objects.get().state == Passing.State.ANSWERED
        page = signed_in(heilbronn.people["clara"]).get(f"/desk/vorgang/{case.number}/")
        assert there.number in page.content.decode()

    def test_where_they_do_not_take_it_the_office_reads_so(
        self, heilbronn, heidenheim, body, report
    ):
        Category.objects.filter(municipality=heidenheim.municipality).update(is_active=False)
        case = report(heilbronn)
        next_door = body(channel=BodyChannel.TOWN, to_municipality=heidenheim.municipality)
        pass_on(heilbronn, case, next_door)

        drain(Lane.STAFF)

        assert not Report.objects.filter(municipality=heidenheim.municipality).exists()
        assert TimelineEntry.objects.filter(report=case.report, kind="body_refused").exists()
        assert fresh(case).unread_since is not None


class TestLookingAgain:
    def test_due_ones_are_counted_put_off_and_settled(self, heilbronn, body, report):
        case = report(heilbronn)
        pass_on(heilbronn, case, body())
        passing = Passing.objects.get()
        clara = signed_in(heilbronn.people["clara"])
        assert "Heute nichts fällig" in clara.get("/desk/wiedervorlagen/").content.decode()
        Passing.objects.update(follow_up_on=timezone.localdate())

        due = clara.get("/desk/wiedervorlagen/")
        (item,) = [
            item for item in due.context["desk_nav"] if item["url"] == "/desk/wiedervorlagen/"
        ]
        assert item["count"] == 1
        later = (timezone.localdate() + timedelta(days=3)).isoformat()
        address = f"/desk/wiedervorlagen/{passing.pk}/"
        clara.post(address, {"ausgang": "later", "until": later})
        passing.refresh_from_db()
        assert passing.follow_up_on.isoformat() == later
        assert passing.is_open

        gero = signed_in(heilbronn.people["gero"])
        assert gero.post(address, {"ausgang": "settled"}).status_code == 404
        clara.post(address, {"ausgang": "settled"})
        passing.refresh_from_db()
        assert not passing.is_open
        assert clara.post(address, {"ausgang": "nonsense"}).status_code == 404

    def test_the_ordinary_way_to_close_asks_for_safety_too(self, heilbronn, report):
        case = report(heilbronn, "collapse")
        clara = signed_in(heilbronn.people["clara"])

        refused = clara.post(
            f"/desk/vorgang/{case.number}/abschliessen/",
            {"version": fresh(case).version, "outcome": "weitergegeben", "text": "Ans Land."},
        )

        assert refused.status_code == 422
        assert "Erst die Gefahr" in refused.content.decode()
        assert fresh(case).status == Status.RECEIVED
