"""The public form asks further questions, sends to the telephone first, and loses nothing."""

import html
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from reports.actions.route import route_report
from reports.models import Report, TimelineEntry
from tests.factories import CategoryNoticeFactory, QuestionFactory
from tests.people import BOECKINGEN, TOWN_HALL
from tests.photo_samples import jpeg_full_of_canaries

pytestmark = pytest.mark.django_db

ALL = "groesse tiefe kennzeichen"
FORM = "/heilbronn/melden/strasse.schlagloch/"


def text(answer):
    return html.unescape(answer.content.decode())


def filled(client, page=FORM, **changes):
    """A form as somebody without a script sends it from the page."""
    shown = text(client.get(page))
    values = {
        "form_key": re.search(r'name="form_key"\s+value="(\w+)"', shown)[1],
        "asked": re.search(r'name="asked" value="([^"]*)"', shown)[1],
        "lon": TOWN_HALL[0],
        "lat": TOWN_HALL[1],
        "place_chosen_by": "map",
        "description": "Tiefes Schlagloch",
    }
    return values | changes


def hidden_fields(answer):
    """What a page carries on in hidden fields."""
    page = answer.content.decode()
    fields = re.findall(r'type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in fields if name != "csrfmiddlewaretoken"}


@pytest.fixture
def asking(heilbronn):
    """A pothole is asked for its size; only a large one for its depth and a plate."""
    category = heilbronn.categories["pothole"]
    options = [
        {"key": "klein", "de": "Klein"},
        {"key": "gross", "de": "Groß"},
        {
            "key": "privat",
            "de": "Auf einem Privatgrundstück",
            "stop": True,
            "advice_de": "Bitte wenden Sie sich an den Eigentümer.",
        },
    ]
    QuestionFactory(
        category=category, code="groesse", text="Wie groß?", datatype="single", options=options,
        order=1, is_required=True,
    )  # fmt: skip
    only_large = {"question": "groesse", "is": "equals", "value": "gross"}
    QuestionFactory(
        category=category, code="tiefe", text="Wie tief?", datatype="number", order=2,
        is_required=True, unit="cm", maximum=100, condition=only_large,
    )  # fmt: skip
    QuestionFactory(
        category=category, code="kennzeichen", text="Welches Kennzeichen?", order=3,
        is_confidential=True, condition=only_large,
    )  # fmt: skip
    return heilbronn


@pytest.fixture
def desk_of(heilbronn):
    """A browser in which somebody of Heilbronn is signed in."""

    def sign_in(name):
        browser = Client()
        browser.force_login(heilbronn.people[name])
        return browser

    return sign_in


class TestQuestions:
    def test_what_hangs_on_an_answer_comes_after_it_and_nothing_typed_is_lost(self, client, asking):
        first = text(client.get(FORM))
        assert re.search(r'data-question="tiefe"[^>]*\shidden', first)

        again = client.post(FORM, filled(client, answer_groesse="gross", description="Loch"))

        page = text(again)
        assert again.status_code == 200
        assert "Zu Ihren Antworten gibt es noch Fragen" in page
        assert not re.search(r'data-question="tiefe"[^>]*\shidden', page)
        assert "Angabe in cm." in page
        assert "Vertraulich" in page
        assert ">\nLoch</textarea>" in page
        assert Report.objects.count() == 0

        wrong = client.post(
            FORM,
            filled(
                client,
                asked=ALL,
                answer_groesse="gross",
                answer_tiefe="120",
            ),
        )
        assert wrong.status_code == 422
        assert "höchstens 100" in text(wrong)

        done = client.post(
            FORM,
            filled(
                client,
                asked=ALL,
                answer_groesse="gross",
                answer_tiefe="12,5",
                answer_kennzeichen="HN-XY 12",
            ),
        )
        assert done.status_code == 302
        assert Report.objects.get().submission.answers == {
            "groesse": "gross",
            "tiefe": 12.5,
            "kennzeichen": "HN-XY 12",
        }

    def test_what_is_hidden_again_is_not_sent(self, client, asking):
        done = client.post(
            FORM, filled(client, answer_groesse="klein", answer_tiefe="7", answer_kennzeichen="X")
        )

        assert done.status_code == 302
        assert Report.objects.get().submission.answers == {"groesse": "klein"}

    def test_a_stop_says_where_to_turn_and_offers_nothing_but_takes_what_comes(
        self, client, asking
    ):
        values = filled(client, answer_groesse="privat")

        stopped = client.post(FORM, values)

        assert stopped.status_code == 200
        assert "Bitte wenden Sie sich an den Eigentümer." in text(stopped)
        assert "Trotzdem melden" not in text(stopped)
        assert "Zurück zum Formular" in text(stopped)
        assert Report.objects.count() == 0

        assert client.post(FORM, values | {"confirmed": "send_anyway"}).status_code == 302
        assert Report.objects.get().is_confidential


class TestDanger:
    def test_the_telephone_comes_first_and_the_report_goes_on(self, client, heilbronn):
        photo = SimpleUploadedFile("loch.jpg", jpeg_full_of_canaries(), "image/jpeg")
        values = filled(client, description="Starker Gasgeruch aus dem Gully!")

        between = client.post(FORM, values | {"photos": photo})

        page = text(between)
        assert between.status_code == 200
        assert "Erst anrufen, dann melden" in page
        assert 'href="tel:112"' in page
        assert Report.objects.count() == 0
        carried = hidden_fields(between)
        assert carried["description"] == "Starker Gasgeruch aus dem Gully!"

        done = client.post(FORM, carried | {"confirmed": "called_emergency"})

        assert done.status_code == 302
        report = Report.objects.get()
        assert report.is_danger
        assert report.photos.count() == 1
        named = TimelineEntry.objects.get(report=report, kind="danger_named")
        assert (named.data["topics"], named.data["called"]) == (["gas"], True)
        assert "Gasgeruch" not in json.dumps(named.data)

    def test_back_to_the_form_with_everything_typed(self, client, heilbronn):
        between = client.post(
            FORM, filled(client, description="Es riecht nach Gas", address="Allee")
        )

        back = client.post(FORM, hidden_fields(between) | {"back": "1"})

        assert "Es riecht nach Gas</textarea>" in text(back)
        assert 'value="Allee"' in text(back)
        assert 'href="tel:112"' in text(back)
        assert Report.objects.count() == 0

    def test_whoever_has_said_it_beside_the_notice_is_not_asked_again(self, client, heilbronn):
        values = filled(client, description="Gasgeruch", confirmed="called_emergency")

        assert client.post(FORM, values).status_code == 302

    def test_a_mere_hint_stops_nobody(self, client, heilbronn):
        assert client.post(FORM, filled(client, description="Gefährliche Kante")).status_code == 302
        assert not Report.objects.get().is_danger

    def test_the_lists_for_the_script_hold_no_text_of_anybody(self, client, heilbronn):
        lists = client.get("/heilbronn/melden/stichworte.json").json()["topics"]

        gas = next(topic for topic in lists if topic["code"] == "gas")
        assert re.search(f" (?:{gas['strong']})", " hier ist gasgeruch ")
        assert gas["numbers"][0]["dialled"] == "112"


class TestNotOffered:
    def test_parking_goes_to_its_office_and_is_restricted_when_sent(self, client, heilbronn):
        values = filled(client, description="Falschparker auf dem Radweg")

        between = client.post(FORM, values)
        assert "Ordnungsamt" in text(between)
        assert "Trotzdem melden" in text(between)

        done = client.post(FORM, hidden_fields(between) | {"confirmed": "send_anyway"})
        assert done.status_code == 302
        report = Report.objects.get()
        assert (report.is_confidential, report.publication) == (True, "withheld")
        assert not report.is_danger

    def test_a_paused_category_has_no_form_but_an_answer(self, client, heilbronn):
        CategoryNoticeFactory(
            municipality=heilbronn.municipality,
            category=heilbronn.categories["pothole"],
            effect="pause",
            text="Nach dem Frost reparieren wir alle Schlaglöcher ohne Meldung.",
            phone="07131 56-4711",
        )

        page = client.get(FORM)

        assert page.status_code == 200
        assert "zurzeit nicht angeboten" in text(page)
        assert 'href="tel:07131564711"' in text(page)
        assert "zurzeit nicht angeboten" in text(client.get("/heilbronn/melden/"))

    def test_a_pause_of_one_district_is_told_with_the_place(self, client, heilbronn):
        CategoryNoticeFactory(
            municipality=heilbronn.municipality,
            area=heilbronn.municipality.areas.get(name="Böckingen"),
            effect="pause",
            text="In Böckingen bitte ans Baustellenbüro wenden.",
        )
        there = {"lon": BOECKINGEN[0], "lat": BOECKINGEN[1]}

        refused = client.post(FORM, filled(client, **there))

        assert refused.status_code == 422
        assert "Baustellenbüro" in text(refused)
        assert client.post(FORM, filled(client)).status_code == 302

    def test_a_seasonal_notice_stands_above_the_form_in_its_season(self, client, heilbronn):
        today = timezone.localdate()
        for text_, month in (("Jetzt", today.month), ("Dann", today.month % 12 + 1)):
            CategoryNoticeFactory(
                municipality=heilbronn.municipality,
                text=f"{text_} gilt das Fällverbot.",
                is_yearly=True,
                valid_from=today.replace(year=2020, month=month, day=1),
                valid_to=today.replace(year=2020, month=month, day=28),
            )

        page = text(client.get(FORM))

        assert ("Jetzt gilt" in page) == (today.day <= 28)
        assert "Dann gilt" not in page


class TestOtherTown:
    def test_what_was_typed_comes_along(self, client, heilbronn, heidenheim):
        away = {"lon": 10.0, "lat": 49.1}  # far outside of both
        center = heidenheim.municipality.center
        there = {"lon": center.x, "lat": center.y}
        assert "außerhalb" in text(client.post(FORM, filled(client, **away)))

        told = client.post(FORM, filled(client, **there, description="Loch am Schloss"))
        assert "In Heidenheim weitermachen" in text(told)
        chosen = client.post(
            "/heidenheim/melden/uebernehmen/",
            filled(client, **there, description="Loch am Schloss", category="strasse.schlagloch"),
        )
        carried = hidden_fields(chosen)
        assert carried["description"] == "Loch am Schloss"
        assert "form_key" not in carried

        form = client.post("/heidenheim/melden/strasse.schlagloch/", carried)

        assert form.status_code == 200
        assert "Loch am Schloss</textarea>" in text(form)
        assert f'value="{center.x}"' in text(form)
        assert Report.objects.count() == 0


class TestAtTheDesk:
    def test_answers_stand_in_words_and_what_is_confidential_is_marked_and_masked(
        self, client, asking, desk_of
    ):
        sent = filled(
            client, asked=ALL, answer_groesse="gross", answer_tiefe="12,5",
            answer_kennzeichen="HN-XY 12",
        )  # fmt: skip
        assert client.post(FORM, sent).status_code == 302
        report = Report.objects.get()
        route_report(report.pk, now=timezone.now())

        clara = text(desk_of("clara").get(f"/desk/vorgang/{report.number}/"))
        assert "12,5 cm" in clara
        assert "HN-XY 12" in clara
        assert "vertraulich" in clara
        mona = text(desk_of("mona").get(f"/desk/vorgang/{report.number}/"))
        assert "12,5 cm" in mona
        assert "HN-XY 12" not in mona

    def test_what_is_not_offered_comes_with_ready_wording(self, client, heilbronn, desk_of):
        values = filled(client, description="Falschparker", confirmed="send_anyway")
        assert client.post(FORM, values).status_code == 302
        report = Report.objects.get()
        route_report(report.pk, now=timezone.now())

        page = text(desk_of("clara").get(f"/desk/vorgang/{report.number}/"))

        assert "Weitergabe: Falschparken" in page
        assert "an die zuständige Stelle weitergegeben" in page
        assert desk_of("mona").get(f"/desk/vorgang/{report.number}/").status_code == 404
