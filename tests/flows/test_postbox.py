"""E-mail comes in: once, never lost, never answered to a machine, and a person makes a report."""

import os
import subprocess
import sys
from datetime import timedelta
from email.message import EmailMessage
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from notifications.models import Message
from postbox import fetching
from postbox.accounts import MailboxUnset, mailbox_accounts
from postbox.fetching import DONE_FOLDER
from postbox.parsing import parse
from reports import photo_storage
from reports.actions.confirm_address import confirm_address
from reports.actions.housekeeping import forget_what_is_due
from reports.actions.receive_mail import Taken, receive_mail
from reports.inbox import IncomingFile, IncomingMail, MailState
from reports.models import Photo, Remark, Report
from reports.queries.reconcile import reconcile
from tests.flows.test_housekeeping import code_of
from tests.imap_server import PASSWORD, USER, imap_server
from tests.people import ERIKA
from tests.photo_samples import CANARY, jpeg_full_of_canaries
from tests.rules.test_mail_parsing import mail

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
ENTRY = "/desk/aufnahme/"


def take(town, message: EmailMessage | bytes) -> Taken:
    """Let a mail come in."""
    raw = message if isinstance(message, bytes) else message.as_bytes()
    return receive_mail(town.municipality, parse(raw), now=timezone.now())


def acknowledged(address="erika@buerger.example") -> int:
    return Message.objects.filter(event="mail_received", recipient=address).count()


@pytest.fixture
def dora(heilbronn) -> Client:
    """The dispatcher's browser."""
    browser = Client()
    browser.force_login(heilbronn.people["dora"])
    return browser


@pytest.fixture
def confirmed(heilbronn, report):
    """Erika's report; she has confirmed her address."""
    receipt = report(heilbronn, sender=ERIKA)
    confirm_address(receipt.report, code_of(receipt), now=timezone.now())
    return receipt


class TestComingIn:
    def test_it_waits_for_a_person_and_says_so_to_its_sender(self, heilbronn):
        message = mail()
        message.add_attachment(
            jpeg_full_of_canaries(), maintype="image", subtype="jpeg", filename="foto.jpg"
        )

        assert take(heilbronn, message) == Taken.WAITS

        waiting = IncomingMail.objects.get()
        assert waiting.state == MailState.NEW
        assert waiting.body == "Die Laterne vor Nr. 12 ist aus."
        assert IncomingFile.objects.get().is_photo
        assert acknowledged() == 1

    def test_the_same_mail_twice_is_one(self, heilbronn):
        assert take(heilbronn, mail()) == Taken.WAITS
        assert take(heilbronn, b"Received: again\r\n" + mail().as_bytes()) == Taken.KNOWN

        assert IncomingMail.objects.count() == 1
        assert acknowledged() == 1

    def test_one_answer_an_hour_to_an_address(self, heilbronn):
        for number in range(3):
            take(heilbronn, mail(X_Number=str(number)) if number == 0 else _other(number))

        assert IncomingMail.objects.filter(state=MailState.NEW).count() == 3
        assert acknowledged() == 1

    @pytest.mark.parametrize(
        ("headers", "state"),
        [
            ({"Auto_Submitted": "auto-replied"}, MailState.AUTOMATIC),
            ({"List_Id": "<x.example>"}, MailState.AUTOMATIC),
            ({"X_Spam_Flag": "YES"}, MailState.SPAM),
        ],
    )
    def test_machines_and_spam_are_kept_apart_and_not_answered(self, heilbronn, headers, state):
        take(heilbronn, mail(**headers))

        assert IncomingMail.objects.get().state == state
        assert not Message.objects.exists()

    def test_our_own_mail_come_back_starts_no_loop(self, heilbronn):
        message = mail()
        message.replace_header("From", heilbronn.municipality.contact_email)
        take(heilbronn, message)

        assert IncomingMail.objects.get().state == MailState.AUTOMATIC
        assert not Message.objects.exists()

    def test_danger_in_a_mail_nobody_has_read_alarms_who_is_on_call(self, heilbronn):
        message = mail()
        message.set_content("Hier riecht es stark nach Gas, im ganzen Haus!")
        take(heilbronn, message)

        assert IncomingMail.objects.get().is_danger
        alarm = Message.objects.get(event="mail_danger")
        assert alarm.recipient == heilbronn.people["clara"].email

    def test_a_bounce_marks_the_mail_that_came_back(self, heilbronn, confirmed):
        ours = Message.objects.get(event="report_received")
        raw = (
            f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\n\r\nfailed\r\n\r\n"
            f"Message-ID: {ours.message_id}\r\n"
        ).encode()

        assert take(heilbronn, raw) == Taken.BOUNCE

        ours.refresh_from_db()
        assert ours.bounced_at is not None
        assert not IncomingMail.objects.exists()


def _other(number):
    message = mail()
    message.replace_header("Message-ID", f"<{number}@buerger.example>")
    message.set_content(f"Noch etwas, Nummer {number}.")
    return message


class TestReplies:
    def reply(self, receipt, **headers):
        message = mail(**headers)
        message.replace_header("Subject", f"AW: Ihre Meldung {receipt.number} ist eingegangen")
        message.set_content("Ja, sie ist immer noch aus.\n\n> Ist die Laterne noch aus?\n")
        return message

    def test_the_confirmed_address_speaks_for_the_report(self, heilbronn, confirmed):
        message = self.reply(confirmed)
        message.add_attachment(
            jpeg_full_of_canaries(), maintype="image", subtype="jpeg", filename="foto.jpg"
        )

        assert take(heilbronn, message) == Taken.ON_CASE

        said = Remark.objects.get(report=confirmed.report, kind=Remark.Kind.CITIZEN)
        assert said.body == "Ja, sie ist immer noch aus."
        assert Photo.objects.filter(report=confirmed.report).count() == 1
        assert take(heilbronn, message) == Taken.KNOWN
        assert Remark.objects.filter(kind=Remark.Kind.CITIZEN).count() == 1
        assert "Die Laterne" not in str(IncomingMail.objects.values())

    def test_our_message_id_is_enough(self, heilbronn, confirmed):
        ours = Message.objects.get(event="report_received")
        message = mail(In_Reply_To=ours.message_id)

        assert take(heilbronn, message) == Taken.ON_CASE

    @pytest.mark.parametrize("address", ["jemand@anders.example", "erika@buerger.example.evil"])
    def test_another_address_waits_and_is_flagged(self, heilbronn, confirmed, dora, address):
        message = self.reply(confirmed)
        message.replace_header("From", address)

        assert take(heilbronn, message) == Taken.WAITS

        waiting = IncomingMail.objects.get()
        assert waiting.about == confirmed.report
        assert not Remark.objects.filter(kind=Remark.Kind.CITIZEN).exists()
        shown = dora.get(ENTRY, {"mail": waiting.pk}).content.decode()
        assert "kommt aber nicht von der bestätigten Adresse" in shown

    def test_an_address_nobody_confirmed_does_not_speak(self, heilbronn, report):
        receipt = report(heilbronn, sender=ERIKA)

        assert take(heilbronn, self.reply(receipt)) == Taken.WAITS

    def test_a_case_of_the_town_next_door_is_nothing_here(self, heilbronn, heidenheim, report):
        other = report(heidenheim, lon=10.15, lat=49.14, sender=ERIKA)
        take(heilbronn, self.reply(other))

        assert IncomingMail.objects.get().about is None

    def test_what_the_case_takes_no_more_waits_for_a_person(self, heilbronn, confirmed):
        Report.objects.filter(pk=confirmed.report.pk).update(
            status="withdrawn", closed_at=timezone.now()
        )

        assert take(heilbronn, self.reply(confirmed)) == Taken.WAITS
        assert IncomingMail.objects.get().about == confirmed.report


class TestTheDesk:
    def waiting(self, heilbronn, photo=True):
        message = mail()
        message.replace_header("Subject", "Schlagloch in Böckingen")
        if photo:
            message.add_attachment(
                jpeg_full_of_canaries(), maintype="image", subtype="jpeg", filename="foto.jpg"
            )
        message.add_attachment(
            b"%PDF-1.7", maintype="application", subtype="pdf", filename="Plan <b>.pdf"
        )
        take(heilbronn, message)
        return IncomingMail.objects.get()

    def form(self, waiting, **changes):
        return {
            "mail": waiting.pk,
            "source": "email",
            "form_key": "m" * 32,
            "address": "Böckingen",
            "category": "strasse.schlagloch",
            "description": waiting.body,
            "name": waiting.sender_name,
            "email": waiting.sender_email,
            "answer_by": "email",
        } | changes

    def test_the_list_is_for_dispatchers_and_says_when_it_is_empty(self, heilbronn, dora):
        assert "Keine E-Mail wartet." in dora.get("/desk/posteingang/").content.decode()
        self.waiting(heilbronn)

        listed = dora.get("/desk/posteingang/").content.decode()

        assert "Schlagloch in Böckingen" in listed
        clara = Client()
        clara.force_login(heilbronn.people["clara"])
        assert clara.get("/desk/posteingang/").status_code == 403

    def test_the_form_proposes_kind_words_and_contact(self, heilbronn, dora):
        waiting = self.waiting(heilbronn)

        shown = dora.get(ENTRY, {"mail": waiting.pk}).content.decode()

        assert "Die Laterne vor Nr. 12 ist aus." in shown
        assert 'value="strasse.schlagloch" selected' in shown
        assert 'value="erika@buerger.example"' in shown
        assert "Plan &lt;b&gt;.pdf" in shown

    def test_one_click_makes_the_report_with_its_photo(self, heilbronn, dora):
        waiting = self.waiting(heilbronn)

        answer = dora.post(ENTRY, self.form(waiting))

        assert answer.status_code == 302, answer.content.decode()[:3000]
        made = Report.objects.get()
        waiting.refresh_from_db()
        assert (made.source, waiting.state, waiting.report) == ("email", "reported", made)
        assert made.photos.count() == 1
        assert made.contact.email_confirmed_at is None
        assert Message.objects.filter(event="report_received").count() == 1
        again = dora.post(ENTRY, self.form(waiting, form_key="n" * 32))
        assert again.headers["Location"] == "/desk/posteingang/"
        assert Report.objects.count() == 1

    def test_two_people_make_one_report_of_it(self, heilbronn, dora):
        waiting = self.waiting(heilbronn)
        dora.post(ENTRY, self.form(waiting))
        IncomingMail.objects.update(state="new", settled_at=None, settled_by=None, report=None)

        dora.post(ENTRY, self.form(waiting))

        assert Report.objects.count() == 1
        assert IncomingMail.objects.get().state == "reported"

    def test_it_can_be_kept_as_a_note_of_a_case(self, heilbronn, report, dora):
        case, waiting = report(heilbronn), self.waiting(heilbronn)

        dora.post(f"/desk/posteingang/{waiting.pk}/", {"was": "file", "number": case.number})

        note = Remark.objects.get(report=case.report, kind=Remark.Kind.NOTE)
        assert "Die Laterne vor Nr. 12 ist aus." in note.body
        assert IncomingMail.objects.get().state == "filed"

    def test_spam_comes_back_and_nonsense_is_hidden(self, heilbronn, dora):
        waiting = self.waiting(heilbronn)
        address = f"/desk/posteingang/{waiting.pk}/"
        for what, state in (("spam", "spam"), ("new", "new"), ("discarded", "discarded")):
            dora.post(address, {"was": what})
            waiting.refresh_from_db()
            assert waiting.state == state

        assert dora.post(address, {"was": "reported"}).status_code == 404
        assert dora.get(ENTRY, {"mail": 999_999}).status_code == 404

    def test_files_are_handed_out_to_be_saved_only(self, heilbronn, dora):
        waiting = self.waiting(heilbronn)

        answer = dora.get(f"/desk/posteingang/{waiting.pk}/datei/2/")

        assert answer.content == b"%PDF-1.7"
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]

    def test_words_and_files_are_erased_after_a_month(self, heilbronn, dora):
        waiting = self.waiting(heilbronn)
        keys = list(waiting.files.values_list("sealed_key", flat=True))
        dora.post(f"/desk/posteingang/{waiting.pk}/", {"was": "discarded"})

        forget_what_is_due(now=timezone.now() + timedelta(days=29))
        assert IncomingMail.objects.get().body
        forget_what_is_due(now=timezone.now() + timedelta(days=31))

        gone = IncomingMail.objects.get()
        assert (gone.body, gone.sender_email, gone.subject) == ("", "", "")
        assert not IncomingFile.objects.exists()
        assert not any(photo_storage.is_stored("sealed", key) for key in keys)
        assert acknowledged() == 0

    def test_files_of_waiting_mails_are_not_swept(self, heilbronn):
        self.waiting(heilbronn)

        assert [finding.name for finding in reconcile() if finding.count] == []
        assert CANARY not in str(IncomingMail.objects.values())


class TestTheMailbox:
    @pytest.fixture
    def imap(self, heilbronn, settings, monkeypatch):
        with imap_server() as (port, box):
            settings.MAILBOXES = [f"heilbronn=imap://{USER.replace('@', '%40')}@127.0.0.1:{port}"]
            monkeypatch.setenv("ANLIEGEN_MAILBOX_PASSWORD_HEILBRONN", PASSWORD)
            yield box

    def fetch(self):
        said = StringIO()
        call_command("fetch_mail", stdout=said)
        return said.getvalue().strip()

    def test_what_was_taken_is_moved_away(self, imap):
        imap.put(mail().as_bytes())
        imap.put(_other(2).as_bytes())

        assert self.fetch() == "heilbronn: 2 taken, 0 known"

        assert imap.folders["INBOX"] == {}
        assert len(imap.folders[DONE_FOLDER]) == 2
        assert IncomingMail.objects.count() == 2
        assert self.fetch() == "heilbronn: 0 taken, 0 known"

    @pytest.mark.parametrize("moment", ["UID COPY", "UID STORE", "EXPUNGE"])
    def test_dying_after_the_commit_doubles_nothing(self, imap, moment):
        imap.put(mail().as_bytes())
        imap.dies_before = moment

        assert "away" in self.fetch()
        assert IncomingMail.objects.count() == 1
        self.fetch()

        assert IncomingMail.objects.count() == 1
        assert imap.folders["INBOX"].keys() <= imap.deleted
        assert acknowledged() == 1

    @pytest.mark.parametrize("moment", ["LOGIN", "SELECT", "UID SEARCH", "UID FETCH"])
    def test_dying_before_it_loses_nothing(self, imap, moment):
        imap.put(mail().as_bytes())
        imap.dies_before = moment

        assert "away" in self.fetch()
        self.fetch()

        assert IncomingMail.objects.count() == 1

    def test_one_that_cannot_be_taken_stays_and_holds_nobody_up(self, imap, monkeypatch):
        real = fetching.receive_mail

        def refuse(town, parsed, *, now):
            if "Nummer 2" in parsed.body:
                raise OSError("disk full")
            return real(town, parsed, now=now)

        monkeypatch.setattr(fetching, "receive_mail", refuse)
        imap.put(_other(2).as_bytes())
        imap.put(mail().as_bytes())

        assert self.fetch() == "heilbronn: 1 taken, 0 known"
        assert len(imap.folders["INBOX"]) == 1

    def test_a_huge_mail_is_taken_as_far_as_it_goes(self, imap, monkeypatch):
        monkeypatch.setattr(fetching, "LARGEST_BYTES", 10_000)
        monkeypatch.setattr(fetching, "BEGINNING_BYTES", 2_000)
        message = mail()
        message.set_content("Anfang.\n" + "x" * 20_000)
        imap.put(message.as_bytes())
        self.fetch()

        taken = IncomingMail.objects.get()
        assert taken.is_cut
        assert taken.body.startswith("Anfang.")

    def test_a_wrong_password_is_told_without_it(self, imap, monkeypatch, caplog):
        monkeypatch.setenv("ANLIEGEN_MAILBOX_PASSWORD_HEILBRONN", "falschesgeheimnis")

        assert self.fetch() == "heilbronn: away: error"
        assert "falschesgeheimnis" not in caplog.text

    @pytest.mark.parametrize(
        "word",
        [
            "heilbronn",
            "heilbronn=http://a@b",
            "heilbronn=imaps://host/INBOX",
            "heilbronn=imaps://user:pass@host",
            "heilbronn=imap://user@mail.example",
            "fehlt=imaps://user@host",
        ],
    )
    def test_a_mailbox_set_up_wrongly_says_so(self, settings, word):
        settings.MAILBOXES = [word]

        with pytest.raises(MailboxUnset):
            mailbox_accounts()


class TestThePipe:
    def pipe(self, raw: bytes, *words: str, **environment: str):
        return subprocess.run(
            [sys.executable, "manage.py", "receive_mail", *words],
            cwd=ROOT,
            input=raw,
            env=os.environ | environment,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def test_zero_means_committed(self, heilbronn):
        done = self.pipe(mail().as_bytes(), "heilbronn")

        assert done.returncode == 0, done.stderr
        assert IncomingMail.objects.count() == 1

    def test_every_fault_of_ours_asks_the_mail_server_to_try_again(self, heilbronn):
        assert self.pipe(mail().as_bytes(), "nirgends").returncode == 75
        away = self.pipe(mail().as_bytes(), "heilbronn", ANLIEGEN_DB_PORT="1")

        assert away.returncode == 75
        assert b"Laterne" not in away.stderr
        assert b"erika" not in away.stderr


def test_people_who_settled_mails_are_named(heilbronn, dora):
    take(heilbronn, mail())
    waiting = IncomingMail.objects.get()
    dora.post(f"/desk/posteingang/{waiting.pk}/", {"was": "discarded"})

    assert IncomingMail.objects.get().settled_by == User.objects.get(first_name="Dora")


def test_no_log_and_no_message_of_ours_repeats_what_a_mail_said(heilbronn, dora, caplog):
    message = mail(X_Spam_Flag="no")
    message.set_content("Nachbar Kanarienmann parkt, HN-KA 1234.")
    with caplog.at_level("DEBUG"):
        take(heilbronn, message)
        waiting = IncomingMail.objects.get()
        dora.get("/desk/posteingang/")
        dora.get(ENTRY, {"mail": waiting.pk})

    # The framework's own debug lines show statements; ours never do.
    ours = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("django.db"))
    assert "Kanarienmann" not in ours
    assert "Müßtermann" not in ours
    assert "Kanarienmann" not in str(list(Message.objects.values_list("context", flat=True)))
