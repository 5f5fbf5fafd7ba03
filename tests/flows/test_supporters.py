"""People who are affected as well: counted once, told of progress, forgotten again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import derived_codes
from leases.models import Lane
from notifications.models import Message
from notifications.rendering import render
from reports.actions import support as joining
from reports.actions.add_text import add_text
from reports.actions.change_status import change_status
from reports.actions.housekeeping import forget_what_is_due
from reports.actions.publish import publish_report
from reports.actions.retain import retain
from reports.actions.submit import Receipt
from reports.actions.support import (
    AddressInvalid,
    SupportClosed,
    SupportExpired,
    SupportInvalid,
    TooManySupports,
    confirm_support,
    support_by_address,
    support_by_device,
)
from reports.lifecycle import ClosingReason, Status
from reports.models import Contact, Remark, Report
from reports.others import count_supports
from reports.participation import Support, Wish
from reports.published import PublishedReport
from reports.receipts import SUPPORT_PURPOSE
from reports.tasks import drain
from tests.people import ERIKA, Town, fresh
from tests.threads import at_once, succeeded

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
DAY = timedelta(days=1)
PEER = "192.0.2.7"


def who(town: Town, name: str, receipt: Receipt) -> dict[str, Any]:
    return {
        "by": town.people[name],
        "now": timezone.now(),
        "expected_version": fresh(receipt).version,
    }


def joins(receipt: Receipt, email: str) -> Support:
    """Somebody who has confirmed."""
    now = timezone.now()
    support_by_address(fresh(receipt), email, language="de", peer=PEER, now=now)
    made = Support.objects.get(email=email, report=receipt.report)
    return confirm_support(fresh(receipt), made.pk, code_of(made), now=now)


def code_of(support: Support) -> str:
    return derived_codes.derive(SUPPORT_PURPOSE, support.pk, support.nonce or 0)


def device(receipt: Receipt, name: str) -> None:
    support_by_device(fresh(receipt), name, peer=PEER, now=timezone.now())


def merge(town: Town, duplicate: Receipt, leading: Receipt) -> None:
    change_status(
        duplicate.report.pk,
        to=Status.DUPLICATE,
        closing_reason=ClosingReason.DUPLICATE,
        answer="Schon gemeldet.",
        leading_number=leading.number,
        **who(town, "dora", duplicate),
    )


def told(event: str) -> dict[str, Message]:
    return {mail.recipient: mail for mail in Message.objects.filter(event=event)}


def test_everybody_counts_once(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    for _turn in range(2):
        joins(case, "nachbarin@post.example")
        device(case, "geraet-eins-geraet-eins")
    support_by_address(
        fresh(case), "Nachbarin@POST.example", language="de", peer=PEER, now=timezone.now()
    )

    assert count_supports(case.report.pk) == 2
    assert len(told("support_confirm")) == 1
    with pytest.raises(AddressInvalid):
        support_by_address(fresh(case), "nix", language="de", peer=PEER, now=timezone.now())


def test_twenty_at_once_are_one_person(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    publish_report(case.report.pk, now=timezone.now())
    row = fresh(case)
    now = timezone.now()

    succeeded(at_once(6, lambda _n: support_by_device(row, "dasselbe-geraet", peer=PEER, now=now)))
    succeeded(
        at_once(
            6, lambda _n: support_by_address(row, "a@b.example", language="de", peer=PEER, now=now)
        )
    )

    assert Support.objects.count() == 2
    assert Message.objects.filter(event="support_confirm").count() == 1
    publish_report(case.report.pk, now=timezone.now())
    assert PublishedReport.objects.get().supports == 1


def test_a_code_works_for_its_own_support_and_in_time(heilbronn: Town, report: Submit) -> None:
    case, other = report(heilbronn), report(heilbronn)
    now = timezone.now()
    for receipt in (case, other):
        support_by_address(fresh(receipt), "a@b.example", language="de", peer=PEER, now=now)
    mine = Support.objects.get(report=case.report)
    theirs = Support.objects.get(report=other.report)

    for receipt, support, code in (
        (case, mine, code_of(theirs)),
        (case, theirs, code_of(theirs)),
        (case, mine, ""),
    ):
        with pytest.raises(SupportInvalid):
            confirm_support(fresh(receipt), support.pk, code, now=now)
    with pytest.raises(SupportExpired):
        confirm_support(fresh(case), mine.pk, code_of(mine), now=now + 3 * DAY)
    support_by_address(fresh(case), "a@b.example", language="de", peer=PEER, now=now + 3 * DAY)
    renewed = Support.objects.get(report=case.report)
    with pytest.raises(SupportInvalid):
        confirm_support(fresh(case), mine.pk, code_of(mine), now=now + 3 * DAY)
    confirm_support(fresh(case), renewed.pk, code_of(renewed), now=now + 3 * DAY)


def test_a_script_makes_no_crowd(
    heilbronn: Town, report: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "SUPPORTS_OF_ONE_A_DAY", 2)
    case = report(heilbronn)
    for number in range(2):
        device(case, f"geraet-nummer-{number}")

    with pytest.raises(TooManySupports):
        device(case, "geraet-nummer-3")
    # The sender's own additions are counted apart.
    add_text(case.report.pk, text="Hallo", now=timezone.now())


def test_supporters_hear_of_progress_with_a_way_out(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    joins(case, "nachbarin@post.example")
    support_by_address(
        fresh(case), "offen@post.example", language="de", peer=PEER, now=timezone.now()
    )

    change_status(
        case.report.pk,
        to=Status.IN_PROGRESS,
        answer="Am Dienstag.",
        **who(heilbronn, "clara", case),
    )
    drain(Lane.STAFF)
    drain(Lane.STAFF)

    [(address, mail)] = told("support_progress").items()
    assert address == "nachbarin@post.example"
    read = render(mail)
    assert "Am Dienstag." in read.body
    assert read.way_out.startswith("http")
    assert "/betrifft-mich-auch/" in read.way_out
    assert case.secret not in read.body


def test_nobody_hears_of_what_is_not_public_any_more(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    joins(case, "nachbarin@post.example")
    Report.objects.update(publication="withheld")

    change_status(case.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, "clara", case))
    drain(Lane.STAFF)

    assert told("support_progress") == {}


def test_merged_people_hear_of_the_leading_case_and_count_there(
    heilbronn: Town, report: Submit
) -> None:
    # Whose own report leads hears by that one; here it is somebody else's.
    leading = report(heilbronn)
    duplicate, silent = (report(heilbronn, sender=ERIKA) for _n in range(2))
    Contact.objects.update(email_confirmed_at=timezone.now())
    Contact.objects.filter(report=silent.report).update(wants=Wish.NONE)
    joins(leading, "beide@post.example")
    joins(duplicate, "beide@post.example")
    joins(duplicate, "eine@post.example")
    merge(heilbronn, duplicate, leading)
    merge(heilbronn, silent, leading)
    drain(Lane.STAFF)
    assert count_supports(leading.report.pk) == 2
    assert PublishedReport.objects.get(number=leading.number).supports == 2
    Message.objects.all().delete()

    change_status(
        leading.report.pk,
        to=Status.DONE,
        closing_reason=ClosingReason.DONE,
        answer="Geflickt.",
        **who(heilbronn, "clara", leading),
    )
    drain(Lane.STAFF)

    assert set(told("support_progress")) == {"beide@post.example", "eine@post.example"}
    [merged] = Message.objects.filter(event="merged_progress")
    assert merged.subject_ref == duplicate.number
    assert merged.context["leading_number"] == leading.number
    assert "Geflickt." in render(merged).body
    # Taken apart again, everybody goes back.
    change_status(duplicate.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, "dora", duplicate))
    drain(Lane.STAFF)
    assert PublishedReport.objects.get(number=leading.number).supports == 1


def test_closed_reports_count_nobody_new(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn)
    change_status(
        case.report.pk,
        to=Status.DONE,
        closing_reason=ClosingReason.DONE,
        answer="Geflickt.",
        **who(heilbronn, "clara", case),
    )
    with pytest.raises(SupportClosed):
        device(case, "geraet-nummer-eins")


# Forgetting


def test_unconfirmed_and_old_supporters_are_forgotten_and_still_count(
    heilbronn: Town, report: Submit
) -> None:
    case = report(heilbronn)
    now = timezone.now()
    joins(case, "nachbarin@post.example")
    support_by_address(fresh(case), "offen@post.example", language="de", peer=PEER, now=now)

    assert forget_what_is_due(now=now + 3 * DAY)["unconfirmed_supports"] == 1
    assert Support.objects.count() == 1
    Report.objects.update(status=Status.ARCHIVED, closed_at=now)
    assert retain(now=now + 29 * DAY)["supports"] == 0
    assert retain(now=now + 31 * DAY)["supports"] == 1
    assert retain(now=now + 31 * DAY)["supports"] == 0

    kept = Support.objects.get()
    assert (kept.email, kept.nonce) == ("", None)
    assert count_supports(case.report.pk) == 1
    assert not Message.objects.filter(recipient__contains="post.example").exists()


def test_supporters_of_a_duplicate_stay_while_the_leading_case_is_open(
    heilbronn: Town, report: Submit
) -> None:
    leading, duplicate = report(heilbronn), report(heilbronn)
    joins(duplicate, "nachbarin@post.example")
    merge(heilbronn, duplicate, leading)
    later = timezone.now() + 90 * DAY

    assert retain(now=later)["supports"] == 0
    Report.objects.filter(pk=leading.report.pk).update(
        status=Status.ARCHIVED, closed_at=timezone.now()
    )
    assert retain(now=later)["supports"] == 1


def test_citizens_words_go_after_a_time_unless_held(heilbronn: Town, report: Submit) -> None:
    gone, held = report(heilbronn), report(heilbronn)
    now = timezone.now()
    for case in (gone, held):
        add_text(case.report.pk, text="Wortkanarie", now=now)
    Report.objects.update(status=Status.ARCHIVED, closed_at=now)
    clara = heilbronn.people["clara"]
    Report.objects.filter(pk=held.report.pk).update(
        hold_until=(now + 900 * DAY).date(), hold_set_by=clara, hold_set_at=now, hold_remark_id=1
    )

    assert retain(now=now + 179 * DAY)["words"] == 0
    assert retain(now=now + 181 * DAY)["words"] == 1
    assert Remark.objects.get(report=gone.report).body == ""
    assert Remark.objects.get(report=held.report).body == "Wortkanarie"
