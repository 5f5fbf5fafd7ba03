"""Fetch a photo that a partner system keeps at an address of its own.

Booked with the report and done afterwards, so that a slow server of others delays no answer and a
missing picture costs no report. Only servers named with the partner's key are asked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from accounts.models import ApiClient
from outgoing.client import OutgoingClient, Unreachable
from reports import photo_intake, photos
from reports.actors import SYSTEM
from reports.history import record
from reports.models import Effect, Photo, RemotePhoto, Report
from reports.owed import owe

CLIENT = OutgoingClient("Anliegen photo fetcher", max_bytes=photos.MAX_BYTES, whole_seconds=20)
URL_LIMIT = 2000
REMOTE_PHOTOS_KEPT = timedelta(days=14)


def may_be_fetched(url: str, client: ApiClient | None) -> bool:
    """Whether an address is one of the servers that the partner's key names."""
    if client is None or len(url) > URL_LIMIT or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    known = {host.strip().lower() for host in client.media_hosts.split(",")} - {""}
    return parts.scheme in {"http", "https"} and (parts.hostname or "") in known


def book_photos(report: Report, urls: Sequence[str]) -> None:
    """Owe the fetching of each address; belongs into the transaction of the report."""
    if not urls:
        return
    rows = RemotePhoto.objects.bulk_create(RemotePhoto(report=report, url=url) for url in urls)
    for row in rows:
        owe(report, Effect.Kind.FETCH_PHOTO, version=row.pk)


def fetch_photo(remote_id: int, *, now: datetime, last_try: bool = False) -> None:
    """Fetch one photo, judge it by its header bytes, seal it. Safe to run twice.

    Raises Unreachable, to be tried again, but for the last try.
    """
    remote = (
        RemotePhoto.objects.select_related("report__municipality", "report__api_client")
        .defer("report__municipality__coverage", "report__municipality__pages")
        .get(pk=remote_id)
    )
    if remote.state != RemotePhoto.State.WAITING:
        return
    if not may_be_fetched(remote.url, remote.report.api_client):
        _settle(remote, code="server_not_allowed", now=now)
        return
    try:
        data = CLIENT.get(remote.url, allow_private=settings.MEDIA_FROM_PRIVATE_NETWORK)
    except Unreachable:
        if not last_try:
            raise
        _settle(remote, code="unreachable", now=now)
        return
    _take(remote, BytesIO(data), now)


def forget_addresses(*, before: datetime) -> int:
    """Forget addresses nobody could settle for so long; returns how many."""
    late = RemotePhoto.objects.filter(state=RemotePhoto.State.WAITING, booked_at__lt=before)
    return late.update(state=RemotePhoto.State.REFUSED, url="", failure_code="expired")


def _take(remote: RemotePhoto, file: BytesIO, now: datetime) -> None:
    inspected, refused = photo_intake.inspect_all([file])
    if refused:
        _settle(remote, code=refused[0].code, now=now)
        return
    [(_place, facts, _file)] = inspected
    kept = photo_intake.keep(remote.report.municipality, 1, facts, file)
    try:
        with transaction.atomic():
            report = _lock(remote.report_id)
            if not _forget_address(remote, RemotePhoto.State.KEPT):
                photo_intake.discard([kept])
                return
            last = Photo.objects.filter(report=report).aggregate(last=Max("ordinal"))["last"] or 0
            numbered = photo_intake.KeptPhoto(last + 1, kept.facts, kept.key)
            [photo] = photo_intake.write(report, [numbered])
            owe(report, Effect.Kind.DERIVE_PHOTO, version=photo.pk)
            record(report, "photo_fetched", by=SYSTEM, at=now, photo=photo.ordinal)
    except BaseException:
        photo_intake.discard([kept])
        raise


def _settle(remote: RemotePhoto, *, code: str, now: datetime) -> None:
    with transaction.atomic():
        report = _lock(remote.report_id)
        if _forget_address(remote, RemotePhoto.State.REFUSED, code):
            record(report, "photo_not_fetched", by=SYSTEM, at=now, code=code)


def _forget_address(remote: RemotePhoto, state: RemotePhoto.State, code: str = "") -> bool:
    """Whether this call settled the row; the address goes with it."""
    waiting = RemotePhoto.objects.filter(pk=remote.pk, state=RemotePhoto.State.WAITING)
    return bool(waiting.update(state=state, url="", failure_code=code))


def _lock(report_id: int) -> Report:
    return (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("category")
        .get(pk=report_id)
    )
