"""What each kind of owed effect does; a kind without a line here cannot be paid."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from leases.models import Lane
from reports.actions.alert import alert_next
from reports.actions.change_offices import move_case
from reports.actions.delegate import meet_deadline
from reports.actions.derive_photo import derive_photo
from reports.actions.detect import detect_areas
from reports.actions.escalate import escalate
from reports.actions.fetch_photo import fetch_photo
from reports.actions.file_case import deliver_filing
from reports.actions.find_alike import find_alike
from reports.actions.gather import gather
from reports.actions.hand_over import expire_offer
from reports.actions.incident_cases import hear_news, join_incident
from reports.actions.mask_photos import mask_photos
from reports.actions.name_place import name_place
from reports.actions.pass_to_town import pass_to_town
from reports.actions.publish import publish_report
from reports.actions.report_back import report_back
from reports.actions.route import route_report
from reports.actions.send_interim import send_interim
from reports.actions.tell_others import tell_others
from reports.models import Effect

_KINDS = Effect.Kind


@dataclass(frozen=True)
class Turn:
    """One try at an effect; `now` is the database's clock, `lane` set for mass work only."""

    report_id: int
    version: int
    now: datetime
    lane: Lane | None
    last_try: bool


def _name_and_route(turn: Turn) -> None:
    name_place(turn.report_id)  # first, so that mails and alarms can say where it is
    route_report(turn.report_id, now=turn.now, lane=turn.lane)


def _find_alike_and_gather(turn: Turn) -> None:
    find_alike(turn.report_id)
    gather(turn.report_id, now=turn.now)


PAYERS: dict[str, Callable[[Turn], object]] = {
    _KINDS.ROUTE: _name_and_route,
    _KINDS.DERIVE_PHOTO: lambda turn: derive_photo(turn.version, last_try=turn.last_try),
    _KINDS.DETECT: lambda turn: detect_areas(turn.version, last_try=turn.last_try),
    _KINDS.MASK: lambda turn: mask_photos(turn.report_id),
    _KINDS.FETCH_PHOTO: lambda turn: fetch_photo(
        turn.version, now=turn.now, last_try=turn.last_try
    ),
    _KINDS.PUBLISH: lambda turn: publish_report(turn.report_id, now=turn.now),
    _KINDS.HAND_OVER: lambda turn: deliver_filing(
        turn.version, now=turn.now, last_try=turn.last_try
    ),
    _KINDS.ALERT: lambda turn: alert_next(turn.report_id, step=turn.version, now=turn.now),
    _KINDS.OFFER_DEADLINE: lambda turn: expire_offer(turn.version, now=turn.now),
    _KINDS.FIND_ALIKE: lambda turn: find_alike(turn.report_id),
    _KINDS.ESCALATE: lambda turn: escalate(turn.report_id, version=turn.version, now=turn.now),
    _KINDS.INTERIM: lambda turn: send_interim(turn.report_id, version=turn.version, now=turn.now),
    _KINDS.FIND_ALIKE: _find_alike_and_gather,
    _KINDS.JOIN_INCIDENT: lambda turn: join_incident(
        turn.report_id, incident_id=turn.version, now=turn.now
    ),
    _KINDS.INCIDENT_NEWS: lambda turn: hear_news(
        turn.report_id, news_id=turn.version, now=turn.now
    ),
    _KINDS.DELEGATION_DEADLINE: lambda turn: meet_deadline(turn.version, now=turn.now),
    _KINDS.OFFICE_MOVE: lambda turn: move_case(
        turn.report_id, change_id=turn.version, now=turn.now
    ),
    _KINDS.REPORT_BACK: lambda turn: report_back(
        turn.report_id, version=turn.version, now=turn.now
    ),
    _KINDS.PASS_TO_TOWN: lambda turn: pass_to_town(turn.version, now=turn.now),
    _KINDS.TELL_OTHERS: lambda turn: tell_others(turn.report_id, version=turn.version),
}


def perform(effect: Effect, *, now: datetime, last_try: bool) -> None:
    """Do what an effect promises; whatever goes wrong is raised. Raises NotImplementedError."""
    payer = PAYERS.get(effect.kind)
    if payer is None:
        raise NotImplementedError(effect.kind)
    lane = Lane.BULK if effect.lane == Lane.BULK else None
    payer(Turn(effect.report_id, effect.version, now, lane, last_try))
