"""The approval as a way through what waits: list, next case, back, two people at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lane
from reports.actions.housekeeping import forget_what_is_due
from reports.actions.object_to_publication import object_to_publication
from reports.looking import Looking
from reports.models import Photo, Publication, Report, Submission
from reports.participation import ObjectionPart
from reports.published import PublishedReport
from reports.tasks import drain
from routing.models import Category
from tests.people import Town, fresh

pytestmark = pytest.mark.django_db

NEXT, LIST = reverse("staff_desk:moderation"), reverse("staff_desk:moderation_list")
Submit = Callable[..., Any]


@pytest.fixture
def browser(heilbronn: Town) -> Callable[[str], Client]:
    """Somebody's browser, signed in."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(heilbronn.people[name])
        return client

    return sign_in


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def decide(client: Client, case: Any, decision: str, **fields: str) -> Any:
    sent = {"version": fresh(case).version, "entscheidung": decision, "weiter": "freigabe"}
    return client.post(reverse("staff_desk:moderate", args=[case.number]), sent | fields)


def shown_numbers(client: Client, query: str = "") -> list[str]:
    return [row.report.number for row in client.get(f"{LIST}{query}").context["found"].rows]


def test_the_list_says_what_waits_since_when_and_is_narrowed(
    heilbronn: Town, report: Submit, browser: Callable[[str], Client]
) -> None:
    mona, days = browser("mona"), timedelta(days=4)
    Category.objects.filter(code="gruen.baum").update(decide_within_hours=24)
    old, coarse = report(heilbronn, "tree"), report(heilbronn, "needles")
    with_photo = report(heilbronn, "pothole", photos=1, description="")
    drain(Lane.MEDIA)
    Report.objects.filter(pk=old.report.pk).update(received_at=timezone.now() - days)
    object_to_publication(
        coarse.report.pk, parts=[ObjectionPart.TEXT], reason="", now=timezone.now()
    )

    assert shown_numbers(mona) == [old.number, coarse.number, with_photo.number]
    assert shown_numbers(mona, "?teil=text") == [old.number]
    assert shown_numbers(mona, "?teil=foto") == [with_photo.number]
    assert shown_numbers(mona, "?teil=widerspruch") == [coarse.number]
    noticed = decide(mona, coarse, "report:withheld", teil="widerspruch").headers["Location"]
    assert "Alles entschieden" in page(mona, noticed)  # it still stands, and does not come up again
    decide(mona, coarse, "report:pending")
    assert shown_numbers(mona, "?tage=3") == shown_numbers(mona, "?ueberfaellig=1") == [old.number]
    assert shown_numbers(mona, f"?art={heilbronn.categories['needles'].pk}") == [coarse.number]
    assert shown_numbers(mona, f"?amt={heilbronn.offices['66'].pk}") == [with_photo.number]
    assert shown_numbers(mona, "?amt=x&tage=99&teil=nichts&art=-1") == shown_numbers(mona)
    assert shown_numbers(browser("gero")) == [old.number]
    text = page(mona, LIST)
    assert "überfällig" in text
    assert "1 Foto" in text
    assert "Nichts wartet mit diesen Filtern" in page(mona, f"{LIST}?teil=text&tage=14")
    assert browser("max").get(LIST).status_code == 403


def test_the_filters_stay_on_the_way_and_the_last_decision_is_taken_back(
    heilbronn: Town, report: Submit, browser: Callable[[str], Client]
) -> None:
    mona = browser("mona")
    first, second = report(heilbronn, "tree"), report(heilbronn, "tree")
    report(heilbronn, "needles")

    decided = decide(mona, first, "alles", teil="text")

    sent_on = decided.headers["Location"]
    assert parse_qs(urlsplit(sent_on).query)["teil"] == ["text"]
    shown = page(mona, sent_on)
    assert second.number in shown
    assert "noch 1 Vorgang" in " ".join(shown.split())
    assert published(first) is not None
    (token,) = parse_qs(urlsplit(sent_on).query)["zurueck"]

    back = mona.post(reverse("staff_desk:moderation_undo"), {"zurueck": token, "teil": "text"})

    assert first.number in page(mona, back.headers["Location"])
    assert fresh(first).publication == fresh(first).text_publication == Publication.PENDING
    assert published(first) is None
    again = mona.post(reverse("staff_desk:moderation_undo"), {"zurueck": token}, follow=True)
    assert "inzwischen geändert" in again.content.decode()
    forged = mona.post(reverse("staff_desk:moderation_undo"), {"zurueck": f"{token}x"}, follow=True)
    assert "nicht mehr zurücknehmen" in forged.content.decode()
    gero = browser("clara")  # of another office
    answer = gero.post(reverse("staff_desk:moderation_undo"), {"zurueck": token})
    assert answer.status_code == 404


def published(case: Any) -> PublishedReport | None:
    drain(Lane.STAFF)
    return PublishedReport.objects.filter(number=case.number).first()


def test_two_moderators_rarely_meet_and_never_decide_twice(
    heilbronn: Town, report: Submit, browser: Callable[[str], Client]
) -> None:
    mona, dora = browser("mona"), browser("dora")
    first, second = report(heilbronn, "tree"), report(heilbronn, "tree")
    assert first.number in page(mona, NEXT)
    assert second.number in page(dora, NEXT)
    assert "Wird gerade auch von Mona Moderator angesehen." in page(
        dora, f"{NEXT}?vorgang={first.number}"
    )
    version = fresh(first).version
    assert decide(mona, first, "text:approved").status_code == 302

    late = decide(dora, first, "text:withheld", version=str(version))

    assert late.status_code == 409
    assert "Der Vorgang wurde inzwischen geändert" in late.content.decode()
    assert fresh(first).text_publication == Publication.APPROVED
    forget_what_is_due(now=timezone.now() + timedelta(days=1))
    assert not Looking.objects.exists()


def test_found_words_are_covered_and_shown_without_scripts(
    heilbronn: Town, report: Submit, browser: Callable[[str], Client]
) -> None:
    mona = browser("mona")
    text = "Mein Name ist Hans Meier, rufen Sie an: 07131 5550100."
    case = report(heilbronn, "tree", description=text)
    shown = mona.get(NEXT)
    assert [span.is_covered for span in shown.context["spans"]] == [True, True]
    assert "(entfernt: </span>" in shown.context["difference"]

    answer = decide(mona, case, "verdecken", stelle="2")

    assert answer.status_code == 200
    assert answer.context["typed"] == text.replace("07131 5550100", "[Telefonnummer]")
    assert [span.is_covered for span in answer.context["spans"]] == [False, True]
    answer = decide(mona, case, "vorschau", public_text="Ganz <b>anders</b>")
    assert "&lt;b&gt;anders" in answer.context["difference"]
    assert Submission.objects.get(pk=case.report.pk).public_text == ""
    assert fresh(case).text_publication == Publication.PENDING


def test_a_case_of_others_is_not_opened_for_approval(
    heilbronn: Town, heidenheim: Town, report: Submit, browser: Callable[[str], Client]
) -> None:
    theirs = report(heidenheim, "tree", lon=10.15)
    assert browser("mona").get(f"{NEXT}?vorgang={theirs.number}").status_code == 404
    assert not Looking.objects.exists()
    assert not Photo.objects.exists()
