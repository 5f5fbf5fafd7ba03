"""A storm: many like reports become one incident with one answer, and single cases again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.utils import timezone

from accounts.models import Office
from leases.models import OPEN_STATES, Lane
from notifications.models import Message
from notifications.rendering import render
from reports.actions.change_status import change_status
from reports.actions.escalate import escalate
from reports.actions.gather import gather
from reports.actions.give_feedback import FeedbackClosed, give_feedback
from reports.actions.incident_cases import hear_news
from reports.actions.remind_of_incidents import remind_of_incidents
from reports.actions.run_incident import (
    accept_incident,
    answer_incident,
    end_incident,
    leave_incident,
)
from reports.actions.send_interim import book_interims
from reports.actions.submit import Receipt
from reports.draft import Sender
from reports.escalations import EscalationStep, Interim, Rung
from reports.incidents import Incident, IncidentMember, IncidentNews, IncidentState
from reports.lifecycle import ClosingReason, Status
from reports.models import Contact, Effect, Report, TimelineEntry
from reports.published import PublishedIncident
from reports.queries import desk
from reports.queries.desk import Filters, Tab
from reports.tasks import drain
from tests.people import TOWN_HALL, Town, fresh

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
TREE = {"description": "Umgestürzter Baum auf der Straße"}


def storm(report: Submit, town: Town, count: int, **changes: Any) -> list[Receipt]:
    """So many reports of fallen trees within some hundred metres, drained like by workers."""
    made = [
        report(
            town,
            "tree",
            lat=TOWN_HALL[1] + number * 0.0004,
            sender=Sender(email=f"leute{number % 4}@buerger.example"),
            **TREE,
            **changes,
        )
        for number in range(count)
    ]
    Contact.objects.update(email_confirmed_at=timezone.now())
    work()
    return made


def work() -> None:
    for lane in (Lane.CITIZEN, Lane.STAFF, Lane.BULK, Lane.STAFF):
        drain(lane)


def drain_all() -> None:
    """A turn of a worker is short; others follow until nothing is owed."""
    while Effect.objects.filter(lane=Lane.BULK, state__in=OPEN_STATES).exists():
        drain(Lane.BULK)


def accepted(town: Town) -> Incident:
    incident = Incident.objects.get(state=IncidentState.PROPOSED)
    accept_incident(
        incident.pk,
        title="Umgestürzte Bäume nach dem Sturm",
        office=town.offices["67"],
        owner=town.people["gero"],
        by=town.people["dora"],
        now=timezone.now(),
    )
    work()
    return Incident.objects.get(pk=incident.pk)


def signed_in(town: Town, name: str) -> Client:
    browser = Client()
    browser.force_login(town.people[name])
    return browser


def told(event: str) -> list[str]:
    return sorted(Message.objects.filter(event=event).values_list("recipient", flat=True))


def stands_in(town: Town, name: str, tab: Tab) -> int:
    from reports.policies import load_staff

    staff = load_staff(town.people[name], town.municipality.pk)
    return len(desk.queue(staff, tab, Filters(), now=timezone.now()).rows)


def test_a_storm_is_proposed_once_and_others_are_left_alone(
    heilbronn: Town, report: Submit
) -> None:
    storm(report, heilbronn, 7)
    assert not Incident.objects.exists()
    report(heilbronn, lat=TOWN_HALL[1])
    far = report(heilbronn, "tree", lat=TOWN_HALL[1] + 0.08)
    work()
    assert not Incident.objects.exists()

    late = storm(report, heilbronn, 5)

    incident = Incident.objects.get()
    assert incident.members.count() == 12
    assert not IncidentMember.objects.filter(report=far.report).exists()
    assert (incident.state, incident.started_at) == (
        IncidentState.PROPOSED,
        Report.objects.order_by("pk")[0].received_at,
    )
    # Nothing has happened to the cases yet, and nobody has heard of anything.
    assert fresh(late[0]).incident_id is None
    assert told("incident_joined") == []


def test_accepted_it_tells_each_person_once_and_clears_the_queue(
    heilbronn: Town, report: Submit
) -> None:
    storm(report, heilbronn, 9)
    assert stands_in(heilbronn, "gero", Tab.NEW) == 9
    versions = dict(Report.objects.values_list("pk", "due_at"))
    page = signed_in(heilbronn, "dora")
    proposal = Incident.objects.get()
    bar = page.get("/desk/").content.decode()
    assert f"/desk/ereignisse/{proposal.pk}/" in bar
    refused = page.post(f"/desk/ereignisse/{proposal.pk}/entscheiden/", {"title": ""})
    assert refused.status_code == 422

    page.post(
        f"/desk/ereignisse/{proposal.pk}/entscheiden/",
        {
            "title": "Sturm",
            "office": heilbronn.offices["67"].pk,
            "person": heilbronn.people["gero"].pk,
        },
    )
    work()

    assert told("incident_joined") == [f"leute{n}@buerger.example" for n in range(4)]
    assert Report.objects.filter(incident=proposal).count() == 9
    assert stands_in(heilbronn, "gero", Tab.NEW) == 0
    # One clock: the earliest of all; those of the cases stay as they were.
    assert Incident.objects.get().due_at == min(versions.values())
    assert dict(Report.objects.values_list("pk", "due_at")) == versions
    # More of the kind join by themselves; whoever has heard hears no second time.
    storm(report, heilbronn, 1)
    assert Report.objects.filter(incident=proposal).count() == 10
    assert len(told("incident_joined")) == 4


def test_a_proposal_is_shown_to_those_it_concerns(heilbronn: Town, report: Submit) -> None:
    storm(report, heilbronn, 9)
    page = f"/desk/ereignisse/{Incident.objects.get().pk}/"
    bar = f'href="{page}"'

    # Dora decides, Gero's office has the cases; Clara of the roads could do nothing with it.
    for name in ("dora", "gero"):
        assert bar in signed_in(heilbronn, name).get("/desk/").content.decode()
    clara = signed_in(heilbronn, "clara")
    assert bar not in clara.get("/desk/").content.decode()
    told_clara = clara.get(page).content.decode()
    assert "9 Vorgänge anderer Ämter" in told_clara
    assert "weitere Vorgänge" not in told_clara


def test_one_answer_reaches_every_case_and_each_person_once(
    heilbronn: Town, report: Submit
) -> None:
    made = storm(report, heilbronn, 9)
    incident = accepted(heilbronn)
    gero = signed_in(heilbronn, "gero")

    gero.post(f"/desk/ereignisse/{incident.pk}/antwort/", {"text": "Bis zum Abend geräumt."})
    assert Effect.objects.filter(kind="incident_news", state="pending", lane="bulk").count() == 9
    work()
    Effect.objects.filter(kind="incident_news").update(state="pending", attempts=0)
    work()

    assert told("incident_news") == [f"leute{n}@buerger.example" for n in range(4)]
    answered = TimelineEntry.objects.filter(kind="answered", is_public=True)
    assert answered.count() == 9
    assert fresh(made[3]).first_answered_at is not None
    body = render(Message.objects.filter(event="incident_news")[0]).body
    assert "Bis zum Abend geräumt." in body
    assert f"/ereignis/{incident.pk}/" in body
    assert "9 von 9" in gero.get(f"/desk/ereignisse/{incident.pk}/").content.decode()


def test_leaving_is_one_click_and_so_is_coming_back(heilbronn: Town, report: Submit) -> None:
    made = storm(report, heilbronn, 8)
    incident = accepted(heilbronn)
    one = made[2]
    before = fresh(one)
    gero = signed_in(heilbronn, "gero")
    page = f"/desk/vorgang/{one.number}/"
    assert "Aus dem Ereignis nehmen" in gero.get(page).content.decode()

    gero.post(f"{page}ereignis-verlassen/", {"version": before.version})

    after = fresh(one)
    assert after.incident_id is None
    kept = ("status", "office_id", "assignee_id", "due_at", "first_answer_due_at")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert stands_in(heilbronn, "gero", Tab.NEW) == 1
    answer_incident(incident.pk, text="Räumen.", by=heilbronn.people["dora"], now=timezone.now())
    work()
    assert fresh(one).first_answered_at is None
    gero.post(f"{page}zum-ereignis/", {"version": after.version})
    assert fresh(one).incident_id == incident.pk


def test_ending_closes_all_but_dangers_and_survives_being_killed(
    heilbronn: Town, report: Submit
) -> None:
    made = storm(report, heilbronn, 9)
    Report.objects.filter(pk=made[0].report.pk).update(is_danger=True)
    incident = accepted(heilbronn)
    news = end_incident(
        incident.pk,
        reason=ClosingReason.DONE,
        text="Alle Bäume sind geräumt.",
        by=heilbronn.people["gero"],
        now=timezone.now(),
    )
    # A worker gets through three of them and dies; the rows of the rest are still there.
    for receipt in made[1:4]:
        hear_news(receipt.report.pk, news_id=news.pk, now=timezone.now())
    gero = signed_in(heilbronn, "gero")
    assert "0 von 9" in gero.get(f"/desk/ereignisse/{incident.pk}/").content.decode()
    work()

    assert Report.objects.filter(status=Status.DONE, closing_reason="done").count() == 8
    assert fresh(made[0]).status == Status.RECEIVED
    assert fresh(made[0]).incident_id is None
    assert len(told("incident_news")) == len(set(told("incident_news"))) == 4
    assert told("report_closed") == []
    # "Stimmt das?" once per person: leute1 has said it for one report, the other asks no more.
    give_feedback(made[1].report.pk, is_fixed=True, now=timezone.now())
    with pytest.raises(FeedbackClosed):
        give_feedback(made[5].report.pk, is_fixed=True, now=timezone.now())
    give_feedback(made[2].report.pk, is_fixed=False, now=timezone.now())
    assert fresh(made[2]).status == Status.IN_PROGRESS


def test_a_case_ended_by_itself_is_not_ended_again(heilbronn: Town, report: Submit) -> None:
    made = storm(report, heilbronn, 8)
    incident = accepted(heilbronn)
    alone = fresh(made[1])
    change_status(
        alone.pk,
        to=Status.DONE,
        closing_reason=ClosingReason.NOTHING_FOUND,
        answer="Da war nichts.",
        by=heilbronn.people["gero"],
        now=timezone.now(),
        expected_version=alone.version,
    )
    answer_incident(incident.pk, text="Räumen.", by=heilbronn.people["gero"], now=timezone.now())
    work()

    assert fresh(made[1]).closing_reason == ClosingReason.NOTHING_FOUND
    assert not TimelineEntry.objects.filter(
        report=alone, data__news=IncidentNews.objects.get().pk
    ).exists()


def test_the_public_sees_title_news_and_shape_and_nobody(heilbronn: Town, report: Submit) -> None:
    storm(report, heilbronn, 8)
    incident = accepted(heilbronn)
    browser = Client()
    page = f"/heilbronn/ereignis/{incident.pk}/"
    nothing = browser.get("/heilbronn/ereignisse.geojson").json()
    assert nothing["features"] == []  # no case is published yet, so nothing points at a door

    Report.objects.update(publication="approved")
    from reports.actions.publish import publish_report
    from reports.actions.publish_incident import publish_running_incidents

    for pk in Report.objects.values_list("pk", flat=True):
        publish_report(pk, now=timezone.now())
    publish_running_incidents(now=timezone.now())
    answer_incident(incident.pk, text="Räumen.", by=heilbronn.people["gero"], now=timezone.now())

    seen = browser.get(page).content.decode()
    assert "Umgestürzte Bäume nach dem Sturm" in seen
    assert "Räumen." in seen
    assert "buerger.example" not in seen
    assert page in browser.get("/heilbronn/").content.decode()
    [shape] = browser.get("/heilbronn/ereignisse.geojson").json()["features"]
    assert shape["geometry"]["type"] == "MultiPolygon"
    assert browser.get("/heilbronn/ereignis/999999/").status_code == 404
    assert PublishedIncident.objects.get().reports == 8


def test_a_proposal_that_was_dismissed_stays_away_for_the_day(
    heilbronn: Town, report: Submit
) -> None:
    storm(report, heilbronn, 8)
    proposal = Incident.objects.get()
    clerk = signed_in(heilbronn, "clara").post(
        f"/desk/ereignisse/{proposal.pk}/entscheiden/", {"ablehnen": "1"}
    )
    assert clerk.status_code == 403
    signed_in(heilbronn, "dora").post(
        f"/desk/ereignisse/{proposal.pk}/entscheiden/", {"ablehnen": "1"}
    )

    storm(report, heilbronn, 3)

    assert Incident.objects.get().state == IncidentState.DISMISSED
    assert stands_in(heilbronn, "gero", Tab.NEW) == 11


def test_one_clock_reminds_one_owner_and_no_member_by_itself(
    heilbronn: Town, report: Submit
) -> None:
    town = heilbronn.municipality
    town.interim_days = 2
    town.save()
    EscalationStep.objects.create(municipality=town, rung=Rung.ASSIGNEE, hours=-4)
    EscalationStep.objects.create(municipality=town, rung=Rung.DISPATCHER, hours=0)
    made = storm(report, heilbronn, 8)
    leaves = fresh(made[2])
    incident = accepted(heilbronn)
    assert incident.due_at is not None
    late = incident.due_at + timedelta(days=1)

    for effect in Effect.objects.filter(kind="escalate"):
        escalate(effect.report_id, version=effect.version, now=late)
    book_interims(now=late)
    for _twice in range(2):
        remind_of_incidents(now=late)

    assert told("case_reminder") == told("dispatch_attention") == []
    assert not Interim.objects.exists()
    owner = heilbronn.people["gero"].email
    mailbox = Office.objects.get(municipality=town, is_dispatch=True).email
    # Of the target and of the silence to the owner, of the overdue target to the dispatch office.
    assert told("incident_reminder") == sorted([owner, owner, mailbox])
    situations = Message.objects.filter(event="incident_reminder", recipient=owner)
    assert {each.context["situation"] for each in situations} == {"late", "silence"}
    page = signed_in(heilbronn, "gero").get(f"/desk/ereignisse/{incident.pk}/").content.decode()
    assert "länger nichts gehört" not in page  # by the real clock nothing is late yet

    # Whoever leaves is reminded of by its own clock again.
    Effect.objects.filter(kind="escalate").update(state="done")
    leave_incident(
        leaves.pk, by=heilbronn.people["gero"], now=late, expected_version=fresh(made[2]).version
    )
    [effect] = Effect.objects.filter(kind="escalate", state="pending")
    escalate(leaves.pk, version=effect.version, now=late)
    assert len(told("case_reminder")) == 1


def test_a_dispatcher_opens_one_by_hand_from_the_queue(heilbronn: Town, report: Submit) -> None:
    made = [report(heilbronn, "tree", **TREE) for _each in range(3)]
    Report.objects.filter(pk=made[2].report.pk).update(is_confidential=True, publication="withheld")
    work()
    dora, clara = signed_in(heilbronn, "dora"), signed_in(heilbronn, "clara")
    choice = f'name="nummer" value="{made[0].number}"'
    assert choice in " ".join(dora.get("/desk/?liste=offen").content.decode().split())
    assert choice not in " ".join(clara.get("/desk/?liste=offen").content.decode().split())
    chosen = {"nummer": [each.number for each in made]}
    address = "/desk/ereignisse/eroeffnen/"

    assert clara.post(address, chosen).status_code == 403
    assert dora.post(address, {"nummer": made[0].number}).status_code == 302
    assert not Incident.objects.exists()
    opened = dora.post(address, chosen)

    incident = Incident.objects.get(state=IncidentState.PROPOSED)
    assert opened["Location"] == f"/desk/ereignisse/{incident.pk}/"
    assert incident.members.count() == 2  # nothing confidential among them
    assert "Als Ereignis führen" in dora.get(opened["Location"]).content.decode()
    dora.post(address, chosen)  # they are taken already
    assert Incident.objects.count() == 1


def test_whoever_is_about_to_report_hears_of_the_incident_first(
    heilbronn: Town, report: Submit
) -> None:
    from reports.actions.publish import publish_report
    from reports.actions.publish_incident import publish_running_incidents

    made = storm(report, heilbronn, 8)
    incident = accepted(heilbronn)
    Report.objects.update(publication="approved")
    for pk in Report.objects.values_list("pk", flat=True):
        publish_report(pk, now=timezone.now())
    publish_running_incidents(now=timezone.now())
    browser = Client()
    place = {"lat": TOWN_HALL[1] + 0.001, "lon": TOWN_HALL[0]}

    near = browser.get("/heilbronn/melden/gruen.baum/bekannt.json", place).json()["features"]
    far = browser.get("/heilbronn/melden/gruen.baum/bekannt.json", place | {"lat": 49.16}).json()
    asked = browser.get("/api/v1/reports/nearby", place | {"category": "gruen.baum"}).json()

    assert near[0]["properties"]["url"] == f"/heilbronn/ereignis/{incident.pk}/"
    assert far["features"] == []
    [known] = asked["incidents"]
    assert (known["id"], known["reports"]) == (incident.pk, 8)
    assert known["supports_url"].endswith(f"/api/v1/reports/{made[0].number}/supports")
    page = browser.get(f"/heilbronn/ereignis/{incident.pk}/").content.decode()
    assert f"/heilbronn/meldung/{made[0].number}/betrifft-mich-auch/" in page


def test_three_hundred_are_one_step_one_answer_and_one_mail_each(
    heilbronn: Town, report: Submit
) -> None:
    first = report(heilbronn, "tree", sender=Sender(email="leute0@buerger.example"), **TREE)
    work()
    template = fresh(first)
    sent, contact = template.submission, template.contact
    for number in range(1, 300):
        template.pk, template.number = None, f"HN-2020-{number:06d}"
        template.place = Point(TOWN_HALL[0], TOWN_HALL[1] + number % 10 * 0.0002, srid=4326)
        template.save(force_insert=True)
        for row in (sent, contact):
            row.pk = row.report_id = template.pk
        contact.email = f"leute{number % 50}@buerger.example"
        sent.save(force_insert=True)
        contact.save(force_insert=True)
    Contact.objects.update(email_confirmed_at=timezone.now())

    for pk in Report.objects.values_list("pk", flat=True):
        gather(pk, now=timezone.now())

    assert Incident.objects.get().members.count() == 300
    proposal = Incident.objects.get()
    incident = accept_incident(
        proposal.pk,
        title="Sturm",
        office=heilbronn.offices["67"],
        owner=None,
        by=heilbronn.people["dora"],
        now=timezone.now(),
    )
    # One step owes it to all; how joining is paid is told above, and three hundred take their time.
    owed = Effect.objects.filter(kind="join_incident", version=incident.pk)
    assert owed.update(state="done") == 300
    end_incident(
        incident.pk,
        reason=ClosingReason.DONE,
        text="Alle Bäume sind geräumt.",
        by=heilbronn.people["gero"],
        now=timezone.now(),
    )
    drain_all()
    assert Report.objects.filter(status=Status.DONE, closing_reason="done").count() == 300
    everybody = sorted(f"leute{number}@buerger.example" for number in range(50))
    assert told("incident_news") == everybody
