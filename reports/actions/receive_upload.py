"""Receive a photo ahead of its report, in as many pieces as the network needs.

What a sender is told to have arrived is sealed, on disk and in the row. Whoever is cut off, or
meets a process that dies, goes on from there.
"""

import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q, Sum

from reports import photo_storage
from reports.uploads import Upload

KEEP = timedelta(hours=24)
PIECE_BYTES = 512 * 1024
_BLOCK_BYTES = 64 * 1024


class UploadRefused(Exception):
    """There is no room for another upload; `everybody` where that holds for all senders."""

    def __init__(self, *, everybody: bool = False) -> None:
        super().__init__()
        self.everybody = everybody


class OffsetMoved(Exception):
    """Somebody else has gone on with the upload, used it or removed it meanwhile."""


class ChecksumWrong(Exception):
    """What arrived is not what was sent; nothing of it was kept."""


@dataclass(frozen=True)
class Checksum:
    """The digest of one transfer, by a hash function that hashlib knows."""

    algorithm: str
    digest: bytes


def begin_upload(*, sender: str, length: int, metadata: str, now: datetime) -> tuple[Upload, str]:
    """Make an empty upload of `length` bytes; returns it with its token, which is stored nowhere.

    Raises UploadRefused where the sender has too much lying here, or the disk is nearly full.
    """
    if not photo_storage.has_room(length):
        raise UploadRefused(everybody=True)
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        _check_room(sender := _hash_of_sender(sender), length, now)
        upload = Upload.objects.create(
            token_hash=hash_of(token),
            sender_hash=sender,
            length=length,
            metadata=metadata,
            expires_at=now + KEEP,
        )
    return upload, token


def find_upload(token: str) -> Upload | None:
    """The upload a token belongs to, or None; it may be used or past its time."""
    return Upload.objects.filter(token_hash=hash_of(token)).first()


def receive(upload: Upload, stream: BinaryIO, *, checksum: Checksum | None = None) -> Upload:
    """Append what a stream gives, at most as much as is missing; returns the upload as it is then.

    A stream that breaks off counts as far as it came; with a checksum only as a whole. Raises
    OffsetMoved, ChecksumWrong, and OSError where the disk refuses.
    """
    if checksum is not None:
        stream = _checked(stream, checksum, upload.length - upload.received)
    while block := _next_block(stream, _gap(upload)):
        upload = _append(upload, block)
    return upload


def drop_upload(upload: Upload) -> None:
    """Forget an upload, rows first; files that stay behind are swept later."""
    Upload.objects.filter(pk=upload.pk).delete()
    forget_pieces(upload.pieces)


def forget_expired(*, now: datetime, at_most: int = 500) -> int:
    """Forget uploads past their time; returns how many."""
    late = list(Upload.objects.filter(expires_at__lte=now).order_by("expires_at")[:at_most])
    for upload in late:
        drop_upload(upload)
    return len(late)


def read_pieces(upload: Upload) -> Iterator[bytes]:
    """The bytes so far, piece by piece. Raises FileNotFoundError, SealBroken."""
    for at, key in enumerate(upload.pieces):
        yield photo_storage.read_original(key, _context(upload, at))


def forget_pieces(keys: list[str]) -> None:
    """Remove sealed pieces that no row names any more."""
    for key in keys:
        with contextlib.suppress(OSError):
            photo_storage.delete_original(key)


def hash_of(token: str) -> str:
    """A token as it is stored: with its 192 random bits a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _hash_of_sender(sender: str) -> str:
    message = b"upload:" + sender.encode()
    return hmac.new(settings.RECEIPT_KEY, message, hashlib.sha256).hexdigest()


def _check_room(sender_hash: str, length: int, now: datetime) -> None:
    with connection.cursor() as cursor:  # one after the other, or all would see the same room
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('uploads'))")
    waiting = Upload.objects.filter(used_at=None, expires_at__gt=now)
    mine = Q(sender_hash=sender_hash)
    sums = waiting.aggregate(
        number=Count("pk", filter=mine), own=Sum("length", filter=mine), all=Sum("length")
    )
    if (sums["all"] or 0) + length > settings.UPLOAD_BYTES_OF_ALL:
        raise UploadRefused(everybody=True)
    if sums["number"] >= settings.UPLOADS_OF_ONE:
        raise UploadRefused
    if (sums["own"] or 0) + length > settings.UPLOAD_BYTES_OF_ONE:
        raise UploadRefused


def _gap(upload: Upload) -> int:
    """How many bytes fit before the present piece is full or the upload complete."""
    return min(PIECE_BYTES - upload.received % PIECE_BYTES, upload.length - upload.received)


def _next_block(stream: BinaryIO, size: int) -> bytes:
    """Up to `size` bytes; fewer where the stream ends or breaks off."""
    gathered = bytearray()
    with contextlib.suppress(OSError):  # also UnreadablePostError: the sender is gone
        while len(gathered) < size:
            block = stream.read(min(_BLOCK_BYTES, size - len(gathered)))
            if not block:
                break
            gathered += block
    return bytes(gathered)


def _append(upload: Upload, block: bytes) -> Upload:
    """Make a block durable: first its file, then the row that counts it."""
    pieces, replaced = list(upload.pieces), []
    if upload.received % PIECE_BYTES:  # the last piece has room: seal it anew, a little longer
        replaced = [pieces.pop()]
        block = _tail(upload, replaced[0]) + block
    context = _context(upload, len(pieces))
    pieces.append(photo_storage.keep_original(block, context=context))
    received = (len(pieces) - 1) * PIECE_BYTES + len(block)
    # Everybody who reads a body at the same time sees the same state, and the first one moves it.
    moved = Upload.objects.filter(pk=upload.pk, received=upload.received, used_at=None).update(
        received=received, pieces=pieces
    )
    if not moved:
        forget_pieces(pieces[-1:])
        raise OffsetMoved
    forget_pieces(replaced)
    upload.received, upload.pieces = received, pieces
    return upload


def _tail(upload: Upload, key: str) -> bytes:
    try:
        return photo_storage.read_original(key, _context(upload, len(upload.pieces) - 1))
    except FileNotFoundError:
        raise OffsetMoved from None


def _context(upload: Upload, at: int) -> str:
    """What a piece is bound to, so that it opens in its own place only."""
    return f"upload:{upload.token_hash}:{at}"


def _checked(stream: BinaryIO, checksum: Checksum, missing: int) -> BinaryIO:
    content = _next_block(stream, missing)
    digest = hashlib.new(checksum.algorithm, content, usedforsecurity=False).digest()
    if not hmac.compare_digest(digest, checksum.digest):
        raise ChecksumWrong
    return BytesIO(content)
