"""Letters to others who are affected: supporters, and those whose report was merged."""

from typing import Any

from accounts.towns import public_url
from leases.models import Lane
from notifications import stranger_mail
from notifications.outbox import Letter
from reports.incidents import Incident
from reports.message_links import in_words, receipt_link, stop_link
from reports.models import Contact, Report
from reports.others import hash_of_person
from reports.participation import Support
from reports.receipts import LEAVE_PURPOSE, SUPPORT_PURPOSE


def ask_supporter(report: Report, support: Support) -> None:
    """Ask somebody to confirm that they are affected; the one mail an unconfirmed address gets."""
    path = f"meldung/{report.number}/betrifft-mich-auch/{support.pk}/bestaetigen/?code="
    letter = Letter(
        municipality_id=report.municipality_id,
        key=f"support:{support.pk}:{support.nonce}",
        event="support_confirm",
        recipient=support.email,
        context={
            **_of_public_case(report),
            "confirm_link": {
                "url": public_url(report.municipality, path),
                "derive": [SUPPORT_PURPOSE, support.pk, support.nonce],
            },
        },
        lane=Lane.CITIZEN,
        language=support.language,
        subject_ref=supporter_ref(report.number, support.pk),
    )
    stranger_mail.write_once_an_hour(letter)


def letter_to_supporter(
    support: Support,
    report: Report,
    *,
    version: int,
    status: str,
    closing_reason: str,
    answer: str,
) -> Letter:
    """What a supporter hears of a change of a public case, with the way out."""
    path = f"meldung/{report.number}/betrifft-mich-auch/{support.pk}/abmelden/?code="
    return Letter(
        municipality_id=report.municipality_id,
        key=f"others:{report.number}:{version}:{person_of(support.email)}",
        event="support_progress",
        recipient=support.email,
        context={
            **_of_public_case(report),
            **in_words(status, closing_reason, support.language),
            "answer": answer,
            "office": report.office.label if report.office else "",
            "stop_link": {
                "url": public_url(report.municipality, path),
                "derive": [LEAVE_PURPOSE, support.pk, 1],
            },
        },
        lane=Lane.BULK,
        language=support.language,
        subject_ref=supporter_ref(report.number, support.pk),
    )


def letter_to_merged(
    contact: Contact,
    *,
    leading: Report,
    version: int,
    status: str,
    closing_reason: str,
    answer: str,
) -> Letter:
    """What somebody hears whose report was merged into another one, by that one's number."""
    own = contact.report
    return Letter(
        municipality_id=own.municipality_id,
        key=f"others:{leading.number}:{version}:{person_of(contact.email)}",
        event="merged_progress",
        recipient=contact.email,
        context={
            "number": own.number,
            "category": own.category.name,
            "leading_number": leading.number,
            "receipt_link": receipt_link(own),
            "stop_link": stop_link(own),
            **in_words(status, closing_reason, own.language),
            "answer": answer,
            "office": leading.office.label if leading.office else "",
        },
        lane=Lane.BULK,
        language=own.language,
        subject_ref=own.number,
    )


def letter_of_incident(
    report: Report,
    contact: Contact,
    incident: Incident,
    *,
    event: str,
    answer: str,
    feedback: bool = False,
) -> Letter:
    """What somebody hears of the incident their report belongs to; the caller sets its key."""
    values = _in_words_of(report) if event == "incident_news" else {}
    if feedback:
        values["feedback_link"] = receipt_link(report)
    return Letter(
        municipality_id=report.municipality_id,
        key="",
        event=event,
        recipient=contact.email,
        context={
            "number": report.number,
            "category": report.category.name,
            "title": incident.title,
            "incident_link": public_url(report.municipality, f"ereignis/{incident.pk}/"),
            "receipt_link": receipt_link(report),
            "stop_link": stop_link(report),
            "office": incident.office.label if incident.office else "",
            "answer": answer,
            **values,
        },
        lane=Lane.BULK,
        language=report.language,
        subject_ref=report.number,
    )


def _in_words_of(report: Report) -> dict[str, Any]:
    return in_words(report.status, report.closing_reason or "", report.language)


def person_of(email: str) -> str:
    """What tells one person in the key of a message, so that each gets it once."""
    return hash_of_person("email", email.casefold())[:32]


def supporter_ref(number: str, support_id: int) -> str:
    """What messages to one supporter are filed under, apart from those to the reporter."""
    return f"{number}/s{support_id}"


def _of_public_case(report: Report) -> dict[str, Any]:
    return {
        "number": report.number,
        "category": report.category.name,
        "report_link": public_url(report.municipality, f"meldung/{report.number}/"),
    }
