"""Open an incident by hand: cases somebody has chosen become a proposal, decided like any other."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.models import User
from reports.incidents import Incident, IncidentMember, IncidentState
from reports.lifecycle import OPEN
from reports.models import Report, Screening
from reports.policies import NotPermitted, load_staff, may_open_incident, visible_cases

FEWEST, MOST = 2, 200
# Which cases an incident may be made of; `can_be_gathered` asks the same of one.
GATHERABLE = {
    "status__in": OPEN,
    "screening": Screening.CLEAR,
    "is_confidential": False,
    "incident__isnull": True,
}


class CasesUnfit(Exception):
    """Fewer than FEWEST or more than MOST of the chosen cases are open, looked at and free."""


def open_incident(
    numbers: Collection[str], *, municipality_id: int, by: User, now: datetime
) -> Incident:
    """Propose the chosen cases as one incident of the kind most of them are.

    What is closed, held back, confidential or in another incident stays out. Raises NotPermitted,
    CasesUnfit.
    """
    with transaction.atomic():
        staff = load_staff(by, municipality_id)
        if not may_open_incident(staff):
            raise NotPermitted
        going_on = IncidentMember.objects.filter(
            left_at__isnull=True,
            incident__state__in=[IncidentState.PROPOSED, IncidentState.RUNNING],
        )
        cases = list(
            Report.objects.filter(
                visible_cases(staff),
                number__in=numbers,
                **GATHERABLE,
            )
            .exclude(pk__in=going_on.values("report_id"))
            .select_for_update(no_key=True, of=("self",))
            .order_by("pk")[: MOST + 1]
        )
        if not FEWEST <= len(cases) <= MOST:
            raise CasesUnfit
        kinds = Counter(case.category_id for case in cases)
        incident = Incident.objects.create(
            municipality_id=municipality_id,
            category_id=kinds.most_common(1)[0][0],
            started_at=min(case.received_at for case in cases),
            proposed_at=now,
        )
        IncidentMember.objects.bulk_create(
            IncidentMember(incident=incident, report=case, joined_at=now) for case in cases
        )
    return incident


def can_be_gathered(report: Report) -> bool:
    """Whether a case is open, looked at, not confidential and in no incident."""
    is_alone = report.incident_id is None and not report.is_confidential
    return is_alone and report.is_open and report.screening == Screening.CLEAR
