"""Personal data in texts: the sender is told, moderators get a proposal, nothing slips out."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Office
from places.models import Place, Source
from reports.actions.moderate import moderate
from reports.models import Publication, Remark, Report, TimelineEntry
from reports.personal_data import PersonalDataFound, find_in
from tests.api.client import POTHOLE, Phone
from tests.flows.test_take_over import old, run
from tests.people import Town

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "Herr Obermoser, HN-AB 123, streifte die Bank in der Hans-Thoma-Gasse."
MASKED = "Herr [Name], [Kennzeichen], streifte die Bank in der Hans-Thoma-Gasse."


def approve(town: Town, case: Any, **more: Any) -> None:
    moderate(
        case.report.pk,
        decisions={"text": Publication.APPROVED},
        by=town.people["mona"],
        now=timezone.now(),
        expected_version=Report.objects.get(pk=case.report.pk).version,
        **more,
    )


def signed_in(town: Town, name: str) -> Client:
    browser = Client()
    browser.force_login(town.people[name])
    return browser


def fresh(case: Any) -> Report:
    return Report.objects.select_related("submission").get(pk=case.report.pk)


# ---------------------------------------------------------------- the gate


def test_a_text_with_a_name_is_not_approved_unseen(heilbronn: Town, report: Any) -> None:
    case = report(heilbronn, description=TEXT)

    with pytest.raises(PersonalDataFound) as refused:
        approve(heilbronn, case)
    with pytest.raises(PersonalDataFound):
        approve(heilbronn, case, public_text="Herr Obermoser war dort.")
    assert [TEXT[span.start : span.end] for span in refused.value.spans] == [
        "Obermoser",
        "HN-AB 123",
    ]
    assert fresh(case).text_publication == Publication.PENDING

    approve(heilbronn, case, public_text=MASKED)

    assert fresh(case).text_publication == Publication.APPROVED
    assert fresh(case).submission.public_text == MASKED


def test_with_a_reason_it_is_and_the_history_says_why(heilbronn: Town, report: Any) -> None:
    case = report(heilbronn, description="Die Tafel für Frau Clara Obermoser ist verwittert.")

    approve(heilbronn, case, despite="Namensgeberin des Parks, 1902 gestorben")

    entry = TimelineEntry.objects.get(report=case.report, kind="moderated")
    assert entry.data["despite"] == ["name"]
    assert not entry.is_public
    assert Remark.objects.get(pk=entry.remark_id).body.startswith("Namensgeberin")
    assert fresh(case).text_publication == Publication.APPROVED


def test_names_of_the_towns_places_are_no_persons(heilbronn: Town) -> None:
    town = heilbronn.municipality
    text = "Hans Obermoser ist voller Laub"
    assert find_in(text, town.pk)

    source = Source.objects.create(municipality=town, key="test")
    Place.objects.create(
        municipality=town,
        source=source,
        version=1,
        kind="square",
        key="hansobermoser",
        name="Hans Obermoser",
        folded="hansobermoser",
    )

    assert find_in(text, town.pk) == []


# ---------------------------------------------------------------- the desk


def test_the_page_marks_what_it_found_and_proposes_a_text(heilbronn: Town, report: Any) -> None:
    case = report(heilbronn, description=f"{TEXT} <b>fett</b>")
    desk = signed_in(heilbronn, "mona")

    page = desk.get("/desk/freigabe/").content.decode()

    assert 'title="Name">Obermoser<' in page
    assert "&lt;b&gt;fett" in page
    assert "<b>fett" not in page
    assert f"{MASKED} &lt;b&gt;fett&lt;/b&gt;</textarea>" in page
    assert "Gefunden: Name und Kfz-Kennzeichen." in page

    answer = desk.post(
        f"/desk/vorgang/{case.number}/freigabe/",
        {
            "version": fresh(case).version,
            "entscheidung": "alles",
            "public_text": MASKED,
            "weiter": "freigabe",
        },
    )

    assert answer.status_code == 302
    assert fresh(case).submission.public_text == MASKED
    assert fresh(case).text_publication == Publication.APPROVED


def test_what_is_refused_keeps_the_words_and_asks_for_a_reason(
    heilbronn: Town, report: Any
) -> None:
    case = report(heilbronn, description=TEXT)
    desk = signed_in(heilbronn, "mona")
    sent = {
        "version": fresh(case).version,
        "entscheidung": "text:approved",
        "public_text": "Frau Weber sah es.",
    }

    refused = desk.post(f"/desk/vorgang/{case.number}/freigabe/", sent)

    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Der Text enthält noch Name" in page
    assert "Frau Weber sah es.</textarea>" in page
    assert "Trotzdem freigeben" in page

    desk.post(f"/desk/vorgang/{case.number}/freigabe/", sent | {"trotzdem": "steht im Amtsblatt"})

    assert fresh(case).text_publication == Publication.APPROVED
    history = desk.get(f"/desk/vorgang/{case.number}/").content.decode()
    assert "trotz personenbezogener Angaben (Name)" in history


def test_an_answer_with_a_name_is_asked_about_once(heilbronn: Town, report: Any) -> None:
    case = report(heilbronn)
    desk = signed_in(heilbronn, "clara")
    address = f"/desk/vorgang/{case.number}/antworten/"
    text = "Frau Obermoser hat recht."
    sent = {"version": fresh(case).version, "text": text}

    told = desk.post(address, sent)

    assert told.status_code == 422
    assert "Ihr Text enthält vielleicht Name" in told.content.decode()
    assert not Remark.objects.exists()

    mark = told.context["seen"]
    assert desk.post(address, sent | {"gesehen": mark, "text": "Herr Weber"}).status_code == 422
    assert desk.post(address, sent | {"gesehen": mark}).status_code == 302
    assert Remark.objects.get().body == text


def test_the_offices_own_number_is_nobodys(heilbronn: Town, report: Any) -> None:
    case = report(heilbronn)
    office = fresh(case).office
    assert office is not None
    Office.objects.filter(pk=office.pk).update(phone="07131 56-1234")
    desk = signed_in(heilbronn, "clara")
    sent = {"version": fresh(case).version, "text": "Rufen Sie an: +49 7131 561234"}

    assert desk.post(f"/desk/vorgang/{case.number}/antworten/", sent).status_code == 302


# ---------------------------------------------------------------- the sender


def test_the_api_names_places_and_refuses_nothing(heilbronn: Town) -> None:
    text = "😀 Herr Obermoser war es"

    tried = Phone().post("reports/check", POTHOLE | {"description": text})

    assert tried.json()["can_be_sent"]
    (notice,) = [each for each in tried.json()["notices"] if each["kind"] == "personal_data"]
    assert notice["asks"] is None
    (span,) = notice["spans"]
    assert text[span["start"] : span["end"]] == "Obermoser"
    assert (span["kind"], span["confidence"]) == ("name", "high")


def test_a_form_that_comes_back_says_so(heilbronn: Town) -> None:
    sent = {"description": "Mein Name ist Petra Obermoser", "form_key": "k"}

    page = Client().post(f"/heilbronn/melden/{POTHOLE['category']}/", sent)

    assert page.status_code == 422
    assert "vielleicht Angaben über Personen (Name)" in page.content.decode()


def test_while_somebody_types_nothing_is_kept_or_logged(
    heilbronn: Town, caplog: pytest.LogCaptureFixture
) -> None:
    address = "/heilbronn/melden/pruefen/"

    told = Client().post(address, {"description": "Frau Obermoser, Tel. 07131 561234"})
    plain = Client().post(address, {"description": "Die Bank in der Karl-Marx-Straße wackelt"})

    assert "Name und Telefonnummer" in told.json()["text"]
    assert "no-store" in told.headers["Cache-Control"]
    assert plain.json() == {"text": ""}
    assert Client().get(address).status_code == 405
    assert "Obermoser" not in caplog.text
    assert not Report.objects.exists()


def test_taken_over_texts_with_names_wait_again(heilbronn: Town) -> None:
    approved = {"text_approved": True, "report_approved": True}

    run(
        heilbronn,
        old("A-1", description="Frau Obermoser weiß es", **approved),
        old("A-2", description="Loch in der Karl-Marx-Straße", **approved),
    )

    states = Report.objects.order_by("import_key").values_list("text_publication", flat=True)
    assert list(states) == [Publication.PENDING, Publication.APPROVED]
