"""The statuses of a report and the one table of permitted moves, for every door."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    RECEIVED = "received", _("eingegangen")
    IN_PROGRESS = "in_progress", _("in Bearbeitung")
    WAITING = "waiting", _("wartet")
    DONE = "done", _("abgeschlossen")
    REJECTED = "rejected", _("nicht umsetzbar")
    DUPLICATE = "duplicate", _("Dublette")
    WITHDRAWN = "withdrawn", _("zurückgezogen")
    ARCHIVED = "archived", _("archiviert")


class ClosingReason(models.TextChoices):
    """Why a case ended; wording, filters and statistics use these, never free text alone."""

    DONE = "done", _("erledigt")
    NOTHING_FOUND = "nothing_found", _("nichts vorgefunden")
    FORWARDED = "forwarded", _("weitergegeben")
    PLANNED = "planned", _("vorgemerkt / geplant")
    NO_ACTION_NEEDED = "no_action_needed", _("kein Handlungsbedarf")
    NOT_POSSIBLE = "not_possible", _("nicht möglich")
    DUPLICATE = "duplicate", _("Dublette")


class WaitingFor(models.TextChoices):
    CITIZEN = "citizen", _("wartet auf die meldende Person")
    THIRD_PARTY = "third_party", _("wartet auf Dritte")
    PLANNED_DATE = "planned_date", _("eingeplant")


S = Status
_WORK = {S.IN_PROGRESS, S.WAITING, S.DONE, S.REJECTED, S.DUPLICATE, S.WITHDRAWN}

MOVES: dict[Status, frozenset[Status]] = {
    S.RECEIVED: frozenset(_WORK),
    S.IN_PROGRESS: frozenset(_WORK - {S.IN_PROGRESS}),
    S.WAITING: frozenset(_WORK - {S.WAITING}),
    S.DONE: frozenset({S.IN_PROGRESS, S.ARCHIVED}),
    S.REJECTED: frozenset({S.IN_PROGRESS, S.ARCHIVED}),
    S.DUPLICATE: frozenset({S.IN_PROGRESS, S.ARCHIVED}),
    S.WITHDRAWN: frozenset({S.ARCHIVED}),
    S.ARCHIVED: frozenset(),
}

OPEN = frozenset({S.RECEIVED, S.IN_PROGRESS, S.WAITING})
CLOSED = frozenset(set(S) - OPEN)
NEEDS_ANSWER = frozenset({S.DONE, S.REJECTED, S.DUPLICATE})

# Which structured reasons fit which ending. "weitergegeben" and "vorgemerkt" are endings of a
# case that was heard, so they never read as a refusal.
REASONS_FOR: dict[Status, frozenset[ClosingReason]] = {
    S.DONE: frozenset(
        {
            ClosingReason.DONE,
            ClosingReason.NOTHING_FOUND,
            ClosingReason.FORWARDED,
            ClosingReason.PLANNED,
            ClosingReason.NO_ACTION_NEEDED,
        }
    ),
    S.REJECTED: frozenset({ClosingReason.NOT_POSSIBLE, ClosingReason.NO_ACTION_NEEDED}),
    S.DUPLICATE: frozenset({ClosingReason.DUPLICATE}),
}


class MoveNotAllowed(Exception):
    """The table has no such move."""

    def __init__(self, current: Status, wanted: Status) -> None:
        super().__init__(f"{current} → {wanted}")
        self.current, self.wanted = current, wanted


class ClosingIncomplete(Exception):
    """Ending a case needs a public answer and a reason that fits; `field` names what is missing."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True)
class Move:
    """A checked move; `reopens` when a closed case comes back to work."""

    current: Status
    wanted: Status

    @property
    def reopens(self) -> bool:
        return self.current in CLOSED and self.wanted in OPEN

    @property
    def closes(self) -> bool:
        return self.current in OPEN and self.wanted in CLOSED


def check_move(
    current: str, wanted: str, *, has_answer: bool = False, reason: str | None = None
) -> Move:
    """Check a move against the table and the duties of closing.

    Raises MoveNotAllowed, or ClosingIncomplete naming "answer" or "closing_reason".
    """
    move = Move(Status(current), Status(wanted))
    if move.wanted not in MOVES[move.current]:
        raise MoveNotAllowed(move.current, move.wanted)
    if move.wanted in NEEDS_ANSWER:
        if not reason or reason not in REASONS_FOR[move.wanted]:
            raise ClosingIncomplete("closing_reason")
        if not has_answer:
            raise ClosingIncomplete("answer")
    return move
