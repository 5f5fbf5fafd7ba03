"""The desk through its pages: who gets in, what they see, what a click does."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from notifications.models import Message
from reports import photo_storage
from reports.actions.confidential import mark_confidential
from reports.actions.hand_over import offer
from reports.actions.note import add_note
from reports.lifecycle import Status
from reports.models import (
    OriginalView,
    Photo,
    PhotoState,
    Publication,
    Report,
    Screening,
    TextModule,
    TimelineEntry,
)
from staff_desk.verbs import VERBS
from tests.architecture.test_desk_access import desk_addresses
from tests.factories import PASSWORD, QuestionFactory, RoleFactory
from tests.people import ERIKA, fresh

pytestmark = pytest.mark.django_db
ANSWER = "Die Stelle ist geflickt."


@pytest.fixture
def desk(heilbronn):
    """A browser in which somebody of Heilbronn is signed in: desk("clara")."""

    def sign_in(name, town=heilbronn):
        browser = Client()
        browser.force_login(town.people[name])
        return browser

    return sign_in


def url(receipt, verb=None):
    if verb is None:
        return reverse("staff_desk:case", args=[receipt.number])
    return reverse("staff_desk:act", args=[receipt.number, verb])


def do(browser, receipt, verb, **fields):
    """Post a verb's form as somebody who looked at the case just now."""
    values = {"version": fresh(receipt).version} | fields
    return browser.post(url(receipt, verb), values)


def page(browser, address, status=200):
    response = browser.get(address)
    assert response.status_code == status, response
    return response.content.decode()


def who(town, name, receipt):
    return {
        "by": town.people[name],
        "now": timezone.now(),
        "expected_version": fresh(receipt).version,
    }


class TestTheStory:
    def test_a_clerk_takes_approves_answers_and_closes(self, heilbronn, report, desk):
        case = report(heilbronn, "tree", sender=ERIKA)
        gero = desk("gero")
        assert case.number in page(gero, "/desk/")

        assert do(gero, case, "uebernehmen").headers["Location"] == url(case)
        assert fresh(case).assignee == heilbronn.people["gero"]
        approve = {"version": fresh(case).version, "entscheidung": "alles"}
        gero.post(reverse("staff_desk:moderate", args=[case.number]), approve)
        assert fresh(case).publication == Publication.APPROVED
        assert fresh(case).text_publication == Publication.APPROVED
        do(gero, case, "antworten", text="Wir sehen uns den Baum am Montag an.")
        closed = do(gero, case, "abschliessen", outcome="nichts_vorgefunden", text=ANSWER)

        assert closed.status_code == 302
        assert fresh(case).status == Status.DONE
        content = page(gero, url(case))
        assert "nichts vorgefunden" in content
        assert ANSWER in content
        assert "Der Vorgang ist abgeschlossen." in content

    def test_what_is_asked_by_get_changes_nothing(self, heilbronn, report, desk):
        case = report(heilbronn)
        before = fresh(case).version
        clara = desk("clara")

        for verb in VERBS:
            assert clara.get(url(case, verb)).status_code == 200, verb
        for name in ("moderate", "resend"):
            address = reverse(f"staff_desk:{name}", args=[case.number])
            assert clara.get(address).status_code == 405

        assert fresh(case).version == before

    def test_handing_over_takes_the_case_out_of_sight_and_back_to_the_queue(
        self, heilbronn, report, desk
    ):
        case = report(heilbronn)
        clara, gero = desk("clara"), desk("gero")
        do(clara, case, "abgeben", to_office=heilbronn.offices["67"].pk, reason="Baumwurzel")

        offers = page(gero, reverse("staff_desk:offers"))
        assert "Baumwurzel" in offers
        assert case.number in offers
        assert do(gero, case, "annehmen").status_code == 302

        assert fresh(case).office == heilbronn.offices["67"]
        page(clara, url(case), status=404)
        lost = do(gero, case, "abgeben", to_office=heilbronn.offices["66"].pk, reason="Doch nicht")
        do(clara, case, "annehmen")
        assert lost.headers["Location"] == url(case)
        page(gero, url(case), status=404)

    def test_a_danger_is_acknowledged_from_the_queue(self, heilbronn, report, desk):
        case = report(heilbronn, "collapse")
        clara = desk("clara")
        assert "Ich kümmere mich" in page(clara, "/desk/")

        clara.post(url(case, "quittieren"))
        do(clara, case, "gesichert")

        assert fresh(case).danger_acknowledged_by == heilbronn.people["clara"]
        assert fresh(case).made_safe_at
        assert "Ich kümmere mich" not in page(clara, "/desk/")

    def test_readers_see_a_danger_but_are_offered_no_button(self, heilbronn, report, desk):
        report(heilbronn, "collapse")

        content = page(desk("max"), "/desk/")

        assert "Gefahr, noch nicht quittiert" in content
        assert "Ich kümmere mich" not in content


class TestTwoPeopleInOneCase:
    def test_a_stale_save_shows_what_happened_and_keeps_what_was_typed(
        self, heilbronn, report, desk
    ):
        case = report(heilbronn)
        seen = fresh(case).version
        add_note(case.report.pk, text="Firma kommt Dienstag", **who(heilbronn, "carlo", case))
        typed = {"version": seen, "outcome": "erledigt", "text": "Am Montag repariert."}

        refused = desk("clara").post(url(case, "abschliessen"), typed)

        content = refused.content.decode()
        assert refused.status_code == 409
        assert "interne Notiz (Carlo Colleague)" in content
        assert "Am Montag repariert." in content
        assert f'name="version" value="{fresh(case).version}"' in content
        assert fresh(case).status == Status.RECEIVED

    def test_sending_it_again_with_the_new_version_works(self, heilbronn, report, desk):
        case = report(heilbronn)
        seen = fresh(case).version
        add_note(case.report.pk, text="Notiz", **who(heilbronn, "carlo", case))
        clara = desk("clara")
        refused = clara.post(url(case, "antworten"), {"version": seen, "text": ANSWER})
        version = re.search(r'name="version" value="(\d+)"', refused.content.decode()).group(1)

        again = clara.post(url(case, "antworten"), {"version": version, "text": ANSWER})

        assert again.status_code == 302

    def test_a_moderator_is_told_too(self, heilbronn, report, desk):
        case = report(heilbronn, "tree")
        seen = fresh(case).version
        add_note(case.report.pk, text="Notiz", **who(heilbronn, "gero", case))

        refused = desk("mona").post(
            reverse("staff_desk:moderate", args=[case.number]),
            {"version": seen, "entscheidung": "text:approved", "public_text": "Gekürzt."},
        )

        assert refused.status_code == 409
        assert "Gekürzt." in refused.content.decode()
        assert fresh(case).text_publication == Publication.PENDING

    def test_nothing_without_a_version(self, heilbronn, report, desk):
        case = report(heilbronn)

        refused = desk("clara").post(url(case, "notiz"), {"text": "Ohne Stand"})

        assert refused.status_code == 422
        assert not TimelineEntry.objects.filter(report=case.report, kind="noted").exists()


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("verb", "fields", "words"),
        [
            ("abschliessen", {"outcome": "erledigt", "text": ""}, "Öffentliche Antwort"),
            ("abschliessen", {"outcome": "", "text": ANSWER}, "Ergebnis"),
            ("abschliessen", {"outcome": "vorgemerkt", "text": ANSWER}, "geplant"),
            (
                "abschliessen",
                {"outcome": "dublette", "text": ANSWER, "leading_number": "HN-2020-000001"},
                "Diesen Vorgang gibt es nicht",
            ),
            ("warten", {"waiting_for": "citizen", "text": ""}, "Frage oder Antwort"),
            ("warten", {"waiting_for": "planned_date", "text": ""}, "geplant für:"),
            ("angebot-zuruecknehmen", {}, "besteht nicht mehr"),
            ("annehmen", {}, ""),
            ("loeschsperre", {"until": "2020-01-01", "reason": "Schaden"}, "nach heute"),
            ("antworten", {"text": "Wir kommen am [Datum]."}, "[Datum]"),
        ],
    )
    def test_a_refusal_says_why_and_keeps_what_was_typed(
        self, heilbronn, report, desk, verb, fields, words
    ):
        case = report(heilbronn)

        response = do(desk("clara"), case, verb, **fields)

        content = response.content.decode()
        assert response.status_code == 422
        assert words in content
        for typed in filter(None, fields.values()):
            assert typed in content
        assert fresh(case).status == Status.RECEIVED

    def test_a_role_without_the_right_gets_a_clear_no(self, heilbronn, report, desk):
        case = report(heilbronn)

        for name, verb in (("mona", "uebernehmen"), ("max", "notiz"), ("clara", "zuordnen")):
            fields = {"text": "x", "reason": "x", "to_office": heilbronn.offices["67"].pk}
            assert do(desk(name), case, verb, **fields).status_code == 403

    def test_unknown_verbs_do_not_exist(self, heilbronn, report, desk):
        case = report(heilbronn)

        assert desk("dora").post(url(case, "loeschen")).status_code == 404


class TestWhoSeesWhat:
    def test_contacts_are_for_the_responsible_office_and_dispatchers(self, heilbronn, report, desk):
        case = report(heilbronn, sender=ERIKA)
        offer(
            case.report.pk,
            to_office=heilbronn.offices["67"],
            reason="Baum",
            **who(heilbronn, "clara", case),
        )

        for name in ("clara", "carlo", "dora"):
            assert ERIKA.email in page(desk(name), url(case)), name
        for name in ("gero", "mona", "max"):
            content = page(desk(name), url(case))
            for private in (ERIKA.email, ERIKA.name, ERIKA.phone):
                assert private not in content, name

    def test_confidential_answers_stay_in_the_circle(self, heilbronn, report, desk):
        QuestionFactory(
            category=heilbronn.categories["pothole"],
            code="kennzeichen",
            text="Kennzeichen?",
            is_confidential=True,
        )
        case = report(heilbronn, answers={"kennzeichen": "HN AB 123"})

        assert "HN AB 123" in page(desk("clara"), url(case))
        for name in ("mona", "max"):
            content = page(desk(name), url(case))
            assert "HN AB 123" not in content
            assert "nur für das zuständige Amt" in content

    def test_a_confidential_case_does_not_exist_for_others(self, heilbronn, report, desk):
        case = report(heilbronn)
        mark_confidential(case.report.pk, reason="Vorwurf", **who(heilbronn, "clara", case))

        for name in ("clara", "dora"):
            assert case.number in page(desk(name), "/desk/?liste=offen")
        for name in ("mona", "max", "gero"):
            page(desk(name), url(case), status=404)
            assert case.number not in page(desk(name), "/desk/?liste=offen")
            assert "Nichts gefunden" in page(desk(name), f"/desk/?q={case.number}")

    def test_the_town_next_door_sees_nothing(self, heilbronn, heidenheim, report, desk):
        case = report(heilbronn, photos=1)
        for name in ("heidi", "hanno"):
            stranger = desk(name, heidenheim)
            for method, address in case_addresses(case):
                assert getattr(stranger, method)(address).status_code == 404, address
            assert case.number not in page(stranger, "/desk/?liste=offen")
            assert (
                stranger.get(f"/desk/suche/?q={case.number}")
                .headers["Location"]
                .startswith("/desk/?")
            )

    def test_on_a_towns_own_host_only_that_town_exists(self, heilbronn, heidenheim, report):
        RoleFactory(
            user=heilbronn.people["clara"],
            municipality=heidenheim.municipality,
            role=Role.DISPATCHER,
        )
        heidenheim.municipality.host_name = "testserver"
        heidenheim.municipality.save()
        case = report(heilbronn)
        browser = Client()
        browser.force_login(heilbronn.people["clara"])

        page(browser, url(case), status=404)
        assert "Heidenheim" in page(browser, "/desk/")
        browser.force_login(heilbronn.people["carlo"])
        assert browser.get("/desk/").status_code == 403

    def test_whoever_works_in_two_towns_switches(self, heilbronn, heidenheim, report, desk):
        RoleFactory(
            user=heilbronn.people["clara"],
            municipality=heidenheim.municipality,
            role=Role.DISPATCHER,
        )
        here = report(heilbronn)
        there = report(heidenheim, lon=10.15, lat=49.14)
        clara = desk("clara")
        page(clara, reverse("staff_desk:town"), status=405)

        assert clara.post(reverse("staff_desk:town"), {"town": "ulm"}).status_code == 404
        clara.post(reverse("staff_desk:town"), {"town": "heidenheim"})
        page(clara, url(there))
        page(clara, url(here), status=404)
        clara.post(reverse("staff_desk:town"), {"town": "heilbronn"})
        page(clara, url(here))

    def test_whoever_has_no_role_gets_no_desk(self, heilbronn):
        user = heilbronn.people["clara"]
        user.roles.all().delete()
        browser = Client()
        browser.force_login(user)

        assert browser.get("/desk/").status_code == 403


def case_addresses(case):
    return [
        ("get", url(case)),
        *(("post", url(case, verb)) for verb in ("uebernehmen", "notiz", "quittieren")),
        ("get", url(case, "abschliessen")),
        ("post", reverse("staff_desk:moderate", args=[case.number])),
        ("post", reverse("staff_desk:resend", args=[case.number])),
        ("get", reverse("staff_desk:photo", args=[case.number, 1, 320, "webp"])),
        ("post", reverse("staff_desk:original", args=[case.number, 1])),
    ]


class TestPhotos:
    @pytest.fixture
    def with_photo(self, heilbronn, report):
        case = report(heilbronn, photos=1)
        name = photo_storage.keep_staff_derivative(b"safe copy", ".webp")
        Photo.objects.filter(report=case.report).update(
            state=PhotoState.READY,
            derivatives={"320": {"webp": name, "width": 320, "height": 240}},
        )
        return case

    def test_staff_see_the_safe_copy(self, with_photo, desk):
        address = reverse("staff_desk:photo", args=[with_photo.number, 1, 320, "webp"])

        response = desk("mona").get(address)

        assert (response.status_code, response.content) == (200, b"safe copy")
        assert "no-store" in response.headers["Cache-Control"]
        for size, kind in ((999, "webp"), (320, "jpeg"), (320, "exe")):
            wrong = reverse("staff_desk:photo", args=[with_photo.number, 1, size, kind])
            assert desk("mona").get(wrong).status_code == 404

    def test_every_look_at_the_original_is_logged(self, heilbronn, with_photo, desk):
        address = reverse("staff_desk:original", args=[with_photo.number, 1])

        assert desk("clara").get(address).status_code == 405
        shown = desk("clara").post(address)

        assert shown.content.startswith(b"\xff\xd8")
        assert shown.headers["Content-Type"] == "image/jpeg"
        assert "sandbox" in shown.headers["Content-Security-Policy"]
        assert OriginalView.objects.get().viewer == heilbronn.people["clara"]

    def test_readers_do_not_open_originals(self, with_photo, desk):
        address = reverse("staff_desk:original", args=[with_photo.number, 1])

        assert desk("max").post(address).status_code == 404
        assert not OriginalView.objects.exists()


class TestModeration:
    def test_the_next_case_comes_at_once(self, heilbronn, report, desk):
        first, second = report(heilbronn, "tree"), report(heilbronn, "tree")
        mona = desk("mona")
        address = reverse("staff_desk:moderation")
        assert first.number in page(mona, address)
        assert second.number in page(mona, f"{address}?nach={first.number}")

        decided = mona.post(
            reverse("staff_desk:moderate", args=[first.number]),
            {"version": fresh(first).version, "entscheidung": "alles", "weiter": "freigabe"},
        )

        assert decided.headers["Location"].partition("?")[0] == address
        assert second.number in page(mona, address)

    def test_nothing_to_approve_never_waits(self, heilbronn, report, desk):
        report(heilbronn, "noise")
        held = report(heilbronn, "tree")
        Report.objects.filter(pk=held.report.pk).update(screening=Screening.HELD)

        assert "Alles entschieden" in page(desk("mona"), reverse("staff_desk:moderation"))

    def test_a_moderators_home_is_the_approval(self, heilbronn, desk):
        assert desk("mona").get("/desk/").headers["Location"] == reverse("staff_desk:moderation")

    def test_and_the_list_of_cases_is_one_click_away(self, heilbronn, report, desk):
        case, mona = report(heilbronn, "tree"), desk("mona")
        way = '<a href="/desk/?liste=offen"'

        assert way in page(mona, reverse("staff_desk:moderation"))
        assert "/desk/?liste=offen" in page(mona, url(case))
        assert case.number in page(mona, "/desk/?liste=offen")

    def test_readers_have_no_approval(self, heilbronn, desk):
        told = page(desk("max"), reverse("staff_desk:moderation"), 403)

        assert "Dafür fehlt Ihnen die Berechtigung" in told
        assert 'class="desk-nav"' in told, "the way back to one's own work"

    def test_a_decision_can_be_taken_back_from_the_case(self, heilbronn, report, desk):
        case = report(heilbronn, "tree")
        address = reverse("staff_desk:moderate", args=[case.number])
        for decision in ("approved", "pending", "withheld"):
            sent = {"version": fresh(case).version, "entscheidung": f"text:{decision}"}
            assert desk("gero").post(address, sent).headers["Location"] == url(case)
            assert fresh(case).text_publication == decision


class TestSearchAndFilters:
    def test_a_number_opens_its_case(self, heilbronn, report, desk):
        case = report(heilbronn)

        found = desk("clara").get(f"/desk/suche/?q={case.number.lower()}")

        assert found.headers["Location"] == url(case)

    def test_words_find_text_and_place_also_of_closed_cases(self, heilbronn, report, desk):
        case = report(heilbronn, description="Laterne wackelt", address="Kaiserstraße 12")
        other = report(heilbronn, description="Etwas anderes")
        do(desk("clara"), case, "abschliessen", outcome="erledigt", text=ANSWER)

        for words in ("wackelt", "kaiserstraße"):
            content = page(desk("clara"), f"/desk/?q={words}")
            assert case.number in content
            assert other.number not in content

    def test_filters_narrow_and_nonsense_is_ignored(self, heilbronn, report, desk):
        pothole, tree = report(heilbronn), report(heilbronn, "tree")
        dora = desk("dora")

        by_office = page(dora, f"/desk/?liste=offen&amt={heilbronn.offices['67'].pk}")
        assert tree.number in by_office
        assert pothole.number not in by_office
        for nonsense in ("liste=x", "amt=abc", "art=-1", "stand=x", "ab=%00x", "q=%00"):
            page(dora, f"/desk/?{nonsense}")


class TestMessages:
    def test_delivery_is_visible_and_a_mail_can_be_sent_again(self, heilbronn, report, desk):
        case = report(heilbronn)
        message = Message.objects.get(event="office_new_case")
        Message.objects.update(state="done")
        clara = desk("clara")
        assert "Erneut senden" in page(clara, url(case))

        clara.post(reverse("staff_desk:resend", args=[case.number]), {"message": message.pk})

        assert Message.objects.filter(event="office_new_case").count() == 2
        kinds = TimelineEntry.objects.filter(report=case.report).values_list("kind", flat=True)
        assert "message_resent" in kinds

    def test_a_message_of_another_case_is_not_sent(self, heilbronn, report, desk):
        mine, other = report(heilbronn), report(heilbronn, "tree")
        Message.objects.update(state="done")
        message = Message.objects.get(subject_ref=other.number)

        refused = desk("clara").post(
            reverse("staff_desk:resend", args=[mine.number]), {"message": message.pk}
        )

        assert refused.status_code == 404

    def test_text_modules_know_the_office(self, heilbronn, report, desk):
        TextModule.objects.create(
            municipality=heilbronn.municipality,
            code="erledigt",
            title="Erledigt",
            body="Behoben. Fragen beantwortet das [Amt], Telefon [Telefon].",
            use="done",
        )
        case = report(heilbronn)
        chosen = f"{url(case, 'abschliessen')}?baustein=erledigt"

        content = page(desk("clara"), chosen)

        assert "Fragen beantwortet das 66 Amt für Straßenwesen, Telefon [Telefon]." in content


class TestSigningIn:
    def credentials(self, town, name):
        return {"email": town.people[name].email, "password": PASSWORD}

    def test_the_wanted_page_opens_after_signing_in(self, heilbronn, report):
        case = report(heilbronn)
        browser = Client()
        asked = browser.get(url(case))
        login = asked.headers["Location"]
        assert login.startswith(reverse("staff_desk:login"))
        browser.get(login)
        before = browser.session.session_key

        done = browser.post(login, self.credentials(heilbronn, "clara"))

        assert done.headers["Location"] == url(case)
        assert browser.session.session_key != before

    @pytest.mark.parametrize("wanted", ["https://evil.example/desk/", "//evil.example", "/x/"])
    def test_nobody_is_sent_elsewhere(self, heilbronn, wanted):
        browser = Client()
        login = reverse("staff_desk:login")
        browser.get(login, {"next": wanted})

        done = browser.post(login, self.credentials(heilbronn, "clara"))

        assert done.headers["Location"] == reverse("staff_desk:queue")

    def test_unknown_people_and_wrong_passwords_read_the_same(self, heilbronn):
        login = reverse("staff_desk:login")
        known = heilbronn.people["clara"].email

        answers = [
            Client().post(login, {"email": email, "password": "falsch"}).content.decode()
            for email in (known, "niemand@rathaus.example")
        ]

        assert "E-Mail-Adresse oder Kennwort stimmt nicht." in answers[0]
        texts = [re.sub(r'value="[^"]*"', "", answer) for answer in answers]
        assert texts[0] == texts[1]

    def test_inactive_people_stay_out(self, heilbronn):
        user = heilbronn.people["clara"]
        user.is_active = False
        user.save()

        response = Client().post(reverse("staff_desk:login"), self.credentials(heilbronn, "clara"))

        assert response.status_code == 200
        assert "stimmt nicht" in response.content.decode()

    def test_tries_are_limited_even_with_the_right_password_in_the_end(
        self, heilbronn, monkeypatch
    ):
        monkeypatch.setattr("staff_desk.sign_in.TRIES_PER_ACCOUNT", 3)
        login = reverse("staff_desk:login")
        right = self.credentials(heilbronn, "clara")
        for _turn in range(3):
            Client().post(login, right | {"password": "falsch"})

        refused = Client().post(login, right)

        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert Client().post(login, self.credentials(heilbronn, "carlo")).status_code == 302

    def test_failures_from_an_address_are_limited_over_all_accounts(self, heilbronn, monkeypatch):
        monkeypatch.setattr("staff_desk.sign_in.TRIES_PER_ADDRESS", 2)
        login = reverse("staff_desk:login")
        for name in ("clara", "carlo"):
            wrong = self.credentials(heilbronn, name) | {"password": "falsch"}
            assert Client().post(login, wrong).status_code == 200

        third = self.credentials(heilbronn, "dora")
        assert Client().post(login, third).status_code == 429
        elsewhere = Client(REMOTE_ADDR="192.0.2.7")
        assert elsewhere.post(login, third).status_code == 302

    def test_a_town_hall_behind_one_address_is_not_locked_out(self, heilbronn, monkeypatch):
        monkeypatch.setattr("staff_desk.sign_in.TRIES_PER_ADDRESS", 2)

        for name in ("clara", "carlo", "gero", "dora"):
            sent = self.credentials(heilbronn, name)
            assert Client().post(reverse("staff_desk:login"), sent).status_code == 302

    def test_signing_out_needs_a_post(self, desk):
        clara = desk("clara")
        assert clara.get(reverse("staff_desk:logout")).status_code == 405

        clara.post(reverse("staff_desk:logout"))

        assert clara.get("/desk/").status_code == 302

    @pytest.mark.parametrize(("pauses", "inside"), [([29, 29], True), ([29, 31], False)])
    def test_half_an_hour_of_silence_ends_the_session(self, desk, pauses, inside):
        clara = desk("clara")
        now = timezone.now()
        with time_machine.travel(now, tick=False) as clock:
            clara.get("/desk/")
            for minutes in pauses:
                clock.shift(timedelta(minutes=minutes))
                answer = clara.get("/desk/")

        assert (answer.status_code == 200) is inside

    def test_ten_hours_end_every_session(self, desk):
        clara = desk("clara")
        with time_machine.travel(timezone.now(), tick=False) as clock:
            for _turn in range(26):
                answer = clara.get("/desk/konto/")
                clock.shift(timedelta(minutes=25))

        assert answer.status_code == 302

    def test_a_new_password_needs_the_old_one(self, desk):
        clara = desk("clara")
        new = "noch ein langes Kennwort fürs Amt"
        sent = {"old_password": "falsch", "new_password1": new, "new_password2": new}
        assert clara.post("/desk/konto/", sent).status_code == 200

        changed = clara.post("/desk/konto/", sent | {"old_password": PASSWORD})

        assert changed.status_code == 302
        assert clara.get("/desk/konto/").status_code == 200


class TestTheSecondFactor:
    @pytest.fixture
    def ada(self, heilbronn):
        """The administrator, whose role asks for a code in this installation."""
        browser = Client()
        user = heilbronn.people["ada"]
        sent = {"email": user.email, "password": PASSWORD}
        assert browser.post(reverse("staff_desk:login"), sent).headers["Location"] == reverse(
            "staff_desk:login_code"
        )
        return browser

    def code_of(self, user):
        from django_otp.oath import TOTP
        from django_otp.plugins.otp_totp.models import TOTPDevice

        device = TOTPDevice.objects.get(user=user)
        return f"{TOTP(device.bin_key).token():06d}"

    def test_the_password_alone_opens_nothing(self, ada):
        assert ada.get("/desk/").status_code == 302

    def test_the_first_code_sets_the_device_up(self, heilbronn, ada):
        content = page(ada, reverse("staff_desk:login_code"))
        assert "otpauth://totp/" in content
        wrong = ada.post(reverse("staff_desk:login_code"), {"code": "000000"})
        assert wrong.status_code == 200
        assert ada.get("/desk/").status_code == 302
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            code = self.code_of(heilbronn.people["ada"])
            done = ada.post(reverse("staff_desk:login_code"), {"code": f"{code[:3]} {code[3:]}"})
            assert done.headers["Location"] == reverse("staff_desk:queue")
            assert ada.get("/desk/").status_code == 200

            # The key is shown once, and a code opens the door once.
            again = Client()
            sent = {"email": heilbronn.people["ada"].email, "password": PASSWORD}
            again.post(reverse("staff_desk:login"), sent)
            assert "otpauth" not in page(again, reverse("staff_desk:login_code"))
            again.post(reverse("staff_desk:login_code"), {"code": code})
            assert again.get("/desk/").status_code == 302

    def test_the_code_page_waits_ten_minutes(self, ada):
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            late = ada.get(reverse("staff_desk:login_code"))

        assert late.headers["Location"] == reverse("staff_desk:login")

    def test_a_session_without_code_is_no_session_for_such_a_role(self, heilbronn):
        browser = Client()
        browser.force_login(heilbronn.people["ada"])

        assert browser.get("/desk/").status_code == 302
        assert "_auth_user_id" not in browser.session


def test_strangers_are_sent_to_the_login_from_every_page(heilbronn):
    login = reverse("staff_desk:login")
    for name, address in desk_addresses():
        if name in {"login", "login_code", "alarm"}:  # an alarm's code opens its page alone
            continue
        for method in ("get", "post"):
            answer = getattr(Client(), method)(address)
            assert answer.status_code == 302, (method, address)
            assert answer.headers["Location"].startswith(login), address
            assert "no-store" in answer.headers["Cache-Control"]


def test_forms_need_their_token(heilbronn, report):
    case = report(heilbronn)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(heilbronn.people["clara"])

    assert browser.post(url(case, "quittieren")).status_code == 403
