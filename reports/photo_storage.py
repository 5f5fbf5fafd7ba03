"""Where photos lie: sealed originals, copies for staff, copies for the public.

Three storages by Django's storage API, so object storage can replace the disk by setting alone:
`sealed`, `staff_photos` and `published_photos`. Names come from the content, never from a citizen.
A file is there completely or not at all, and once a function here returns its name it survives a
power failure; so write files first and commit rows after.

On a full disk or unreachable storage the functions raise OSError (or the storage's own error).
"""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, storages
from django.utils.deconstruct import deconstructible

from reports import sealing

PhotoStorage = Literal["sealed", "staff_photos", "published_photos"]
STORES: tuple[PhotoStorage, ...] = ("sealed", "staff_photos", "published_photos")

_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\.(webp|jpg|sealed)")
_UNFINISHED = ".unfinished-"


class _Store(Protocol):
    """What a storage of photos can do beyond Django's interface."""

    def written_files(self) -> Iterator[tuple[str, datetime]]:
        """Yield each name and when it was written (UTC)."""
        ...


class UnknownPhotoName(ValueError):
    """The name is not one this module gives out."""


def keep_original(data: bytes | BinaryIO, *, context: str) -> str:
    """Seal an original photo for `context` and store it; returns its key."""
    content = data if isinstance(data, bytes) else data.read()
    return _keep("sealed", sealing.seal(content, context=context), ".sealed")


def read_original(key: str, context: str) -> bytes:
    """Open a sealed original. Raises SealBroken, FileNotFoundError."""
    return sealing.unseal(_read("sealed", key), context=context)


def delete_original(key: str) -> None:
    """Remove a sealed original for good; a key already gone is no error."""
    _remove("sealed", key)


def keep_staff_derivative(data: bytes, suffix: str) -> str:
    """Store a copy that only staff may see, `suffix` being .webp or .jpg; returns its name."""
    return _keep("staff_photos", data, suffix)


def read_staff_derivative(name: str) -> bytes:
    """Raises FileNotFoundError."""
    return _read("staff_photos", name)


def publish_copy(name: str) -> None:
    """Copy a staff copy to the public store; equal content has the same name there.

    Raises FileNotFoundError where the staff copy is gone.
    """
    if not storages["published_photos"].exists(_checked(name)):
        storages["published_photos"].save(name, ContentFile(_read("staff_photos", name)))


def read_derivative(name: str) -> bytes:
    """Raises FileNotFoundError."""
    return _read("published_photos", name)


def remove_derivative(name: str) -> None:
    """Remove a public copy; one already gone is no error.

    Equal content has one name: call this only when no other published photo refers to it.
    """
    _remove("published_photos", name)


def stored_names(alias: PhotoStorage) -> Iterator[tuple[str, datetime]]:
    """Yield each name and when it was written (UTC), for the reconciler to compare with rows."""
    store = cast("_Store", storages[alias])
    return ((name, at) for name, at in store.written_files() if _NAME.fullmatch(name))


def is_stored(alias: PhotoStorage, name: str) -> bool:
    """Whether a file is there."""
    return bool(_NAME.fullmatch(name)) and storages[alias].exists(name)


def remove_old(alias: PhotoStorage, name: str, *, before: datetime) -> bool:
    """Remove a file unless it was written (again) since that time; whether it is gone now."""
    if is_stored(alias, name) and storages[alias].get_modified_time(name) >= before:
        return False
    _remove(alias, name)
    return True


def has_room(byte_size: int) -> bool:
    """Whether photos of so many bytes still fit on the disk, with a reserve for everything else."""
    store = storages["sealed"]
    if not isinstance(store, FileSystemStorage):
        return True
    folder = next(
        each for each in (Path(store.location), *Path(store.location).parents) if each.exists()
    )
    return shutil.disk_usage(folder).free - byte_size > settings.PHOTO_DISK_RESERVE


def remove_unfinished(*, before: datetime) -> int:
    """Sweep what crashes left half written before that time; returns how many files."""
    stores = (storages[alias] for alias in STORES)
    return sum(
        store.remove_unfinished(before=before)
        for store in stores
        if isinstance(store, DurableFileSystemStorage)
    )


def _keep(alias: PhotoStorage, data: bytes, suffix: str) -> str:
    digest = hashlib.sha256(data).hexdigest()
    name = _checked(f"{digest[:2]}/{digest}{suffix}")
    saved = storages[alias].save(name, ContentFile(data))
    if saved != name:
        raise ImproperlyConfigured(f"storage {alias} must overwrite files of the same name")
    return name


def _read(alias: PhotoStorage, name: str) -> bytes:
    with storages[alias].open(_checked(name)) as file:
        content: bytes = file.read()
    return content


def _remove(alias: PhotoStorage, name: str) -> None:
    storages[alias].delete(_checked(name))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UnknownPhotoName(name)
    return name


@deconstructible(path="reports.photo_storage.DurableFileSystemStorage")
class DurableFileSystemStorage(FileSystemStorage):
    """Files only their owner may read, written so that a crash leaves the old state or the new one.

    Saving over an existing name replaces it: names are derived from content.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: equal names mean equal content."""
        return name

    def _save(self, name: str, content: "File[Any]") -> str:
        target = Path(self.path(name))
        self._make_folder(target.parent)
        unfinished = target.parent / f"{_UNFINISHED}{secrets.token_hex(8)}"
        try:
            self._write(unfinished, content)
            unfinished.replace(target)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        return name

    def delete(self, name: str) -> None:
        """Remove the file if it is there, and make the removal last."""
        target = Path(self.path(name))
        try:
            target.unlink()
        except FileNotFoundError:
            return
        _sync_folder(target.parent)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Names of folders and files; none where nothing was ever stored."""
        return super().listdir(path) if self.exists(path) else ([], [])

    def written_files(self) -> Iterator[tuple[str, datetime]]:
        """Yield each name and when it was written (UTC)."""
        folders, _files = self.listdir("")
        for folder in folders:
            for file in self.listdir(folder)[1]:
                name = f"{folder}/{file}"
                if _NAME.fullmatch(name):
                    yield name, self.get_modified_time(name)

    def remove_unfinished(self, *, before: datetime) -> int:
        """Sweep what a crash left half written before that time; returns how many files."""
        stale = [
            file
            for file in Path(self.location).glob(f"*/{_UNFINISHED}*")
            if file.stat().st_mtime < before.timestamp()
        ]
        for file in stale:
            file.unlink(missing_ok=True)
        return len(stale)

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)

    @staticmethod
    def _write(path: Path, content: "File[Any]") -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for piece in content.chunks():
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename or removal in the folder survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
