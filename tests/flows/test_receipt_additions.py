"""What the holder of a receipt does: writes, answers, adds photos, objects, gives feedback."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from notifications.models import Message
from reports import additions
from reports.actions.add_photos import PhotosInvalid, add_photos
from reports.actions.add_text import add_text
from reports.actions.answer_question import AlreadyAnswered, NoOpenQuestion, answer_question
from reports.actions.change_status import change_status
from reports.actions.choose_messages import NoAddress, choose_messages
from reports.actions.derive_photo import derive_photo
from reports.actions.give_feedback import FeedbackClosed, FeedbackGiven, give_feedback
from reports.actions.mark_read import mark_read
from reports.actions.moderate import ObjectionStands, moderate
from reports.actions.object_to_publication import object_to_publication
from reports.actions.overrule_objection import NoObjection, overrule_objection
from reports.actions.publish import publish_report
from reports.actions.submit import Receipt
from reports.actions.withdraw import withdraw
from reports.additions import ClosedToCitizens, TooManyAdditions
from reports.editing import CaseChanged, TextMissing, TextTooLong
from reports.idempotency import Idempotency, KeyReused
from reports.lifecycle import ClosingReason, Status, WaitingFor
from reports.models import (
    Contact,
    Photo,
    PhotoState,
    Publication,
    Remark,
    Report,
    Screening,
    TimelineEntry,
)
from reports.open_question import open_question
from reports.participation import Feedback, Objection, Wish
from reports.policies import NotPermitted
from reports.published import PublishedReport
from tests.people import ERIKA, Town, fresh
from tests.photo_samples import encoded, picture
from tests.threads import at_once, succeeded

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
DAY = timedelta(days=1)


def who(town: Town, name: str, receipt: Receipt) -> dict[str, Any]:
    return {
        "by": town.people[name],
        "now": timezone.now(),
        "expected_version": fresh(receipt).version,
    }


def kinds(receipt: Receipt) -> list[str]:
    return list(
        TimelineEntry.objects.filter(report=receipt.report)
        .order_by("seq")
        .values_list("kind", flat=True)
    )


def confirmed(receipt: Receipt, wants: Wish = Wish.ALL) -> None:
    Contact.objects.filter(report=receipt.report).update(
        email_confirmed_at=timezone.now(), wants=wants
    )


def ask(town: Town, receipt: Receipt, text: str = "Welche Hausnummer?") -> Report:
    return change_status(
        receipt.report.pk,
        to=Status.WAITING,
        waiting_for=WaitingFor.CITIZEN,
        answer=text,
        **who(town, "clara", receipt),
    )


def close(town: Town, receipt: Receipt, reason: ClosingReason = ClosingReason.DONE) -> Report:
    return change_status(
        receipt.report.pk,
        to=Status.DONE,
        closing_reason=reason,
        answer="Geflickt.",
        **who(town, "clara", receipt),
    )


def jpeg(seed: int = 0) -> BytesIO:
    return BytesIO(encoded(picture(40 + seed, 30), "JPEG"))


# Writing


def test_a_message_marks_the_case_and_tells_the_office_once(
    heilbronn: Town, report: Submit
) -> None:
    case = report(heilbronn)
    now = timezone.now()

    add_text(case.report.pk, text="  Es wird größer. ", now=now)
    add_text(case.report.pk, text="Noch größer.", now=now + timedelta(hours=1))

    assert fresh(case).unread_since == now
    [mail] = Message.objects.filter(event="office_news")
    assert mail.recipient == heilbronn.offices["66"].email
    assert "größer" not in str(mail.context)
    bodies = Remark.objects.filter(kind=Remark.Kind.CITIZEN).order_by("pk")
    assert [remark.body for remark in bodies] == ["Es wird größer.", "Noch größer."]
    entry = TimelineEntry.objects.filter(kind="citizen_wrote").first()
    assert entry is not None
    assert "größer" not in str(entry.data)

    mark_read(case.report.pk, by=heilbronn.people["clara"])
    assert fresh(case).unread_since is None
    with pytest.raises(NotPermitted):
        mark_read(case.report.pk, by=heilbronn.people["mona"])


def test_whoever_answers_or_decides_has_read(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    add_text(case.report.pk, text="Hallo?", now=timezone.now())
    seen = who(heilbronn, "clara", case)
    add_text(case.report.pk, text="Noch etwas", now=timezone.now())

    with pytest.raises(CaseChanged):  # what came in between is shown first
        change_status(case.report.pk, to=Status.IN_PROGRESS, **seen)
    change_status(case.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, "clara", case))

    assert fresh(case).unread_since is None


@pytest.mark.parametrize(
    ("text", "fault"), [("  ", TextMissing), ("x" * 4001, TextTooLong)], ids=["empty", "long"]
)
def test_a_text_is_neither_empty_nor_a_novel(
    heilbronn: Town, report: Submit, text: str, fault: type[Exception]
) -> None:
    case = report(heilbronn)

    with pytest.raises(fault):
        add_text(case.report.pk, text=text, now=timezone.now())


def test_the_same_key_is_the_same_message(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    key = Idempotency("test", "einmal-bitte")

    first = add_text(case.report.pk, text="Hallo", now=timezone.now(), idempotency=key)
    again = add_text(case.report.pk, text="Hallo", now=timezone.now(), idempotency=key)

    assert (first.replayed, again.replayed) == (False, True)
    assert first.outcome == again.outcome
    assert Remark.objects.count() == 1
    with pytest.raises(KeyReused):
        add_text(case.report.pk, text="Anders", now=timezone.now(), idempotency=key)


def test_a_refusal_gives_the_key_back(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    key = Idempotency("test", "erst-nein-dann-ja")
    with pytest.raises(NoOpenQuestion):
        answer_question(case.report.pk, text="12", now=timezone.now(), idempotency=key)
    ask(heilbronn, case)

    done = answer_question(case.report.pk, text="12", now=timezone.now(), idempotency=key)

    assert not done.replayed


def test_nobody_fills_a_case_by_script(
    heilbronn: Town, report: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(additions, "ADDITIONS_AN_HOUR", 2)
    case, other = report(heilbronn), report(heilbronn)
    for number in range(2):
        add_text(case.report.pk, text=f"Nr. {number}", now=timezone.now())

    with pytest.raises(TooManyAdditions) as refused:
        add_text(case.report.pk, text="Nr. 3", now=timezone.now())
    assert 0 < refused.value.retry_after <= 3600
    add_text(other.report.pk, text="Hier geht es", now=timezone.now())


@pytest.mark.parametrize("why", ["withdrawn", "archived", "refused"])
def test_an_ended_case_takes_nothing_more(heilbronn: Town, report: Submit, why: str) -> None:
    case = report(heilbronn)
    if why == "refused":
        Report.objects.filter(pk=case.report.pk).update(screening=Screening.SPAM)
    else:
        Report.objects.filter(pk=case.report.pk).update(status=why, closed_at=timezone.now())
    now = timezone.now()

    for act in (
        lambda: add_text(case.report.pk, text="Hallo", now=now),
        lambda: add_photos(case.report.pk, files=[jpeg()], now=now),
        lambda: answer_question(case.report.pk, text="12", now=now),
        lambda: give_feedback(case.report.pk, is_fixed=True, now=now),
    ):
        with pytest.raises(ClosedToCitizens) as refused:
            act()
        assert refused.value.why == why
    assert fresh(case).unread_since is None


def test_a_held_report_takes_more_and_mails_nobody(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    Report.objects.filter(pk=case.report.pk).update(screening=Screening.HELD)

    add_text(case.report.pk, text="Hallo", now=timezone.now())

    assert fresh(case).unread_since is not None
    assert not Message.objects.filter(event="office_news").exists()


# Answering


def test_an_answer_lets_the_case_go_on_and_moves_its_due_date(
    heilbronn: Town, report: Submit
) -> None:
    case = report(heilbronn)
    before = ask(heilbronn, case).due_at
    question = open_question(fresh(case))
    assert question is not None
    assert question.text == "Welche Hausnummer?"
    assert before is not None

    with time_machine.travel(timezone.now() + 7 * DAY, tick=False):
        answer_question(case.report.pk, text="12a", question=question.id, now=timezone.now())

    now = fresh(case)
    assert (now.status, now.waiting_for, now.waiting_since) == ("in_progress", None, None)
    assert now.due_at is not None
    assert now.due_at > before + 5 * DAY
    assert now.unread_since is not None
    assert open_question(now) is None
    assert Message.objects.get(event="office_news").context["news"] == "answer"


def test_the_same_answer_twice_is_one_and_another_one_is_told(
    heilbronn: Town, report: Submit
) -> None:
    case = report(heilbronn)
    ask(heilbronn, case)
    question = open_question(fresh(case))
    assert question is not None
    for _tab in range(2):
        answer_question(case.report.pk, text="12a", question=question.id, now=timezone.now())

    assert kinds(case).count("question_answered") == 1
    with pytest.raises(AlreadyAnswered):
        answer_question(case.report.pk, text="14", question=question.id, now=timezone.now())
    with pytest.raises(NoOpenQuestion):
        answer_question(case.report.pk, text="14", question=999, now=timezone.now())


def test_two_tabs_answer_at_once(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    ask(heilbronn, case)

    results = at_once(
        4, lambda _tab: answer_question(case.report.pk, text="12a", now=timezone.now())
    )

    succeeded(results)
    assert kinds(case).count("question_answered") == 1
    assert Remark.objects.filter(kind=Remark.Kind.CITIZEN).count() == 1


def test_a_photo_or_a_message_may_be_the_answer(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    ask(heilbronn, case, "Haben Sie ein Foto?")

    add_photos(case.report.pk, files=[jpeg()], now=timezone.now())

    assert fresh(case).status == Status.IN_PROGRESS


# Photos


def test_photos_follow_those_that_are_there(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn, photos=1)

    done = add_photos(
        case.report.pk, files=[jpeg(), BytesIO(b"no photo"), jpeg(1)], now=timezone.now()
    )

    assert done.outcome["added"] == [[1, 2], [3, 3]]
    assert [photo["ordinal"] for photo in done.outcome["refused_photos"]] == [2]
    assert [p.ordinal for p in Photo.objects.order_by("ordinal")] == [1, 2, 3]
    assert case.report.effects.filter(kind="derive_photo").count() == 3


def test_ten_photos_are_enough_and_unreadable_ones_do_not_count(
    heilbronn: Town, report: Submit, settings: Settings
) -> None:
    settings.PHOTO_TOTAL_LIMIT = 3
    case = report(heilbronn, photos=1)
    Photo.objects.update(state=PhotoState.FAILED)
    add_photos(case.report.pk, files=[jpeg(n) for n in range(2)], now=timezone.now())

    with pytest.raises(PhotosInvalid) as refused:
        add_photos(case.report.pk, files=[jpeg(7), jpeg(8)], now=timezone.now())

    assert (refused.value.code, refused.value.left) == ("too_many_photos", 1)
    with pytest.raises(PhotosInvalid, match="all_refused"):
        add_photos(case.report.pk, files=[BytesIO(b"GIF89a")], now=timezone.now())
    with pytest.raises(PhotosInvalid, match="no_photo"):
        add_photos(case.report.pk, files=[], now=timezone.now())
    assert Photo.objects.count() == 3


def test_a_photo_that_fails_later_is_mailed_and_replaced(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn, sender=ERIKA)
    confirmed(case)
    broken = encoded(picture(640, 480), "JPEG")
    broken = broken[: len(broken) // 3]
    add_photos(case.report.pk, files=[BytesIO(broken)], now=timezone.now())
    photo = Photo.objects.get()
    derive_photo(photo.pk)

    [mail] = Message.objects.filter(event="photo_failed")
    assert mail.recipient == ERIKA.email
    assert mail.context["photo_number"] == 1

    add_photos(case.report.pk, files=[jpeg()], replaces=1, now=timezone.now())
    assert Photo.objects.get(ordinal=2).replaces == 1
    for wrong in (1, 2, 9):  # replaced already, readable, not there
        with pytest.raises(PhotosInvalid, match="not_replaceable"):
            add_photos(case.report.pk, files=[jpeg(3)], replaces=wrong, now=timezone.now())


def test_the_same_photo_at_once_is_one(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    key = Idempotency("test", "ein-foto-im-funkloch")

    results = at_once(
        3,
        lambda _try: add_photos(
            case.report.pk, files=[jpeg()], now=timezone.now(), idempotency=key
        ),
    )

    for done in succeeded(results):
        assert done.outcome == {"status": "received", "added": [[1, 1]], "refused_photos": []}
    assert Photo.objects.count() == 1


def test_a_closed_case_takes_text_but_no_photo(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    close(heilbronn, case)

    add_text(case.report.pk, text="Danke!", now=timezone.now())
    with pytest.raises(ClosedToCitizens) as refused:
        add_photos(case.report.pk, files=[jpeg()], now=timezone.now())

    assert refused.value.why == "closed"
    assert fresh(case).status == Status.DONE


# Objecting


def test_an_objection_takes_it_out_of_public_and_only_a_reason_brings_it_back(
    heilbronn: Town, report: Submit
) -> None:
    case = report(heilbronn, photos=1)
    Report.objects.update(text_publication=Publication.APPROVED)
    Photo.objects.update(state=PhotoState.READY, publication=Publication.APPROVED)
    publish_report(case.report.pk, now=timezone.now())
    assert PublishedReport.objects.get().text

    for _tab in range(2):
        object_to_publication(
            case.report.pk, parts=["text", "photos"], reason="Mein Auto", now=timezone.now()
        )
    publish_report(case.report.pk, now=timezone.now())

    assert PublishedReport.objects.get().text == ""
    assert Photo.objects.get().publication == Publication.WITHHELD
    assert Objection.objects.count() == 2
    assert kinds(case).count("objected") == 1
    approve = {"decisions": {"text": Publication.APPROVED}}
    with pytest.raises(ObjectionStands):
        moderate(case.report.pk, **approve, **who(heilbronn, "mona", case))
    assert fresh(case).text_publication == Publication.WITHHELD

    with pytest.raises(TextMissing):
        overrule_objection(case.report.pk, part="text", reason=" ", **who(heilbronn, "mona", case))
    overrule_objection(
        case.report.pk,
        part="text",
        reason="Der Text nennt niemanden.",
        **who(heilbronn, "mona", case),
    )
    assert fresh(case).text_publication == Publication.PENDING
    moderate(case.report.pk, **approve, **who(heilbronn, "mona", case))
    assert fresh(case).text_publication == Publication.APPROVED
    with pytest.raises(NoObjection):
        overrule_objection(
            case.report.pk, part="text", reason="Noch einmal", **who(heilbronn, "mona", case)
        )
    ended = Objection.objects.get(part="text")
    assert ended.ended_by == heilbronn.people["mona"]
    assert Objection.objects.get(part="photos").ended_at is None
    assert "objection_overruled" in kinds(case)


def test_an_objection_covers_photos_that_come_later(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    object_to_publication(case.report.pk, parts=["photos"], reason="", now=timezone.now())
    add_photos(case.report.pk, files=[jpeg()], now=timezone.now())
    assert Photo.objects.get().publication == Publication.WITHHELD
    Photo.objects.update(state=PhotoState.READY)

    with pytest.raises(ObjectionStands):
        moderate(
            case.report.pk,
            decisions={"photo_1": Publication.APPROVED},
            **who(heilbronn, "mona", case),
        )


def test_the_whole_report_disappears_even_from_the_archive(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    publish_report(case.report.pk, now=timezone.now())
    Report.objects.update(status=Status.ARCHIVED, closed_at=timezone.now())

    object_to_publication(case.report.pk, parts=["report"], reason="", now=timezone.now())
    publish_report(case.report.pk, now=timezone.now())

    assert not PublishedReport.objects.exists()


# "Stimmt das?"


def test_a_no_reopens_with_the_old_clock_and_is_counted(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn, sender=ERIKA)
    confirmed(case)
    due = fresh(case).due_at
    close(heilbronn, case)
    assert "feedback_link" in Message.objects.get(event="report_closed").context

    give_feedback(
        case.report.pk, is_fixed=False, satisfaction=2, text="Immer noch da", now=timezone.now()
    )

    now = fresh(case)
    assert (now.status, now.reopened_count, now.due_at) == ("in_progress", 1, due)
    assert now.closed_at is None
    assert now.unread_since is not None
    assert kinds(case)[-2:] == ["feedback_given", "reopened"]
    assert Message.objects.get(event="office_news").context["news"] == "not_fixed"
    given = Feedback.objects.get()
    assert (given.is_fixed, given.satisfaction) == (False, 2)


def test_a_yes_leaves_it_closed_and_there_is_one_answer_a_case(
    heilbronn: Town, report: Submit
) -> None:
    case = report(heilbronn)
    close(heilbronn, case)
    for _tab in range(2):
        give_feedback(case.report.pk, is_fixed=True, satisfaction=5, now=timezone.now())

    assert fresh(case).status == Status.DONE
    assert fresh(case).unread_since is None
    assert kinds(case).count("feedback_given") == 1
    with pytest.raises(FeedbackGiven):
        give_feedback(case.report.pk, is_fixed=False, now=timezone.now())


def test_two_noes_at_once_reopen_once(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    close(heilbronn, case)

    succeeded(
        at_once(4, lambda _t: give_feedback(case.report.pk, is_fixed=False, now=timezone.now()))
    )

    assert fresh(case).reopened_count == 1
    assert Feedback.objects.count() == 1


def test_nobody_is_asked_after_the_window_nor_of_what_is_no_repair(
    heilbronn: Town, report: Submit
) -> None:
    late, forwarded, opted_out, silent = (report(heilbronn, sender=ERIKA) for _n in range(4))
    confirmed(opted_out, Wish.NONE)
    for case in (late, opted_out, silent):
        close(heilbronn, case)
    close(heilbronn, forwarded, ClosingReason.FORWARDED)
    now = timezone.now()

    with pytest.raises(FeedbackClosed):
        give_feedback(late.report.pk, is_fixed=False, now=now + 15 * DAY)
    for case in (forwarded, opted_out):
        with pytest.raises(FeedbackClosed):
            give_feedback(case.report.pk, is_fixed=False, now=now)
    heilbronn.categories["pothole"].feedback_days = 0
    heilbronn.categories["pothole"].save()
    with pytest.raises(FeedbackClosed):
        give_feedback(silent.report.pk, is_fixed=False, now=now)


# Messages


def test_people_get_the_messages_they_chose(heilbronn: Town, report: Submit) -> None:
    everything, result, nothing, none = (report(heilbronn, sender=ERIKA) for _n in range(4))
    for case in (everything, result, nothing):
        confirmed(case)
    choose_messages(result.report.pk, Wish.RESULT)
    choose_messages(nothing.report.pk, Wish.NONE)
    Contact.objects.filter(report=none.report).delete()
    with pytest.raises(NoAddress):
        choose_messages(none.report.pk, Wish.ALL)

    for case in (everything, result, nothing):
        change_status(case.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, "clara", case))
        ask(heilbronn, case)
        close(heilbronn, case)

    got = {
        case.number: set(
            Message.objects.filter(subject_ref=case.number, recipient=ERIKA.email)
            .exclude(event="report_received")
            .values_list("event", flat=True)
        )
        for case in (everything, result, nothing)
    }
    assert got == {
        everything.number: {"report_status", "report_question", "report_closed"},
        result.number: {"report_question", "report_closed"},
        nothing.number: set(),
    }


def test_withdrawing_with_the_same_key_is_once(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    key = Idempotency("test", "zieh-es-zurueck")

    first = withdraw(case.report.pk, now=timezone.now(), idempotency=key)
    again = withdraw(case.report.pk, now=timezone.now(), idempotency=key)

    assert first.outcome == again.outcome == {"status": "withdrawn"}
    assert kinds(case).count("withdrawn") == 1
