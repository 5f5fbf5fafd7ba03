"""The conditions under which verbs of a case are offered."""

from accounts.models import User
from reports.lifecycle import MOVES, Status
from reports.queries.desk_case import CaseFile


def works(case: CaseFile) -> bool:
    """Whoever works on the case, unless its processing is restricted."""
    return case.powers.work and case.report.restricted_at is None


def works_frozen(case: CaseFile) -> bool:
    """Whoever works on the case, also while its processing is restricted."""
    return case.powers.work


def moderates(case: CaseFile) -> bool:
    """Whoever approves."""
    return case.powers.moderate and case.report.restricted_at is None


def acknowledges(case: CaseFile) -> bool:
    """Whoever may take a danger on."""
    return case.powers.acknowledge


def screens(case: CaseFile) -> bool:
    """Whoever looks at what is held back."""
    return case.powers.screen


def reroutes(case: CaseFile) -> bool:
    """Whoever gives cases to offices by hand."""
    return case.powers.reroute


def decides(case: CaseFile) -> bool:
    """Whoever decides an offer."""
    # Without an offer there is nothing to be forbidden; the action says that it is gone.
    return case.offer is None or case.powers.decide_offer


def always(case: CaseFile, user: User) -> bool:
    """In any state."""
    return True


def is_open(case: CaseFile, user: User) -> bool:
    """While the case is open."""
    return case.report.is_open


def is_offered(case: CaseFile, user: User) -> bool:
    """While an offer waits."""
    return case.offer is not None


def can_move(case: CaseFile, to: Status) -> bool:
    """Where the table of moves has this one."""
    return to in MOVES[Status(case.report.status)]
