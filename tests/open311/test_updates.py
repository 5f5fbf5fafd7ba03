"""Updates out in FixMyStreet's words, and messages of partners in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import ApiClient
from open311.states import UPDATE_WORDS, WANTED, update_word
from reports.actions.answer import answer as answer_publicly
from reports.actions.change_status import change_status
from reports.actions.note import add_note
from reports.actions.submit import Receipt
from reports.lifecycle import REASONS_FOR, Status
from reports.models import Photo, Remark, Report, TimelineEntry
from reports.published import PublishedUpdate
from reports.queries.public_facts import UpdateFacts
from tests.open311.conftest import make_key
from tests.open311.partner import Partner, described, numbers, texts, xml_of
from tests.people import Town
from tests.photo_samples import encoded, picture

pytestmark = pytest.mark.django_db


def version(number: str) -> int:
    return Report.objects.get(number=number).version


def move(town: Town, number: str, to: Status, **details: Any) -> None:
    change_status(
        Report.objects.get(number=number).pk,
        to=to,
        by=town.people["clara"],
        now=timezone.now(),
        expected_version=version(number),
        **details,
    )


class TestOut:
    @pytest.fixture
    def told(
        self, heilbronn: Town, published: Callable[..., str], publish: Callable[[str], None]
    ) -> str:
        """A report that was taken up, answered, closed and reopened."""
        number = published(heilbronn)
        case = Report.objects.get(number=number)
        clara = heilbronn.people["clara"]
        move(heilbronn, number, Status.IN_PROGRESS)
        add_note(
            case.pk,
            text="Nur intern",
            by=clara,
            now=timezone.now(),
            expected_version=version(number),
        )
        answer_publicly(
            case.pk,
            text="Wir schauen & prüfen.",
            by=clara,
            now=timezone.now(),
            expected_version=version(number),
        )
        move(heilbronn, number, Status.DONE, answer="Verfüllt.", closing_reason="done")
        move(heilbronn, number, Status.IN_PROGRESS, answer="Noch einmal.")
        publish(number)
        return number

    def test_tell_what_is_public_in_order(self, stranger: Partner, told: str) -> None:
        updates = stranger.get("servicerequestupdates.json").json()

        assert [list(update) for update in updates] == [
            [
                *("update_id", "service_request_id", "status", "updated_datetime"),
                *("description", "media_url"),
            ]
        ] * 4
        assert [(update["status"], update["description"]) for update in updates] == [
            ("IN_PROGRESS", ""),
            ("IN_PROGRESS", "Wir schauen & prüfen."),
            ("FIXED", "Verfüllt."),
            ("REOPEN", "Noch einmal."),
        ]
        assert {update["service_request_id"] for update in updates} == {told}
        assert len({update["update_id"] for update in updates}) == 4
        root = xml_of(stranger.get("servicerequestupdates.xml"))
        assert root.tag == "service_request_updates"
        assert texts(root, "request_update/update_id") == [each["update_id"] for each in updates]

    def test_no_window_loses_any(
        self, stranger: Partner, told: str, publish: Callable[[str], None]
    ) -> None:
        """Clients drop what lies outside the window they asked for, so times must lie inside."""
        [shown_at] = set(PublishedUpdate.objects.values_list("visible_at", flat=True))
        second = timedelta(seconds=1)

        def ask(start: datetime, end: datetime) -> list[Any]:
            window = {"start_date": start.isoformat(), "end_date": end.isoformat()}
            updates: list[Any] = stranger.get("servicerequestupdates.json", **window).json()
            for update in updates:
                assert start <= datetime.fromisoformat(update["updated_datetime"]) <= end
            return updates

        before = ask(shown_at - timedelta(hours=1), shown_at - second)
        after = ask(shown_at - second, shown_at + timedelta(hours=1))
        assert (len(before), len(after)) == (0, 4)
        assert shown_at > timezone.now() - timedelta(minutes=1)
        publish(told)  # once more: what was seen keeps its time
        assert set(PublishedUpdate.objects.values_list("visible_at", flat=True)) == {shown_at}
        assert ask(shown_at + second, shown_at + timedelta(hours=1)) == []

    def test_what_is_withdrawn_from_the_public_is_gone(
        self, stranger: Partner, told: str, publish: Callable[[str], None]
    ) -> None:
        Remark.objects.filter(body="Verfüllt.").update(body="", salt="", erased_at=timezone.now())
        publish(told)
        assert "Verfüllt." not in stranger.get("servicerequestupdates.json").content.decode()
        Report.objects.filter(number=told).update(is_confidential=True, publication="withheld")
        from reports.actions.publish import publish_report

        publish_report(Report.objects.get(number=told).pk, now=timezone.now())
        assert stranger.get("servicerequestupdates.json").json() == []

    def test_wrong_windows(self, stranger: Partner) -> None:
        assert described(stranger.get("servicerequestupdates.json", start_date="x"))

    def test_every_state_has_its_word(self) -> None:
        for status in Status:
            for reason in ["", *map(str, REASONS_FOR.get(status, ()))]:
                for waiting in ("", "citizen", "planned_date"):
                    update = UpdateFacts(
                        "1", "1", 1, "status_changed", status, reason, waiting, "", timezone.now()
                    )
                    assert update_word(update) in UPDATE_WORDS
        assert set(WANTED) <= UPDATE_WORDS
        assert {
            *("OPEN", "INVESTIGATING", "IN_PROGRESS", "ACTION_SCHEDULED", "FIXED", "CLOSED"),
            *("DUPLICATE", "NOT_COUNCILS_RESPONSIBILITY", "NO_FURTHER_ACTION"),
            *("INTERNAL_REFERRAL", "REOPEN", "CANCELLED", "FOR_TRIAGE"),
        } == UPDATE_WORDS


class TestIn:
    @pytest.fixture
    def own(self, partner: Partner, heilbronn: Town) -> str:
        """A request this partner has sent."""
        [number] = numbers(partner.report().json())
        from reports.actions.route import route_report

        route_report(Report.objects.get(number=number).pk)
        return number

    def send(self, partner: Partner, number: str, word: str = "OPEN", **more: str) -> Any:
        fields = {"service_request_id": number, "status": word, "description": "Es wird schlimmer."}
        return partner.send("servicerequestupdates.json", fields | more)

    def test_a_message_for_the_office(self, partner: Partner, own: str) -> None:
        answer = self.send(
            partner,
            own,
            "FIXED",
            update_id="815",
            updated_datetime="2026-11-23T10:00:00Z",
            email="erika@buerger.example",
            last_name="Mustermann",
        )

        report = Report.objects.get(number=own)
        entry = TimelineEntry.objects.get(kind="partner_wrote")
        assert answer.status_code == 201
        assert answer.json() == [{"update_id": f"{own}-{entry.seq}"}]
        assert (report.status, report.unread_since is None) == ("received", False)
        assert Remark.objects.get(pk=entry.remark_id).body == "Es wird schlimmer."
        assert entry.data["partner_status"] == "FIXED"
        assert "erika" not in repr(list(Remark.objects.values()))

    def test_the_second_try_is_the_same_update(self, partner: Partner, own: str) -> None:
        first = self.send(partner, own, update_id="1")
        again = self.send(partner, own, update_id="1", description="anders geschrieben")
        without = [self.send(partner, own).json() for _twice in range(2)]

        assert first.json() == again.json()
        assert again.headers["Idempotency-Replayed"] == "true"
        assert without[0] == without[1] != first.json()
        assert TimelineEntry.objects.filter(kind="partner_wrote").count() == 2

    def test_photos_come_along(self, partner: Partner, own: str) -> None:
        parts = {"service_request_id": own, "status": "OPEN", "description": "Bild"}
        photo = SimpleUploadedFile("a.jpg", encoded(picture(40, 30), "JPEG"), "image/jpeg")
        bad = SimpleUploadedFile("b.jpg", b"nichts", "image/jpeg")
        for file in (photo, bad):
            parts |= {"media": file, "update_id": file.name}
            assert partner.send_parts("servicerequestupdates.json", parts).status_code == 201

        assert Photo.objects.count() == 1

    def test_requests_of_others_do_not_exist(
        self, partner: Partner, heilbronn: Town, heidenheim: Town, report: Callable[..., Receipt]
    ) -> None:
        others = report(heilbronn).number
        for number in (others, report(heidenheim, lon=10.15).number, "HN-2026-999999", "a\x00b"):
            answer = self.send(partner, number)
            assert (answer.status_code, described(answer)) == (404, ["Das gibt es hier nicht."])
        assert not TimelineEntry.objects.filter(kind="partner_wrote").exists()

    def test_what_is_missing_is_named(self, partner: Partner, own: str) -> None:
        answer = partner.send("servicerequestupdates.json", {"description": "x"})

        assert described(answer) == ["service_request_id required", "status required"]
        assert described(self.send(partner, own, "HALB"))[0].startswith("status: ")
        assert self.send(partner, own, description="x" * 4001).status_code == 400
        assert Partner().send("servicerequestupdates.json", {}).status_code == 403
        ApiClient.objects.update(may_post_updates=False)
        assert self.send(partner, own).status_code == 403

    def test_what_is_over_takes_nothing_more(self, partner: Partner, own: str) -> None:
        Report.objects.filter(number=own).update(status="withdrawn", closed_at=timezone.now())

        assert self.send(partner, own).status_code == 400


class TestWorkingCases:
    """A partner whose key names a clerk moves the cases of that clerk's office."""

    @pytest.fixture
    def contractor(self, heilbronn: Town) -> Partner:
        return Partner(make_key(heilbronn, acts_as=heilbronn.people["clara"]))

    def test_a_case_of_the_office_is_closed_with_an_answer(
        self, contractor: Partner, heilbronn: Town, report: Callable[..., Receipt]
    ) -> None:
        number = report(heilbronn).number
        without = contractor.send(
            "servicerequestupdates.json", {"service_request_id": number, "status": "FIXED"}
        )
        sent = {"service_request_id": number, "status": "FIXED", "description": "Verfüllt."}
        done = contractor.send("servicerequestupdates.json", sent)

        assert described(without)[0].startswith("description required")
        assert done.status_code == 201
        case = Report.objects.get(number=number)
        assert (case.status, case.closing_reason) == ("done", "done")
        entry = TimelineEntry.objects.get(kind="status_changed")
        assert (entry.actor, entry.is_public) == (heilbronn.people["clara"], True)

    def test_a_word_without_a_move_is_a_message(
        self, contractor: Partner, heilbronn: Town, report: Callable[..., Receipt]
    ) -> None:
        number = report(heilbronn).number
        for word in ("OPEN", "DUPLICATE", "CANCELLED"):
            sent = {"service_request_id": number, "status": word, "description": word}
            assert contractor.send("servicerequestupdates.json", sent).status_code == 201

        assert Report.objects.get(number=number).status == "received"
        assert TimelineEntry.objects.filter(kind="partner_wrote").count() == 3

    def test_cases_of_other_offices_do_not_exist(
        self, contractor: Partner, heilbronn: Town, report: Callable[..., Receipt]
    ) -> None:
        number = report(heilbronn, "tree").number
        sent = {"service_request_id": number, "status": "FIXED", "description": "Gefällt."}

        assert contractor.send("servicerequestupdates.json", sent).status_code == 404
        assert Report.objects.get(number=number).status == "received"
