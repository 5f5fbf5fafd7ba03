"""Our statuses in the words of GeoReport, of its extensions and of FixMyStreet, and back. Pure."""

from reports.lifecycle import CLOSED, OPEN, ClosingReason, Status, WaitingFor
from reports.queries.public_facts import UpdateFacts

S, R = Status, ClosingReason

DETAILED: dict[str, str] = {
    S.RECEIVED: "RECEIVED",
    S.IN_PROGRESS: "IN_PROCESS",
    S.WAITING: "IN_PROCESS",
    S.DONE: "PROCESSED",
    S.DUPLICATE: "PROCESSED",
    S.REJECTED: "REJECTED",
    S.WITHDRAWN: "REJECTED",
    S.ARCHIVED: "ARCHIVED",
}
# PENDING is what has not been released; nothing of it is shown.
DETAILED_WORDS = frozenset({"PENDING", *DETAILED.values()})
SIMPLE_WORDS: dict[str, frozenset[Status]] = {"open": OPEN, "closed": CLOSED}

_UPDATE_WORDS: dict[str, str] = {
    S.RECEIVED: "OPEN",
    S.IN_PROGRESS: "IN_PROGRESS",
    S.WAITING: "INVESTIGATING",
    S.DONE: "FIXED",
    S.REJECTED: "NO_FURTHER_ACTION",
    S.DUPLICATE: "DUPLICATE",
    S.WITHDRAWN: "CANCELLED",
    S.ARCHIVED: "CLOSED",
}
_ENDINGS: dict[str, str] = {
    R.NOTHING_FOUND: "NO_FURTHER_ACTION",
    R.NO_ACTION_NEEDED: "NO_FURTHER_ACTION",
    R.FORWARDED: "INTERNAL_REFERRAL",
    R.PLANNED: "ACTION_SCHEDULED",
}
# What a partner that works cases means: the status we move to, and the reason for an ending.
# Words that are not here (OPEN, FOR_TRIAGE, DUPLICATE, …) change nothing: a duplicate needs its
# leading case, and a referral or a cancellation is a person's decision.
WANTED: dict[str, tuple[Status, ClosingReason | None]] = {
    "INVESTIGATING": (S.IN_PROGRESS, None),
    "IN_PROGRESS": (S.IN_PROGRESS, None),
    "ACTION_SCHEDULED": (S.IN_PROGRESS, None),
    "REOPEN": (S.IN_PROGRESS, None),
    "FIXED": (S.DONE, R.DONE),
    "CLOSED": (S.DONE, R.DONE),
    "NO_FURTHER_ACTION": (S.DONE, R.NO_ACTION_NEEDED),
    "NOT_COUNCILS_RESPONSIBILITY": (S.DONE, R.FORWARDED),
}
UPDATE_WORDS = frozenset(
    {*_UPDATE_WORDS.values(), *_ENDINGS.values(), *WANTED, "OPEN", "DUPLICATE", "FOR_TRIAGE"}
)


def simple_status(status: str) -> str:
    """`open` or `closed`."""
    return "open" if status in OPEN else "closed"


def detailed(words: tuple[str, ...]) -> set[Status]:
    """The statuses behind detailed words; PENDING stands for none that anybody may see."""
    return {Status(status) for status, word in DETAILED.items() if word in words}


def update_word(update: UpdateFacts) -> str:
    """The word for what a case has become with a public entry."""
    if update.kind == "reopened":
        return "REOPEN"
    if update.waiting_for == WaitingFor.PLANNED_DATE:
        return "ACTION_SCHEDULED"
    if update.status == Status.DONE and update.closing_reason in _ENDINGS:
        return _ENDINGS[update.closing_reason]
    return _UPDATE_WORDS[update.status]
