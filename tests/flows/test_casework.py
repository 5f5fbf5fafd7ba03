"""What staff do with a case, told through the actions: who hears of it, what is written down."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import derived_codes
from notifications.models import Message
from reports.actions.answer import answer
from reports.actions.assign import CaseIsClosed, NotInOffice, assign, take, unassign
from reports.actions.change_status import LeadingCaseInvalid, WaitingIncomplete, change_status
from reports.actions.confidential import lift_confidential, mark_confidential
from reports.actions.confirm_address import confirm_address
from reports.actions.hold import HoldDateInvalid, lift_hold, set_hold
from reports.actions.make_safe import make_safe
from reports.actions.moderate import NeverPublic, PhotoNotReady, UnknownPart, moderate
from reports.actions.note import add_note
from reports.actions.recategorise import CategoryUnsuitable, recategorise
from reports.actions.screen import screen
from reports.actions.withdraw import withdraw
from reports.editing import TEXT_LIMIT, CaseChanged, TextMissing, TextTooLong
from reports.lifecycle import ClosingIncomplete, ClosingReason, MoveNotAllowed, Status, WaitingFor
from reports.models import (
    Contact,
    Effect,
    Photo,
    PhotoState,
    Publication,
    Remark,
    Report,
    Screening,
    TimelineEntry,
)
from reports.policies import NotPermitted
from reports.receipts import CONFIRM_PURPOSE
from tests.people import ERIKA, fresh

pytestmark = pytest.mark.django_db
ANSWER = "Die Stelle ist geflickt. Amt für Straßenwesen, 07131 56-0."


def who(town, name, receipt):
    """The usual words of every action: by whom, when, seen in which version."""
    return {
        "by": town.people[name],
        "now": timezone.now(),
        "expected_version": fresh(receipt).version,
    }


def last_entry(receipt):
    return TimelineEntry.objects.filter(report=receipt.report).order_by("-seq").first()


def confirm(receipt):
    contact = Contact.objects.get(report=receipt.report)
    code = derived_codes.derive(CONFIRM_PURPOSE, receipt.report.pk, contact.confirm_version)
    confirm_address(receipt.report, code, now=timezone.now())


def mails(receipt, event):
    return Message.objects.filter(subject_ref=receipt.number, event=event)


def owed(receipt, kind):
    return Effect.objects.filter(report=receipt.report, kind=kind)


class TestChangingTheStatus:
    def test_closing_stores_reason_and_answer_and_tells_the_reporter(self, heilbronn, report):
        case = report(heilbronn, sender=ERIKA)
        confirm(case)

        change_status(
            case.report.pk,
            to=Status.DONE,
            closing_reason=ClosingReason.DONE,
            answer=ANSWER,
            **who(heilbronn, "clara", case),
        )

        closed = fresh(case)
        assert (closed.status, closed.closing_reason) == (Status.DONE, ClosingReason.DONE)
        assert closed.closed_at
        assert closed.first_answered_at == closed.closed_at
        entry = last_entry(case)
        assert entry.is_public
        assert entry.data["answer"] is True
        assert (entry.data["from"], entry.data["to"]) == ("received", "done")
        assert Remark.objects.get(pk=entry.remark_id).kind == Remark.Kind.ANSWER
        mail = mails(case, "report_closed").get()
        assert mail.recipient == ERIKA.email
        assert mail.context["answer"] == ANSWER

    def test_an_unconfirmed_address_hears_nothing_more(self, heilbronn, report):
        case = report(heilbronn, sender=ERIKA)

        change_status(case.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, "clara", case))

        assert not mails(case, "report_status").exists()

    def test_a_held_report_is_answered_by_nobody(self, heilbronn, report):
        case = report(heilbronn, sender=ERIKA)
        confirm(case)
        screen(case.report.pk, verdict=Screening.HELD, **who(heilbronn, "dora", case))

        change_status(case.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, "clara", case))

        assert not mails(case, "report_status").exists()

    def test_closing_without_answer_or_reason_changes_nothing(self, heilbronn, report):
        case = report(heilbronn)
        before = fresh(case).version

        with pytest.raises(ClosingIncomplete):
            change_status(
                case.report.pk, to=Status.DONE, answer=ANSWER, **who(heilbronn, "clara", case)
            )
        with pytest.raises(ClosingIncomplete):
            change_status(
                case.report.pk,
                to=Status.REJECTED,
                closing_reason=ClosingReason.NOT_POSSIBLE,
                answer="   ",
                **who(heilbronn, "clara", case),
            )

        assert fresh(case).version == before

    def test_planned_needs_a_day_ahead(self, heilbronn, report):
        case = report(heilbronn)
        today = timezone.localdate()
        planned = {"to": Status.DONE, "closing_reason": ClosingReason.PLANNED, "answer": ANSWER}

        with pytest.raises(ClosingIncomplete):
            change_status(case.report.pk, **planned, **who(heilbronn, "clara", case))
        with pytest.raises(WaitingIncomplete):
            change_status(
                case.report.pk,
                **planned,
                planned_date=today - timedelta(days=1),
                **who(heilbronn, "clara", case),
            )
        change_status(
            case.report.pk,
            **planned,
            planned_date=today + timedelta(days=30),
            **who(heilbronn, "clara", case),
        )

        assert fresh(case).planned_date == today + timedelta(days=30)

    def test_reopening_clears_what_closing_wrote_and_is_counted(self, heilbronn, report):
        case = report(heilbronn)
        change_status(
            case.report.pk,
            to=Status.REJECTED,
            closing_reason=ClosingReason.NOT_POSSIBLE,
            answer=ANSWER,
            **who(heilbronn, "clara", case),
        )
        due = fresh(case).due_at

        change_status(case.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, "clara", case))

        again = fresh(case)
        assert again.status == Status.IN_PROGRESS
        assert (again.closing_reason, again.closed_at, again.reopened_count) == (None, None, 1)
        assert again.due_at == due
        assert last_entry(case).kind == "reopened"

    def test_the_clock_stands_still_while_the_citizen_is_asked(self, heilbronn, report):
        case = report(heilbronn)
        asked = timezone.now()
        before = fresh(case).due_at
        change_status(
            case.report.pk,
            to=Status.WAITING,
            waiting_for=WaitingFor.CITIZEN,
            answer="Welche Laterne meinen Sie?",
            **(who(heilbronn, "clara", case) | {"now": asked}),
        )
        assert fresh(case).waiting_since == asked

        back = asked + timedelta(days=14)
        change_status(
            case.report.pk,
            to=Status.IN_PROGRESS,
            **(who(heilbronn, "clara", case) | {"now": back}),
        )

        resumed = fresh(case)
        assert (resumed.waiting_for, resumed.waiting_since) == (None, None)
        assert resumed.due_at >= before + timedelta(days=10)

    def test_waiting_for_others_does_not_stop_the_clock(self, heilbronn, report):
        case = report(heilbronn)
        before = fresh(case).due_at
        change_status(
            case.report.pk,
            to=Status.WAITING,
            waiting_for=WaitingFor.THIRD_PARTY,
            **who(heilbronn, "clara", case),
        )
        change_status(case.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, "clara", case))

        assert fresh(case).due_at == before

    def test_a_question_goes_out_as_a_question(self, heilbronn, report):
        case = report(heilbronn, sender=ERIKA)
        confirm(case)

        change_status(
            case.report.pk,
            to=Status.WAITING,
            waiting_for=WaitingFor.CITIZEN,
            answer="Welche Laterne meinen Sie?",
            **who(heilbronn, "clara", case),
        )

        assert mails(case, "report_question").count() == 1

    def test_waiting_says_for_what(self, heilbronn, report):
        case = report(heilbronn)

        with pytest.raises(WaitingIncomplete):
            change_status(case.report.pk, to=Status.WAITING, **who(heilbronn, "clara", case))

    def test_a_duplicate_needs_a_leading_case_beside_itself(self, heilbronn, report):
        first, second, third = report(heilbronn), report(heilbronn), report(heilbronn)
        duplicate = {
            "to": Status.DUPLICATE,
            "closing_reason": ClosingReason.DUPLICATE,
            "answer": ANSWER,
        }

        def close(case, leading):
            change_status(
                case.report.pk,
                **duplicate,
                leading_number=leading,
                **who(heilbronn, "clara", case),
            )

        close(second, first.number.lower())
        for leading in (third.number, "HN-1999-1"):
            with pytest.raises(LeadingCaseInvalid):
                close(third, leading)
        assert fresh(third).status == Status.RECEIVED
        close(third, second.number)

        assert fresh(second).leading_id == first.report.pk
        assert fresh(third).leading_id == first.report.pk, "a duplicate's duplicate leads on"

    def test_a_case_of_another_town_cannot_lead(self, heilbronn, heidenheim, report):
        ours = report(heilbronn)
        theirs = report(heidenheim, lon=10.15, lat=49.14)

        with pytest.raises(LeadingCaseInvalid):
            change_status(
                ours.report.pk,
                to=Status.DUPLICATE,
                closing_reason=ClosingReason.DUPLICATE,
                answer=ANSWER,
                leading_number=theirs.number,
                **who(heilbronn, "clara", ours),
            )

    def test_archiving_is_for_dispatchers_and_final(self, heilbronn, report):
        case = report(heilbronn)
        withdraw(case.report.pk, now=timezone.now())

        with pytest.raises(NotPermitted):
            change_status(case.report.pk, to=Status.ARCHIVED, **who(heilbronn, "clara", case))
        change_status(case.report.pk, to=Status.ARCHIVED, **who(heilbronn, "dora", case))
        with pytest.raises(MoveNotAllowed):
            change_status(case.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, "dora", case))

    @pytest.mark.parametrize("name", ["gero", "mona", "max", "ada"])
    def test_only_the_responsible_office_and_dispatchers_change_a_case(
        self, heilbronn, report, name
    ):
        case = report(heilbronn)

        with pytest.raises(NotPermitted):
            change_status(case.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, name, case))

    def test_a_clerk_next_door_changes_nothing_here(self, heilbronn, heidenheim, report):
        case = report(heilbronn)

        for name in ("heidi", "hanno"):
            with pytest.raises(NotPermitted):
                change_status(case.report.pk, to=Status.IN_PROGRESS, **who(heidenheim, name, case))

    def test_a_stale_version_is_refused_with_what_happened(self, heilbronn, report):
        case = report(heilbronn)
        seen = fresh(case).version
        change_status(case.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, "carlo", case))
        add_note(case.report.pk, text="Firma bestellt", **who(heilbronn, "carlo", case))

        with pytest.raises(CaseChanged) as changed:
            answer(
                case.report.pk,
                text=ANSWER,
                by=heilbronn.people["clara"],
                now=timezone.now(),
                expected_version=seen,
            )

        kinds = [entry.kind for entry in changed.value.entries_since]
        assert kinds[-2:] == ["status_changed", "noted"]
        assert changed.value.current_version == fresh(case).version == seen + 2


class TestAnsweringAndNoting:
    def test_the_first_answer_is_timed_once(self, heilbronn, report):
        case = report(heilbronn)
        answer(case.report.pk, text=ANSWER, **who(heilbronn, "clara", case))
        first = fresh(case).first_answered_at

        answer(case.report.pk, text="Noch etwas.", **who(heilbronn, "clara", case))

        assert first
        assert fresh(case).first_answered_at == first
        assert fresh(case).status == Status.RECEIVED

    def test_an_answer_is_mailed_once_and_publishes_anew(self, heilbronn, report):
        case = report(heilbronn, sender=ERIKA)
        confirm(case)
        before = owed(case, Effect.Kind.PUBLISH).count()

        answer(case.report.pk, text=ANSWER, **who(heilbronn, "clara", case))

        assert mails(case, "report_status").count() == 1
        assert owed(case, Effect.Kind.PUBLISH).count() == before + 1

    def test_notes_stay_inside(self, heilbronn, report):
        case = report(heilbronn, sender=ERIKA)
        confirm(case)
        before = Message.objects.count()

        add_note(case.report.pk, text="Nachbar ruft oft an.", **who(heilbronn, "clara", case))

        entry = last_entry(case)
        assert not entry.is_public
        assert "ruft" not in str(entry.data)
        assert Message.objects.count() == before

    def test_empty_and_endless_texts_are_refused(self, heilbronn, report):
        case = report(heilbronn)

        with pytest.raises(TextMissing):
            add_note(case.report.pk, text=" \n", **who(heilbronn, "clara", case))
        with pytest.raises(TextTooLong):
            answer(case.report.pk, text="x" * (TEXT_LIMIT + 1), **who(heilbronn, "clara", case))

    def test_a_withdrawn_case_is_not_answered(self, heilbronn, report):
        case = report(heilbronn)
        withdraw(case.report.pk, now=timezone.now())

        with pytest.raises(MoveNotAllowed):
            answer(case.report.pk, text=ANSWER, **who(heilbronn, "clara", case))


class TestAssigning:
    def test_take_and_give_back(self, heilbronn, report):
        case = report(heilbronn)

        take(case.report.pk, **who(heilbronn, "clara", case))
        assert fresh(case).assignee == heilbronn.people["clara"]
        unassign(case.report.pk, **who(heilbronn, "carlo", case))

        assert fresh(case).assignee is None

    def test_only_people_of_the_office_get_a_case(self, heilbronn, heidenheim, report):
        case = report(heilbronn)

        for stranger in (heilbronn.people["gero"], heidenheim.people["heidi"]):
            with pytest.raises(NotInOffice):
                assign(case.report.pk, to=stranger, **who(heilbronn, "clara", case))
        assign(case.report.pk, to=heilbronn.people["carlo"], **who(heilbronn, "clara", case))

        assert fresh(case).assignee == heilbronn.people["carlo"]

    def test_a_closed_case_is_not_taken(self, heilbronn, report):
        case = report(heilbronn)
        withdraw(case.report.pk, now=timezone.now())

        with pytest.raises(CaseIsClosed):
            take(case.report.pk, **who(heilbronn, "clara", case))


class TestModerating:
    def test_text_with_edited_words_keeps_the_original(self, heilbronn, report):
        case = report(heilbronn, description="Herr Müller parkt im Schlagloch.")

        moderate(
            case.report.pk,
            decisions={"text": Publication.APPROVED},
            public_text="Jemand parkt im Schlagloch.",
            **who(heilbronn, "mona", case),
        )

        after = fresh(case)
        assert after.text_publication == Publication.APPROVED
        assert after.submission.public_text == "Jemand parkt im Schlagloch."
        assert after.submission.description == "Herr Müller parkt im Schlagloch."

    def test_unchanged_text_is_held_once(self, heilbronn, report):
        case = report(heilbronn)
        text = fresh(case).submission.description

        moderate(
            case.report.pk,
            decisions={"text": Publication.APPROVED},
            public_text=f"{text}\n",
            **who(heilbronn, "clara", case),
        )

        assert fresh(case).submission.public_text == ""

    def test_decisions_can_be_taken_back(self, heilbronn, report):
        case = report(heilbronn, "tree")
        for decision in (Publication.APPROVED, Publication.WITHHELD, Publication.PENDING):
            moderate(
                case.report.pk,
                decisions={"report": decision, "text": decision},
                **who(heilbronn, "mona", case),
            )
            assert fresh(case).publication == fresh(case).text_publication == decision

    def test_each_photo_is_decided_apart(self, heilbronn, report):
        case = report(heilbronn, photos=2)
        Photo.objects.filter(report=case.report, ordinal=1).update(state=PhotoState.READY)

        moderate(
            case.report.pk,
            decisions={"photo_1": Publication.APPROVED},
            **who(heilbronn, "mona", case),
        )
        with pytest.raises(PhotoNotReady):
            moderate(
                case.report.pk,
                decisions={"photo_2": Publication.APPROVED},
                **who(heilbronn, "mona", case),
            )
        with pytest.raises(UnknownPart):
            moderate(
                case.report.pk,
                decisions={"photo_9": Publication.WITHHELD},
                **who(heilbronn, "mona", case),
            )

        states = Photo.objects.filter(report=case.report).order_by("ordinal")
        assert [photo.publication for photo in states] == ["approved", "pending"]

    def test_a_refused_part_undoes_the_whole_decision(self, heilbronn, report):
        case = report(heilbronn, photos=1)

        with pytest.raises(PhotoNotReady):
            moderate(
                case.report.pk,
                decisions={"text": Publication.APPROVED, "photo_1": Publication.APPROVED},
                **who(heilbronn, "mona", case),
            )

        assert fresh(case).text_publication == Publication.PENDING

    def test_what_is_never_public_cannot_be_approved(self, heilbronn, report):
        noise, needles = report(heilbronn, "noise"), report(heilbronn, "needles")

        with pytest.raises(NeverPublic):
            moderate(
                noise.report.pk,
                decisions={"report": Publication.APPROVED},
                **who(heilbronn, "dora", noise),
            )
        with pytest.raises(NeverPublic):
            moderate(
                needles.report.pk,
                decisions={"text": Publication.APPROVED},
                **who(heilbronn, "dora", needles),
            )
        moderate(
            needles.report.pk,
            decisions={"report": Publication.APPROVED},
            **who(heilbronn, "dora", needles),
        )

        assert fresh(needles).publication == Publication.APPROVED

    @pytest.mark.parametrize("name", ["gero", "max", "ada"])
    def test_readers_and_other_offices_do_not_moderate(self, heilbronn, report, name):
        case = report(heilbronn)

        with pytest.raises(NotPermitted):
            moderate(
                case.report.pk,
                decisions={"report": Publication.WITHHELD},
                **who(heilbronn, name, case),
            )


class TestProtecting:
    def test_confidential_takes_a_case_off_the_public_and_away_from_moderators(
        self, heilbronn, report
    ):
        case = report(heilbronn)
        mark_confidential(case.report.pk, reason="Vorwurf", **who(heilbronn, "mona", case))

        hidden = fresh(case)
        assert hidden.is_confidential
        assert hidden.publication == Publication.WITHHELD
        with pytest.raises(NeverPublic):
            moderate(
                case.report.pk,
                decisions={"report": Publication.APPROVED},
                **who(heilbronn, "clara", case),
            )
        with pytest.raises(NotPermitted):
            lift_confidential(case.report.pk, **who(heilbronn, "mona", case))
        lift_confidential(case.report.pk, **who(heilbronn, "clara", case))

        # The category is automatic, yet somebody must look before it is public again.
        assert fresh(case).publication == Publication.PENDING

    def test_a_hold_says_who_why_and_until_when(self, heilbronn, report):
        case = report(heilbronn)
        until = timezone.localdate() + timedelta(days=3 * 365)
        with pytest.raises(HoldDateInvalid):
            set_hold(
                case.report.pk,
                until=timezone.localdate(),
                reason="Schadensfall",
                **who(heilbronn, "clara", case),
            )

        set_hold(
            case.report.pk, until=until, reason="Schadensfall", **who(heilbronn, "clara", case)
        )
        held = fresh(case)
        assert (held.hold_until, held.hold_set_by) == (until, heilbronn.people["clara"])
        assert Remark.objects.get(pk=held.hold_remark_id).body == "Schadensfall"
        lift_hold(case.report.pk, **who(heilbronn, "clara", case))

        assert fresh(case).hold_until is None

    def test_releasing_a_held_report_catches_up_with_its_mails(self, heilbronn, report):
        case = report(heilbronn, sender=ERIKA)
        Message.objects.all().delete()
        Contact.objects.update(told_at=None)
        Report.objects.filter(pk=case.report.pk).update(screening=Screening.HELD)

        with pytest.raises(NotPermitted):
            screen(case.report.pk, verdict=Screening.CLEAR, **who(heilbronn, "clara", case))
        screen(case.report.pk, verdict=Screening.CLEAR, **who(heilbronn, "dora", case))
        screen(case.report.pk, verdict=Screening.CLEAR, **who(heilbronn, "dora", case))

        assert mails(case, "report_received").count() == 1
        assert mails(case, "office_new_case").count() == 1


class TestDanger:
    def test_made_safe_also_acknowledges(self, heilbronn, report):
        case = report(heilbronn, "collapse")

        make_safe(case.report.pk, **who(heilbronn, "clara", case))

        safe = fresh(case)
        assert safe.made_safe_at == safe.danger_acknowledged_at
        assert safe.danger_acknowledged_by == heilbronn.people["clara"]
        assert last_entry(case).is_public


class TestCorrecting:
    def test_a_narrower_category_takes_back_what_was_public(self, heilbronn, report):
        case = report(heilbronn)
        moderate(
            case.report.pk,
            decisions={"text": Publication.APPROVED},
            **who(heilbronn, "mona", case),
        )

        recategorise(
            case.report.pk,
            category=heilbronn.categories["noise"],
            **who(heilbronn, "clara", case),
        )

        after = fresh(case)
        assert after.publication == after.text_publication == Publication.WITHHELD
        assert after.office == heilbronn.offices["66"]

    def test_a_wider_category_publishes_nothing_by_itself(self, heilbronn, report):
        case = report(heilbronn, "needles")

        recategorise(
            case.report.pk,
            category=heilbronn.categories["pothole"],
            **who(heilbronn, "dora", case),
        )

        after = fresh(case)
        assert after.publication == after.text_publication == Publication.PENDING

    def test_a_dispatcher_may_follow_the_rules_to_the_new_office(self, heilbronn, report):
        case = report(heilbronn)
        with pytest.raises(NotPermitted):
            recategorise(
                case.report.pk,
                category=heilbronn.categories["tree"],
                follow_rules=True,
                **who(heilbronn, "clara", case),
            )

        recategorise(
            case.report.pk,
            category=heilbronn.categories["tree"],
            follow_rules=True,
            **who(heilbronn, "dora", case),
        )

        after = fresh(case)
        assert after.office == heilbronn.offices["67"]
        assert after.office_chosen_by_hand

    def test_groups_and_strange_categories_are_refused(self, heilbronn, heidenheim, report):
        case = report(heilbronn)
        group = heilbronn.categories["pothole"].parent

        for category in (group, heidenheim.categories["tree"], heilbronn.categories["pothole"]):
            with pytest.raises(CategoryUnsuitable):
                recategorise(case.report.pk, category=category, **who(heilbronn, "clara", case))

    def test_a_case_that_becomes_a_danger_raises_the_alarm(self, heilbronn, report):
        case = report(heilbronn)

        recategorise(
            case.report.pk,
            category=heilbronn.categories["collapse"],
            **who(heilbronn, "clara", case),
        )

        assert fresh(case).is_danger
        assert owed(case, Effect.Kind.ALERT).count() == 1


class TestWithdrawing:
    def test_a_citizen_takes_a_report_back_for_good(self, heilbronn, report):
        case = report(heilbronn)

        withdraw(case.report.pk, now=timezone.now())

        gone = fresh(case)
        assert gone.status == Status.WITHDRAWN
        assert gone.closed_at
        assert last_entry(case).actor_kind == "citizen"
        with pytest.raises(MoveNotAllowed):
            withdraw(case.report.pk, now=timezone.now())
