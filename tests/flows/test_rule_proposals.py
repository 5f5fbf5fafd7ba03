"""Corrections by hand become a proposed rule with evidence, a draft by one click."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from notifications.models import Message
from notifications.rendering import render
from reports.actions.reroute import reroute
from reports.actions.tell_proposals import tell_proposals
from reports.rule_proposals import RuleVerdict
from routing.models import Rule, RuleSet
from routing.rules.versions import activate
from tests.people import BOECKINGEN, fresh

pytestmark = pytest.mark.django_db
PAGE = "/desk/regelvorschlaege/"


def correct(town, case, to="67"):
    reroute(
        case.report.pk,
        to_office=town.offices[to],
        reason="Grünstreifen",
        by=town.people["dora"],
        now=timezone.now(),
        expected_version=fresh(case).version,
    )


def test_a_pattern_is_proposed_drafted_and_then_no_more(heilbronn, report):
    lon, lat = BOECKINGEN
    for _each in range(5):
        correct(heilbronn, report(heilbronn, lon=lon, lat=lat))
    correct(heilbronn, report(heilbronn))  # elsewhere: too few to be a pattern
    report(heilbronn, lon=lon, lat=lat)  # one of six stayed: still more than four fifths
    dora, clara = Client(), Client()
    dora.force_login(heilbronn.people["dora"])
    clara.force_login(heilbronn.people["clara"])
    assert clara.get(PAGE).status_code == 403

    (proposal,) = dora.get(PAGE).context["proposals"]
    assert (proposal.went_there, proposal.of_all) == (5, 6)
    assert "5 von 6 Fällen dieser Art in Böckingen" in dora.get(PAGE).content.decode()
    key = {
        "art": proposal.category.pk,
        "stadtteil": proposal.district.pk,
        "amt": proposal.office.pk,
    }

    dora.post(PAGE, key | {"was": "ablehnen", "grund": " "})
    assert not RuleVerdict.objects.exists()
    dora.post(PAGE, key | {"was": "ablehnen", "grund": "Nur während der Baustelle"})
    assert dora.get(PAGE).context["proposals"] == []
    assert dora.post(PAGE, key | {"was": "entwurf"}).status_code == 404
    for _each in range(3):  # the evidence grows
        correct(heilbronn, report(heilbronn, lon=lon, lat=lat))

    assert dora.post(PAGE, key | {"was": "entwurf"}).status_code == 302
    draft = RuleSet.objects.drafts().get()
    rule = Rule.objects.get(rule_set=draft)
    assert (rule.office, rule.area.name) == (heilbronn.offices["67"], "Böckingen")
    assert dora.get(PAGE).context["proposals"] == []
    assert report(heilbronn, lon=lon, lat=lat).report.office == heilbronn.offices["66"]

    activate(
        draft.pk,
        at=None,
        reason="Vorschlag",
        by=heilbronn.people["ada"],
        now=timezone.now(),
        expected_revision=draft.revision,
        newest_seen=0,
    )
    assert report(heilbronn, lon=lon, lat=lat).report.office == heilbronn.offices["67"]
    RuleVerdict.objects.all().delete()
    assert dora.get(PAGE).context["proposals"] == []  # the rule does it already


def test_dispatchers_are_mailed_what_is_new_and_no_more_than_weekly(heilbronn, heidenheim, report):
    lon, lat = BOECKINGEN
    now = timezone.now()
    assert tell_proposals(now=now) == 0
    for _each in range(5):
        correct(heilbronn, report(heilbronn, lon=lon, lat=lat))

    assert [tell_proposals(now=now) for _twice in range(2)] == [1, 0]

    mail = Message.objects.get(event="rule_proposals")
    assert mail.recipient == heilbronn.people["dora"].email
    body = render(mail).body
    assert "5 von 5: Schlagloch in Böckingen ging an" in body
    link = re.search(r"/desk/regelvorschlaege/#(vorschlag-[0-9-]+)", body)
    dora = Client()
    dora.force_login(heilbronn.people["dora"])
    assert link is not None
    assert f'id="{link[1]}"' in dora.get(PAGE).content.decode()
    for _each in range(5):
        correct(heilbronn, report(heilbronn, "noise", lon=lon, lat=lat), to="66")
    assert tell_proposals(now=now + timedelta(days=6)) == 0  # new, but the week is not over
    assert tell_proposals(now=now + timedelta(days=8)) == 1
    newest = Message.objects.filter(event="rule_proposals").latest("pk")
    assert newest.context["count"] == 1
    assert "Lärm" in newest.context["proposals"]
    assert tell_proposals(now=now + timedelta(days=30)) == 0  # nothing new
