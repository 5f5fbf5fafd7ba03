"""What bodies and firms outside the town hall are written, and never more than they may know."""

from typing import Any

from accounts.towns import public_url
from leases.models import Lane
from notifications.outbox import Letter
from reports.delegating import DELEGATION, Delegation
from reports.models import Report
from reports.outside import PASSING, Passing
from reports.queries.passed import Passed, passed, seen_by_firm
from reports.staff_mail import queue_or_log


def write_to_body(report: Report, passing: Passing) -> None:
    """Mail a passed case to its body, once per passing and key."""
    known = passed(passing)
    page = public_url(report.municipality, f"weitergabe/{passing.pk}/zugang/?code=")
    code = [PASSING, passing.pk, passing.key_version]
    queue_or_log(
        Letter(
            municipality_id=report.municipality_id,
            key=f"passing:{passing.pk}:{passing.key_version}",
            event="passed_on",
            recipient=passing.body.email,
            context={
                **_facts(known),
                "body": passing.body.name,
                "page_link": {"url": page, "derive": code},
                "reply_code": {"derive": code},
                "answer_by": passing.follow_up_on.strftime("%d.%m.%Y"),
            },
            lane=Lane.STAFF,
            language=passing.body.language,
            subject_ref=report.number,
        )
    )


def write_to_firm(report: Report, delegation: Delegation, *, event: str) -> None:
    """Mail a firm its work, or that it was taken back; once per delegation and key."""
    firm = delegation.firm
    context: dict[str, Any] = {"number": report.number, "category": report.category.name}
    if event == "delegated":
        page = public_url(report.municipality, f"beauftragung/{delegation.pk}/zugang/?code=")
        code = [DELEGATION, delegation.pk, delegation.key_version]
        until = delegation.until.astimezone(report.municipality.tz)
        context = {
            **_facts(seen_by_firm(delegation)),
            "page_link": {"url": page, "derive": code},
            "until": until.strftime("%d.%m.%Y %H:%M"),
        }
        del context["reporter"]
    context["firm"] = firm.name
    queue_or_log(
        Letter(
            municipality_id=report.municipality_id,
            key=f"{event}:{delegation.pk}:{delegation.key_version}",
            event=event,
            recipient=firm.email,
            context=context,
            lane=Lane.STAFF,
            language=firm.language,
            subject_ref=report.number,
        )
    )


def _facts(known: Passed) -> dict[str, Any]:
    report = known.report
    return {
        "number": report.number,
        "category": report.category.name,
        "place": known.place,
        "coordinates": known.coordinates,
        "received": known.received_on.strftime("%d.%m.%Y"),
        "letter": known.letter,
        "description": known.text,
        "answers": "\n".join(f"{question} – {answer}" for question, answer in known.answers),
        "photos": len(known.photos) or "",
        "reporter": "\n".join(known.reporter),
        "office": report.office.label if report.office else "",
        "office_phone": report.office.phone if report.office else "",
    }
