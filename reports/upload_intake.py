"""Photos that were uploaded before, on their way into a report: opened, used once, forgotten."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from django.db.models import F

from reports import sealing
from reports.actions.receive_upload import forget_pieces, hash_of, read_pieces
from reports.uploads import Upload


class UploadsInvalid(Exception):
    """Uploads a change names cannot be taken; `faults` maps their place (from 0) to a code.

    Codes: upload_unknown (never begun, past its time, removed), upload_used, upload_incomplete,
    upload_repeated.
    """

    def __init__(self, faults: dict[int, str]) -> None:
        super().__init__(", ".join(sorted(set(faults.values()))))
        self.faults = faults


@dataclass
class OpenUploads:
    """Uploads as files, in the order they were named."""

    uploads: list[Upload] = field(default_factory=list)
    files: list[BinaryIO] = field(default_factory=list)

    def use(self, *, now: datetime) -> None:
        """Use them up; belongs into the transaction of the change. Raises UploadsInvalid."""
        ids = [upload.pk for upload in self.uploads]
        if not ids:
            return
        unused = Upload.objects.filter(pk__in=ids, used_at=None, received=F("length"))
        if unused.update(used_at=now, pieces=[], metadata="") != len(ids):
            raise UploadsInvalid(dict.fromkeys(range(len(ids)), "upload_used"))

    def forget(self) -> None:
        """Remove the pieces, once the change has committed."""
        for upload in self.uploads:
            forget_pieces(upload.pieces)


@contextmanager
def opened(tokens: Sequence[str]) -> Iterator[OpenUploads]:
    """Open uploads by their tokens for reading. Raises UploadsInvalid, OSError."""
    result = OpenUploads()
    try:
        if tokens:
            result.uploads = _find(tokens)
            for at, upload in enumerate(result.uploads):
                result.files.append(_as_file(upload, at))
        yield result
    finally:
        for file in result.files:
            file.close()


def _find(tokens: Sequence[str]) -> list[Upload]:
    rows = Upload.objects.filter(token_hash__in=[hash_of(token) for token in tokens])
    known = {row.token_hash: row for row in rows}
    found = [known.get(hash_of(token)) for token in tokens]
    faults = {at: fault for at, upload in enumerate(found) if (fault := _fault(upload))}
    faults |= {at: "upload_repeated" for at, token in enumerate(tokens) if token in tokens[:at]}
    if faults:
        raise UploadsInvalid(faults)
    return [upload for upload in found if upload is not None]


def _fault(upload: Upload | None) -> str:
    if upload is None:
        return "upload_unknown"
    if upload.used_at is not None:
        return "upload_used"
    return "" if upload.is_complete else "upload_incomplete"


def _as_file(upload: Upload, at: int) -> BinaryIO:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `opened`; it has no name
    try:
        for piece in read_pieces(upload):
            file.write(piece)
    except (FileNotFoundError, sealing.SealBroken):  # removed or used between two steps
        file.close()
        raise UploadsInvalid({at: "upload_unknown"}) from None
    file.seek(0)
    return file
