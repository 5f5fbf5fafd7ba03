"""Reports for council and management: made by a worker, released by a person, the same for ever."""

import re
import zlib
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from figures import basis, queries
from figures.actions import build_report as building
from figures.actions.release_report import is_sound
from figures.models import FrozenCase, ManagementReport
from figures.period import Period
from figures.report_sections import SECTIONS
from figures.tasks import drain, sweep
from leases.models import WorkState
from reports.models import Contact, Remark, Report, Submission
from tests.factories import RoleFactory, UserFactory
from tests.people import ERIKA

pytestmark = pytest.mark.django_db

LIST = "/desk/auswertung/berichte/"


@pytest.fixture
def maja(heilbronn):
    """The head of the administration: a manager of the town, not of an office."""
    person = UserFactory(first_name="Maja", last_name="Mayor")
    RoleFactory(user=person, municipality=heilbronn.municipality, role=Role.MANAGER)
    heilbronn.people["maja"] = person
    return person


@pytest.fixture
def browser(heilbronn, maja):
    def signed_in(name):
        client = Client()
        client.force_login(heilbronn.people[name])
        return client

    return signed_in


@pytest.fixture
def cases(heilbronn, report):
    """Cases with people and words in them, one of them finished."""
    made = [
        report(heilbronn, sender=ERIKA, description="Wortkanarie mit Erika Mustermann"),
        report(heilbronn),
        report(heilbronn, "tree"),
    ]
    now = timezone.now()
    Report.objects.filter(pk=made[0].report.pk).update(
        status="done", closing_reason="done", closed_at=now, first_answered_at=now
    )
    return made


def half_year():
    today = timezone.localdate()
    return f"{today.year}-H{1 if today.month <= 6 else 2}"


def asked_for(client, **more):
    answer = client.post(LIST, {"zeitraum": half_year(), **more})
    assert answer.status_code == 302, answer.content[:2000]
    return answer["Location"]


def words(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_manager_releases_the_half_year_report(browser, cases):
    page = asked_for(browser("maja"))
    assert "0 von 10 Teilen" in words(browser("maja"), page)
    assert browser("maja").get(f"{page}bericht.pdf").status_code == 404

    drain()

    told = words(browser("maja"), page)
    assert "Entwurf, nicht freigegeben." in told
    assert "Eingegangen sind 3 Meldungen" in told
    assert "Grünflächenamt" in told
    browser("maja").post(page, {"summary": "Viel zu tun.", "comment": "", "outlook": ""})
    assert browser("maja").post(f"{page}freigeben/").status_code == 302

    told = words(browser("maja"), page)
    assert "Freigegeben von Maja Mayor am" in told
    assert "Viel zu tun." in told
    assert "Entwurf verwerfen" not in told
    for what, values in (("", {"summary": "Anders."}), ("verwerfen/", {}), ("freigeben/", {})):
        browser("maja").post(f"{page}{what}", values)
    assert "Viel zu tun." in words(browser("maja"), page)
    kept = ManagementReport.objects.get()
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        ManagementReport.objects.filter(pk=kept.pk).update(summary="Anders.")
    with pytest.raises(DatabaseError, match="do not change"), transaction.atomic():
        FrozenCase.objects.filter(report=kept).delete()
    # A correction is the next edition; the released one stays.
    again = asked_for(browser("maja"))
    assert again != page
    assert ManagementReport.objects.get(pk=int(again.split("/")[-2])).edition == 2


def test_an_office_report_is_for_those_who_answer_for_the_office(browser, cases):
    page = asked_for(browser("max"), amt="66")
    drain()

    assert "Eingegangen sind 2 Meldungen" in words(browser("max"), page)
    assert browser("max").post(LIST, {"zeitraum": half_year(), "amt": "67"}).status_code == 404
    assert browser("max").post(LIST, {"zeitraum": half_year()}).status_code == 422
    assert "ganze Kommune" not in words(browser("max"), LIST)
    town = asked_for(browser("maja"))
    for address in (town, f"{town}bericht.pdf"):
        assert browser("max").get(address).status_code == 404
    assert browser("max").post(f"{town}freigeben/").status_code == 404
    for name in ("clara", "dora", "mona"):
        assert browser(name).get(LIST).status_code == 403


def test_two_wishes_make_one_report(browser, cases):
    assert asked_for(browser("maja")) == asked_for(browser("maja"))
    sweep()
    drain()
    drain()

    assert ManagementReport.objects.count() == 1
    assert FrozenCase.objects.count() == len(cases)
    future = {"zeitraum": f"{timezone.localdate().year + 1}-H1"}
    answer = browser("maja").post(LIST, future)
    assert answer.status_code == 422
    assert "noch nicht begonnen" in answer.content.decode()


def test_a_killed_worker_costs_nothing(browser, cases, monkeypatch):
    page = asked_for(browser("maja"))
    kept = building._keep

    def killed_at_months(report_id, name, values):
        if name == "months":
            raise SystemExit  # no outcome is recorded, as when the process is killed
        kept(report_id, name, values)

    monkeypatch.setattr(building, "_keep", killed_at_months)
    with pytest.raises(SystemExit):
        drain()
    monkeypatch.undo()
    half = ManagementReport.objects.get()
    assert half.state == WorkState.LEASED
    assert "7 von 10 Teilen" in words(browser("maja"), page)
    cut_off, done = half.cut_off, dict(half.figures)

    # The lease has ended; whoever comes next goes on where the other one stopped.
    ManagementReport.objects.update(lease_until=timezone.now(), next_at=timezone.now())
    drain()

    half.refresh_from_db()
    assert half.state == WorkState.DONE
    assert half.cut_off == cut_off
    assert {name: half.figures[name] for name in done} == done
    assert set(SECTIONS) <= set(half.figures)


def test_years_later_and_after_deletion_the_figures_are_the_same(browser, heilbronn, cases):
    page = asked_for(browser("maja"))
    drain()
    browser("maja").post(f"{page}freigeben/")
    released = ManagementReport.objects.get()
    before, figures = words(browser("maja"), page), dict(released.figures)

    # Contact data, texts and remarks are erased, cases are filed elsewhere and forgotten.
    Contact.objects.all().delete()
    Remark.objects.all().delete()
    Submission.objects.all().delete()
    Report.objects.all().update(
        office=None, district=None, received_at=timezone.now() - timedelta(days=3000),
        screening="spam",
    )  # fmt: skip

    released.refresh_from_db()
    assert is_sound(released)
    period = Period(released.first, released.last)
    again = {
        name: count(building.frozen_facts(released), period) for name, count in SECTIONS.items()
    }
    assert again == {name: figures[name] for name in SECTIONS}
    assert words(browser("maja"), page) == before
    live = basis.live(
        heilbronn.municipality, since=period.first, until=period.last, cut_off=timezone.now()
    )
    assert queries.totals(live, period).received == 0


def test_the_paper_is_tagged_and_holds_no_word_of_a_citizen(browser, cases):
    page = asked_for(browser("maja"))
    drain()
    draft = browser("maja").get(f"{page}bericht.pdf")
    assert draft["Content-Type"] == "application/pdf"
    browser("maja").post(f"{page}freigeben/")
    first = browser("maja").get(f"{page}bericht.pdf").content

    assert first[:5] == b"%PDF-"
    assert first != draft.content
    assert browser("maja").get(f"{page}bericht.pdf").content == first
    assert bytes(ManagementReport.objects.get().pdf) == first
    streams = re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", first, re.DOTALL)
    inside = ""
    for stream in streams:
        try:
            inside += zlib.decompress(stream[1]).decode("latin-1")
        except zlib.error:
            continue
    assert "/Lang (de)" in inside
    assert inside.count("/S /Figure") == 3 == inside.count("/Alt ")
    assert re.findall(r"/S /(H1|H2|Table)\b", inside)[:4] == ["H1", "H2", "H2", "Table"]
    row = ManagementReport.objects.get()
    kept = str(row.figures) + str(list(FrozenCase.objects.values()))
    for canary in ("kanarie", "Mustermann", "buerger.example", *(each.number for each in cases)):
        assert canary not in kept
