"""Who hears what at which step. Values only go to notifications; secrets are derived there.

Mails to staff carry nothing that would stop the case itself: where an office has no mailbox that
works, the case still stands in its queue.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from accounts.models import Office
from accounts.towns import public_url
from leases.models import Lane
from notifications import outbox, stranger_mail
from notifications.outbox import Letter
from reports.feedback_window import feedback_until
from reports.inbox import IncomingMail
from reports.message_links import in_words, receipt_link, secret, stop_link
from reports.models import Contact, Handover, Photo, Report, Screening
from reports.participation import Wish
from reports.receipts import (
    CONFIRM_PURPOSE,
)
from reports.reply_tasks import BY_HAND, owe_replies_to_attached, owe_reply
from reports.rights import RightsRequest
from reports.staff_mail import queue_or_log
from routing.duty import on_call
from routing.models import Area

# Who hears of what is only news, and who of a result or a question.
_WANTED = {True: {Wish.ALL}, False: {Wish.ALL, Wish.RESULT}}


def tell_reporter_received(report: Report, contact: Contact) -> None:
    """The one mail an unconfirmed address gets: number, secret, link to confirm the address.

    Where the address has had a mail within the hour, the report joins the next one, which lists
    all that wait for this address; where no more mail may go, the receipt page shows all of it.
    """
    letter = _letter_to_reporter(
        report,
        contact,
        event="report_received",
        key=f"received:{report.number}:{contact.confirm_version}",
        confirm_link=_confirm_link(report, contact.confirm_version),
        secret=secret(report),
    )
    with translation.override(report.language):
        heading = gettext("Auf die Bestätigung dieser Adresse warten auch:")
    stranger_mail.write_once_an_hour(
        letter,
        line=_line_of(report),
        heading=heading,
        earlier=lambda: [_line_of(other) for other in _waiting_besides(report, contact)],
    )


def _waiting_besides(report: Report, contact: Contact) -> QuerySet[Report]:
    """Other reports of the town that wait for the same address to be confirmed."""
    return (
        Report.objects.filter(
            municipality_id=report.municipality_id,
            contact__email__iexact=contact.email,
            contact__email_confirmed_at__isnull=True,
            contact__confirm_until__gt=timezone.now(),
            screening=Screening.CLEAR,
        )
        .exclude(pk=report.pk)
        .select_related("municipality", "category")
        .defer("municipality__coverage", "municipality__pages")
        .order_by("-pk")[: stranger_mail.LINES]
    )


def _line_of(report: Report) -> dict[str, Any]:
    return {"text": f"{report.number}, {report.category.name}:", **receipt_link(report)}


def _confirm_link(report: Report, version: int) -> dict[str, Any]:
    return {
        "url": public_url(report.municipality, f"bestaetigen/{report.number}/?code="),
        "derive": [CONFIRM_PURPOSE, report.pk, version],
    }


def tell_mail_received(mail: IncomingMail) -> None:
    """The one answer a mail gets by itself: that it came, and what makes it faster."""
    stranger_mail.write_once_an_hour(
        Letter(
            municipality_id=mail.municipality_id,
            key=f"mail_received:{mail.pk}",
            event="mail_received",
            recipient=mail.sender_email,
            context={"form_link": public_url(mail.municipality, "melden/")},
            lane=Lane.CITIZEN,
            subject_ref=mail_ref(mail.pk),
        )
    )


def alarm_of_mail(mail: IncomingMail, *, now: datetime) -> None:
    """A mail that nobody has read names a danger: everybody on call learns of it at once.

    Where nobody is on call the control centre does, else the dispatch office.
    """
    town = mail.municipality
    recipients = [duty.email for duty in on_call(town.pk, None, now)]
    if not recipients:
        dispatch = Office.objects.filter(municipality=town, is_dispatch=True)
        recipients = [town.control_centre_email or dispatch.values_list("email", flat=True).get()]
    for place, recipient in enumerate(recipients):
        queue_or_log(
            Letter(
                municipality_id=town.pk,
                key=f"mail_danger:{mail.pk}:{place}",
                event="mail_danger",
                recipient=recipient,
                context={"desk_link": f"{settings.BASE_URL}/desk/aufnahme/?mail={mail.pk}"},
                lane=Lane.CITIZEN,
                subject_ref=mail_ref(mail.pk),
            )
        )


def mail_ref(mail_id: int) -> str:
    """What the answer to a mail is filed under, so that it is forgotten with the mail."""
    return f"mail:{mail_id}"


def untell_received(report: Report) -> None:
    """Call the first mail off where it has not gone yet; its report was taken back."""
    contact = Contact.objects.filter(report=report).first()
    if contact is not None:
        outbox.cancel(f"received:{report.number}:{contact.confirm_version}")


def tell_reporter_status(report: Report, *, event: str, version: int, answer: str = "") -> None:
    """A change of status or an answer, to a confirmed address only; once per case version.

    To whom wanted a call or a letter it is owed as such, once there is something to say.
    """
    contact = Contact.objects.filter(report=report).first()
    something_to_say = bool(answer) or event != "report_status"
    if something_to_say:
        owe_replies_to_attached(report, event=event, now=timezone.now())
    if contact is not None and contact.answer_by in BY_HAND:
        if something_to_say:
            owe_reply(report, contact, event=event, now=timezone.now())
        return
    if contact is None or not hears_by_mail(contact, is_result=event != "report_status"):
        return
    mail_reporter(
        report,
        contact,
        event=event,
        key=f"{event}:{report.number}:{version}",
        **in_words(report.status, report.closing_reason or "", report.language),
        answer=answer,
        office=report.office.label if report.office else "",
        **_asks_whether_true(report, event),
    )


def hears_by_mail(contact: Contact, *, is_result: bool) -> bool:
    """Whether the sender of a report gets a mail of a change: confirmed, and wanted."""
    if not contact.email or contact.email_confirmed_at is None:
        return False
    return contact.answer_by not in BY_HAND and contact.wants in _WANTED[not is_result]


def _asks_whether_true(report: Report, event: str) -> dict[str, Any]:
    """The link to "Stimmt das?" where it is asked; without it the mail does not ask."""
    asked = event == "report_closed" and feedback_until(report) is not None
    return {"feedback_link": receipt_link(report)} if asked else {}


def tell_reporter_photo_failed(report: Report, photo: Photo) -> None:
    """A photo could not be read after all; how to send another one."""
    contact = confirmed_contact(report)
    if contact is not None and contact.wants != Wish.NONE:
        mail_reporter(
            report,
            contact,
            event="photo_failed",
            key=f"photo_failed:{report.number}:{photo.ordinal}",
            photo_number=photo.ordinal,
        )


def tell_about_right(report: Report, request: RightsRequest, *, event: str) -> None:
    """A request about the own data came in, or was decided; to a confirmed address only.

    It is filed apart from the case, so that it still goes out when the case is erased.
    """
    contact = confirmed_contact(report)
    if contact is None:
        return
    letter = Letter(
        municipality_id=report.municipality_id,
        key=f"{event}:{request.pk}",
        event=event,
        recipient=contact.email,
        context={
            "number": report.number,
            "right": request.right,
            "state": request.state,
            "ground": request.ground,
            "answer_by": date_format(request.due_on, "d.m.Y"),
        },
        lane=Lane.CITIZEN,
        language=report.language,
        subject_ref=rights_ref(request.pk),
    )
    outbox.queue_many([letter])


def rights_ref(request_id: int) -> str:
    """What mails about a request are filed under."""
    return f"rights:{request_id}"


def tell_office_new_case(report: Report, *, decision_id: int) -> None:
    """The responsible office's mailbox learns of a new case, without anything personal."""
    assert report.office is not None  # noqa: S101 - routed reports have an office
    mail_office(
        report, report.office, event="office_new_case", key=f"new:{report.number}:{decision_id}"
    )


def tell_office_copy(report: Report, office: Office) -> None:
    """Another office gets a copy for its information; it need do nothing."""
    mail_office(report, office, event="office_copy", key=f"copy:{report.number}:{office.pk}")


def tell_office_news(report: Report, *, news: str, key: str = "") -> None:
    """The office learns that the citizen added something (an event word), never what it says.

    `key` tells apart what happened to one version of a case more than once.

    Cases that are held back or spam are looked at by people anyway and mailed to nobody.
    """
    if report.office is not None and report.screening == Screening.CLEAR:
        mail_office(
            report,
            report.office,
            event="office_news",
            key=f"news:{report.number}:{key or report.version}",
            news=news,
        )


def tell_office_of_handover(handover: Handover, *, event: str, office: Office) -> None:
    """An offer, its acceptance or its return, to the other office's mailbox."""
    mail_office(
        handover.report,
        office,
        event=event,
        key=f"{event}:{handover.report.number}:{handover.pk}",
        from_office=handover.from_office.label,
        to_office=handover.to_office.label,
        accept_by=handover.answer_until.astimezone(handover.report.municipality.tz).strftime(
            "%d.%m.%Y"
        ),
    )


def tell_dispatch(report: Report, dispatch: Office, *, why: str, version: int) -> None:
    """The dispatcher must look: a second return, an expired offer, a danger nobody took."""
    mail_office(
        report,
        dispatch,
        event="dispatch_attention",
        key=f"dispatch:{report.number}:{why}:{version}",
        why=why,
    )


def confirmed_contact(report: Report) -> Contact | None:
    """The reporter's contact, if there is an address that was confirmed."""
    return (
        Contact.objects.filter(report=report, email_confirmed_at__isnull=False)
        .exclude(email="")
        .first()
    )


def mail_reporter(
    report: Report, contact: Contact, *, event: str, key: str, **context: Any
) -> None:
    """Mail the reporter, with the ways to the receipt and out of the mails; once per key."""
    outbox.queue_many([_letter_to_reporter(report, contact, event=event, key=key, **context)])


def _letter_to_reporter(
    report: Report, contact: Contact, *, event: str, key: str, **context: Any
) -> Letter:
    return Letter(
        municipality_id=report.municipality_id,
        key=key,
        event=event,
        recipient=contact.email,
        context={
            "number": report.number,
            "category": report.category.name,
            "receipt_link": receipt_link(report),
            "stop_link": stop_link(report),
            **context,
        },
        lane=Lane.CITIZEN,
        language=report.language,
        subject_ref=report.number,
    )


def mail_office(report: Report, office: Office, *, event: str, key: str, **context: Any) -> None:
    """Mail the mailbox of an office about a case; once per key."""
    mail_staff(report, office.email, event=event, key=key, office=office.label, **context)


def mail_staff(
    report: Report,
    recipient: str,
    *,
    event: str,
    key: str,
    lane: Lane = Lane.STAFF,
    **context: Any,
) -> None:
    """Mail somebody of the house about a case, without anything personal; once per key."""
    town = report.municipality
    due = report.due_at.astimezone(town.tz).strftime("%d.%m.%Y %H:%M") if report.due_at else ""
    queue_or_log(
        Letter(
            municipality_id=town.pk,
            key=key,
            event=event,
            recipient=recipient,
            context={
                "number": report.number,
                "category": report.category.name,
                "district": _district_name(report),
                "due": due,
                "danger": report.is_danger,
                "acknowledge_minutes": town.acknowledge_minutes,
                "desk_link": f"{settings.BASE_URL}/desk/vorgang/{report.number}/",
                **context,
            },
            lane=lane,
            subject_ref=report.number,
        )
    )


def _district_name(report: Report) -> str:
    # Asked by name: the outline of a district is large, and every new case would load it.
    if report.district_id is None:
        return ""
    return Area.objects.values_list("name", flat=True).get(pk=report.district_id)


def tell_dispatch_of_held(
    dispatch: Office, *, key: str, waiting: int, late: int, hours: int, link: str
) -> None:
    """The dispatch office hears that what is held back has waited too long; once per key."""
    queue_or_log(
        Letter(
            municipality_id=dispatch.municipality_id,
            key=key,
            event="held_waiting",
            recipient=dispatch.email,
            context={"waiting": waiting, "late": late, "hours": hours, "desk_link": link},
            lane=Lane.STAFF,
        )
    )


def tell_dispatch_of_decisions(
    dispatch: Office, *, key: str, waiting: int, late: int, link: str
) -> None:
    """The dispatch office hears that decisions on the public are overdue; once per key."""
    queue_or_log(
        Letter(
            municipality_id=dispatch.municipality_id,
            key=key,
            event="decisions_late",
            recipient=dispatch.email,
            context={"waiting": waiting, "late": late, "desk_link": link},
            lane=Lane.STAFF,
        )
    )
