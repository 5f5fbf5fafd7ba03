"""Follow what a sensor measures: open a case, keep it company, close it again.

What was measured and decided is committed first (`sensors.Standing`); what it means for a case is
owed from then on and paid at once or, after a crash, by the next turn. A standing that is open
without a number owes a case, one that has ended with a number owes its end.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Municipality
from leases.models import Lane
from reports.actions.change_status import write_answer
from reports.actions.publish import republish
from reports.actions.submit import submit_report
from reports.actors import SYSTEM
from reports.draft import Draft, SubmissionInvalid
from reports.editing import is_shown, save_case, tell_reporter
from reports.history import record
from reports.idempotency import Idempotency
from reports.lifecycle import OPEN, ClosingReason, Status
from reports.models import Handover, PlaceChosenBy, Publication, Report, Source, TimelineEntry
from reports.responsibility import end_offer, open_offer
from sensors.decision import Course, Step, Threshold, decide
from sensors.models import Device, Fleet, Reading, Standing, Watch
from sensors.payloads import Uplink

NOTED_EVERY = timedelta(hours=6)
READINGS_KEPT = timedelta(days=7)
# A key that leaked must not fill our tables with devices that do not exist.
UNKNOWN_DEVICES_AT_MOST = 200

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """What became of a message: `code` is taken, repeated, unknown_device or test."""

    code: str
    steps: tuple[Step, ...] = ()


def take_uplink(fleet: Fleet, uplink: Uplink, *, now: datetime) -> Taken:
    """Take one message of a device and do what it calls for.

    The same message again changes nothing. Returns after the commit of what was measured.
    """
    if uplink.is_test:
        return Taken("test")
    settle_owed(now=now, eui=uplink.eui)  # what a crash left undone comes before what is new
    with transaction.atomic():
        device = _locked_device(fleet, uplink.eui)
        if device is None:
            return Taken("unknown_device")
        if not _is_new(device, uplink.message_key):
            return Taken("repeated")
        device.last_seen_at, device.last_values = now, dict(uplink.values)
        device.save(update_fields=["last_seen_at", "last_values"])
        steps = tuple(_follow(device, uplink, now)) if device.is_active else ()
    if not device.is_active:
        return Taken("unknown_device")
    settle_owed(now=now, eui=uplink.eui)
    return Taken("taken", steps)


def settle_owed(*, now: datetime, eui: str = "") -> int:
    """Open and close the cases that are owed, of one device or of all; returns how many."""
    owed = Standing.objects.filter(
        Q(is_open=True, case_number="") | (Q(is_open=False) & ~Q(case_number=""))
    )
    if eui:
        owed = owed.filter(device__eui__iexact=eui)
    settled = 0
    for standing_id in list(owed.values_list("pk", flat=True)):
        try:
            settled += _settle(standing_id, now)
        except SubmissionInvalid as invalid:
            fields = sorted(invalid.errors)
            logger.warning("no case from a sensor", extra={"row": standing_id, "fields": fields})
    return settled


def forget_readings(*, before: datetime) -> int:
    """Forget which messages were taken; network servers repeat themselves for minutes at most."""
    deleted, _tables = Reading.objects.filter(at__lt=before).delete()
    return deleted


def _locked_device(fleet: Fleet, eui: str) -> Device | None:
    devices = Device.objects.select_for_update(no_key=True).filter(fleet=fleet)
    device = devices.filter(eui__iexact=eui).first()
    if device is not None:
        return device
    if devices.filter(is_active=False).count() >= UNKNOWN_DEVICES_AT_MOST:
        return None
    Device.objects.bulk_create([Device(fleet=fleet, eui=eui)], ignore_conflicts=True)
    return devices.get(eui=eui)


def _is_new(device: Device, message_key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sensors_reading (device_id, message_key) VALUES (%s, %s)"
            " ON CONFLICT (device_id, message_key) DO NOTHING",
            [device.pk, message_key],
        )
        return bool(cursor.rowcount == 1)


def _follow(device: Device, uplink: Uplink, now: datetime) -> list[Step]:
    """Decide for every threshold of the fleet, inside the transaction of the reading."""
    steps = []
    for watch in Watch.objects.filter(fleet_id=device.fleet_id, is_active=True):
        value = uplink.values.get(watch.measurement)
        if value is None:
            continue
        standing, _new = Standing.objects.get_or_create(device=device, watch=watch)
        step, course = decide(_threshold(watch), _course(standing), value, now=now)
        standing.over_in_a_row, standing.episode = course.over_in_a_row, course.episode
        standing.is_open, standing.ended_at = course.is_open, course.ended_at
        standing.last_value = value
        standing.save()
        if step == Step.REFRESH:
            _keep_company(standing, now)
        steps.append(step)
    return steps


def _threshold(watch: Watch) -> Threshold:
    return Threshold(
        watch.opens_at, watch.closes_at, watch.readings_needed, timedelta(hours=watch.rest_hours)
    )


def _course(standing: Standing) -> Course:
    return Course(standing.over_in_a_row, standing.episode, standing.is_open, standing.ended_at)


def _keep_company(standing: Standing, now: datetime) -> None:
    """Note the value in an open case now and then; a case closed too early begins anew."""
    case = Report.objects.filter(number=standing.case_number).first()
    if case is None:
        return
    rest = timedelta(hours=standing.watch.rest_hours)
    if case.status not in OPEN:
        if case.closed_at is not None and now >= case.closed_at + rest:
            standing.episode += 1
            standing.case_number = ""
            standing.save(update_fields=["episode", "case_number"])
        return
    noted = TimelineEntry.objects.filter(
        report=case, kind__in=["received", "sensor_measured"], at__gt=now - NOTED_EVERY
    )
    if not noted.exists():
        record(case, "sensor_measured", by=SYSTEM, at=now, value=standing.last_value or 0.0)


def _settle(standing_id: int, now: datetime) -> int:
    standing = Standing.objects.select_related("device__fleet__municipality", "watch").get(
        pk=standing_id
    )
    if standing.is_open and not standing.case_number:
        number = _open_case(standing, now)
        Standing.objects.filter(pk=standing.pk, episode=standing.episode, case_number="").update(
            case_number=number
        )
        return 1
    if not standing.is_open and standing.case_number:
        _close_case(standing, now)
        return 1
    return 0


def _open_case(standing: Standing, now: datetime) -> str:
    device, watch = standing.device, standing.watch
    town: Municipality = device.fleet.municipality
    assert device.place is not None  # noqa: S101 - active devices have a place
    draft = Draft(
        category_code=watch.category_code,
        lon=device.place.x,
        lat=device.place.y,
        place_chosen_by=PlaceChosenBy.LIST,
        source=Source.SENSOR,
        description=f"{watch.name}: {_in_words(standing.last_value, watch.unit)} ({device})",
        address=device.address,
    )
    receipt = submit_report(
        town=town,
        draft=draft,
        idempotency=Idempotency("sensor", f"{standing.pk}:{standing.episode}"),
        by=SYSTEM,
        now=now,
        lane=Lane.BULK,
    )
    # Machines write nothing that would have to be read before it is published, or be published.
    Report.objects.filter(pk=receipt.report.pk).update(text_publication=Publication.WITHHELD)
    return receipt.number


def _close_case(standing: Standing, now: datetime) -> None:
    with transaction.atomic():
        case = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality", "category__parent", "office")
            .defer("municipality__coverage", "municipality__pages")
            .filter(number=standing.case_number)
            .first()
        )
        if case is not None and case.status in OPEN and standing.watch.closes_itself:
            _end(case, standing, now)
        Standing.objects.filter(pk=standing.pk, is_open=False).update(case_number="")


def _end(case: Report, standing: Standing, now: datetime) -> None:
    before = case.status
    with translation.override("de"):
        answer = _("Der Sensor meldet wieder einen gewöhnlichen Wert: %(value)s.") % {
            "value": _in_words(standing.last_value, standing.watch.unit)
        }
    remark = write_answer(case, answer, now=now)
    case.status, case.closing_reason, case.closed_at = Status.DONE, ClosingReason.DONE, now
    case.waiting_for = case.waiting_since = None
    save_case(
        case,
        "status",
        "closing_reason",
        "closed_at",
        "waiting_for",
        "waiting_since",
        "first_answered_at",
        now=now,
    )
    record(
        case,
        "status_changed",
        by=SYSTEM,
        public=True,
        remark=remark,
        at=now,
        version=case.version,
        answer=True,
        **{"from": before, "to": Status.DONE.value, "reason": ClosingReason.DONE.value},
    )
    offer = open_offer(case)
    if offer is not None:
        end_offer(offer, Handover.State.WITHDRAWN, now=now)
    if is_shown(case):
        republish(case)
    tell_reporter(case, event="report_closed", answer=answer)


def _in_words(value: float | None, unit: str) -> str:
    number = f"{value or 0:.1f}".removesuffix(".0").replace(".", ",")
    return f"{number} {unit}".strip()
