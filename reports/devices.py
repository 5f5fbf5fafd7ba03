"""Devices that are told of a report's news: of its sender, and of others who are affected.

What such a message says is a number and a status word. The number is the receipt's own, or that
of the public report somebody has joined.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from leases.models import Lane
from notifications import push
from notifications.push import Device
from reports.letters_to_others import supporter_ref
from reports.models import Report
from reports.participation import Support

CHUNK = 1_000


def tell_of(report: Report, device: Device, *, language: str) -> UUID:
    """Tell a device of its own report from now on. Raises PushNotOffered, DeviceRefused."""
    with transaction.atomic():
        return push.subscribe(report.municipality_id, report.number, device, language=language)


def tell_supporter(support: Support, device: Device, *, language: str) -> UUID:
    """Tell the device of somebody who has joined a report. Raises as tell_of."""
    report = support.report
    subject = supporter_ref(report.number, support.pk)
    with transaction.atomic():
        return push.subscribe(report.municipality_id, subject, device, language=language)


def tell_own_devices(report: Report, *, event: str, version: int) -> int:
    """Book the news for the sender's devices; one query where there are none."""
    return _tell({report.number: report.number}, report, event, report.status, version)


def tell_devices_of_others(
    report: Report, *, version: int, status: str, family: Iterable[int], public: bool
) -> int:
    """Book a change of a leading case for those whose report it leads and, while it is public,
    for those who have joined one of them."""
    family = list(family)
    merged = Report.objects.filter(pk__in=family).exclude(pk=report.pk)
    subjects = {number: number for number in merged.values_list("number", flat=True)}
    told = _tell(subjects, report, "merged_progress", status, version)
    if not public:
        return told
    joined = Support.objects.filter(report__in=family, confirmed_at__isnull=False, email="")
    pairs = list(joined.order_by("pk").values_list("report__number", "pk"))
    for start in range(0, len(pairs), CHUNK):
        chunk = pairs[start : start + CHUNK]
        subjects = {supporter_ref(number, pk): number for number, pk in chunk}
        told += _tell(subjects, report, "support_progress", status, version)
    return told


def _tell(subjects: dict[str, str], report: Report, event: str, status: str, version: int) -> int:
    if not subjects:
        return 0
    return push.tell_devices(
        subjects,
        event=event,
        key=f"{event}:{report.number}:{version}",
        status=status,
        lane=Lane.CITIZEN,
    )
