"""Two people in one case at the same moment: one wins, the other is told, nothing is mixed."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from reports.actions.assign import take
from reports.actions.change_status import LeadingCaseInvalid, change_status
from reports.actions.hand_over import NoOpenOffer, accept, expire_offer, offer, withdraw_offer
from reports.actions.moderate import moderate
from reports.actions.note import add_note
from reports.actions.withdraw import withdraw
from reports.editing import CaseChanged
from reports.lifecycle import ClosingReason, MoveNotAllowed, Status
from reports.models import Handover, Publication, TimelineEntry
from reports.policies import NotPermitted
from tests.people import fresh

pytestmark = pytest.mark.django_db
REFUSALS = (CaseChanged, LeadingCaseInvalid, MoveNotAllowed, NoOpenOffer, NotPermitted)


def at_once(*acts: Callable[[], object]) -> list[BaseException | None]:
    """Run every act in a thread with its own connection, started together; returns what refused."""
    start = threading.Barrier(len(acts))
    refused: list[BaseException | None] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            start.wait(10)
            act()
        except BaseException as error:
            refused[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number, act]) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    unexpected = [error for error in refused if error and not isinstance(error, REFUSALS)]
    assert not unexpected, unexpected
    return refused


def who(town, name, version):
    return {"by": town.people[name], "now": timezone.now(), "expected_version": version}


def test_of_two_who_take_a_case_one_gets_it(heilbronn, report):
    case = report(heilbronn)
    version = fresh(case).version

    refused = at_once(
        lambda: take(case.report.pk, **who(heilbronn, "clara", version)),
        lambda: take(case.report.pk, **who(heilbronn, "carlo", version)),
    )

    loser = [error for error in refused if error]
    assert [type(error) for error in loser] == [CaseChanged]
    assert [entry.kind for entry in loser[0].entries_since][-1] == "assigned"
    winner = "clara" if refused[0] is None else "carlo"
    assert fresh(case).assignee == heilbronn.people[winner]
    assert fresh(case).version == version + 1


def test_a_clerk_who_closes_and_a_citizen_who_withdraws_do_not_both_win(heilbronn, report):
    case = report(heilbronn)
    version = fresh(case).version

    refused = at_once(
        lambda: change_status(
            case.report.pk,
            to=Status.DONE,
            closing_reason=ClosingReason.DONE,
            answer="Erledigt.",
            **who(heilbronn, "clara", version),
        ),
        lambda: withdraw(case.report.pk, now=timezone.now()),
    )

    assert sum(error is not None for error in refused) == 1
    closed = fresh(case)
    assert closed.status == (Status.DONE if refused[0] is None else Status.WITHDRAWN)
    ends = TimelineEntry.objects.filter(
        report=case.report, kind__in=["status_changed", "withdrawn"]
    )
    assert ends.count() == 1


def test_two_cases_never_become_duplicates_of_each_other(heilbronn, report):
    first, second = report(heilbronn), report(heilbronn)

    def mark(case, leading, name):
        version = fresh(case).version
        return lambda: change_status(
            case.report.pk,
            to=Status.DUPLICATE,
            closing_reason=ClosingReason.DUPLICATE,
            answer="Schon gemeldet.",
            leading_number=leading.number,
            **who(heilbronn, name, version),
        )

    refused = at_once(mark(first, second, "clara"), mark(second, first, "carlo"))

    assert sum(error is not None for error in refused) == 1
    statuses = {fresh(first).status, fresh(second).status}
    assert statuses == {Status.RECEIVED, Status.DUPLICATE}


def test_an_offer_is_accepted_or_taken_back_never_both(heilbronn, report):
    case = report(heilbronn)
    handover = offer(
        case.report.pk,
        to_office=heilbronn.offices["67"],
        reason="Baum",
        **who(heilbronn, "clara", fresh(case).version),
    )
    version = fresh(case).version

    refused = at_once(
        lambda: accept(case.report.pk, **who(heilbronn, "gero", version)),
        lambda: withdraw_offer(case.report.pk, **who(heilbronn, "clara", version)),
    )

    assert sum(error is not None for error in refused) == 1
    handover.refresh_from_db()
    accepted = refused[0] is None
    assert handover.state == ("accepted" if accepted else "withdrawn")
    assert fresh(case).office == heilbronn.offices["67" if accepted else "66"]


def test_an_offer_is_accepted_or_expires_never_both(heilbronn, report):
    case = report(heilbronn)
    handover = offer(
        case.report.pk,
        to_office=heilbronn.offices["67"],
        reason="Baum",
        **who(heilbronn, "clara", fresh(case).version),
    )
    version = fresh(case).version

    refused = at_once(
        lambda: accept(case.report.pk, **who(heilbronn, "gero", version)),
        lambda: expire_offer(handover.pk, now=handover.answer_until),
    )

    handover.refresh_from_db()
    accepted = refused[0] is None
    assert handover.state == (Handover.State.ACCEPTED if accepted else Handover.State.EXPIRED)
    assert fresh(case).office == heilbronn.offices["67" if accepted else "dispatch"]
    assert fresh(case).handover_count == 1


def test_ten_notes_at_once_keep_the_history_in_one_chain(heilbronn, report):
    case = report(heilbronn)
    version = fresh(case).version
    notes = [
        (
            lambda text: (
                lambda: add_note(case.report.pk, text=text, **who(heilbronn, "clara", version))
            )
        )(f"Notiz {number}")
        for number in range(10)
    ]

    refused = at_once(*notes)

    assert sum(error is None for error in refused) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reports_timeline_broken()")
        assert cursor.fetchone() == (0,)


def test_a_moderator_does_not_overrule_a_clerk_unseen(heilbronn, report):
    case = report(heilbronn, "tree")
    version = fresh(case).version

    refused = at_once(
        lambda: moderate(
            case.report.pk,
            decisions={"report": Publication.APPROVED},
            **who(heilbronn, "mona", version),
        ),
        lambda: moderate(
            case.report.pk,
            decisions={"report": Publication.WITHHELD},
            **who(heilbronn, "gero", version),
        ),
    )

    assert sum(error is not None for error in refused) == 1
    decided = Publication.APPROVED if refused[0] is None else Publication.WITHHELD
    assert fresh(case).publication == decided
