"""Reminders of a target: upwards, each once, past people on leave, silent where they should be."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.absence import Absence
from accounts.models import Team
from deploy.local.mailsink import MailSink
from leases.models import Lane, WorkState
from notifications.models import Message
from notifications.tasks import drain as deliver
from reports.actions.assign import take
from reports.actions.change_status import change_status
from reports.actions.confidential import mark_confidential
from reports.actions.escalate import escalate
from reports.actions.send_interim import book_interims
from reports.actions.submit import Receipt
from reports.escalations import Escalation, EscalationStep, Interim, Rung
from reports.lifecycle import Status, WaitingFor
from reports.models import Effect, Report, TimelineEntry
from reports.policies import load_staff
from reports.queries.desk import Filters, Tab, queue
from reports.tasks import drain
from tests.factories import UserFactory
from tests.people import ERIKA, Town, fresh
from tests.threads import at_once, succeeded

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 8, tzinfo=BERLIN)
STEPS = {Rung.ASSIGNEE: -8, Rung.TEAM_LEAD: 0, Rung.OFFICE_HEAD: 8, Rung.DISPATCHER: 16}


@pytest.fixture
def ladder(heilbronn: Town) -> Iterator[None]:
    """Steps a day apart, a team lead for Amt 66, and a Monday morning."""
    lead = UserFactory(first_name="Tea", last_name="Lead", email="tea@rathaus.example")
    Team.objects.create(office=heilbronn.offices["66"], name="Kolonne", lead=lead)
    heilbronn.people["tea"] = lead
    from accounts.models import Role
    from tests.factories import RoleFactory

    RoleFactory(
        user=lead,
        municipality=heilbronn.municipality,
        role=Role.CLERK,
        office=heilbronn.offices["66"],
    )
    for rung, hours in STEPS.items():
        EscalationStep.objects.create(municipality=heilbronn.municipality, rung=rung, hours=hours)
    with time_machine.travel(MONDAY, tick=False):
        yield


def who(town: Town, name: str, case: Receipt, now: datetime = MONDAY) -> dict[str, object]:
    return {"by": town.people[name], "now": now, "expected_version": fresh(case).version}


def pass_to(case: Receipt, moment: datetime) -> None:
    """Time goes on: what is due by then is paid as a worker would."""
    while effect := (
        Effect.objects.filter(
            kind=Effect.Kind.ESCALATE, state=WorkState.PENDING, next_at__lte=moment
        )
        .order_by("next_at")
        .first()
    ):
        escalate(effect.report_id, version=effect.version, now=effect.next_at)
        Effect.objects.filter(pk=effect.pk).update(state=WorkState.DONE)


def told() -> list[str]:
    messages = Message.objects.filter(event__in=["case_reminder", "dispatch_attention"])
    return list(messages.order_by("pk").values_list("recipient", flat=True))


def test_the_ladder_is_climbed_once_and_shown(
    heilbronn: Town, ladder: None, report: Submit, mail_sink: MailSink
) -> None:
    people = heilbronn.people
    case = report(heilbronn)
    take(case.report.pk, **who(heilbronn, "clara", case))
    due = fresh(case).due_at
    (first,) = Effect.objects.filter(kind=Effect.Kind.ESCALATE)
    assert first.next_at == due - timedelta(hours=8)  # eight working hours

    pass_to(case, due)
    assert told() == [people["clara"].email, people["tea"].email]
    pass_to(case, due + timedelta(days=7))
    dispatch = heilbronn.offices["dispatch"].email
    assert told() == [people["clara"].email, people["tea"].email, people["max"].email, dispatch]
    assert not Effect.objects.filter(kind=Effect.Kind.ESCALATE, state=WorkState.PENDING).exists()
    succeeded(at_once(3, lambda _n: escalate(case.report.pk, version=first.version, now=due)))
    assert len(told()) == 4
    assert [row.rung for row in Escalation.objects.order_by("pk")] == list(STEPS)
    entries = TimelineEntry.objects.filter(kind="escalated").order_by("pk")
    assert all(set(entry.data) == {"rung"} for entry in entries)  # of nobody by name

    clara = Client()
    clara.force_login(people["clara"])
    page = clara.get(reverse("staff_desk:case", args=[case.number])).content.decode()
    assert "an die Frist erinnert: Amtsleitung" in page
    deliver(Lane.STAFF)
    (mail,) = mail_sink.find(to=people["max"].email)
    assert "Die Frist dieses Vorgangs ist überschritten." in mail.body


def test_it_stops_when_closed_or_waiting_and_counts_anew_for_a_new_date(
    heilbronn: Town, ladder: None, report: Submit
) -> None:
    case = report(heilbronn)
    due = fresh(case).due_at
    wait = {"waiting_for": WaitingFor.CITIZEN, "answer": "Wo genau?"}
    change_status(case.report.pk, to=Status.WAITING, **who(heilbronn, "clara", case), **wait)
    pass_to(case, due + timedelta(days=30))
    assert told() == []

    back = due + timedelta(days=14)
    change_status(case.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, "clara", case, back))
    moved = fresh(case).due_at
    assert moved > due
    pass_to(case, moved)
    assert told() == [heilbronn.offices["66"].email, heilbronn.people["tea"].email]

    done = {"answer": "Geflickt.", "closing_reason": "done"}
    change_status(case.report.pk, to=Status.DONE, **who(heilbronn, "clara", case, moved), **done)
    pass_to(case, moved + timedelta(days=30))
    assert len(told()) == 2
    assert set(Escalation.objects.values_list("due_at", flat=True)) == {moved}


def test_a_rest_that_moves_no_date_loses_no_reminder(
    heilbronn: Town, ladder: None, report: Submit
) -> None:
    case = report(heilbronn)
    due = fresh(case).due_at
    friday = MONDAY + timedelta(days=4, hours=9)
    ask = {"waiting_for": WaitingFor.CITIZEN, "answer": "Wo genau?"}
    change_status(case.report.pk, to=Status.WAITING, **who(heilbronn, "clara", case, friday), **ask)
    Effect.objects.filter(kind=Effect.Kind.ESCALATE).update(state=WorkState.DONE)  # came in vain
    sunday = friday + timedelta(days=2)
    change_status(case.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, "clara", case, sunday))

    assert fresh(case).due_at == due
    pass_to(case, due + timedelta(days=7))
    assert len(told()) == 4


def test_people_on_leave_are_passed_by_and_deputies_told(
    heilbronn: Town, ladder: None, report: Submit
) -> None:
    people = heilbronn.people
    case = report(heilbronn)
    take(case.report.pk, **who(heilbronn, "clara", case))
    away = {"first_day": MONDAY.date(), "last_day": MONDAY.date() + timedelta(days=60)}
    Absence.objects.create(person=people["clara"], deputy=people["carlo"], **away)
    Absence.objects.create(person=people["tea"], **away)

    pass_to(case, fresh(case).due_at + timedelta(days=3))

    assert told() == [people["carlo"].email, people["max"].email]
    assert TimelineEntry.objects.filter(kind="escalated", data__rung=Rung.TEAM_LEAD).count() == 0


def test_an_office_has_steps_of_its_own_and_nobody_outside_the_circle_is_told(
    heilbronn: Town, ladder: None, report: Submit
) -> None:
    for rung in (Rung.OFFICE_HEAD, Rung.DISPATCHER):
        EscalationStep.objects.create(
            municipality=heilbronn.municipality,
            office=heilbronn.offices["66"],
            rung=rung,
            hours=0,
        )
    case = report(heilbronn)
    mark_confidential(case.report.pk, reason="Namen", **who(heilbronn, "clara", case))

    pass_to(case, fresh(case).due_at)

    assert told() == [heilbronn.offices["dispatch"].email]


def test_without_steps_nothing_is_booked(heilbronn: Town, report: Submit) -> None:
    report(heilbronn)
    assert not Effect.objects.filter(kind=Effect.Kind.ESCALATE).exists()


class TestInterim:
    @pytest.fixture
    def quiet(self, heilbronn: Town, report: Submit) -> Receipt:
        """A case of three weeks ago, of which nobody has heard since."""
        heilbronn.municipality.interim_days = 5
        heilbronn.municipality.save()
        with time_machine.travel(timezone.now() - timedelta(days=21), tick=False):
            case = report(heilbronn, sender=ERIKA)
        contact = case.report.contact
        contact.email_confirmed_at = timezone.now()
        contact.save()
        return case

    def test_it_is_a_task_until_there_is_news_once_a_stretch(
        self, heilbronn: Town, quiet: Receipt, report: Submit
    ) -> None:
        report(heilbronn)  # of today
        now = timezone.now()
        assert book_interims(now=now) == 1
        assert book_interims(now=now + timedelta(days=1)) == 0
        staff = load_staff(heilbronn.people["clara"], heilbronn.municipality.pk)

        def listed() -> list[str]:
            page = queue(staff, Tab.INTERIM, Filters(), now=timezone.now())
            return [row.report.number for row in page.rows]

        assert listed() == [quiet.number]
        clara = Client()
        clara.force_login(heilbronn.people["clara"])
        address = reverse("staff_desk:case", args=[quiet.number])
        assert "Zwischennachricht fällig" in clara.get(address).content.decode()
        form = {"version": fresh(quiet).version, "text": "Wir kommen nächste Woche."}
        clara.post(reverse("staff_desk:act", args=[quiet.number, "antworten"]), form)
        assert listed() == []
        assert "Zwischennachricht fällig" not in clara.get(address).content.decode()

    def test_it_is_sent_by_itself_with_the_honest_reason(
        self, heilbronn: Town, quiet: Receipt, mail_sink: MailSink
    ) -> None:
        heilbronn.municipality.interim_by_itself = True
        heilbronn.municipality.save()
        Report.objects.filter(pk=quiet.report.pk).update(due_at=timezone.now() - timedelta(days=1))
        for _turn in range(2):
            book_interims(now=timezone.now())
            drain(Lane.PERIODIC)
        deliver(Lane.CITIZEN)

        mails = [mail for mail in mail_sink.find(to=ERIKA.email) if "Zwischenstand" in mail.subject]
        assert len(mails) == 1
        assert "Die zugesagte Frist haben wir nicht gehalten." in mails[0].body
        assert Interim.objects.count() == 1
        assert TimelineEntry.objects.get(kind="interim_sent").data == {"reason": "late"}

    def test_whom_we_ask_is_not_told_to_wait(self, heilbronn: Town, quiet: Receipt) -> None:
        since = {"waiting_for": WaitingFor.CITIZEN, "waiting_since": timezone.now()}
        Report.objects.filter(pk=quiet.report.pk).update(status=Status.WAITING, **since)
        assert book_interims(now=timezone.now()) == 0
