"""Somebody calls: the report is taken down, told, called back about, or taken back."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from notifications.models import Message
from reports.actions.change_status import change_status
from reports.actions.housekeeping import forget_what_is_due
from reports.actions.retain import retain
from reports.actions.route import route_report
from reports.actions.settle_reply import MOST_ATTEMPTS, Outcome, OutcomeUnfit, settle_reply
from reports.desk_entry import AttachedCaller, EntryDraft, ReplyTask
from reports.lifecycle import ClosingReason, Status
from reports.models import Contact, DangerAlert, Publication, Report, TimelineEntry
from reports.others import count_supports
from reports.policies import NotPermitted
from reports.receipts import secret_of
from reports.tasks import drain
from staff_desk.spelling import spelled
from tests.factories import QuestionFactory
from tests.people import ERIKA, TOWN_HALL, draft

pytestmark = pytest.mark.django_db
ENTRY = "/desk/aufnahme/"


@pytest.fixture
def desk(heilbronn):
    """A browser in which somebody of Heilbronn is signed in: desk("clara")."""

    def sign_in(name, town=heilbronn):
        browser = Client()
        browser.force_login(town.people[name])
        return browser

    return sign_in


def filled(**changes):
    """The form of a call about a pothole by the town hall."""
    return {
        "source": "phone",
        "form_key": "a" * 32,
        "lon": TOWN_HALL[0],
        "lat": TOWN_HALL[1],
        "place_chosen_by": "map",
        "address": "Marktplatz 7",
        "category": "strasse.schlagloch",
        "description": "Ein tiefes Loch, sagt die Anruferin.",
        "answer_by": "none",
    } | changes


def entered(browser, **changes):
    """Send the form; the report it made."""
    answer = browser.post(ENTRY, filled(**changes))
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return Report.objects.get(number=answer.headers["Location"].split("/")[-2])


def page(browser, address, status=200):
    answer = browser.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def close(report, by):
    route_report(report.pk)
    report.refresh_from_db()
    change_status(
        report.pk,
        to=Status.DONE,
        closing_reason=ClosingReason.DONE,
        answer="Das Loch ist zu.",
        by=by,
        now=timezone.now(),
        expected_version=report.version,
    )


class TestTakingDown:
    def test_a_call_becomes_a_report_with_its_source_and_office(self, heilbronn, desk):
        report = entered(desk("gero"), name="Frau Schmitt", phone="07131 123", answer_by="call")

        first = TimelineEntry.objects.get(report=report, kind="received")
        assert report.source == "phone"
        assert first.actor == heilbronn.people["gero"]
        assert first.data["office"] == heilbronn.offices["67"].pk
        contact = Contact.objects.get(report=report)
        assert (contact.name, contact.answer_by) == ("Frau Schmitt", "call")

    def test_number_and_code_are_there_to_dictate_and_to_print(self, desk):
        gero = desk("gero")
        report = entered(gero)

        shown = page(gero, f"{ENTRY}{report.number}/")

        assert secret_of(report) in shown
        assert " ".join(spelled(secret_of(report)[:5])) in shown
        assert "<svg" in shown
        page(desk("clara"), f"{ENTRY}{report.number}/", status=404)

    def test_the_receipt_is_shown_to_its_clerk_for_a_day_only(self, desk):
        gero = desk("gero")
        report = entered(gero)

        with time_machine.travel(timezone.now() + timedelta(hours=13), tick=False):
            gero.force_login(report.timeline.get(kind="received").actor)
            page(gero, f"{ENTRY}{report.number}/", status=404)

    def test_the_same_form_sent_twice_is_one_report(self, desk):
        gero = desk("gero")

        assert entered(gero) == entered(gero)

    def test_going_back_and_changing_it_asks_once_more(self, desk):
        gero = desk("gero")
        entered(gero)

        answer = gero.post(ENTRY, filled(description="Noch etwas."))

        assert answer.status_code == 422
        assert "a" * 32 not in answer.content.decode()

    def test_nothing_typed_is_lost_on_an_error(self, heilbronn, desk):
        QuestionFactory(category=heilbronn.categories["pothole"], code="tiefe", is_required=True)

        answer = desk("clara").post(ENTRY, filled(name="Kurt Weil", answer_by="call"))

        words = answer.content.decode()
        assert answer.status_code == 422
        assert "Für einen Rückruf fehlt die Telefonnummer." in words
        assert "Bitte beantworten Sie diese Frage." in words
        assert "Ein tiefes Loch, sagt die Anruferin." in words
        assert "Kurt Weil" in words

    def test_answers_are_checked_and_kept(self, heilbronn, desk):
        QuestionFactory(category=heilbronn.categories["pothole"], code="tiefe", datatype="number")

        report = entered(desk("clara"), answer_tiefe="12,5")

        assert report.submission.answers == {"tiefe": 12.5}

    @pytest.mark.parametrize("bad", [{"lon": "x"}, {"category": "nirgends"}, {"source": "web"}])
    def test_nonsense_is_refused_at_its_field(self, desk, bad):
        answer = desk("clara").post(ENTRY, filled(**bad))

        assert answer.status_code == 422
        assert not Report.objects.exists()

    def test_a_district_in_words_is_a_rough_place(self, desk):
        report = entered(desk("clara"), address="Böckingen", lon="", lat="")

        assert report.place_chosen_by == "list"
        assert report.accuracy_m > 1000

    def test_a_place_nobody_knows_comes_back(self, desk):
        answer = desk("clara").post(ENTRY, filled(address="Nirgendwo 5", lon="", lat=""))

        assert answer.status_code == 422
        assert "Diesen Ort finden wir nicht" in answer.content.decode()

    def test_danger_in_the_callers_words_alarms(self, desk):
        report = entered(desk("gero"), marked_danger="on")
        drain("citizen")
        drain("citizen")

        report.refresh_from_db()
        assert report.is_danger
        assert DangerAlert.objects.filter(report=report).exists()

    def test_an_enquiry_of_the_council_has_its_own_deadline(self, heilbronn, desk):
        town = heilbronn.municipality
        town.council_answer_days = 3
        town.save(update_fields=["council_answer_days"])
        council, caller = entered(desk("clara"), source="council"), None
        caller = entered(desk("clara"), form_key="b" * 32)

        for report in (council, caller):
            route_report(report.pk)
            report.refresh_from_db()

        assert council.due_at < caller.due_at
        assert council.due_at - council.received_at < timedelta(days=7)

    def test_readers_take_nothing_down(self, desk):
        for name in ("mona", "max"):
            assert desk(name).get(ENTRY).status_code == 403

    def test_the_first_mail_goes_to_the_address_that_was_spelled(self, desk):
        report = entered(desk("clara"), email="anna@buerger.example", answer_by="email")

        mail = Message.objects.get(subject_ref=report.number, event="report_received")
        assert mail.recipient == "anna@buerger.example"
        assert report.contact.email_confirmed_at is None


class TestSimilarCases:
    def hints(self, browser, **query):
        where = {"lon": TOWN_HALL[0], "lat": TOWN_HALL[1], "category": "strasse.schlagloch"}
        answer = browser.get(f"{ENTRY}hinweise/", where | query)
        assert answer.status_code == 200
        return json.loads(answer.content)

    def test_own_and_public_ones_are_told_the_same_kind_first(self, heilbronn, report, desk):
        tree = report(heilbronn, "tree", address="Allee 1")
        hole = report(heilbronn, "pothole", address="Marktplatz 7", lat=TOWN_HALL[1] + 0.0005)
        report(heilbronn, "pothole", lat=TOWN_HALL[1] + 0.01)
        Report.objects.filter(pk=hole.report.pk).update(publication=Publication.APPROVED)

        found = self.hints(desk("gero"))["similar"]

        assert [each["number"] for each in found] == [hole.number, tree.number]
        assert found[0]["distance"] == "56 m entfernt"
        assert found[0]["same"] is True
        # Amt 66 has the hole: to others only what everybody may know.
        assert (found[0]["url"], found[0]["address"], found[0]["excerpt"]) == ("", "", "")
        assert found[1]["address"] == "Allee 1"

    def test_what_is_neither_ones_own_nor_public_is_not_told(self, heilbronn, report, desk):
        hidden = report(heilbronn, "collapse")

        assert self.hints(desk("gero"))["similar"] == []
        assert self.hints(desk("dora"))["similar"][0]["number"] == hidden.number

    def test_closed_ones_and_other_towns_are_left_out(self, heilbronn, heidenheim, report, desk):
        done = report(heilbronn)
        close(done.report, heilbronn.people["clara"])

        assert self.hints(desk("clara"))["similar"] == []
        assert self.hints(desk("heidi", heidenheim), lon=10.1)["similar"] == []

    @pytest.mark.parametrize("lat", ["", "x", "nan", "inf", "1e400", "91", "\x00"])
    def test_nonsense_finds_nothing(self, desk, lat):
        assert self.hints(desk("clara"), lat=lat)["similar"] == []

    def test_it_says_whom_a_danger_alarms(self, desk):
        assert "Clara Clerk" in self.hints(desk("gero"))["duty"]


class TestUnsentEntries:
    def keep(self, browser, **changes):
        return browser.post(f"{ENTRY}entwurf/", filled(**changes)).status_code

    def test_what_was_typed_is_back_after_closing_the_window(self, desk):
        gero = desk("gero")
        assert self.keep(gero, name="Frau Halbsatz", answer_by="letter") == 204

        assert "Marktplatz 7" in page(gero, ENTRY)
        again = page(gero, f"{ENTRY}?entwurf={'a' * 32}")

        assert "Frau Halbsatz" in again
        assert "a" * 32 in again

    def test_it_is_nobody_elses(self, desk):
        self.keep(desk("gero"), name="Frau Halbsatz")

        assert "Marktplatz" not in page(desk("dora"), ENTRY)
        assert "Halbsatz" not in page(desk("dora"), f"{ENTRY}?entwurf={'a' * 32}")

    def test_saving_forgets_it_and_a_late_one_is_not_kept(self, desk):
        gero = desk("gero")
        self.keep(gero)
        entered(gero)

        assert self.keep(gero) == 204
        assert not EntryDraft.objects.exists()

    def test_it_can_be_thrown_away(self, desk):
        gero = desk("gero")
        self.keep(gero)

        gero.post(f"{ENTRY}entwurf/", {"form_key": "a" * 32, "verwerfen": "1"})

        assert not EntryDraft.objects.exists()

    @pytest.mark.parametrize("bad", [{"form_key": ""}, {"name": "x" * 5000}])
    def test_what_is_no_form_is_refused(self, desk, bad):
        assert self.keep(desk("gero"), **bad) == 400

    def test_it_is_erased_after_three_days(self, desk):
        self.keep(desk("gero"), name="Frau Halbsatz")

        forget_what_is_due(now=timezone.now() + timedelta(days=2))
        assert EntryDraft.objects.exists()
        forget_what_is_due(now=timezone.now() + timedelta(days=4))
        assert not EntryDraft.objects.exists()


class TestTakingBack:
    def test_within_minutes_it_is_withdrawn_and_nothing_is_mailed(self, desk):
        clara = desk("clara")
        report = entered(clara, email="anna@buerger.example", answer_by="email")

        clara.post(f"{ENTRY}{report.number}/zuruecknehmen/")

        report.refresh_from_db()
        assert report.status == Status.WITHDRAWN
        assert Message.objects.get(event="report_received").state == "cancelled"
        assert report.timeline.filter(kind="entry_taken_back").count() == 1
        clara.post(f"{ENTRY}{report.number}/zuruecknehmen/")
        assert report.timeline.filter(kind="entry_taken_back").count() == 1

    def test_later_it_is_not(self, desk):
        clara = desk("clara")
        report = entered(clara)

        with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
            clara.post(f"{ENTRY}{report.number}/zuruecknehmen/")

        report.refresh_from_db()
        assert report.status == Status.RECEIVED

    def test_nobody_else_does_it(self, desk):
        report = entered(desk("clara"))

        answer = desk("dora").post(f"{ENTRY}{report.number}/zuruecknehmen/")

        assert answer.status_code == 404


class TestCallsAndLetters:
    @pytest.fixture
    def caller(self, heilbronn, desk):
        report = entered(desk("clara"), name="Frau Ruf", phone="07131 99", answer_by="call")
        close(report, heilbronn.people["clara"])
        return report

    def test_closing_owes_a_call_instead_of_a_mail(self, caller, desk):
        listed = page(desk("clara"), "/desk/rueckrufe/")

        assert "Frau Ruf" in listed
        assert "07131 99" in listed
        assert "Das Loch ist zu." in listed
        assert "Frau Ruf" not in page(desk("gero"), "/desk/rueckrufe/")
        assert not Message.objects.filter(event="report_closed").exists()

    def test_one_call_tells_all(self, heilbronn, caller):
        caller.refresh_from_db()
        who = {"by": heilbronn.people["clara"], "now": timezone.now()}
        change_status(caller.pk, to=Status.IN_PROGRESS, expected_version=caller.version, **who)
        caller.refresh_from_db()
        close(caller, heilbronn.people["clara"])

        assert ReplyTask.objects.get(report=caller).state == "open"

    def test_reached_is_noted_in_the_history(self, caller, desk):
        task = ReplyTask.objects.get(report=caller)
        clara = desk("clara")

        clara.post(f"/desk/rueckrufe/{task.pk}/", {"ausgang": "not_reached"})
        clara.post(f"/desk/rueckrufe/{task.pk}/", {"ausgang": "done"})

        task.refresh_from_db()
        assert (task.state, task.attempts) == ("done", 2)
        outcomes = [entry.data["outcome"] for entry in caller.timeline.filter(kind="called_back")]
        assert outcomes == ["not_reached", "done"]
        assert "nicht erreicht, Versuch 1" in page(clara, f"/desk/vorgang/{caller.number}/")

    def test_giving_up_needs_several_tries(self, heilbronn, caller):
        task = ReplyTask.objects.get(report=caller)
        who = {"by": heilbronn.people["clara"], "now": timezone.now()}
        with pytest.raises(OutcomeUnfit):
            settle_reply(task.pk, outcome=Outcome.GIVEN_UP, **who)

        for _try in range(MOST_ATTEMPTS):
            settle_reply(task.pk, outcome=Outcome.NOT_REACHED, **who)

        assert settle_reply(task.pk, outcome=Outcome.GIVEN_UP, **who).state == "given_up"

    def test_it_belongs_to_the_responsible_office(self, heilbronn, caller):
        task = ReplyTask.objects.get(report=caller)

        with pytest.raises(NotPermitted):
            settle_reply(
                task.pk, outcome=Outcome.DONE, by=heilbronn.people["gero"], now=timezone.now()
            )

    def test_a_letter_is_owed_at_once_and_again_with_the_answer(self, heilbronn, desk):
        gero = desk("gero")
        report = entered(
            gero, name="Herr Brief", postal_address="Allee 1\n74072 Heilbronn", answer_by="letter"
        )
        first = ReplyTask.objects.get(report=report)
        assert "74072 Heilbronn" in page(gero, f"{ENTRY}{report.number}/")
        gero.post(f"/desk/rueckrufe/{first.pk}/", {"ausgang": "done"})

        close(report, heilbronn.people["clara"])

        second = ReplyTask.objects.get(report=report, state="open")
        paper = page(desk("clara"), f"/desk/rueckrufe/{second.pk}/brief/")
        assert "Das Loch ist zu." in paper
        assert "74072 Heilbronn" in paper
        assert secret_of(report) in paper
        page(gero, f"/desk/rueckrufe/{second.pk}/brief/", status=404)

    def test_an_empty_list_says_so(self, desk):
        assert "Niemand wartet auf einen Rückruf" in page(desk("dora"), "/desk/rueckrufe/")


def test_who_reports_alone_is_told_as_before(heilbronn, report):
    receipt = report(heilbronn, sender=draft().sender)

    assert not ReplyTask.objects.filter(report=receipt.report).exists()


class TestAttachingACaller:
    def attach(self, browser, number, **changes):
        caller = {"name": "Frau Zwei", "phone": "07131 22", "answer_by": "call"}
        return browser.post(ENTRY, filled(attach_to=number, category="", **(caller | changes)))

    def test_the_person_counts_and_is_called_on_closing(self, heilbronn, report, desk):
        case = report(heilbronn)

        answer = self.attach(desk("gero"), case.number)

        assert answer.status_code == 302, answer.content.decode()[:3000]
        assert count_supports(case.report.pk) == 1
        close(case.report, heilbronn.people["clara"])
        listed = page(desk("clara"), "/desk/rueckrufe/")
        assert "Frau Zwei" in listed
        assert "07131 22" in listed
        note = page(desk("clara"), f"/desk/vorgang/{case.number}/")
        assert "Ein tiefes Loch, sagt die Anruferin." in note

    def test_sent_twice_it_is_one_person(self, heilbronn, report, desk):
        case, gero = report(heilbronn), desk("gero")

        self.attach(gero, case.number)
        self.attach(gero, case.number)

        assert count_supports(case.report.pk) == 1
        assert case.report.timeline.filter(kind="caller_attached").count() == 1

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"phone": ""}, "fehlt die Telefonnummer"),
            ({"answer_by": "letter"}, "fehlt die Anschrift"),
            ({"answer_by": "email", "email": "a@b.example"}, "Rückruf oder Brief"),
            ({"answer_by": "email"}, "fehlt die Adresse"),
        ],
    )
    def test_nothing_typed_is_lost_when_the_contact_is_not_enough(
        self, heilbronn, report, desk, changes, words
    ):
        case = report(heilbronn)

        answer = self.attach(desk("gero"), case.number, **changes)

        content = answer.content.decode()
        assert answer.status_code == 422
        assert words in content
        assert "Frau Zwei" in content
        assert f'value="{case.number}"' in content

    def test_a_letter_to_them_holds_no_code_of_somebody_elses(self, heilbronn, report, desk):
        case = report(heilbronn, sender=ERIKA)
        self.attach(desk("clara"), case.number, answer_by="letter", postal_address="Weg 2, Ort")
        task = ReplyTask.objects.get(report=case.report)

        paper = page(desk("clara"), f"/desk/rueckrufe/{task.pk}/brief/")

        assert "Weg 2, Ort" in paper
        assert case.secret not in paper
        assert "Erika" not in paper

    def test_what_one_may_not_know_of_one_cannot_join(self, heilbronn, heidenheim, report, desk):
        hidden = report(heilbronn, "collapse")
        elsewhere = report(heidenheim, lon=10.15, lat=49.14)

        for number in (hidden.number, elsewhere.number, "HN-2026-999999", "\x00"):
            assert self.attach(desk("gero"), number).status_code == 404

    def test_a_closed_case_takes_nobody(self, heilbronn, report, desk):
        case = report(heilbronn)
        close(case.report, heilbronn.people["clara"])

        answer = self.attach(desk("clara"), case.number)

        assert answer.status_code == 422
        assert "als neue Meldung aufnehmen" in answer.content.decode()
        assert count_supports(case.report.pk) == 0

    def test_they_are_forgotten_a_month_after_the_end(self, heilbronn, report, desk):
        case = report(heilbronn)
        self.attach(desk("clara"), case.number)
        close(case.report, heilbronn.people["clara"])

        retain(now=timezone.now() + timedelta(days=31))

        gone = AttachedCaller.objects.get()
        assert (gone.name, gone.phone) == ("", "")
        assert ReplyTask.objects.get(report=case.report).state == "dropped"
        assert "Frau Zwei" not in page(desk("clara"), "/desk/rueckrufe/")
