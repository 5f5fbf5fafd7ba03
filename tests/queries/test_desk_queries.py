"""What the desk reads: whose cases, in which order, with how many queries."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest
from django.test import Client
from django.utils import timezone

from reports.actions.assign import take
from reports.actions.change_status import change_status
from reports.actions.hand_over import offer
from reports.actions.note import add_note
from reports.lifecycle import OPEN, Status, WaitingFor
from reports.models import DangerAlert, Publication, Report, Screening
from reports.policies import (
    circle_of,
    load_staff,
    may_moderate,
    may_see,
    moderated_by,
    visible_cases,
)
from reports.queries import desk
from reports.queries.counters import SOME_MOMENT, Work, _written, counters
from reports.queries.desk import PAGE, Filters, Tab, Urgency
from reports.queries.desk_case import load_case
from reports.queries.moderation import EVERYTHING, next_waiting
from tests.people import ERIKA, fresh

pytestmark = pytest.mark.django_db
ALL = Filters()


def staff_of(town, name):
    return load_staff(town.people[name], town.municipality.pk)


def who(town, name, receipt):
    return {
        "by": town.people[name],
        "now": timezone.now(),
        "expected_version": fresh(receipt).version,
    }


def numbers(page):
    return [row.report.number for row in page.rows]


@pytest.fixture
def crowd(heilbronn, report):
    """Ever more cases of Amt 66, copied from one real one: crowd(120)."""

    def make(count, **changes):
        template = fresh(report(heilbronn))
        submission = template.submission
        made = []
        for number in range(count):
            template.pk = None
            template.number = f"HN-2020-{number + 1:06d}"
            template.due_at = timezone.now() + timedelta(days=10, minutes=number % 7)
            for name, value in changes.items():
                setattr(template, name, value)
            template.save(force_insert=True)
            submission.pk = submission.report_id = template.pk
            submission.save(force_insert=True)
            made.append(template.number)
        return made

    return make


class TestOneRuleInTwoForms:
    def test_the_filter_finds_exactly_what_the_rule_allows(self, heilbronn, heidenheim, report):
        cases = [
            report(heilbronn),
            report(heilbronn, "tree"),
            report(heilbronn, "noise"),
            report(heilbronn, "collapse"),
            report(heidenheim, lon=10.15, lat=49.14),
        ]
        secret = report(heilbronn)
        Report.objects.filter(pk=secret.report.pk).update(
            is_confidential=True, publication=Publication.WITHHELD
        )
        for case in (cases[0], secret):
            offer(
                case.report.pk,
                to_office=heilbronn.offices["67"],
                reason="Baum",
                **who(heilbronn, "clara", case),
            )
        DangerAlert.objects.create(
            report=cases[3].report, step=1, person=heilbronn.people["gero"], target="person"
        )
        everybody = [(heilbronn, name) for name in heilbronn.people]
        everybody += [(heidenheim, name) for name in heidenheim.people]

        for (town, name), case in product(everybody, [*cases, secret]):
            person, row = staff_of(town, name), fresh(case)
            seen = Report.objects.filter(visible_cases(person), pk=row.pk).exists()
            moderated = Report.objects.filter(moderated_by(person), pk=row.pk).exists()
            assert seen == may_see(person, row, circle_of(row)), (name, row.number)
            assert moderated == may_moderate(person, row), (name, row.number)
            assert (load_case(person, row.number) is not None) == seen


class TestTheOrder:
    def test_what_needs_somebody_most_comes_first(self, heilbronn, report):
        now = timezone.now()
        clara = staff_of(heilbronn, "clara")
        far = now + timedelta(days=20)

        def case(category="pothole", **changes):
            made = report(heilbronn, category)
            Report.objects.filter(pk=made.report.pk).update(**({"due_at": far} | changes))
            return made.number

        mine = case(assignee=heilbronn.people["clara"], status=Status.IN_PROGRESS)
        new = case()
        soon = case(due_at=now + timedelta(hours=5))
        overdue = case(due_at=now - timedelta(hours=5))
        unanswered = case(first_answer_due_at=now - timedelta(hours=1), due_at=far)
        danger = case("collapse")
        other = case(status=Status.IN_PROGRESS, assignee=heilbronn.people["carlo"])
        offered = report(heilbronn, "tree")
        offer(
            offered.report.pk,
            to_office=heilbronn.offices["66"],
            reason="Straße",
            **who(heilbronn, "gero", offered),
        )

        page = desk.queue(clara, Tab.OPEN, ALL, now=now)

        wanted = [danger, offered.number, overdue, unanswered, soon, new, mine, other]
        assert numbers(page) == wanted
        assert [row.urgency for row in page.rows] == [
            Urgency.DANGER,
            Urgency.OFFERED,
            Urgency.OVERDUE,
            Urgency.OVERDUE,
            Urgency.DUE_SOON,
            Urgency.NEW,
            Urgency.MINE,
            Urgency.OTHER,
        ]

    def test_now_leaves_out_what_a_colleague_works_on(self, heilbronn, report):
        case = report(heilbronn)
        take(case.report.pk, **who(heilbronn, "carlo", case))
        now = timezone.now() + timedelta(days=60)

        def in_queue(name, tab):
            page = desk.queue(staff_of(heilbronn, name), tab, ALL, now=now)
            return case.number in numbers(page)

        assert in_queue("carlo", Tab.NOW)
        assert not in_queue("clara", Tab.NOW)
        assert in_queue("clara", Tab.OVERDUE)

    def test_a_case_that_waits_for_the_citizen_is_not_overdue(self, heilbronn, report):
        case = report(heilbronn)
        change_status(
            case.report.pk,
            to=Status.WAITING,
            waiting_for=WaitingFor.CITIZEN,
            answer="Welche Laterne?",
            **who(heilbronn, "clara", case),
        )
        late = timezone.now() + timedelta(days=60)

        page = desk.queue(staff_of(heilbronn, "clara"), Tab.OVERDUE, ALL, now=late)

        assert not page.rows

    def test_dispatchers_get_what_lies_with_the_dispatch_office(self, heilbronn, report):
        ours, theirs = report(heilbronn, "noise"), report(heilbronn)

        page = desk.queue(staff_of(heilbronn, "dora"), Tab.NOW, ALL, now=timezone.now())

        assert ours.number in numbers(page)
        assert theirs.number not in numbers(page)


class TestPaging:
    @pytest.mark.parametrize("tab", [Tab.OPEN, Tab.CLOSED])
    def test_pages_show_every_case_once_even_when_times_are_equal(self, heilbronn, crowd, tab):
        closed = {"status": Status.WITHDRAWN, "closed_at": timezone.now()}
        made = crowd(120, **(closed if tab == Tab.CLOSED else {}))
        clara, now = staff_of(heilbronn, "clara"), timezone.now()

        seen, mark = [], ""
        for _turn in range(4):
            page = desk.queue(clara, tab, ALL, now=now, mark=mark)
            assert len(page.rows) <= PAGE
            seen += numbers(page)
            mark = page.next_mark
            if not mark:
                break

        assert sorted(set(seen) & set(made)) == sorted(made)
        assert len(seen) == len(set(seen))

    def test_a_case_that_becomes_urgent_meanwhile_is_not_skipped(self, heilbronn, crowd):
        made = crowd(60)
        clara, now = staff_of(heilbronn, "clara"), timezone.now()
        first = desk.queue(clara, Tab.OPEN, ALL, now=now)

        later = now + timedelta(days=30)  # by then everything is overdue
        second = desk.queue(clara, Tab.OPEN, ALL, now=later, mark=first.next_mark)

        assert set(made) <= set(numbers(first)) | set(numbers(second))

    @pytest.mark.parametrize("mark", ["x", "e30=", "W10=", "WzEsMiwzLDRd", "ÿ"])
    def test_a_mark_that_was_tampered_with_shows_the_first_page(self, heilbronn, report, mark):
        case = report(heilbronn)
        clara = staff_of(heilbronn, "clara")

        page = desk.queue(clara, Tab.OPEN, ALL, now=timezone.now(), mark=mark)

        assert numbers(page) == [case.number]

    def test_the_mark_tells_no_internal_id(self, heilbronn, crowd):
        import base64

        crowd(60)
        page = desk.queue(staff_of(heilbronn, "clara"), Tab.OPEN, ALL, now=timezone.now())
        last = page.rows[-1].report

        assert str(last.pk) not in base64.b64decode(page.next_mark).decode().split(", ")


class TestCounters:
    def test_counters_are_the_lengths_of_the_lists(self, heilbronn, report):
        for category in ("pothole", "pothole", "collapse", "tree", "noise"):
            report(heilbronn, category)
        held = report(heilbronn)
        Report.objects.filter(pk=held.report.pk).update(screening=Screening.HELD)
        now = timezone.now()

        for name in heilbronn.people:
            person = staff_of(heilbronn, name)
            for tab, count in counters(person, now=now).tabs.items():
                assert count == len(desk.queue(person, tab, ALL, now=now).rows), (name, tab)

    def test_their_statement_is_written_once_and_asked_for_any_moment(self, heilbronn):
        for name in heilbronn.people:
            _statement, values = _written(staff_of(heilbronn, name))
            moments = [value for value in values if isinstance(value, datetime)]
            days = {value for value in values if isinstance(value, date)} - set(moments)

            assert moments
            assert all(abs(value - SOME_MOMENT) < timedelta(days=60) for value in moments)
            assert days == {timezone.localdate(SOME_MOMENT)}

    def test_the_approval_queue_counts_what_it_shows(self, heilbronn, report):
        for category in ("pothole", "tree", "noise", "needles"):
            report(heilbronn, category)
        mona = staff_of(heilbronn, "mona")

        shown, number = [], ""
        while number := next_waiting(mona, EVERYTHING, now=timezone.now(), after=number) or "":
            shown.append(number)

        assert len(shown) == counters(mona, now=timezone.now()).work[Work.MODERATION] == 3


class TestQueryCounts:
    """Pinned: a list must not ask more for more rows."""

    QUEUE, CASE = 10, 20

    def count(self, django_assert_num_queries, name, town, address, expected):
        browser = Client()
        browser.force_login(town.people[name])
        browser.get("/desk/konto/")  # the session is new only once
        with django_assert_num_queries(expected):
            assert browser.get(address).status_code == 200

    @pytest.mark.parametrize("cases", [1, 45])
    def test_the_queue(self, heilbronn, crowd, cases, django_assert_num_queries):
        crowd(cases)
        self.count(django_assert_num_queries, "clara", heilbronn, "/desk/?liste=offen", self.QUEUE)

    @pytest.mark.parametrize("busy", [False, True])
    def test_the_case(self, heilbronn, report, busy, django_assert_num_queries):
        case = report(heilbronn, sender=ERIKA, photos=3 if busy else 0)
        take(case.report.pk, **who(heilbronn, "clara", case))
        for number in range(5 if busy else 0):
            add_note(case.report.pk, text=f"Notiz {number}", **who(heilbronn, "clara", case))
        address = f"/desk/vorgang/{case.number}/"
        self.count(django_assert_num_queries, "clara", heilbronn, address, self.CASE)


def test_every_open_status_is_in_a_list(heilbronn, report):
    for status in sorted(OPEN):
        case = report(heilbronn)
        waiting = {"waiting_for": "citizen", "waiting_since": timezone.now()}
        Report.objects.filter(pk=case.report.pk).update(
            status=status, **(waiting if status == Status.WAITING else {})
        )

        page = desk.queue(staff_of(heilbronn, "clara"), Tab.OPEN, ALL, now=timezone.now())
        assert case.number in numbers(page)
