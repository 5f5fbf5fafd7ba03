"""What the flows of a delegation share: locks in one order, and news for the office."""

from datetime import datetime

from accounts.models import User
from reports.delegating import OPEN_DELEGATIONS, Delegation, DelegationState
from reports.editing import record_change, save_case
from reports.messages import tell_office_news
from reports.models import Report
from reports.outside_messages import write_to_firm


def open_delegation(report: Report) -> Delegation | None:
    """The delegation that is open, locked; the caller holds the lock on the report."""
    return (
        Delegation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("firm")
        .filter(report=report, state__in=OPEN_DELEGATIONS)
        .first()
    )


def locked_delegation(delegation_id: int) -> tuple[Report, Delegation]:
    """Lock the report and then the delegation, as everybody does.

    Raises Report.DoesNotExist.
    """
    report = (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("municipality", "category", "office")
        .defer("municipality__coverage", "municipality__pages")
        .get(delegations=delegation_id)
    )
    delegation = Delegation.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "firm"
    )
    return report, delegation.get(pk=delegation_id)


def end_with_case(report: Report, *, by: User, now: datetime) -> None:
    """A case that is closed needs no firm: done work counts as checked, all other is taken back.

    The caller holds the lock on the report and has counted its version up.
    """
    delegation = open_delegation(report)
    if delegation is None:
        return
    is_done = delegation.state == DelegationState.DONE
    end_delegation(
        delegation, DelegationState.CHECKED if is_done else DelegationState.REVOKED, now=now
    )
    record_change(
        report,
        "delegation_checked" if is_done else "delegation_revoked",
        by=by,
        now=now,
        delegation=delegation.pk,
        firm=delegation.firm_id,
    )
    if not is_done:
        write_to_firm(report, delegation, event="delegation_revoked")


def end_delegation(delegation: Delegation, state: DelegationState, *, now: datetime) -> None:
    """Write the end of a delegation; the caller holds the locks. Every link is shut out."""
    delegation.state, delegation.changed_at, delegation.ended_at = state, now, now
    delegation.key_version += 1
    delegation.save(update_fields=["state", "changed_at", "ended_at", "key_version"])


def mark_news(report: Report, news: str, now: datetime) -> None:
    """Mark the case as unread, count its version up and mail the office what kind of news it is."""
    report.unread_since = report.unread_since or now
    save_case(report, "unread_since", now=now)
    tell_office_news(report, news=news)
