"""Run an incident: take a proposal on or not, answer all at once, end it, let a case leave."""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Min

from accounts.models import Office, User
from leases.models import Lane
from leases.wakeups import wake_after_commit
from reports.actions.publish_incident import publish_incident
from reports.editing import checked_text, lock_case, record_change, save_case
from reports.incidents import Incident, IncidentMember, IncidentNews, IncidentState
from reports.lifecycle import OPEN, ClosingReason
from reports.models import Effect, Report
from reports.owed import DRAIN
from reports.policies import (
    NotPermitted,
    Staff,
    load_staff,
    may_decide_incident,
    may_run_incident,
    may_work,
)

ENDINGS = (
    ClosingReason.DONE,
    ClosingReason.NOTHING_FOUND,
    ClosingReason.FORWARDED,
    ClosingReason.NO_ACTION_NEEDED,
)
TITLE_LIMIT = 120

# One statement for thousands of cases, so that the person who answers waits for none of them.
_OWE_ALL = """
    INSERT INTO reports_effect (report_id, kind, version, lane, state, attempts, next_at,
                                last_error, created_at)
    SELECT report_id, %s, %s, %s, 'pending', 0, clock_timestamp(), '', clock_timestamp()
    FROM reports_incidentmember WHERE incident_id = %s AND left_at IS NULL ORDER BY report_id
    ON CONFLICT (report_id, kind, version) DO NOTHING
"""


class IncidentOver(Exception):
    """The incident was decided or ended by somebody else meanwhile."""


class TitleMissing(Exception):
    """An incident that runs has a title of at most TITLE_LIMIT characters everybody reads."""


class EndingUnfit(Exception):
    """An incident ends as repaired, not found, passed on, or nothing to do."""


class NotInIncident(Exception):
    """The case belongs to no incident that runs."""


def accept_incident(
    incident_id: int,
    *,
    title: str,
    office: Office,
    owner: User | None,
    by: User,
    now: datetime,
) -> Incident:
    """Make a proposal an incident with one owner and one clock; everybody is told of it once.

    The cases join from rows, so a thousand of them keep nobody waiting. Raises NotPermitted,
    IncidentOver, TitleMissing, Incident.DoesNotExist.
    """
    with transaction.atomic():
        incident = _locked(incident_id, by, may_decide_incident, {IncidentState.PROPOSED})
        words = title.strip()
        if not words or len(words) > TITLE_LIMIT:
            raise TitleMissing
        if office.municipality_id != incident.municipality_id:
            raise NotPermitted
        incident.state, incident.title = IncidentState.RUNNING, words
        incident.office, incident.owner = office, owner
        incident.decided_by, incident.decided_at = by, now
        open_cases = Report.objects.filter(memberships__incident=incident, status__in=OPEN)
        incident.due_at = open_cases.aggregate(first=Min("due_at"))["first"]
        incident.save()
        _owe_all(incident, Effect.Kind.JOIN_INCIDENT, incident.pk)
        publish_incident(incident, now=now)
    return incident


def dismiss_incident(incident_id: int, *, by: User, now: datetime) -> None:
    """Say that a proposal is no incident; its cases go their own ways as before.

    Raises NotPermitted, IncidentOver, Incident.DoesNotExist.
    """
    with transaction.atomic():
        incident = _locked(incident_id, by, may_decide_incident, {IncidentState.PROPOSED})
        incident.state = IncidentState.DISMISSED
        incident.decided_by, incident.decided_at = by, now
        incident.save(update_fields=["state", "decided_by", "decided_at"])


def answer_incident(incident_id: int, *, text: str, by: User, now: datetime) -> IncidentNews:
    """Give one public answer to everybody who reported; paid case by case from rows.

    Raises NotPermitted, IncidentOver, TextMissing, TextTooLong, Incident.DoesNotExist.
    """
    return _tell_all(incident_id, text, "", by=by, now=now)


def end_incident(
    incident_id: int, *, reason: ClosingReason | str, text: str, by: User, now: datetime
) -> IncidentNews:
    """End an incident: every case that is still open ends with the same answer, case by case.

    Dangers that nobody has made safe leave the incident instead and stay open. Raises
    NotPermitted, IncidentOver, EndingUnfit, TextMissing, TextTooLong, Incident.DoesNotExist.
    """
    if reason not in ENDINGS:
        raise EndingUnfit
    return _tell_all(incident_id, text, str(ClosingReason(reason)), by=by, now=now)


def leave_incident(report_id: int, *, by: User, now: datetime, expected_version: int) -> Report:
    """Take a case out of its incident; as nothing was overwritten, it is as it was.

    Raises NotPermitted, CaseChanged, NotInIncident.
    """
    with transaction.atomic():
        report = lock_case(
            report_id, by=by, expected_version=expected_version, may=_may_leave(report_id)
        )
        if report.incident_id is None:
            raise NotInIncident
        incident = Incident.objects.get(pk=report.incident_id)
        IncidentMember.objects.filter(incident=incident, report=report).update(
            left_at=now, left_by=by
        )
        report.incident = None
        save_case(report, "incident", now=now)
        record_change(report, "incident_left", by=by, now=now, incident=incident.pk)
        publish_incident(incident, now=now)
    return report


def return_to_incident(report_id: int, *, by: User, now: datetime, expected_version: int) -> None:
    """Take a case back that has left an incident which still runs.

    Raises NotPermitted, CaseChanged, NotInIncident.
    """
    with transaction.atomic():
        report = lock_case(
            report_id, by=by, expected_version=expected_version, may=_may_leave(report_id)
        )
        member = (
            IncidentMember.objects.filter(
                report=report, left_at__isnull=False, incident__state=IncidentState.RUNNING
            )
            .order_by("-left_at")
            .first()
        )
        if member is None or not report.is_open:
            raise NotInIncident
        member.left_at = member.left_by = None
        member.save(update_fields=["left_at", "left_by"])
        report.incident_id = member.incident_id
        save_case(report, "incident", now=now)
        record_change(report, "incident_joined", by=by, now=now, incident=member.incident_id)


def _tell_all(incident_id: int, text: str, reason: str, *, by: User, now: datetime) -> IncidentNews:
    with transaction.atomic():
        incident = _locked(incident_id, by, may_run_incident, {IncidentState.RUNNING})
        news = IncidentNews.objects.create(
            incident=incident,
            body=checked_text(text, "answer"),
            closing_reason=reason,
            written_at=now,
            written_by=by,
        )
        if reason:
            incident.state, incident.ended_at = IncidentState.ENDED, now
            incident.save(update_fields=["state", "ended_at"])
        _owe_all(incident, Effect.Kind.INCIDENT_NEWS, news.pk)
        publish_incident(incident, now=now)
    return news


def _locked(
    incident_id: int,
    by: User,
    may: Callable[[Staff, Incident], bool],
    states: Collection[str],
) -> Incident:
    incident = (
        Incident.objects.select_for_update(of=("self",))
        .select_related("municipality", "category", "office")
        .defer("municipality__coverage", "municipality__pages")
        .get(pk=incident_id)
    )
    if not may(load_staff(by, incident.municipality_id), incident):
        raise NotPermitted
    if incident.state not in states:
        raise IncidentOver
    return incident


def _may_leave(report_id: int) -> Callable[[Staff, Report], bool]:
    """The office of the case, and whoever runs its incident."""
    incidents = Incident.objects.filter(members__report_id=report_id, state=IncidentState.RUNNING)

    def may(staff: Staff, report: Report) -> bool:
        return may_work(staff, report) or any(may_run_incident(staff, each) for each in incidents)

    return may


def _owe_all(incident: Incident, kind: Effect.Kind, version: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_OWE_ALL, [kind.value, version, Lane.BULK.value, incident.pk])
    wake_after_commit(DRAIN, Lane.BULK.value)
