"""What anybody sees of a town: map and list, one report, texts, errors, files for programs."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import Client, RequestFactory
from django.urls import set_urlconf
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from public_web import errors, wording
from public_web.telephone import with_call_links
from reports.actions.publish import publish_report
from reports.lifecycle import ClosingReason, Status
from reports.models import Publication, Report

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(report):
    """A report that the public view shows."""

    def publish(town, category="pothole", **changes):
        receipt = report(town, category, **changes)
        Report.objects.filter(pk=receipt.report.pk).update(publication=Publication.APPROVED)
        publish_report(receipt.report.pk, now=timezone.now())
        return receipt

    return publish


def page(client, address, status=200, **headers):
    answer = client.get(address, headers=headers)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def numbers_in(html):
    return re.findall(r'data-report="([A-Z]+-\d{4}-\d{6})"', html)


class TestMapAndList:
    def test_shows_published_reports_and_no_others(self, client, heilbronn, report, published):
        shown = published(heilbronn)
        hidden = report(heilbronn, "noise")

        html = page(client, "/heilbronn/")

        assert numbers_in(html) == [shown.number]
        assert hidden.number not in html
        assert "Radfahrer" not in html, "the text waits for its approval"

    def test_leads_to_the_open_data_of_the_town(self, client, heilbronn):
        assert 'href="/opendata/heilbronn/"' in page(client, "/heilbronn/")

    def test_says_what_to_do_where_nothing_is_public(self, client, heilbronn):
        html = page(client, "/heilbronn/")

        assert "Keine Meldungen gefunden" in html
        assert "/heilbronn/melden/" in html

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", {"pothole", "tree"}),
            ("category=strasse.schlagloch", {"pothole"}),
            ("category=gruen", {"tree"}),
            ("status=open", {"pothole", "tree"}),
            ("status=done", set()),
            ("since=7", {"pothole", "tree"}),
            ("since=2099-01-01", set()),
        ],
    )
    def test_list_and_map_take_the_same_filters(self, client, heilbronn, published, query, found):
        numbers = {name: published(heilbronn, name).number for name in ("pothole", "tree")}

        listed = numbers_in(page(client, f"/heilbronn/?{query}"))
        dots = json.loads(page(client, f"/heilbronn/meldungen.geojson?{query}"))["features"]

        assert set(listed) == {numbers[name] for name in found}
        assert {dot["id"] for dot in dots} == set(listed)

    def test_a_senseless_filter_is_named_and_left_out(self, client, heilbronn, published):
        shown = published(heilbronn)

        html = page(client, "/heilbronn/?status=kaputt")

        assert "Diese Auswahl verstehen wir nicht" in html
        assert numbers_in(html) == [shown.number]

    def test_the_map_refuses_words_it_does_not_know(self, client, heilbronn):
        answer = client.get("/heilbronn/meldungen.geojson?reporter=erika")

        assert answer.status_code == 400
        assert "reporter" in answer.json()["errors"]

    def test_pages_lead_forth_and_back_without_gaps(self, client, heilbronn, published):
        everything = {published(heilbronn).number for _count in range(23)}

        first = page(client, "/heilbronn/?status=open")
        onward = re.search(r'rel="next"\s+href="([^"]+)"', first)[1].replace("&amp;", "&")
        second = page(client, f"/heilbronn/{onward}")
        back = re.search(r'rel="prev"\s+href="([^"]+)"', second)[1].replace("&amp;", "&")

        assert len(numbers_in(first)) == 20
        assert set(numbers_in(first)) | set(numbers_in(second)) == everything
        assert not set(numbers_in(first)) & set(numbers_in(second))
        assert numbers_in(page(client, f"/heilbronn/{back}")) == numbers_in(first)
        assert 'rel="prev"' not in first

    def test_a_forged_page_shows_the_first_one(self, client, heilbronn, published):
        shown = published(heilbronn)

        assert numbers_in(page(client, "/heilbronn/?seite=quatsch")) == [shown.number]

    def test_outlines_are_the_map_where_there_are_no_tiles(self, client, heilbronn):
        outlines = json.loads(page(client, "/heilbronn/gebiete.geojson"))

        assert {each["properties"]["name"] for each in outlines["features"]} == {
            "Böckingen",
            "Innenstadt",
        }
        page(client, "/heilbronn/kacheln/12/2153/1409.png", status=404)

    def test_the_other_town_stays_apart(self, client, heilbronn, heidenheim, published):
        here = published(heilbronn)

        assert here.number not in page(client, "/heidenheim/")
        page(client, f"/heidenheim/meldung/{here.number}/", status=404)


class TestOneReport:
    def test_shows_what_everybody_may_know(self, client, heilbronn, published):
        shown = published(heilbronn)

        html = page(client, f"/heilbronn/meldung/{shown.number}/")

        assert "Schlagloch" in html
        assert "Amt für Straßenwesen" in html
        assert "Innenstadt" in html
        assert "Radfahrer" not in html

    def test_what_is_unknown_unpublished_or_foreign_looks_the_same(
        self, client, heilbronn, heidenheim, report, published
    ):
        unpublished = report(heilbronn, "noise").number
        foreign = published(heidenheim, lon=10.15, lat=49.14).number

        pages = [
            re.sub(r'name="(csrfmiddlewaretoken|next)"\s+value="[^"]*"', "", each)
            for each in (
                page(client, f"/heilbronn/meldung/{number}/", status=404)
                for number in (unpublished, foreign, "HN-2026-999999", "quatsch")
            )
        ]

        assert len(set(pages)) == 1

    def test_a_withdrawn_report_is_gone(self, client, heilbronn, published):
        shown = published(heilbronn)
        Report.objects.filter(pk=shown.report.pk).update(publication=Publication.WITHHELD)
        publish_report(shown.report.pk, now=timezone.now())

        page(client, f"/heilbronn/meldung/{shown.number}/", status=404)

    def test_only_the_month_of_a_coarse_report_is_told(self, client, heilbronn, published):
        shown = published(heilbronn, "needles")
        dot = json.loads(page(client, "/heilbronn/meldungen.geojson"))["features"][0]
        assert dot["properties"]["received_at"] == ""

        html = page(client, f"/heilbronn/meldung/{shown.number}/")

        assert "auf etwa 500 m gerundet" in html
        today = timezone.localdate()
        assert f"{today.day}. " not in html.split("record__meta")[1].split("</p>")[0]


class TestLanguages:
    def test_the_switch_is_remembered(self, client, heilbronn, published):
        published(heilbronn)

        answer = client.post("/heilbronn/i18n/setlang/", {"language": "en", "next": "/heilbronn/"})

        assert answer.url == "/heilbronn/"
        html = page(client, "/heilbronn/")
        assert '<html lang="en"' in html
        assert "Map and list of reports" in html
        assert "any status" in html

    def test_german_is_spoken_to_everybody_else(self, client, heilbronn):
        html = page(client, "/heilbronn/", accept_language="fr")

        assert '<html lang="de"' in html


class TestTowns:
    def test_the_first_page_lists_the_towns(self, client, heilbronn, heidenheim):
        html = page(client, "/")

        assert "/heilbronn/" in html
        assert "/heidenheim/" in html

    def test_a_single_town_is_shown_at_once(self, client, heilbronn):
        assert client.get("/").url.endswith("/heilbronn/")

    def test_on_its_own_host_a_town_is_alone(self, client, heilbronn, heidenheim, settings):
        settings.ALLOWED_HOSTS = ["melden.heidenheim.example"]
        heidenheim.municipality.host_name = "melden.heidenheim.example"
        heidenheim.municipality.save()

        html = page(client, "/", host="melden.heidenheim.example")

        assert "Heidenheim" in html
        assert "Heilbronn" not in html
        page(client, "/heilbronn/", status=404, host="melden.heidenheim.example")

    def test_a_town_that_is_not_live_does_not_exist(self, client, heilbronn, heidenheim):
        heidenheim.municipality.is_live = False
        heidenheim.municipality.save()

        assert client.get("/").url.endswith("/heilbronn/"), "the only one left"
        page(client, "/heidenheim/", status=404)


class TestTexts:
    def test_a_page_in_the_visitors_language_or_in_german(self, client, heilbronn):
        town = heilbronn.municipality
        town.pages = {"imprint": {"de": "Rathaus, Marktplatz 7", "en": "Town hall"}}
        town.save()

        assert "Rathaus, Marktplatz 7" in page(client, "/heilbronn/seite/impressum/")
        english = page(client, "/heilbronn/seite/impressum/", accept_language="en")
        assert "Town hall" in english

    @pytest.mark.parametrize("name", ["impressum", "datenschutz", "barrierefreiheit"])
    def test_duties_are_reachable_before_they_are_written(self, client, heilbronn, name):
        assert "meldungen@heilbronn.example" in page(client, f"/heilbronn/seite/{name}/")

    @pytest.mark.parametrize("name", ["leichte-sprache", "gebaerdensprache", "quatsch"])
    def test_slots_appear_once_written(self, client, heilbronn, name):
        page(client, f"/heilbronn/seite/{name}/", status=404)

    def test_what_a_town_writes_is_text_not_markup(self, client, heilbronn):
        town = heilbronn.municipality
        town.pages = {"imprint": {"de": "<script>alert(1)</script>"}}
        town.save()

        assert "<script>alert" not in page(client, "/heilbronn/seite/impressum/")


class TestErrors:
    @pytest.fixture(autouse=True)
    def _addresses_of_the_installation(self):
        set_urlconf(None)

    def test_each_says_what_to_do(self, rf):
        request = rf.get("/")
        request.town = None

        answers = [
            errors.bad_request(request, SuspiciousOperation()),
            errors.forbidden(request, PermissionDenied()),
            errors.form_expired(request, "CSRF cookie not set."),
            errors.not_found(request, LookupError()),
        ]

        assert [answer.status_code for answer in answers] == [400, 403, 403, 404]
        assert all(b"</html>" in answer.content for answer in answers)

    def test_the_worst_one_needs_neither_database_nor_session(
        self, django_assert_num_queries, settings
    ):
        request = RequestFactory().get("/heilbronn/")

        with django_assert_num_queries(0):
            answer = errors.server_error(request)

        assert answer.status_code == 500
        assert b"112" in answer.content, "who is in danger must not wait for us"

    def test_a_crash_shows_it_and_nothing_internal(self, heilbronn, monkeypatch):
        def crash(*args, **kwargs):
            raise RuntimeError("geheimes Innenleben")

        monkeypatch.setattr("reports.queries.public.list_reports", crash)
        client = Client(raise_request_exception=False)

        answer = client.get("/heilbronn/")

        assert answer.status_code == 500
        assert "schiefgegangen" in answer.content.decode()
        assert "Innenleben" not in answer.content.decode()


class TestFilesForPrograms:
    def test_security_txt_is_valid_for_less_than_a_year(self, client, db):
        text = page(client, "/.well-known/security.txt")

        expires = parse_datetime(re.search(r"^Expires: (.+)$", text, re.M)[1])
        assert timedelta(days=30) < expires - timezone.now() < timedelta(days=365)
        assert re.search(r"^Contact: mailto:", text, re.M)

    def test_robots_stay_out_of_what_is_personal(self, client, db):
        text = page(client, "/robots.txt")

        assert "Disallow: /*/meine/" in text
        assert "Disallow: /\n" not in text

    def test_the_manifest_of_a_town_with_its_own_host(self, client, heilbronn, settings):
        settings.ALLOWED_HOSTS = ["melden.heilbronn.example"]
        heilbronn.municipality.host_name = "melden.heilbronn.example"
        heilbronn.municipality.save()

        manifest = json.loads(
            page(client, "/manifest.webmanifest", host="melden.heilbronn.example")
        )

        assert (manifest["start_url"], manifest["short_name"]) == ("/", "Heilbronn")

    @pytest.mark.parametrize(
        "address", ["/manifest.webmanifest", "/heilbronn/manifest.webmanifest"]
    )
    def test_the_manifest_names_icons_that_exist(self, client, heilbronn, address):
        manifest = json.loads(page(client, address))

        assert manifest["start_url"] == address.removesuffix("manifest.webmanifest")
        assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
        for icon in manifest["icons"]:
            assert finders.find(icon["src"].removeprefix("/static/"))

    def test_the_favicon_is_found(self, client, db):
        assert finders.find(client.get("/favicon.ico").url.removeprefix("/static/"))


class TestWords:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("Bitte 112 rufen", "112"),
            ("Amt 32, Telefon 07131 56-3200.", "07131563200"),
            ("Bereitschaft: 07321 / 327-0815", "073213270815"),
            ("Ärztlicher Notdienst 116 117", "116117"),
        ],
    )
    def test_numbers_can_be_tapped(self, text, number):
        assert f'<a href="tel:{number}">' in with_call_links(text)

    @pytest.mark.parametrize(
        "text", ["Hausnummer 112a", "2026-11-23", "HN-2026-000112", "Amt 32", "1120 Meldungen"]
    )
    def test_what_is_no_number_stays_text(self, text):
        assert with_call_links(text) == text

    def test_markup_around_a_number_is_escaped(self):
        assert with_call_links("<b>112</b>") == '&lt;b&gt;<a href="tel:112">112</a>&lt;/b&gt;'

    @pytest.mark.parametrize("reason", ClosingReason.values)
    def test_an_ending_never_reads_as_a_refusal(self, reason):
        words = wording.situation("done", closing_reason=reason)

        assert words.endswith(".")
        assert "abgelehnt" not in words

    @pytest.mark.parametrize("status", Status.values)
    def test_every_status_has_its_sentence_and_steps(self, status):
        steps = wording.progress(status)

        assert wording.situation(status).endswith(".")
        assert [step["state"] for step in steps].count("current") <= 1
        assert (steps == []) == (status == "withdrawn")


class _Inline(HTMLParser):
    """Collects what a strict content security policy forbids."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name in names if name == "style" or name[:2] == "on"]


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/heilbronn/",
        "/heilbronn/melden/",
        "/heilbronn/melden/strasse.einbruch/",
        "/heilbronn/meine/",
        "/heilbronn/seite/datenschutz/",
        "/heilbronn/bestaetigen/HN-2026-000001/?code=X",
    ],
)
def test_pages_carry_no_inline_code_and_forbid_it(client, heilbronn, heidenheim, address):
    answer = client.get(address)
    inline = _Inline()
    inline.feed(answer.content.decode())

    assert inline.found == []
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'self'" in policy


def test_published_photos_are_served_and_sealed_off(client, heilbronn, report, monkeypatch):
    from reports import photo_storage
    from reports.published import PublishedPhoto, PublishedReport

    receipt = report(heilbronn)
    publish_report(receipt.report.pk, now=timezone.now())
    name = photo_storage.keep_staff_derivative(b"\xff\xd8\xffpicture", ".jpg")
    photo_storage.publish_copy(name)
    PublishedPhoto.objects.create(
        report=PublishedReport.objects.get(number=receipt.number),
        ordinal=1,
        size=800,
        format="jpeg",
        width=800,
        height=600,
        name=name,
    )

    answer = client.get(f"/heilbronn/foto/{name}")

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    etag = answer.headers["ETag"]
    assert client.get(f"/heilbronn/foto/{name}", headers={"If-None-Match": etag}).status_code == 304
    page(client, "/heilbronn/foto/00/" + "0" * 64 + ".jpg", status=404)
    page(client, "/heilbronn/foto/../../settings.py", status=404)
