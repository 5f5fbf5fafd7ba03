"""What rules order: carried into the case once, shown to those concerned, undone by no run."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lane
from notifications import outbox
from reports.actions.first_look import NoFirstLook, end_first_look
from reports.actions.recategorise import recategorise
from reports.actions.route import route_report
from reports.actions.submit import Receipt
from reports.copies import InformationCopy
from reports.models import Effect, Publication, RoutingDecision, TimelineEntry
from reports.policies import circle_of, load_staff, may_see, may_work
from reports.published import PublishedReport
from reports.queries.receipt import receipt_view
from reports.tasks import drain
from tests.factories import RuleFactory
from tests.people import Town, fresh

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
HOLES = {"is": "words", "words": ["Schlagloch"]}


def rule(town: Town, office: str, priority: int = 10, **values: Any) -> Any:
    return RuleFactory(
        municipality=town.municipality, office=town.offices[office], priority=priority, **values
    )


def sign_in(town: Town, name: str) -> Client:
    client = Client()
    client.force_login(town.people[name])
    return client


def test_everything_a_rule_orders_reaches_the_case_once_however_often_tasks_run(
    heilbronn: Town, report: Submit
) -> None:
    team = heilbronn.offices["66"].teams.create(name="Bauhof")
    rule(
        heilbronn,
        "66",
        condition={
            "all": [HOLES, {"is": "source", "values": [{"key": "web", "name": "Internet"}]}]
        },
        team=team,
        assignee=heilbronn.people["clara"],
        urgency="high",
        completion_hours=5,
        around_the_clock=True,
        tags=["Radweg", "Schule"],
        publication_policy="after_approval",
        notice="Die Bauarbeiten dort enden im Mai.",
        copies=[heilbronn.offices["67"].pk, heilbronn.offices["66"].pk, 987654],
    )
    receipt = report(heilbronn, routed=False)
    # Both at once, and the publication first: nothing is public before rules were asked.
    drain(Lane.STAFF)
    assert not PublishedReport.objects.exists()
    for _again in range(3):
        Effect.objects.filter(kind=Effect.Kind.ROUTE).update(state="pending", attempts=0)
        drain(Lane.CITIZEN)
        drain(Lane.STAFF)
        route_report(receipt.report.pk)

    case = fresh(receipt)
    assert (case.office, case.team) == (heilbronn.offices["66"], team)
    assert (case.assignee, case.priority) == (heilbronn.people["clara"], "high")
    assert case.tags == ["Radweg", "Schule"]
    assert case.due_at == case.received_at + timedelta(hours=5)
    assert case.publication == Publication.PENDING
    assert not PublishedReport.objects.exists()
    decision = RoutingDecision.objects.get(report=case)
    assert decision.rule_set_version == 1
    assert "zutreffend: Text enthält »Schlagloch« und Eingang über" in decision.sentences[0]
    assert "Regelwerk: Version 1." in decision.sentences
    kinds = list(TimelineEntry.objects.filter(report=case).values_list("kind", flat=True))
    assert [kinds.count(kind) for kind in ("routed", "assigned", "copied", "notice_given")] == [
        1
    ] * 4
    assert len([m for m in outbox.states_for(case.number) if m.event == "office_copy"]) == 1

    # The sender reads the notice, the other office the case, and neither can work on it.
    told = receipt_view(case, now=timezone.now())
    assert [s.text for s in told.timeline if s.text] == ["Die Bauarbeiten dort enden im Mai."]
    assert told.answer == ""
    gero = load_staff(heilbronn.people["gero"], heilbronn.municipality.pk)
    assert may_see(gero, case, circle_of(case))
    assert not may_work(gero, case)
    page = sign_in(heilbronn, "gero").get(reverse("staff_desk:case", args=[case.number]))
    assert "Dringlichkeit hoch" in page.content.decode()
    assert "Team Bauhof" in page.content.decode()
    for query, found in (
        ({"schlagwort": "Radweg", "dringlichkeit": "high"}, True),
        ({"schlagwort": "Anders"}, False),
        ({"dringlichkeit": "low"}, False),
        ({"dringlichkeit": "Unfug"}, True),
    ):
        listed = sign_in(heilbronn, "clara").get(
            reverse("staff_desk:queue"), query | {"liste": "offen"}
        )
        assert (case.number in listed.content.decode()) is found


def test_the_first_look_ends_with_one_click_and_a_change_by_hand_stays(
    heilbronn: Town, report: Submit
) -> None:
    team = heilbronn.offices["66"].teams.create(name="Bauhof")
    clara = heilbronn.people["clara"]
    rule(heilbronn, "66", condition=HOLES, first_look=True, team=team, assignee=clara)
    receipt = report(heilbronn)
    case = fresh(receipt)
    assert (case.team, case.assignee) == (None, None)  # they wait with the office
    assert (case.office, case.first_look_for) == (
        heilbronn.offices["dispatch"],
        heilbronn.offices["66"],
    )
    due = case.due_at
    dora = sign_in(heilbronn, "dora")
    page = dora.get(reverse("staff_desk:case", args=[case.number])).content.decode()
    assert "Weiterleiten an 66 Amt für Straßenwesen" in page
    address = reverse("staff_desk:act", args=[case.number, "weiterleiten"])
    assert sign_in(heilbronn, "mona").post(address, {"version": case.version}).status_code == 403
    dora.post(address, {"version": case.version})
    case = fresh(receipt)
    assert (case.office, case.first_look_for) == (heilbronn.offices["66"], None)
    assert case.due_at == due
    assert (case.team, case.assignee) == (team, clara)
    assert TimelineEntry.objects.filter(report=case, kind="assigned", actor=None).count() == 1
    again = dora.post(address, {"version": case.version}).content.decode()
    assert "wartet auf keine Erstsichtung mehr" in again
    route_report(case.pk)
    assert fresh(receipt).office == heilbronn.offices["66"]


def test_a_confidential_case_is_copied_to_nobody_and_a_person_who_left_gets_nothing(
    heilbronn: Town, report: Submit
) -> None:
    rule(
        heilbronn,
        "66",
        is_confidential=True,
        copies=[heilbronn.offices["67"].pk],
        assignee=heilbronn.people["gero"],
    )
    case = fresh(report(heilbronn))
    assert case.is_confidential
    assert case.publication == Publication.WITHHELD
    assert case.assignee is None
    assert not InformationCopy.objects.exists()


def test_a_corrected_category_follows_the_rules_of_today_and_widens_nothing(
    heilbronn: Town, report: Submit
) -> None:
    rule(heilbronn, "66", publication_policy="coarse", category=heilbronn.categories["pothole"])
    rule(heilbronn, "67", 20, category=heilbronn.categories["tree"], tags=["Baum"])
    receipt = report(heilbronn)
    assert fresh(receipt).narrowed_policy == "coarse"
    recategorise(
        receipt.report.pk,
        category=heilbronn.categories["tree"],
        by=heilbronn.people["dora"],
        now=timezone.now(),
        expected_version=fresh(receipt).version,
        follow_rules=True,
    )
    case = fresh(receipt)
    assert (case.office, case.tags, case.narrowed_policy) == (
        heilbronn.offices["67"],
        ["Baum"],
        "coarse",
    )
    with pytest.raises(NoFirstLook):
        end_first_look(
            case.pk,
            by=heilbronn.people["dora"],
            now=timezone.now(),
            expected_version=case.version,
        )
