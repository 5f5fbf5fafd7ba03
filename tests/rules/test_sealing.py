"""Rules of the seal on original photos, and of the storages they lie in."""

import errno
import io
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import Storage, storages
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from reports import photo_storage
from reports.sealing import SealBroken, seal, unseal

OLD_KEY, NEW_KEY = b"o" * 32, b"n" * 32


@pytest.fixture(autouse=True)
def _keys_and_folders(settings: Settings, tmp_path: Path) -> None:
    settings.SEAL_KEYS = {"2025": OLD_KEY}
    durable = "reports.photo_storage.DurableFileSystemStorage"
    settings.STORAGES = {
        **settings.STORAGES,
        **{
            alias: {"BACKEND": durable, "OPTIONS": {"location": str(tmp_path / alias)}}
            for alias in ("sealed", "staff_photos", "published_photos")
        },
    }


# The seal


def test_what_was_sealed_opens_in_its_context() -> None:
    assert unseal(seal(b"a photo", context="photo:1"), context="photo:1") == b"a photo"


def test_equal_photos_look_different_when_sealed() -> None:
    assert seal(b"a photo", context="photo:1") != seal(b"a photo", context="photo:1")


def test_a_sealed_photo_shows_nothing_of_its_content() -> None:
    assert b"a photo" not in seal(b"a photo" * 100, context="photo:1")


def test_a_seal_does_not_open_in_another_context() -> None:
    sealed = seal(b"a photo", context="photo:1")
    with pytest.raises(SealBroken):
        unseal(sealed, context="photo:2")


SEALED_LENGTH = 4 + 1 + 4 + 12 + 7 + 16


@given(st.integers(0, SEALED_LENGTH * 8 - 1))
def test_no_single_bit_can_be_changed_unnoticed(bit: int) -> None:
    sealed = bytearray(seal(b"a photo", context="photo:1"))
    assert len(sealed) == SEALED_LENGTH
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        unseal(bytes(sealed), context="photo:1")


@given(st.integers(0, SEALED_LENGTH - 1))
def test_a_cut_seal_is_broken(length: int) -> None:
    sealed = seal(b"a photo", context="photo:1")
    with pytest.raises(SealBroken):
        unseal(sealed[:length], context="photo:1")


@given(st.binary(max_size=200))
def test_what_was_never_sealed_does_not_open(data: bytes) -> None:
    with pytest.raises(SealBroken):
        unseal(data, context="photo:1")


def test_keys_rotate_without_losing_old_photos(settings: Settings) -> None:
    old = seal(b"old", context="photo:1")

    settings.SEAL_KEYS = {"2026": NEW_KEY, "2025": OLD_KEY}
    new = seal(b"new", context="photo:2")

    assert unseal(old, context="photo:1") == b"old"
    settings.SEAL_KEYS = {"2026": NEW_KEY}
    assert unseal(new, context="photo:2") == b"new"
    with pytest.raises(SealBroken, match="key"):
        unseal(old, context="photo:1")


@pytest.mark.parametrize("keys", [{}, {"short": b"x" * 16}, {"": NEW_KEY}, {"n" * 256: NEW_KEY}])
def test_bad_keys_are_a_fault_of_the_settings(settings: Settings, keys: dict[str, bytes]) -> None:
    settings.SEAL_KEYS = keys
    with pytest.raises(ImproperlyConfigured):
        seal(b"a photo", context="photo:1")


# The storages


def test_an_original_is_kept_sealed_and_read_back(tmp_path: Path) -> None:
    key = photo_storage.keep_original(b"an original", context="photo:1")

    assert photo_storage.read_original(key, "photo:1") == b"an original"
    assert b"an original" not in (tmp_path / "sealed" / key).read_bytes()
    with pytest.raises(SealBroken):
        photo_storage.read_original(key, "photo:2")


def test_the_same_original_twice_is_two_files() -> None:
    """So deleting one photo never takes away another, and names tell nothing about content."""
    one = photo_storage.keep_original(b"an original", context="photo:1")
    other = photo_storage.keep_original(io.BytesIO(b"an original"), context="photo:1")

    photo_storage.delete_original(one)

    assert one != other
    assert photo_storage.read_original(other, "photo:1") == b"an original"
    with pytest.raises(FileNotFoundError):
        photo_storage.read_original(one, "photo:1")


def test_derivatives_are_named_by_their_content() -> None:
    one = photo_storage.keep_staff_derivative(b"pixels", ".webp")
    again = photo_storage.keep_staff_derivative(b"pixels", ".webp")

    photo_storage.publish_copy(one)
    assert one == again
    assert one.endswith(".webp")
    assert photo_storage.read_derivative(one) == b"pixels"


def test_staff_copies_and_public_copies_lie_apart() -> None:
    name = photo_storage.keep_staff_derivative(b"pixels", ".jpg")

    assert photo_storage.read_staff_derivative(name) == b"pixels"
    with pytest.raises(FileNotFoundError):
        photo_storage.read_derivative(name)


def test_removing_twice_is_no_error() -> None:
    key = photo_storage.keep_original(b"an original", context="photo:1")
    name = photo_storage.keep_staff_derivative(b"pixels", ".webp")
    photo_storage.publish_copy(name)
    for _time in range(2):
        photo_storage.remove_derivative(name)
        photo_storage.delete_original(key)
    with pytest.raises(FileNotFoundError):
        photo_storage.read_derivative(name)


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "", "ab/cd", "ab/" + "0" * 64, "ab/" + "0" * 64 + ".html"],
)
def test_only_names_we_gave_out_reach_the_storage(name: str) -> None:
    for use in (
        photo_storage.read_derivative,
        photo_storage.read_staff_derivative,
        photo_storage.remove_derivative,
        photo_storage.delete_original,
    ):
        with pytest.raises(photo_storage.UnknownPhotoName):
            use(name)


def test_a_suffix_of_another_kind_is_refused() -> None:
    with pytest.raises(photo_storage.UnknownPhotoName):
        photo_storage.keep_staff_derivative(b"<script>", ".html")


def test_files_belong_to_their_owner_alone(tmp_path: Path) -> None:
    key = photo_storage.keep_original(b"an original", context="photo:1")
    file = tmp_path / "sealed" / key

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.parent.parent.stat().st_mode) == 0o700


def test_file_and_folders_are_on_disk_before_the_name_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    synced: list[str] = []
    real = os.fsync

    def noting(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    name = photo_storage.keep_staff_derivative(b"pixels", ".webp")

    folder = name.partition("/")[0]
    assert synced[:2] == [tmp_path.name, "staff_photos"]
    assert synced[2].startswith(".unfinished-")
    assert synced[3] == folder


@pytest.mark.parametrize(("owner", "call"), [(os, "fsync"), (Path, "replace")])
def test_a_full_disk_leaves_no_half_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, owner: object, call: str
) -> None:
    photo_storage.keep_staff_derivative(b"first", ".webp")

    def full(*_arguments: object, **_choices: object) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(owner, call, full)
    with pytest.raises(OSError, match="disk full"):
        photo_storage.keep_staff_derivative(b"second", ".webp")

    files = [file for file in (tmp_path / "staff_photos").rglob("*") if file.is_file()]
    assert [file.read_bytes() for file in files] == [b"first"]


def test_what_a_crash_left_unfinished_is_neither_listed_nor_kept(tmp_path: Path) -> None:
    name = photo_storage.keep_staff_derivative(b"pixels", ".webp")
    photo_storage.publish_copy(name)
    leftover = (tmp_path / "published_photos" / name).with_name(".unfinished-0123")
    leftover.write_bytes(b"pix")
    storage = storages["published_photos"]
    assert isinstance(storage, photo_storage.DurableFileSystemStorage)
    now = datetime.now(UTC)

    assert [found for found, _at in photo_storage.stored_names("published_photos")] == [name]
    assert storage.remove_unfinished(before=now - timedelta(hours=24)) == 0
    assert storage.remove_unfinished(before=now + timedelta(minutes=1)) == 1
    assert not leftover.exists()
    assert photo_storage.read_derivative(name) == b"pixels"


def test_an_empty_storage_lists_nothing() -> None:
    assert list(photo_storage.stored_names("sealed")) == []


def test_a_storage_that_renames_is_a_fault_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    def renaming(_self: Storage, name: str, _content: object) -> str:
        return name + "_1"

    monkeypatch.setattr(photo_storage.DurableFileSystemStorage, "save", renaming)
    with pytest.raises(ImproperlyConfigured, match="overwrite"):
        photo_storage.keep_staff_derivative(b"pixels", ".webp")
