"""Handing a case over: offered, accepted, returned, forgotten. It never just lies there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Message
from reports.actions.assign import CaseIsClosed, take
from reports.actions.change_status import change_status
from reports.actions.hand_over import (
    NoOpenOffer,
    OfferOpen,
    OfficeUnsuitable,
    PhoneCallMissing,
    accept,
    expire_offer,
    offer,
    return_offer,
    withdraw_offer,
)
from reports.actions.reroute import reroute
from reports.actions.withdraw import withdraw
from reports.editing import TextMissing
from reports.lifecycle import Status
from reports.models import Effect, Handover, RoutingDecision, TimelineEntry
from reports.policies import NotPermitted, circle_of, load_staff, may_see
from tests.factories import OfficeFactory
from tests.people import fresh

pytestmark = pytest.mark.django_db


def who(town, name, receipt):
    return {
        "by": town.people[name],
        "now": timezone.now(),
        "expected_version": fresh(receipt).version,
    }


def offer_to_67(town, receipt, **changes):
    return offer(
        receipt.report.pk,
        to_office=town.offices["67"],
        reason="Der Baum hebt die Platten an.",
        **(who(town, "clara", receipt) | changes),
    )


def mailed(event):
    return set(Message.objects.filter(event=event).values_list("recipient", flat=True))


def test_an_offer_leaves_the_giving_office_responsible(heilbronn, report):
    case = report(heilbronn)

    handover = offer_to_67(heilbronn, case)

    assert fresh(case).office == heilbronn.offices["66"]
    assert handover.state == Handover.State.OFFERED
    assert mailed("office_handover_offer") == {heilbronn.offices["67"].email}
    deadline = Effect.objects.get(report=case.report, kind=Effect.Kind.OFFER_DEADLINE)
    assert (deadline.version, deadline.next_at) == (handover.pk, handover.answer_until)
    assert handover.answer_until > timezone.now() + timedelta(days=2)


def test_acceptance_moves_the_case_and_counts_the_hop(heilbronn, report):
    case = report(heilbronn)
    take(case.report.pk, **who(heilbronn, "clara", case))
    offer_to_67(heilbronn, case)

    accept(case.report.pk, **who(heilbronn, "gero", case))

    moved = fresh(case)
    assert moved.office == heilbronn.offices["67"]
    assert moved.assignee is None
    assert (moved.handover_count, moved.office_chosen_by_hand) == (1, True)
    assert mailed("office_handover_accepted") == {heilbronn.offices["66"].email}
    decision = RoutingDecision.objects.filter(report=case.report).latest("pk")
    assert (decision.office, decision.basis) == (heilbronn.offices["67"], "handover")
    public = TimelineEntry.objects.filter(report=case.report, is_public=True).latest("seq")
    assert (public.kind, public.data["office"]) == ("rerouted", heilbronn.offices["67"].pk)
    assert public.remark_id is None


def test_a_return_says_why_and_leaves_everything_as_it_was(heilbronn, report):
    case = report(heilbronn)
    offer_to_67(heilbronn, case)

    with pytest.raises(TextMissing):
        return_offer(case.report.pk, reason=" ", **who(heilbronn, "gero", case))
    handover = return_offer(case.report.pk, reason="Privatgrund", **who(heilbronn, "gero", case))

    assert handover.return_remark_id is not None
    assert fresh(case).office == heilbronn.offices["66"]
    assert fresh(case).return_count == 1
    assert mailed("office_handover_returned") == {heilbronn.offices["66"].email}


def test_the_second_return_brings_the_case_to_the_dispatcher(heilbronn, report):
    case = report(heilbronn)
    for _turn in range(2):
        offer_to_67(heilbronn, case)
        return_offer(case.report.pk, reason="Nicht wir", **who(heilbronn, "gero", case))

    moved = fresh(case)
    assert moved.office == heilbronn.offices["dispatch"]
    assert (moved.return_count, moved.handover_count) == (2, 1)
    attention = Message.objects.get(event="dispatch_attention")
    assert attention.context["why"] == "second_return"
    kinds = TimelineEntry.objects.filter(report=case.report).values_list("kind", flat=True)
    assert "brought_to_dispatch" in kinds


def test_an_offer_nobody_answers_comes_to_the_dispatcher_once(heilbronn, report):
    case = report(heilbronn)
    handover = offer_to_67(heilbronn, case)

    expire_offer(handover.pk, now=handover.answer_until - timedelta(minutes=1))
    assert fresh(case).office == heilbronn.offices["66"]
    for _turn in range(2):
        expire_offer(handover.pk, now=handover.answer_until)

    handover.refresh_from_db()
    assert handover.state == Handover.State.EXPIRED
    assert fresh(case).office == heilbronn.offices["dispatch"]
    assert fresh(case).handover_count == 1
    assert Message.objects.filter(event="dispatch_attention").count() == 1


def test_an_answered_offer_does_not_expire(heilbronn, report):
    case = report(heilbronn)
    handover = offer_to_67(heilbronn, case)
    accept(case.report.pk, **who(heilbronn, "gero", case))

    expire_offer(handover.pk, now=handover.answer_until)

    assert fresh(case).office == heilbronn.offices["67"]


def test_an_offer_can_be_taken_back(heilbronn, report):
    case = report(heilbronn)
    offer_to_67(heilbronn, case)
    with pytest.raises(OfferOpen):
        offer_to_67(heilbronn, case)
    with pytest.raises(NotPermitted):
        withdraw_offer(case.report.pk, **who(heilbronn, "gero", case))

    withdraw_offer(case.report.pk, **who(heilbronn, "clara", case))

    with pytest.raises(NotPermitted):
        accept(case.report.pk, **who(heilbronn, "gero", case))
    with pytest.raises(NoOpenOffer):
        accept(case.report.pk, **who(heilbronn, "clara", case))


def test_only_the_other_office_or_a_dispatcher_decides(heilbronn, heidenheim, report):
    case = report(heilbronn)
    offer_to_67(heilbronn, case)

    for town, name in ((heilbronn, "clara"), (heilbronn, "mona"), (heidenheim, "heidi")):
        with pytest.raises(NotPermitted):
            accept(case.report.pk, **who(town, name, case))
    accept(case.report.pk, **who(heilbronn, "dora", case))

    assert fresh(case).office == heilbronn.offices["67"]


def test_the_offered_office_sees_the_case_while_it_decides(heilbronn, report):
    case = report(heilbronn)
    gero = load_staff(heilbronn.people["gero"], heilbronn.municipality.pk)
    assert not may_see(gero, fresh(case), circle_of(fresh(case)))

    offer_to_67(heilbronn, case)
    assert may_see(gero, fresh(case), circle_of(fresh(case)))
    return_offer(case.report.pk, reason="Nicht wir", **who(heilbronn, "gero", case))

    assert not may_see(gero, fresh(case), circle_of(fresh(case)))


def test_a_danger_is_given_at_once_after_a_telephone_call(heilbronn, report):
    case = report(heilbronn, "collapse")

    with pytest.raises(PhoneCallMissing):
        offer_to_67(heilbronn, case)
    handover = offer_to_67(heilbronn, case, confirmed_by_phone=True)

    assert handover.state == Handover.State.ACCEPTED
    assert fresh(case).office == heilbronn.offices["67"]
    assert heilbronn.offices["67"].email in mailed("office_new_case")
    assert not Effect.objects.filter(kind=Effect.Kind.OFFER_DEADLINE).exists()


def test_nobody_is_offered_what_cannot_be_offered(heilbronn, heidenheim, report):
    case = report(heilbronn)
    closed_office = OfficeFactory(
        municipality=heilbronn.municipality,
        valid_to=timezone.localdate() - timedelta(days=1),
    )

    for office in (heilbronn.offices["66"], heidenheim.offices["67"], closed_office):
        with pytest.raises(OfficeUnsuitable):
            offer(
                case.report.pk,
                to_office=office,
                reason="Dorthin",
                **who(heilbronn, "clara", case),
            )
    withdraw(case.report.pk, now=timezone.now())
    with pytest.raises(CaseIsClosed):
        offer_to_67(heilbronn, case)


def test_closing_a_case_ends_its_offer(heilbronn, report):
    case = report(heilbronn)
    handover = offer_to_67(heilbronn, case)

    change_status(
        case.report.pk,
        to=Status.DONE,
        closing_reason="done",
        answer="Erledigt.",
        **who(heilbronn, "clara", case),
    )
    expire_offer(handover.pk, now=handover.answer_until)

    handover.refresh_from_db()
    assert handover.state == Handover.State.WITHDRAWN
    assert fresh(case).office == heilbronn.offices["66"]


def test_a_dispatcher_decides_without_asking(heilbronn, report):
    case = report(heilbronn)
    handover = offer_to_67(heilbronn, case)
    with pytest.raises(NotPermitted):
        reroute(
            case.report.pk,
            to_office=heilbronn.offices["67"],
            reason="Baum",
            **who(heilbronn, "clara", case),
        )

    reroute(
        case.report.pk,
        to_office=heilbronn.offices["67"],
        reason="Baum",
        **who(heilbronn, "dora", case),
    )

    handover.refresh_from_db()
    assert handover.state == Handover.State.WITHDRAWN
    assert fresh(case).office == heilbronn.offices["67"]
    assert heilbronn.offices["67"].email in mailed("office_new_case")
    for entry in TimelineEntry.objects.filter(report=case.report, is_public=True):
        assert entry.remark_id is None
