"""Where bytes are kept: durable, once, and never half."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from touchline.desk import files


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.FILES = tmp_path / "files"
    return tmp_path / "files"


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_same_bytes_twice_are_one_file(folder: Path) -> None:
    assert files.keep(b"Good morning") == files.keep(b"Good morning")
    assert len(kept(folder)) == 1
    assert files.read(files.digest_of(b"Good morning")) == b"Good morning"


def test_it_is_on_the_disk_before_it_is_said_to_be_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{handle}"))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    path = files.path_of(files.keep(b"Good morning"))
    assert ".part-" in next(name for name in synced if name.startswith(str(path.parent) + "/"))
    assert synced[-1] == str(path.parent)  # the name, last
    assert {str(path.parent.parent), str(folder)} <= set(synced)  # and the folders that were made for it
    synced.clear()
    files.keep(b"Good morning")
    assert synced == [str(path), str(path.parent)]  # whoever wrote it may not have come so far


def test_a_file_that_a_power_cut_left_hollow_is_written_anew(folder: Path) -> None:
    path = files.path_of(files.keep(b"Good morning"))
    for hollow in (b"", b"\0" * 12):
        path.write_bytes(hollow)
        files.keep(b"Good morning")
        assert path.read_bytes() == b"Good morning"
        path.write_bytes(hollow)
        files.keep_all([b"Good morning"])
        assert path.read_bytes() == b"Good morning"


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_on_a_full_disk_nothing_is_half_kept(folder: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        if step == "write":
            broken.setattr(os, "fdopen", full)
        else:
            broken.setattr(os, step, full)
        with pytest.raises(OSError, match="No space left"):
            files.keep(b"Good morning")
    assert kept(folder) == []
    files.keep(b"Good morning")
    assert [path.read_bytes() for path in kept(folder)] == [b"Good morning"]


def test_many_are_kept_with_one_flush(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushes: list[int] = []
    monkeypatch.setattr(os, "sync", lambda: flushes.append(len(kept(folder))))
    digests = files.keep_all([b"one", b"two", b"one"])
    assert flushes == [2]  # after all of them
    assert [files.read(digest) for digest in digests] == [b"one", b"two", b"one"]


def test_what_was_never_kept_is_not_there(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.read(files.digest_of(b"never"))


def test_a_damaged_file_is_not_taken_for_what_it_was(folder: Path) -> None:
    """After a fault of the disk: nothing else is sent to Nora in its place. Coming in again, it is put right."""
    digest = files.keep(b"Good morning")
    files.path_of(digest).write_bytes(b"Good mourning")
    with pytest.raises(files.Damaged, match="restore it from a backup"):
        files.read(digest)
    files.keep(b"Good morning")
    assert files.read(digest) == b"Good morning"
