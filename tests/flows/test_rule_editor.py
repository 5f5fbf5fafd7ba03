"""The responsibility table at the desk: draft, write rules by form, compare, put into force, undo.

Nothing here needs JavaScript: every button is a request, and nothing typed is lost.
"""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from reports.actions.submit import Receipt
from reports.models import RoutingDecision
from routing.models import Rule, RuleSet
from routing.rules.loading import rule_set_in_force
from tests.factories import QuestionFactory, RuleFactory
from tests.people import BOECKINGEN, Town, fresh

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]


@pytest.fixture
def sign_in(heilbronn: Town, settings: Settings) -> Callable[[str], Client]:
    """Sign somebody of Heilbronn in; no second factor asked for."""
    settings.SECOND_FACTOR_ROLES = set()

    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(heilbronn.people[name])
        return client

    return signed_in


def words(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).split())


def typed(town: Town, **changes: Any) -> dict[str, Any]:
    """What the form of a rule sends; change what matters."""
    values: dict[str, Any] = {
        "revision": RuleSet.objects.drafts().get(municipality=town.municipality).revision,
        "name": "Nachts in Böckingen",
        "office": town.offices["67"].pk,
        "is_active": "on",
        "c.kind": "group",
        "c.joint": "all",
        "c.count": 0,
    }
    return values | changes


def test_from_draft_to_version_and_back_in_one_click(
    heilbronn: Town, sign_in: Callable[[str], Client], report: Submit
) -> None:
    RuleFactory(municipality=heilbronn.municipality, office=heilbronn.offices["66"], name="Alt")
    QuestionFactory(
        category=heilbronn.categories["pothole"],
        code="lage",
        text="Wo genau?",
        datatype="single",
        options=[{"key": "gehweg", "de": "Gehweg"}, {"key": "rad", "de": "Radweg"}],
    )
    dora, ada = sign_in("dora"), sign_in("ada")
    refused = dora.post(reverse("staff_desk:rules_start"), {"reason": " "}, follow=True)
    assert "warum sich die Regeln ändern" in words(refused)
    dora.post(reverse("staff_desk:rules_start"), {"reason": "Neue Zuständigkeit"})
    draft = RuleSet.objects.drafts().get()
    assert [rule.name for rule in draft.rules.all()] == ["Alt"]
    new = reverse("staff_desk:rule_new", args=[draft.pk])

    # A row and a group with a row, each by a button; what was typed stays.
    page = dora.post(new, typed(heilbronn, **{"do": "add:", "c.new": "area"}))
    assert "Nachts in Böckingen" in words(page)
    area = {"c.count": 1, "c.0.kind": "area"}
    page = dora.post(new, typed(heilbronn, do="group:", **area))
    group = {"c.count": 2, "c.0.kind": "area", "c.1.kind": "group", "c.1.joint": "any"}
    page = dora.post(new, typed(heilbronn, **group, **{"do": "add:1", "c.1.new": "answer"}))
    answer = group | {"c.1.count": 2, "c.1.0.kind": "answer", "c.1.1.kind": "words"}
    faulty = dora.post(new, typed(heilbronn, **answer, **{"c.1.1.f.words": "!", "name": ""}))
    assert faulty.status_code == 422
    for message in ("mindestens einen Wert", "wählen Sie eine Frage", "zu kurz oder zu lang"):
        assert message in words(faulty)
    assert not Rule.objects.filter(rule_set=draft, office=heilbronn.offices["67"]).exists()

    right = answer | {
        "c.0.f.values": ["district:böckingen"],
        "c.1.0.f.question": "lage",
        "c.1.0.f.values": ["gehweg"],
        "c.1.1.f.words": "tiefes Loch\nSchlagloch",
        "c.1.1.not": "",
        "urgency": "high",
        "tags": "Nacht, Radweg, Nacht",
    }
    said = words(dora.post(new, typed(heilbronn, **right, do="refresh")))
    assert "Wenn Punkt liegt in »Böckingen (Stadtteil)« und" in said
    assert "Antwort auf »Wo genau?« ist »Gehweg« oder Text enthält" in said
    saved = dora.post(new, typed(heilbronn, **right))
    assert saved.status_code == 302
    rule = Rule.objects.get(rule_set=draft, office=heilbronn.offices["67"])
    assert (rule.priority, rule.tags) == (rule.priority, ["Nacht", "Radweg"])
    shown = words(dora.get(reverse("staff_desk:rule", args=[draft.pk, rule.pk])))
    assert "tiefes Loch" in shown
    # Somebody who saw the draft before is not overwritten unseen.
    late = dora.post(
        reverse("staff_desk:rule", args=[draft.pk, rule.pk]), typed(heilbronn, **right, revision=0)
    )
    assert (late.status_code, "inzwischen geändert" in words(late)) == (409, True)

    dora.post(reverse("staff_desk:rule_move", args=[draft.pk, rule.pk]), {"wohin": "hoch"})
    listed = words(dora.get(reverse("staff_desk:rule_set", args=[draft.pk])))
    assert listed.index("Nachts in Böckingen") < listed.index(">Alt<")
    tried = dora.post(
        reverse("staff_desk:rules_preview", args=[draft.pk]),
        {
            "lon": BOECKINGEN[0],
            "lat": BOECKINGEN[1],
            "category": "strasse.schlagloch",
            "text": "Ein Schlagloch",
        },
    )
    assert "Zuständig wäre: 67 Grünflächenamt" in words(tried)
    assert "Regelwerk: Entwurf." in words(tried)

    # Until an administrator says so, nothing has changed for anybody.
    place = {"lon": BOECKINGEN[0], "lat": BOECKINGEN[1]}
    assert fresh(report(heilbronn, **place)).office == heilbronn.offices["66"]
    address = reverse("staff_desk:rules_activate", args=[draft.pk])
    assert dora.get(address).status_code == 403
    draft.refresh_from_db()
    form = {"reason": "Neue Zuständigkeit", "revision": draft.revision, "newest": 1}
    past = ada.post(address, form | {"begins_0": "2020-01-01", "begins_1": "00:00"})
    assert (past.status_code, "ist vorbei" in words(past)) == (422, True)
    assert ada.post(address, form | {"revision": 0}).status_code == 409
    assert "Das ändert sich" in words(ada.get(address))
    ada.post(address, form)
    case = fresh(report(heilbronn, **place))
    assert (case.office, case.priority) == (heilbronn.offices["67"], "high")
    assert RoutingDecision.objects.get(report=case).rule_set_version == 2
    changed = words(ada.get(reverse("staff_desk:rules_changes", args=[draft.pk])))
    assert "Gegenüber Version 1" in changed
    # A version is not written in any more.
    assert dora.get(new).status_code == 404

    first = RuleSet.objects.get(version=1)
    ada.post(reverse("staff_desk:rules_roll_back", args=[first.pk]))
    in_force = rule_set_in_force(heilbronn.municipality.pk, timezone.now())
    assert in_force is not None
    assert (in_force.version, in_force.activated_by) == (3, heilbronn.people["ada"])
    assert fresh(report(heilbronn, **place)).office == heilbronn.offices["66"]
    history = words(ada.get(reverse("staff_desk:rules")))
    assert "Zurück auf Version 1" in history
    assert "Neue Zuständigkeit" in history


def test_a_version_for_later_counts_from_then_on_and_can_be_called_off(
    heilbronn: Town, sign_in: Callable[[str], Client]
) -> None:
    RuleFactory(municipality=heilbronn.municipality, office=heilbronn.offices["66"])
    ada = sign_in("ada")
    ada.post(reverse("staff_desk:rules_start"), {"reason": "Ab nächster Woche"})
    draft = RuleSet.objects.drafts().get()
    begins = timezone.localtime(timezone.now() + timedelta(days=7))
    ada.post(
        reverse("staff_desk:rules_activate", args=[draft.pk]),
        {
            "reason": "Ab nächster Woche",
            "revision": draft.revision,
            "newest": 1,
            "begins_0": f"{begins:%Y-%m-%d}",
            "begins_1": f"{begins:%H:%M}",
        },
    )
    town = heilbronn.municipality.pk
    versions = [
        rule_set_in_force(town, timezone.now() + timedelta(days=days)).version  # type: ignore[union-attr]
        for days in (-100, 0, 6, 8)
    ]
    assert versions == [1, 1, 1, 2]
    assert "noch nicht in Kraft" in words(ada.get(reverse("staff_desk:rules")))
    ada.post(reverse("staff_desk:rules_call_off", args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.is_draft
    assert rule_set_in_force(town, timezone.now() + timedelta(days=8)).version == 1  # type: ignore[union-attr]
    # What is in force cannot be called off, and a version cannot be discarded.
    first = RuleSet.objects.get(version=1)
    ada.post(reverse("staff_desk:rules_call_off", args=[first.pk]))
    ada.post(reverse("staff_desk:rules_discard", args=[first.pk]))
    first.refresh_from_db()
    assert first.version == 1
    ada.post(reverse("staff_desk:rules_discard", args=[draft.pk]))
    assert not RuleSet.objects.filter(pk=draft.pk).exists()


def test_whatever_is_posted_at_the_form_gets_an_answer(
    heilbronn: Town, sign_in: Callable[[str], Client]
) -> None:
    dora = sign_in("dora")
    dora.post(reverse("staff_desk:rules_start"), {"reason": "Unfug"})
    draft = RuleSet.objects.drafts().get()
    new = reverse("staff_desk:rule_new", args=[draft.pk])
    for nonsense in (
        {"do": "remove:9.9"},
        {"do": "add:77", "c.new": "area"},
        {"do": "group:x"},
        {"c.count": "999999", "c.0.kind": "nichts"},
        {"c.count": "1", "c.0.kind": "time", "c.0.f.from": "\x00", "c.0.f.to": "aa"},
        {"c.count": "1", "c.0.kind": "season", "c.0.f.from_month": "02", "c.0.f.from_day": "31"},
        {"c.count": "1", "c.0.kind": "age", "c.0.f.days": "1e400"},
        {"c.count": "1", "c.0.kind": "number", "c.0.f.at_least": "inf"},
        {"priority": "99999999999999999999"},
        {"team": "abc", "copies": ["1", "x"]},
        {"first_answer_hours": "10", "completion_hours": "5"},
        {"tags": ",".join(["zu lang" * 9] * 3)},
    ):
        response = dora.post(new, typed(heilbronn, **nonsense) | {"office": ""})
        assert response.status_code in {200, 422}, nonsense
    assert not draft.rules.exists()
    tried = dora.post(reverse("staff_desk:rules_preview", args=[draft.pk]), {"lon": "x"})
    assert tried.status_code == 422


def test_staff_ask_for_an_explanation_as_data(
    heilbronn: Town, sign_in: Callable[[str], Client]
) -> None:
    RuleFactory(
        municipality=heilbronn.municipality,
        office=heilbronn.offices["67"],
        name="Glatt",
        condition={"is": "season", "from": "11-01", "to": "03-31"},
        tags=["Winter"],
    )
    asked = {"lon": 9.2187, "lat": 49.1427, "category": "strasse.schlagloch"}
    address = reverse("staff_desk:rules_explanation")
    winter = sign_in("clara").post(address, asked | {"at": "2026-12-24T10:00"}).json()
    assert winter["office"]["name"] == "67 Grünflächenamt"
    assert (winter["rule_set_version"], winter["tags"]) == (1, ["Winter"])
    assert any("Eingang vom 1.11. bis 31.3." in sentence for sentence in winter["sentences"])
    summer = sign_in("clara").post(address, asked | {"at": "2026-07-24T10:00"}).json()
    assert summer["office"]["name"] == "66 Amt für Straßenwesen"
    assert sign_in("clara").post(address, {}).status_code == 422
