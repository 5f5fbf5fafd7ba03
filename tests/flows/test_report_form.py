"""A citizen reports by the form, with and without a script, and looks after the report later."""

import html
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import derived_codes
from reports import photo_storage, receipts
from reports.abuse import Suspicion
from reports.models import Contact, Photo, Report, Screening, Submission
from routing.models import CategoryTranslation, PublicationPolicy
from tests.factories import CategoryFactory, QuestionFactory
from tests.intake import limit
from tests.people import TOWN_HALL
from tests.photo_samples import jpeg_full_of_canaries

pytestmark = pytest.mark.django_db

FORM = "/heilbronn/melden/strasse.schlagloch/"


def key_in(answer):
    return re.search(r'name="form_key"\s+value="(\w+)"', text(answer))[1]


def text(answer):
    return html.unescape(answer.content.decode())


def photo(name="loch.jpg"):
    return SimpleUploadedFile(name, jpeg_full_of_canaries(), "image/jpeg")


@pytest.fixture
def filled(client):
    """A form as the script fills it: a point on the map, a text."""

    def fill(page=FORM, **changes):
        values = {
            "form_key": key_in(client.get(page)),
            "lon": TOWN_HALL[0],
            "lat": TOWN_HALL[1],
            "place_chosen_by": "map",
            "description": "Tiefes Schlagloch",
        }
        return {name: value for name, value in (values | changes).items() if value is not None}

    return fill


@pytest.fixture
def sent(client, filled):
    """Send the form and return the report."""

    def send(page=FORM, **changes):
        answer = client.post(page, filled(page, **changes))
        assert answer.status_code == 302, text(answer)[:3000]
        return Report.objects.get(number=re.search(r"meine/([^/]+)/", answer.url)[1])

    return send


class TestChoosing:
    def test_groups_lead_to_forms_and_emergencies_to_the_telephone(self, client, heilbronn):
        page = text(client.get("/heilbronn/melden/"))

        assert f'href="{FORM}"' in page
        assert 'href="tel:112"' in page
        assert 'href="tel:110"' in page

    def test_search_words_are_there_for_the_script(self, client, heilbronn):
        pothole = heilbronn.categories["pothole"]
        pothole.keywords = ["Straßenloch"]
        pothole.save()

        assert "Straßenloch" in text(client.get("/heilbronn/melden/"))

    def test_names_follow_the_language(self, client, heilbronn):
        CategoryTranslation.objects.create(
            category=heilbronn.categories["pothole"], language="en", name="Pothole"
        )

        answer = client.get("/heilbronn/melden/", headers={"Accept-Language": "en"})

        assert "Pothole" in text(answer)

    @pytest.mark.parametrize("code", ["quatsch", "strasse", "ordnung.weg"])
    def test_only_what_is_offered_has_a_form(self, client, heilbronn, code):
        CategoryFactory(municipality=heilbronn.municipality, code="ordnung.weg", is_active=False)

        assert client.get(f"/heilbronn/melden/{code}/").status_code == 404


class TestBeforeSending:
    def test_a_danger_says_whom_to_call_and_that_somebody_is_alerted(self, client, heilbronn):
        page = text(client.get("/heilbronn/melden/strasse.einbruch/"))

        assert 'href="tel:112"' in page
        assert "alarmiert unsere Bereitschaft" in page

    def test_without_anybody_on_call_the_number_for_the_night_is_given(self, client, heidenheim):
        town = heidenheim.municipality
        town.emergency_contact = "07321 327-9999"
        town.save()

        page = text(client.get("/heidenheim/melden/strasse.einbruch/"))

        assert "niemand in Bereitschaft" in page
        assert 'href="tel:073213279999"' in page

    def test_the_right_way_is_shown_where_we_are_not_it(self, client, heilbronn):
        CategoryFactory(
            municipality=heilbronn.municipality,
            code="falschparken",
            notice="Bitte wenden Sie sich an Amt 32, Telefon 07131 56-3200. Rettungsweg: 110.",
            publication_policy=PublicationPolicy.NEVER,
        )

        page = text(client.get("/heilbronn/melden/falschparken/"))

        assert "an Amt 32" in page
        assert 'href="tel:07131563200"' in page

    def test_privacy_is_explained_where_data_is_asked_for(self, client, heilbronn):
        page = text(client.get(FORM))

        assert "/heilbronn/seite/datenschutz/" in page
        assert "nie veröffentlicht" in page


class TestPlace:
    def test_a_point_on_the_map(self, heilbronn, sent):
        report = sent(accuracy_m="12", place_chosen_by="gps")

        assert (report.place.x, report.place.y) == TOWN_HALL
        assert (report.accuracy_m, report.place_chosen_by) == (12, "gps")

    def test_without_a_map_the_district_and_words(self, heilbronn, sent):
        report = sent(lon=None, lat=None, district="böckingen", address="Klingenberger Straße 3")

        district = heilbronn.municipality.areas.get(key="böckingen")
        assert district.geometry.contains(report.place)
        assert report.accuracy_m > 1_000, "a whole district is not exact"
        assert report.place_chosen_by == "address"
        assert Submission.objects.get(report=report).address == "Klingenberger Straße 3"

    def test_the_district_alone_is_enough(self, heilbronn, sent):
        assert sent(lon=None, lat=None, district="innenstadt").place_chosen_by == "list"

    def test_no_place_at_all_is_asked_for(self, client, heilbronn, filled):
        answer = client.post(FORM, filled(lon=None, lat=None))

        assert answer.status_code == 422
        assert "wählen Sie den Stadtteil" in text(answer)
        assert "Tiefes Schlagloch" in text(answer), "nothing typed is lost"

    def test_outside_of_town(self, client, heilbronn, filled):
        answer = client.post(FORM, filled(lon="13.4", lat="52.5"))

        assert answer.status_code == 422
        assert "außerhalb von Heilbronn" in text(answer)

    def test_in_another_town_of_ours(self, client, heilbronn, heidenheim, filled):
        answer = client.post(FORM, filled(lon="10.15", lat="49.14"))

        assert answer.status_code == 422
        assert "Heidenheim" in text(answer)
        assert "/heidenheim/melden/" in text(answer)

    @pytest.mark.parametrize("value", ["nan", "inf", "1e400", "neun"])
    def test_numbers_that_are_none(self, client, heilbronn, filled, value):
        assert client.post(FORM, filled(lon=value)).status_code == 422


class TestSending:
    def test_the_receipt_follows(self, client, heilbronn, filled):
        answer = client.post(FORM, filled(email="erika@buerger.example"), follow=True)

        report = Report.objects.get()
        assert answer.redirect_chain == [(f"/heilbronn/meine/{report.number}/?neu=1", 302)]
        assert report.number in text(answer)
        assert receipts.secret_of(report) in text(answer)
        assert "Danke" in text(answer)
        assert "bestätigen Sie darin Ihre Adresse" in text(answer)
        assert report.source == "web"

    def test_twice_is_once(self, client, heilbronn, filled):
        form = filled()

        first = client.post(FORM, form)
        second = client.post(FORM, form)

        assert first.url == second.url
        assert Report.objects.count() == 1

    def test_going_back_and_changing_it_asks_before_it_is_another_report(
        self, client, heilbronn, filled
    ):
        form = filled()
        client.post(FORM, form)

        warned = client.post(FORM, form | {"description": "Noch ein Loch"})
        again = client.post(
            FORM, form | {"description": "Noch ein Loch", "form_key": key_in(warned)}
        )

        assert warned.status_code == 422
        assert "schon gesendet" in text(warned)
        assert again.status_code == 302
        assert Report.objects.count() == 2

    def test_a_text_or_a_photo_is_needed(self, client, heilbronn, filled):
        answer = client.post(FORM, filled(description=""))

        assert answer.status_code == 422
        assert "fügen Sie ein Foto hinzu" in text(answer)

    def test_everything_missing_is_said_at_once(self, client, heilbronn, filled):
        answer = client.post(FORM, filled(lon=None, lat=None, description="", email="nix"))

        assert answer.status_code == 422
        for fault in ("wählen Sie den Stadtteil", "fügen Sie ein Foto hinzu", "E-Mail-Adresse an"):
            assert text(answer).count(fault) == 2, fault  # in the summary and at its field

    def test_a_bad_address_hides_no_place_outside_of_town(self, client, heilbronn, filled):
        answer = client.post(FORM, filled(lon=8.0, lat=48.0, email="nix"))

        assert "E-Mail-Adresse an" in text(answer)
        assert "außerhalb" in text(answer)

    def test_the_language_spoken_is_kept(self, client, heilbronn, sent):
        client.post("/heilbronn/i18n/setlang/", {"language": "en", "next": "/heilbronn/"})

        assert sent().language == "en"

    def test_a_form_from_elsewhere_is_refused_kindly(self, heilbronn, filled, settings):
        settings.CSRF_FAILURE_VIEW = "public_web.errors.form_expired"
        stranger = Client(enforce_csrf_checks=True)

        answer = stranger.post(FORM, filled())

        assert answer.status_code == 403
        assert "noch einmal" in text(answer)
        assert Report.objects.count() == 0

    def test_a_flood_is_held_and_then_stemmed(self, client, heilbronn, filled, settings):
        limit(settings, peer=(1, 5))

        answers = [client.post(FORM, filled()) for _time in range(6)]

        assert [answer.status_code for answer in answers] == [302] * 5 + [429]
        assert "eine Seite zurück" in text(answers[-1])
        assert answers[-1].headers["Retry-After"]
        held = [report.screening for report in Report.objects.order_by("pk")]
        assert held == [Screening.CLEAR] + [Screening.HELD] * 4

    def test_far_above_nothing_is_read(self, client, heilbronn, filled, settings):
        class Unread:
            def read(self, *_size):
                raise AssertionError("a byte was read")

            readline = read

        limit(settings, peer=(1, 1))
        client.post(FORM, filled())
        guarded = Client(enforce_csrf_checks=True)

        answer = guarded.post(FORM, filled(), **{"wsgi.input": Unread()})

        assert answer.status_code == 429

    def test_who_fills_in_what_nobody_sees_is_looked_at(self, client, heilbronn, filled):
        answer = client.post(FORM, filled(betreff="Billige Uhren"))

        assert "kurz geprüft" in text(client.get(answer["Location"]))
        assert Suspicion.objects.get().reasons == ["honeypot"]


class TestQuestions:
    @pytest.fixture
    def _size(self, heilbronn):
        QuestionFactory(
            category=heilbronn.categories["pothole"],
            code="groesse",
            datatype="single",
            text="Wie groß?",
            is_required=True,
            options=[
                {"key": "klein", "de": "Klein", "en": "Small"},
                {
                    "key": "hohl",
                    "de": "Die Straße ist hohl",
                    "en": "The road is hollow",
                    "danger": True,
                    "advice_de": "Abstand halten und 112 anrufen.",
                },
            ],
        )

    @pytest.mark.usefixtures("_size")
    def test_what_must_be_answered_is_asked_for(self, client, filled):
        answer = client.post(FORM, filled())

        assert answer.status_code == 422
        assert "Bitte beantworten Sie diese Frage" in text(answer)
        assert 'href="#id_answer_groesse_0"' in text(answer)

    @pytest.mark.usefixtures("_size")
    def test_an_answer_is_read_back(self, client, sent):
        report = sent(answer_groesse="klein")

        page = text(client.get(f"/heilbronn/meine/{report.number}/"))
        assert "Wie groß?" in page
        assert "Klein" in page
        assert "112 anrufen" not in page

    @pytest.mark.usefixtures("_size")
    def test_a_dangerous_answer_says_what_to_do_before_and_after(self, client, sent):
        before = text(client.get(FORM))
        report = sent(answer_groesse="hohl")
        after = text(client.get(f"/heilbronn/meine/{report.number}/"))

        assert 'data-advice-value="hohl"' in before
        for page in (before, after):
            assert 'Abstand halten und <a href="tel:112">112</a> anrufen.' in page
            assert "alarmiert unsere Bereitschaft" in page
        assert report.is_danger

    @pytest.mark.usefixtures("_size")
    def test_an_answer_that_was_not_offered(self, client, filled):
        assert client.post(FORM, filled(answer_groesse="riesig")).status_code == 422


class TestPhotos:
    def test_are_kept_when_the_form_comes_back(self, client, heilbronn, filled):
        returned = client.post(FORM, filled(lon=None, lat=None, photos=[photo()]))
        kept = re.search(r'name="kept_photos"\s+value="([^"]+)"', text(returned))[1]

        answer = client.post(FORM, filled(kept_photos=kept, description=""))

        assert "„loch.jpg“ ist schon hochgeladen" in text(returned)
        assert answer.status_code == 302
        assert Photo.objects.count() == 1

    def test_one_that_was_unticked_is_not_sent(self, client, heilbronn, filled):
        client.post(FORM, filled(lon=None, lat=None, photos=[photo()]))

        client.post(FORM, filled())

        assert Photo.objects.count() == 0

    @pytest.mark.parametrize("word", ["quatsch", "", "WyJoZWlsYnJvbm4iXQ:1:x"])
    def test_a_forged_reference_is_nothing(self, client, heilbronn, filled, word):
        client.post(FORM, filled(kept_photos=word))

        assert Photo.objects.count() == 0

    def test_a_kept_photo_belongs_to_its_town(self, client, heilbronn, heidenheim, filled):
        returned = client.post(FORM, filled(lon=None, lat=None, photos=[photo()]))
        kept = re.search(r'name="kept_photos"\s+value="([^"]+)"', text(returned))[1]
        there = "/heidenheim/melden/strasse.schlagloch/"

        client.post(there, filled(there, lon="10.15", lat="49.14", kept_photos=kept))

        assert Photo.objects.count() == 0

    def test_a_reference_sent_many_times_is_one_photo(self, client, heilbronn, filled, monkeypatch):
        returned = client.post(FORM, filled(lon=None, lat=None, photos=[photo()]))
        kept = re.search(r'name="kept_photos"\s+value="([^"]+)"', text(returned))[1]
        opened = []
        genuine = photo_storage.read_original
        monkeypatch.setattr(
            photo_storage, "read_original", lambda *args: opened.append(args) or genuine(*args)
        )

        client.post(FORM, filled(kept_photos=[kept] * 100))

        assert len(opened) == 1
        assert Photo.objects.count() == 1

    def test_forms_that_never_become_a_report_cannot_fill_the_disk(
        self, client, heilbronn, filled, monkeypatch
    ):
        monkeypatch.setattr("public_web.pace.DRAFT_PHOTOS", 2)
        photos = [photo(f"{n}.jpg") for n in range(3)]

        returned = client.post(FORM, filled(lon=None, lat=None, photos=photos))

        assert text(returned).count('name="kept_photos"') == 2
        assert "Bitte fügen Sie das Foto noch einmal hinzu: 2.jpg" in text(returned)

    def test_a_bad_one_is_named_and_the_report_survives(self, client, heilbronn, filled):
        bad = SimpleUploadedFile("brief.pdf", b"%PDF-1.7 ...", "image/jpeg")

        answer = client.post(FORM, filled(photos=[photo(), bad]), follow=True)

        assert "Foto 2 wurde nicht übernommen" in text(answer)
        assert Photo.objects.count() == 1

    def test_a_bad_one_in_a_returned_form_is_named_too(self, client, heilbronn, filled):
        bad = SimpleUploadedFile("brief.pdf", b"%PDF-1.7 ...", "image/jpeg")

        answer = client.post(FORM, filled(lon=None, lat=None, photos=[bad]))

        assert "brief.pdf" in text(answer)

    def test_more_than_five_are_refused_without_losing_them(self, client, heilbronn, filled):
        answer = client.post(FORM, filled(photos=[photo(f"{n}.jpg") for n in range(6)]))

        assert answer.status_code == 422
        assert "höchstens fünf Fotos" in text(answer)
        assert text(answer).count('name="kept_photos"') == 6

    def test_what_became_of_it_is_told(self, client, heilbronn, sent):
        report = sent(photos=[photo()])

        assert "Foto wird aufbereitet" in text(client.get(f"/heilbronn/meine/{report.number}/"))

        Photo.objects.update(state="ready")
        assert "wartet auf Freigabe" in text(client.get(f"/heilbronn/meine/{report.number}/"))

        Photo.objects.update(state="failed", failure_code="unreadable")
        assert "Nicht lesbar. Die Meldung gilt trotzdem" in text(
            client.get(f"/heilbronn/meine/{report.number}/")
        )


class TestReceipt:
    def test_strangers_find_nothing(self, heilbronn, sent):
        report = sent()

        for address in ("", "zurueckziehen/", "zugangscode/"):
            for method in ("get", "post"):
                answer = getattr(Client(), method)(f"/heilbronn/meine/{report.number}/{address}")
                assert answer.status_code in (404, 405)

    def test_the_link_becomes_a_cookie_and_the_secret_leaves_the_address(self, heilbronn, sent):
        report, other = sent(), Client()
        secret = receipts.secret_of(report)

        answer = other.get(f"/heilbronn/meldung/{report.number}/zugang/?code={secret}")

        assert answer.url == f"/heilbronn/meine/{report.number}/"
        assert other.get(answer.url).status_code == 200
        cookie = answer.cookies["quittung"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert secret not in cookie.value

    def test_a_wrong_link_looks_like_an_unknown_one(self, heilbronn, sent):
        number = sent().number

        for wrong in (number, "HN-2026-999999"):
            answer = Client().get(f"/heilbronn/meldung/{wrong}/zugang/?code=AAAAA", follow=True)
            assert answer.redirect_chain == [("/heilbronn/meine/", 302)]
            assert "gilt nicht" in text(answer)

    def test_number_and_secret_as_dictated(self, heilbronn, sent):
        report, other = sent(), Client()
        secret = receipts.secret_of(report).replace("-", " ").lower()

        wrong = other.post("/heilbronn/meine/", {"number": report.number, "secret": "ABCDE"})
        right = other.post("/heilbronn/meine/", {"number": report.number.lower(), "secret": secret})

        assert wrong.status_code == 422
        assert "passen nicht zusammen" in text(wrong)
        assert right.url == f"/heilbronn/meine/{report.number}/"

    def test_another_town_does_not_open_it(self, client, heilbronn, heidenheim, sent):
        report = sent()

        assert client.get(f"/heidenheim/meine/{report.number}/").status_code == 404
        assert report.number not in text(client.get("/heidenheim/meine/"))

    def test_this_device_remembers_and_forgets(self, client, heilbronn, sent):
        number = sent().number

        assert number in text(client.get("/heilbronn/meine/"))
        client.post("/heilbronn/meine/vergessen/")

        assert number not in text(client.get("/heilbronn/meine/"))
        assert client.get(f"/heilbronn/meine/{number}/").status_code == 404

    def test_withdrawing_asks_first(self, client, heilbronn, sent):
        report = sent()
        address = f"/heilbronn/meine/{report.number}/zurueckziehen/"

        assert "zurückziehen?" in text(client.get(address))
        report.refresh_from_db()
        assert report.status == "received"

        answer = client.post(address, follow=True)
        report.refresh_from_db()
        assert report.status == "withdrawn"
        assert "ist zurückgezogen" in text(answer)
        assert "schon abgeschlossen" in text(client.post(address, follow=True))

    def test_a_new_secret_locks_the_old_one_out(self, client, heilbronn, sent):
        report, other = sent(), Client()
        old = receipts.secret_of(report)
        other.get(f"/heilbronn/meldung/{report.number}/zugang/?code={old}")
        address = f"/heilbronn/meine/{report.number}/zugangscode/"

        client.get(address)
        report.refresh_from_db()
        assert receipts.secret_of(report) == old, "looking changes nothing"

        answer = client.post(address, follow=True)
        report.refresh_from_db()
        assert receipts.secret_of(report) in text(answer)
        assert other.get(f"/heilbronn/meine/{report.number}/").status_code == 404

    def test_nothing_of_it_is_kept_by_caches(self, client, heilbronn, sent):
        answer = client.get(f"/heilbronn/meine/{sent().number}/")

        assert "no-store" in answer.headers["Cache-Control"]

    def test_the_public_page_of_an_own_hidden_report_leads_home(self, client, heilbronn, sent):
        report = sent("/heilbronn/melden/ordnung.laerm/")

        answer = client.get(f"/heilbronn/meldung/{report.number}/")

        assert answer.url == f"/heilbronn/meine/{report.number}/"

    def test_guessing_is_slowed_down(self, heilbronn, sent, monkeypatch):
        monkeypatch.setitem(
            __import__("public_web.views.receipt", fromlist=["_"]).SECRET_TRIES, "limit", 2
        )
        report, other = sent(), Client()
        guess = {"number": report.number, "secret": "ABCDE"}

        answers = [other.post("/heilbronn/meine/", guess) for _time in range(3)]

        assert "Zu viele Versuche" in text(answers[-1])


class TestConfirming:
    @pytest.fixture
    def link(self, heilbronn, sent):
        report = sent(email="erika@buerger.example")
        contact = Contact.objects.get(report=report)
        code = derived_codes.derive("confirm", report.pk, contact.confirm_version)
        return f"/heilbronn/bestaetigen/{report.number}/?code={code}"

    def test_a_look_confirms_nothing_a_click_does(self, link):
        scanner = Client()

        asked = text(scanner.get(link))
        assert "Adresse bestätigen" in asked
        assert "Fehlercode" not in asked
        assert scanner.head(link).status_code == 200
        assert Contact.objects.get().email_confirmed_at is None

        assert "ist bestätigt" in text(scanner.post(link))
        assert Contact.objects.get().email_confirmed_at is not None
        assert "ist bestätigt" in text(scanner.post(link)), "a second click changes nothing"

    def test_a_wrong_link(self, link):
        answer = Client().post(link[:-3] + "AAA")

        assert answer.status_code == 404
        assert "Link gilt nicht" in text(answer)

    def test_too_late(self, link):
        Contact.objects.update(confirm_until=timezone.now() - timedelta(minutes=1))

        answer = Client().post(link)

        assert answer.status_code == 410
        assert "abgelaufen" in text(answer)
        assert "trotzdem bearbeitet" in text(answer)
