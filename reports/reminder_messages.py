"""What is said of time: reminders of a target to the house, an interim word to the reporter."""

from accounts.models import User
from reports.messages import confirmed_contact, mail_office, mail_reporter, mail_staff
from reports.models import Report
from reports.participation import Wish

EVENT = "case_reminder"


def remind_person(report: Report, person: User, *, rung: str, is_late: bool) -> None:
    """Remind somebody of a target; once per step and due date."""
    mail_staff(
        report,
        person.email,
        event=EVENT,
        key=f"remind:{report.number}:{_mark_of(report)}:{rung}:{person.pk}",
        office=report.office.label if report.office else "",
        situation=_situation(is_late),
    )


def remind_office(report: Report, *, is_late: bool) -> None:
    """Remind the mailbox of the office, where nobody has the case or is there."""
    if report.office is not None:
        key = f"remind:{report.number}:{_mark_of(report)}:office"
        mail_office(report, report.office, event=EVENT, key=key, situation=_situation(is_late))


def tell_reporter_interim(report: Report, *, reason: str, version: int) -> None:
    """That nothing new has happened for a while, and why; to a confirmed address only."""
    contact = confirmed_contact(report)
    if contact is not None and contact.wants == Wish.ALL:
        mail_reporter(
            report,
            contact,
            event="report_interim",
            key=f"interim:{report.number}:{version}",
            reason=reason,
            office=report.office.label if report.office else "",
        )


def _situation(is_late: bool) -> str:
    return "late" if is_late else "soon"


def _mark_of(report: Report) -> int:
    return int(report.due_at.timestamp()) if report.due_at else 0
