"""Devices that want to be told, and what is booked for them. A door of this app, as the outbox is.

A message for a device says a number and a status word, encrypted for it. Everything else the app
asks for itself.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from notifications.models import Channel, PushSubscription
from notifications.outbox import Letter, queue_many
from notifications.push_keys import from_base64url, is_curve_point, public_key, to_base64url
from notifications.push_service import is_allowed

DEVICES_OF_ONE = 5
_ENDPOINT_LIMIT = 1000


class PushNotOffered(Exception):
    """This installation has no key to sign with."""


class DeviceRefused(ValueError):
    """No such device can be written to; `field` says why: endpoint, p256dh or auth."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True)
class Device:
    """A subscription as browsers give it out (`PushSubscription.toJSON()`)."""

    endpoint: str
    p256dh: str
    auth: str


def server_key() -> str:
    """What a browser needs to subscribe here. Raises PushNotOffered."""
    key = public_key()
    if key is None:
        raise PushNotOffered
    return key


def subscribe(municipality_id: int, subject_ref: str, device: Device, *, language: str) -> UUID:
    """Tell a device of a subject's news from now on; the same device again changes its keys.

    Above five devices the one that came first goes. Belongs into the caller's transaction. Raises
    PushNotOffered, DeviceRefused.
    """
    server_key()
    checked = _checked(device)
    row, _created = PushSubscription.objects.update_or_create(
        subject_ref=subject_ref,
        endpoint_hash=hashlib.sha256(checked.endpoint.encode()).hexdigest(),
        defaults={
            "municipality_id": municipality_id,
            "endpoint": checked.endpoint,
            "p256dh": checked.p256dh,
            "auth": checked.auth,
            "language": language[:8],
        },
    )
    older = PushSubscription.objects.filter(subject_ref=subject_ref).order_by("-pk")
    too_many = [each.pk for each in older[DEVICES_OF_ONE:] if each.pk != row.pk]
    PushSubscription.objects.filter(pk__in=too_many).delete()
    return row.public_id


def unsubscribe(public_id: UUID) -> bool:
    """Tell a device no more; False if there was none."""
    return PushSubscription.objects.filter(public_id=public_id).delete()[0] > 0


def forget_devices(subject_refs: Collection[str]) -> int:
    """Forget every device that is told of these subjects; returns how many."""
    return PushSubscription.objects.filter(subject_ref__in=subject_refs).delete()[0]


def subjects_with_devices() -> Collection[str]:
    """What devices are told of, for housekeeping."""
    return PushSubscription.objects.values_list("subject_ref", flat=True).distinct()


def tell_devices(
    subjects: Mapping[str, str], *, event: str, key: str, status: str, lane: str
) -> int:
    """Book a message for every device of these subjects, once per key; returns how many were new.

    `subjects` maps what a device is told of to the number it is told. One query where there is no
    device.
    """
    devices = PushSubscription.objects.filter(subject_ref__in=list(subjects))
    return queue_many(
        Letter(
            municipality_id=device.municipality_id,
            key=f"{key}:push:{device.pk}",
            event=event,
            recipient=str(device.pk),
            context={"number": subjects[device.subject_ref], "status": status},
            lane=lane,
            language=device.language,
            subject_ref=device.subject_ref,
            channel=Channel.PUSH.value,
        )
        for device in devices
    )


def _checked(device: Device) -> Device:
    if len(device.endpoint) > _ENDPOINT_LIMIT or not is_allowed(device.endpoint):
        raise DeviceRefused("endpoint")
    point, secret = _bytes(device.p256dh, "p256dh"), _bytes(device.auth, "auth")
    if not is_curve_point(point):
        raise DeviceRefused("p256dh")
    if len(secret) != 16:
        raise DeviceRefused("auth")
    return Device(device.endpoint, to_base64url(point), to_base64url(secret))


def _bytes(text: str, field: str) -> bytes:
    try:
        return from_base64url(text)
    except ValueError:
        raise DeviceRefused(field) from None
