"""What comes in far too often is accepted, held back, looked at and never lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.arrivals import Arrival, TooMany, knock
from accounts.models import DailySalt, RateCounter
from notifications.models import Message
from notifications.rendering import render
from reports import screening
from reports.abuse import BlockedSender, BlockEffect, Suspicion
from reports.actions.housekeeping import forget_what_is_due
from reports.actions.remind_of_held import remind_of_held
from reports.actions.retain import retain
from reports.actions.route import route_report
from reports.actions.screen import screen_wave, take_back
from reports.actions.submit import Receipt, submit_report
from reports.blocking import key_of
from reports.draft import Sender
from reports.held_waves import WaveKey
from reports.models import Contact, Effect, Report, Screening, Submission
from reports.policies import load_staff
from reports.queries.held import held_by_town, review
from tests.intake import limit
from tests.people import Town, draft, fresh

pytestmark = pytest.mark.django_db

HERE = Arrival(peer="192.0.2.7", network="192.0.2.0/24")


def send(town: Town, arrival: Arrival = HERE, **changes: Any) -> Receipt:
    """A citizen's report through the real action, from somewhere."""
    category = town.categories[changes.pop("category", "pothole")].code
    return submit_report(
        town=town.municipality,
        draft=draft(category, **changes),
        arrival=arrival,
        now=timezone.now(),
    )


def somebody(number: int) -> Arrival:
    return Arrival(peer=f"198.51.{number // 250}.{number % 250}", network=f"198.51.{number}.0/24")


def reasons(receipt: Receipt) -> list[str]:
    return list(Suspicion.objects.get(report=receipt.report).reasons)


class TestLimits:
    @pytest.mark.parametrize(
        ("scope", "alike"),
        [
            ("peer", {"peer": "192.0.2.7"}),
            ("network", {"network": "192.0.2.0/24"}),
            ("device", {"device": "3d0ff5a6"}),
        ],
    )
    def test_above_a_soft_limit_everything_is_accepted_and_held(
        self, heilbronn: Town, settings: Settings, scope: str, alike: dict[str, str]
    ) -> None:
        limit(settings, **{scope: 2})

        receipts = [
            send(heilbronn, Arrival(**({"peer": f"10.0.0.{n}", "network": f"10.{n}"} | alike)))
            for n in range(4)
        ]

        assert [receipt.is_held for receipt in receipts] == [False, False, True, True]
        assert reasons(receipts[-1]) == [scope]
        assert Report.objects.count() == 4

    def test_a_place_and_a_town_have_limits_whoever_sends(
        self, heilbronn: Town, heidenheim: Town, settings: Settings
    ) -> None:
        limit(settings, cell=2, total=4)

        at_one_place = [send(heilbronn, somebody(n)) for n in range(3)]
        elsewhere = [send(heilbronn, somebody(n), lat=49.1 + n / 100) for n in range(3)]
        next_door = send(heidenheim, somebody(9), lon=10.15)

        assert [reasons(r) if r.is_held else [] for r in at_one_place] == [[], [], ["cell"]]
        assert [reasons(r) if r.is_held else [] for r in elsewhere] == [[], ["total"], ["total"]]
        assert not next_door.is_held

    def test_a_town_may_set_its_own(self, heilbronn: Town, settings: Settings) -> None:
        limit(settings, peer=5)
        heilbronn.municipality.intake_limits = {"peer": {"soft": 1}}

        assert [send(heilbronn).is_held for _n in range(2)] == [False, True]

    def test_partners_are_counted_by_their_token(self, heilbronn: Town, settings: Settings) -> None:
        limit(settings, total=1, cell=1, text=1)
        settings.RATE_CLASSES = settings.RATE_CLASSES | {"trusted": 3}
        from accounts.api_clients import issue_token

        client, _token = issue_token(name="App", municipality=None, rate_class="trusted")

        held = [send(heilbronn, Arrival(client=client)).is_held for _n in range(4)]

        assert held == [False, False, False, True]

    def test_a_burst_is_counted_exactly(self, heilbronn: Town, settings: Settings) -> None:
        limit(settings, peer=20)

        def one(_number: int) -> bool:
            try:
                return send(heilbronn).is_held
            finally:
                connections["default"].close()

        with ThreadPoolExecutor(10) as pool:
            held = list(pool.map(one, range(50)))

        assert held.count(False) == 20

    def test_knocking_is_counted_exactly(self, settings: Settings, rf: Any) -> None:
        limit(settings, peer=(5, 30))

        def one(_number: int) -> bool:
            try:
                knock(rf.post("/", REMOTE_ADDR="192.0.2.9"))
            except TooMany:
                return False
            else:
                return True
            finally:
                connections["default"].close()

        with ThreadPoolExecutor(10) as pool:
            assert list(pool.map(one, range(60))).count(True) == 30

    def test_staff_and_machines_are_not_counted(self, heilbronn: Town, report: Any) -> None:
        report(heilbronn)

        assert RateCounter.objects.count() == 0

    def test_the_same_request_again_counts_once(self, heilbronn: Town, settings: Settings) -> None:
        from reports.idempotency import Idempotency

        limit(settings, peer=1)
        one = {
            "town": heilbronn.municipality,
            "draft": draft(),
            "arrival": HERE,
            "idempotency": Idempotency("test", "a-key-of-somebody"),
        }

        receipts = [submit_report(now=timezone.now(), **one) for _n in range(3)]  # type: ignore[arg-type]

        assert [receipt.is_held for receipt in receipts] == [False] * 3

    def test_where_nothing_can_be_counted_reports_go_their_way(
        self, heilbronn: Town, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        limit(settings, peer=1)

        def broken(*_args: Any, **_values: Any) -> None:
            raise OperationalError("lock timeout")

        monkeypatch.setattr(screening, "count_together", broken)
        monkeypatch.setattr("accounts.arrivals.count_together", broken)

        assert [send(heilbronn).is_held for _n in range(3)] == [False] * 3

    def test_counters_tell_nothing_of_the_sender(self, heilbronn: Town) -> None:
        send(heilbronn, Arrival(peer="192.0.2.77", device="my-phone"))
        day, hour = DailySalt.objects.get().day, RateCounter.objects.first()

        assert hour is not None
        assert not RateCounter.objects.filter(key_hash__contains="192.0.2").exists()
        forget_what_is_due(now=timezone.now() + timedelta(days=4))
        assert not DailySalt.objects.filter(day=day).exists()
        assert RateCounter.objects.count() == 0


class TestTexts:
    STORM = "Die Straßenlaterne vor dem Haus Nummer %d ist seit Tagen kaputt und es ist dunkel %s"

    def test_the_same_text_from_many_is_a_wave(self, heilbronn: Town, settings: Settings) -> None:
        limit(settings, text=3)

        receipts = [
            send(heilbronn, somebody(n), description=self.STORM % (n, ""), lat=49.1 + n / 1000)
            for n in range(8)
        ]

        assert [receipt.is_held for receipt in receipts] == [False] * 3 + [True] * 5
        dora = load_staff(heilbronn.people["dora"], heilbronn.municipality.pk)
        (wave,) = review(dora, heilbronn.municipality, now=timezone.now()).waves
        assert wave.key.by == "text"
        assert wave.count == 5

    def test_a_word_more_or_less_hides_no_wave(self, heilbronn: Town, settings: Settings) -> None:
        limit(settings, text=3)
        words = ["rot", "gelb", "grün", "blau", "weiß", "schwarz", "braun", "grau", "rosa", "lila"]

        held = [
            send(heilbronn, somebody(n), description=self.STORM % (n, word)).is_held
            for n, word in enumerate(words)
        ]

        assert held.count(True) >= 4

    def test_few_words_are_no_storm(self, heilbronn: Town, settings: Settings) -> None:
        limit(settings, text=1)

        receipts = [
            send(heilbronn, somebody(n), description="Laterne defekt", lat=49.1 + n / 100)
            for n in range(4)
        ]

        assert not any(receipt.is_held for receipt in receipts)

    def test_sent_twice_from_another_browser(self, heilbronn: Town, settings: Settings) -> None:
        limit(settings, twin=1)

        first = send(heilbronn, description="Glas auf dem Radweg")
        again = send(heilbronn, Arrival(peer="192.0.2.8"), description="Glas auf dem Radweg!")
        other = send(heilbronn, description="Glas auf dem Gehweg")

        assert [first.is_held, again.is_held, other.is_held] == [False, True, False]
        assert reasons(again) == ["twin"]


class TestDanger:
    def test_words_of_danger_reach_the_person_on_call_at_once(
        self, heilbronn: Town, settings: Settings
    ) -> None:
        limit(settings, peer=1)
        send(heilbronn)
        held = send(heilbronn, description="Starker Gasgeruch vor dem Haus")

        route_report(held.report.pk)

        report = fresh(held)
        assert report.screening == Screening.HELD
        assert report.is_danger
        assert Effect.objects.filter(report=report, kind=Effect.Kind.ALERT).exists()
        assert Message.objects.filter(event="office_new_case", subject_ref=report.number).exists()

    def test_a_held_pothole_waits(self, heilbronn: Town, settings: Settings) -> None:
        limit(settings, peer=1)
        send(heilbronn)
        held = send(heilbronn)

        route_report(held.report.pk)

        assert fresh(held).office is not None
        assert not Message.objects.filter(subject_ref=held.number).exists()


class TestAddresses:
    def block(self, town: Town, word: str, effect: BlockEffect, days: int = 30) -> None:
        BlockedSender.objects.create(
            municipality=town.municipality,
            key=key_of(word),
            shown=word,
            effect=effect,
            reason="Belästigung",
            expires_on=timezone.localdate() + timedelta(days=days),
        )

    def test_a_throw_away_address_is_dropped_and_the_report_stays(self, heilbronn: Town) -> None:
        receipt = send(heilbronn, sender=Sender(name="Erika", email="x@mail.mailinator.com"))

        assert receipt.drops_address
        assert not receipt.is_held
        assert Contact.objects.get(report=receipt.report).email == ""
        assert Message.objects.count() == 0

    @pytest.mark.parametrize("word", ["Trotz@Beispiel.example", "beispiel.example"])
    def test_a_blocked_address_is_not_used(self, heilbronn: Town, word: str) -> None:
        self.block(heilbronn, word, BlockEffect.DROP)

        receipt = send(heilbronn, sender=Sender(email="trotz@beispiel.example"))

        assert receipt.drops_address
        assert not Contact.objects.filter(report=receipt.report).exists()

    def test_or_its_reports_are_looked_at(self, heilbronn: Town, heidenheim: Town) -> None:
        self.block(heilbronn, "beispiel.example", BlockEffect.HOLD)
        sender = Sender(email="trotz@mail.beispiel.example")

        assert reasons(send(heilbronn, sender=sender)) == ["blocked"]
        assert not send(heidenheim, sender=sender, lon=10.15).is_held

    def test_the_nearest_entry_counts_until_its_day(self, heilbronn: Town) -> None:
        self.block(heilbronn, "mailinator.com", BlockEffect.ALLOW)
        self.block(heilbronn, "alt.example", BlockEffect.HOLD, days=-1)

        assert not send(heilbronn, sender=Sender(email="a@mailinator.com")).drops_address
        assert not send(heilbronn, sender=Sender(email="a@alt.example")).is_held


class TestWaves:
    @pytest.fixture
    def wave(self, heilbronn: Town, settings: Settings) -> list[Receipt]:
        """Twelve reports of one sender, of which two are the usual and ten are held."""
        limit(settings, peer=2)
        receipts = [
            send(
                heilbronn,
                Arrival(peer="203.0.113.5", network="203.0.113.0/24"),
                description=f"Unsinn {'abcdefghijkl'[n]}",
                sender=Sender(email=f"fremd{n}@beispiel.example"),
                lat=49.1 + n / 1000,
            )
            for n in range(12)
        ]
        for receipt in receipts:
            route_report(receipt.report.pk)
        return receipts

    def key(self) -> WaveKey:
        return WaveKey("peer", Suspicion.objects.values_list("peer_key", flat=True)[0])

    def test_one_click_rejects_it_and_one_takes_that_back(
        self, heilbronn: Town, wave: list[Receipt]
    ) -> None:
        dora, town = heilbronn.people["dora"], heilbronn.municipality.pk

        batch, done = screen_wave(
            town, self.key(), verdict=Screening.SPAM, by=dora, now=timezone.now()
        )
        assert done == 10
        assert Report.objects.filter(screening=Screening.SPAM).count() == 10
        assert Report.objects.filter(screening=Screening.CLEAR).count() == 2

        assert take_back(town, batch, by=dora, now=timezone.now()) == 10
        assert Report.objects.filter(screening=Screening.HELD).count() == 10

    def test_one_click_releases_it_with_all_its_mails(
        self, heilbronn: Town, wave: list[Receipt]
    ) -> None:
        mona, town = heilbronn.people["mona"], heilbronn.municipality.pk
        for _click in range(2):
            screen_wave(town, self.key(), verdict=Screening.CLEAR, by=mona, now=timezone.now())

        assert Message.objects.filter(event="report_received").count() == 12
        assert Message.objects.filter(event="office_new_case").count() == 12
        assert Report.objects.filter(screening=Screening.CLEAR).count() == 12

    def test_whose_work_it_is_not_changes_nothing(
        self, heilbronn: Town, heidenheim: Town, wave: list[Receipt]
    ) -> None:
        town = heilbronn.municipality.pk
        for stranger in (heilbronn.people["clara"], heidenheim.people["hanno"]):
            _batch, done = screen_wave(
                town, self.key(), verdict=Screening.SPAM, by=stranger, now=timezone.now()
            )
            assert done == 0

    def test_danger_is_not_swept_away_with_the_rest(
        self, heilbronn: Town, wave: list[Receipt]
    ) -> None:
        Report.objects.filter(pk=wave[-1].report.pk).update(is_danger=True)
        dora, town = heilbronn.people["dora"], heilbronn.municipality.pk

        screen_wave(town, self.key(), verdict=Screening.SPAM, by=dora, now=timezone.now())

        assert fresh(wave[-1]).screening == Screening.HELD

    def test_nobody_is_mailed_of_a_junk_wave(self, heilbronn: Town, wave: list[Receipt]) -> None:
        assert Message.objects.filter(event="report_received").count() == 2

    def test_what_waits_too_long_is_counted(self, heilbronn: Town, wave: list[Receipt]) -> None:
        hours = heilbronn.municipality.held_hours
        (now,) = held_by_town(now=timezone.now())
        (later,) = held_by_town(now=timezone.now() + timedelta(hours=hours, minutes=1))

        assert (now.waiting, now.late) == (10, 0)
        assert (later.waiting, later.late) == (10, 10)

    def test_the_dispatch_office_is_reminded_once_a_period(
        self, heilbronn: Town, wave: list[Receipt], client: Client
    ) -> None:
        assert client.get("/healthz/effects").json()["held"] == {"waiting": 10, "late": 0}
        Suspicion.objects.update(held_at=timezone.now() - timedelta(hours=5))

        for _turn in range(3):
            remind_of_held(now=timezone.now())

        mail = Message.objects.get(event="held_waiting")
        assert mail.recipient == heilbronn.offices["dispatch"].email
        assert "/desk/pruefung/" in render(mail).body
        told = client.get("/healthz/effects").json()
        assert (told["status"], told["held"]["late"]) == ("trouble", 10)


class TestTheDesk:
    def browser(self, town: Town, name: str) -> Client:
        browser = Client()
        browser.force_login(town.people[name])
        return browser

    @pytest.fixture
    def held(self, heilbronn: Town, settings: Settings) -> list[Receipt]:
        limit(settings, peer=1)
        texts = [f"Etwas {word}" for word in ("Rotes", "Gelbes", "Grünes", "Blaues", "Graues")]
        return [send(heilbronn, description=text, lat=49.1 + len(text) / 500) for text in texts]

    def test_a_wave_by_its_button_and_back_again(self, heilbronn: Town, held: Any) -> None:
        dora = self.browser(heilbronn, "dora")
        page = dora.get("/desk/pruefung/").content.decode()
        assert "4 Meldungen von einem Anschluss" in page
        wave = page.split('name="welle" value="')[1].split('"')[0]

        answer = dora.post("/desk/pruefung/entscheiden/", {"welle": wave, "urteil": "spam"})
        page = dora.get(answer["Location"]).content.decode()

        assert "4 Meldungen sind als Spam gekennzeichnet" in page
        assert "Nichts wird zurückgehalten" in page
        batch = answer["Location"].split("zurueck=")[1]
        dora.post("/desk/pruefung/zuruecknehmen/", {"zurueck": batch})
        assert Report.objects.filter(screening=Screening.HELD).count() == 4

    def test_one_by_one(self, heilbronn: Town, held: list[Receipt]) -> None:
        mona, one = self.browser(heilbronn, "mona"), held[1]
        sent = {"nummer": one.number, "version": fresh(one).version, "urteil": "freigeben"}

        assert mona.post("/desk/pruefung/entscheiden/", sent).status_code == 302
        assert fresh(one).screening == Screening.CLEAR
        again = mona.post("/desk/pruefung/entscheiden/", sent | {"urteil": "spam"}, follow=True)
        assert "hat sich etwas geändert" in again.content.decode()
        assert fresh(one).screening == Screening.CLEAR

    def test_clerks_lists_hold_what_is_to_be_worked_on(
        self, heilbronn: Town, held: list[Receipt]
    ) -> None:
        for receipt in held:
            route_report(receipt.report.pk)
        clara = self.browser(heilbronn, "clara")

        page = clara.get("/desk/?liste=offen").content.decode()

        assert held[0].number in page
        assert held[1].number not in page

    def test_the_number_of_queries_is_fixed(
        self, heilbronn: Town, held: list[Receipt], django_assert_num_queries: Any
    ) -> None:
        dora = load_staff(heilbronn.people["dora"], heilbronn.municipality.pk)
        with django_assert_num_queries(4):
            review(dora, heilbronn.municipality, now=timezone.now())


def test_spam_is_forgotten_after_a_month(heilbronn: Town, report: Any) -> None:
    spam = report(heilbronn, sender=Sender(name="X", email="x@beispiel.example"), photos=1)
    kept = report(heilbronn, sender=Sender(name="Y", email="y@beispiel.example"))
    from reports.actions.screen import screen

    screen(
        spam.report.pk,
        verdict=Screening.SPAM,
        by=heilbronn.people["dora"],
        now=timezone.now(),
        expected_version=fresh(spam).version,
    )

    assert retain(now=timezone.now() + timedelta(days=29))["spam"] == 0
    assert retain(now=timezone.now() + timedelta(days=31))["spam"] == 1

    assert Submission.objects.get(report=spam.report).description == ""
    assert not Contact.objects.get(report=spam.report).name
    assert not fresh(spam).photos.exists()
    assert Submission.objects.get(report=kept.report).description != ""
    assert retain(now=timezone.now() + timedelta(days=32))["spam"] == 0
