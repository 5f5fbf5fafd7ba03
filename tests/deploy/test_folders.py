"""Where the files of a checkout lie, and who may reach them."""

import os
import shutil
import stat
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.local import layout, record
from deploy.local.console import Refusal
from deploy.local.processes import Identity, identity_of


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_the_runtime_folder_is_private_marked_and_remembered(checkout, tmp_path, monkeypatch):
    short = Path("/tmp") / f"anliegen-test-{os.getpid()}"
    monkeypatch.setattr(layout, "_runtime_candidates", lambda: [short])
    try:
        assert layout.runtime_dir() == short
        assert stat.S_IMODE(short.stat().st_mode) in {0o700, 0o711}
        assert (short / layout.MARKER).read_text().strip() == str(checkout.root)
        assert layout.RUNTIME_RECORD.read_text().strip() == str(short)
        assert layout.outside_folders() == [short]
    finally:
        shutil.rmtree(short, ignore_errors=True)


def test_a_folder_too_deep_for_a_socket_is_passed_over(checkout, tmp_path, monkeypatch):
    """A socket's path has 107 bytes at most, counted in bytes: ä has two."""
    deep = tmp_path / ("ä" * 50)
    monkeypatch.setattr(layout, "_runtime_candidates", lambda: [deep])

    with pytest.raises(Refusal, match="No folder for the sockets; tried"):
        layout.runtime_dir()
    assert not deep.exists()


def test_the_longest_socket_fits_into_the_usual_folders():
    for folder in (f"/run/anliegen-{'0' * 8}", f"/tmp/anliegen-4294967294-{'0' * 8}"):
        assert len(f"{folder}/{layout.LONGEST_SOCKET}") <= layout.SOCKET_PATH_LIMIT


def test_a_folder_somebody_else_put_there_is_not_used(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / "link"
    link.symlink_to(elsewhere)
    (tmp_path / "file").touch()

    assert not layout._make_private(link)
    assert not layout._make_private(tmp_path / "file")
    assert not layout._make_private(tmp_path / "missing" / "below")
    assert list(elsewhere.iterdir()) == []


def test_reset_knows_only_folders_with_this_checkouts_mark(checkout, tmp_path):
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    layout.STATE_RECORD.write_text(f"{foreign}\n")
    assert layout.outside_folders() == []

    (foreign / layout.MARKER).write_text("/somebody/else\n")
    assert layout.outside_folders() == []

    (foreign / layout.MARKER).write_text(f"{checkout.root}\n")
    assert layout.outside_folders() == [foreign]


def test_state_moves_along_with_a_moved_checkout(checkout, tmp_path):
    old, new = tmp_path / "old", tmp_path / "states" / "new"
    old.mkdir()
    (old / layout.MARKER).write_text(f"{tmp_path / 'where-it-was'}\n")
    layout.STATE_RECORD.write_text(f"{old}\n")

    layout._adopt_moved(new)

    assert new.is_dir()
    assert not old.exists()


def test_state_stays_with_a_checkout_that_was_copied(checkout, tmp_path):
    old, original = tmp_path / "old", tmp_path / "original"
    old.mkdir()
    original.mkdir()
    (old / layout.MARKER).write_text(f"{original}\n")
    layout.STATE_RECORD.write_text(f"{old}\n")

    layout._adopt_moved(tmp_path / "new")

    assert old.is_dir()


def test_too_little_space_is_told_with_figures(monkeypatch, tmp_path):
    monkeypatch.setattr(layout.shutil, "disk_usage", lambda _path: Usage(0, 0, layout.GIB // 2))

    with pytest.raises(Refusal, match=r"0\.5 GB free at .*, 2 GB are needed"):
        layout.require_space(tmp_path)


def test_a_missing_right_names_the_folder_and_its_owner(checkout, monkeypatch):
    def denied(*_arguments, **_keywords):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(layout.Path, "mkdir", denied)

    with pytest.raises(Refusal) as refused:
        layout.make_var()
    assert f"No right to write in {checkout.var}" in str(refused.value)
    assert f"user id {os.getuid()}" in str(refused.value)


def test_root_without_an_account_for_postgresql_is_told(monkeypatch):
    def unknown(_name):
        raise KeyError

    monkeypatch.setattr(layout.os, "geteuid", lambda: 0)
    monkeypatch.setattr(layout.pwd, "getpwnam", unknown)

    with pytest.raises(Refusal, match="there is no account named postgres"):
        layout.database_user()


def test_only_one_at_a_time_holds_a_lock(checkout):
    with layout.locked("thing"):
        with pytest.raises(BlockingIOError), layout.locked("thing"):
            pass
        with layout.locked("another thing"):
            pass
    with layout.locked("thing"):
        pass


def test_a_fingerprint_sees_names_contents_and_words(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a")
    two.write_text("b")
    before = layout.fingerprint([one, two], "word")

    assert layout.fingerprint([two, one], "word") == before
    assert layout.fingerprint([one, two], "another") != before
    two.write_text("c")
    assert layout.fingerprint([one, two], "word") != before


def test_a_running_stack_is_found_by_other_commands(checkout):
    assert not record.is_held()
    with record.held() as left:
        assert left == []
        assert record.is_held()
        assert record.is_of(os.getpid())
        record.update(base_url="http://127.0.0.1:8000", programs={"web": Identity(1, 2)})
        assert record.read()["base_url"] == "http://127.0.0.1:8000"
        with pytest.raises(BlockingIOError), record.held():
            pass
    assert not record.is_held()
    assert record.read() == {}


def test_a_number_given_to_another_process_is_not_ours(checkout):
    """After a crash the file may name numbers the system has given away again."""
    myself = identity_of(os.getpid())
    record._write({"programs": {"web": [myself.pid, myself.started - 1], "main": "nonsense"}})
    assert record.left_over() == []

    record._write({"programs": {"web": [myself.pid, myself.started]}})
    assert record.left_over() == [], "it runs, but works in another checkout"
