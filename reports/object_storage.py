"""Photos in S3-compatible object storage, with the promises of the disk (reports.photo_storage).

An object is there completely or not at all, and once saving returns the store has it durably: each
goes over in one request with a checksum, none is larger than the 15 MB of a photo. Whatever goes
wrong is an OSError, as with a disk; what is not there is a FileNotFoundError.
"""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from django.utils.deconstruct import deconstructible
from storages.backends.s3 import S3Storage

from reports.sealing import looks_sealed

_MISSING = {"404", "NoSuchKey", "NotFound"}
# A clerk or a worker waits for it; the row is tried again anyway.
_PATIENCE = {"connect_timeout": 5, "read_timeout": 20}
_RETRIES = {"mode": "standard", "total_max_attempts": 2}


class ObjectStorageFailed(OSError):
    """The store did not answer, or refused; says which kind of fault, never a key or an address."""


@deconstructible(path="reports.object_storage.ObjectStorage")
class ObjectStorage(S3Storage):  # type: ignore[misc] # the library has no types
    """Objects under `location` of a private bucket, equal names replaced: content names them."""

    overrides: ClassVar[dict[str, Any]] = {
        "file_overwrite": True,
        "default_acl": None,
        "querystring_auth": True,
    }

    def __init__(self, *, path_style: bool = True, **options: Any) -> None:
        style = {"addressing_style": "path" if path_style else "virtual"}
        config = Config(s3=style, signature_version="s3v4", retries=_RETRIES, **_PATIENCE)
        super().__init__(**options, **self.overrides, client_config=config)

    def _save(self, name: str, content: "File[Any]") -> str:
        data = content.read()
        if name.endswith(".sealed") and not looks_sealed(data):
            raise ValueError("an original may leave the house sealed only")
        with _as_os_errors():
            self._object(name).put(Body=data, ChecksumAlgorithm="SHA256")
        return name

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        with _as_os_errors():
            return ContentFile(self._object(name).get()["Body"].read(), name)

    def delete(self, name: str) -> None:
        """Remove the object; one already gone is no error."""
        with _as_os_errors(), contextlib.suppress(FileNotFoundError):
            self._object(name).delete()

    def exists(self, name: str) -> bool:
        """Whether the object is there."""
        try:
            with _as_os_errors():
                self._object(name).load()
        except FileNotFoundError:
            return False
        return True

    def get_modified_time(self, name: str) -> datetime:
        """When the object was written (UTC). Raises FileNotFoundError."""
        with _as_os_errors():
            written: datetime = self._object(name).last_modified
        return written

    def written_files(self) -> Iterator[tuple[str, datetime]]:
        """Yield each name and when it was written (UTC), a thousand to a request."""
        prefix = f"{self.location.rstrip('/')}/"
        with _as_os_errors():
            for found in self.bucket.objects.filter(Prefix=prefix):
                yield found.key.removeprefix(prefix), found.last_modified

    def _object(self, name: str) -> Any:
        return self.bucket.Object(self._normalize_name(name))


@contextlib.contextmanager
def _as_os_errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _MISSING:
            raise FileNotFoundError("no such object") from None
        raise ObjectStorageFailed(code or type(error).__name__) from None
    except (BotoCoreError, Boto3Error) as error:
        raise ObjectStorageFailed(type(error).__name__) from None
