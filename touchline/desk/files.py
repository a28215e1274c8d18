"""Where bytes are kept: files named by the hash of what they hold, raw mail and attachments alike.

A file is written once and never changed, so the same bytes twice are one file, and a name says what must be in it.
"""

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

YOUNG = 3600.0
"""Seconds in which a file was just kept, and may stand in no row yet: it is not forgotten."""


class Damaged(OSError):
    """A file that no longer holds what its name says."""


def digest_of(data: bytes) -> str:
    """The name under which these bytes are kept: SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def keep(data: bytes) -> str:
    """Keep bytes durably and say under which name. When this returns they survive a power cut.

    Raises OSError where they cannot be kept (a full disk, say); then nothing half-written is left under the name.
    """
    digest = digest_of(data)
    path = path_of(digest)
    if _holds(path, data):
        _sync(path)  # whoever wrote it may not have come so far yet
        _sync(path.parent)
    else:
        _make_folder(path.parent)
        _write(path, data, sync=True)
    return digest


def keep_all(many: Iterable[bytes]) -> list[str]:
    """Keep many at once, with one flush at the end. Durable when this returns, as with `keep`."""
    digests = []
    folders: set[Path] = set()
    for data in many:
        digest = digest_of(data)
        path = path_of(digest)
        if not _holds(path, data):
            if path.parent not in folders:
                path.parent.mkdir(parents=True, exist_ok=True)
                folders.add(path.parent)
            _write(path, data, sync=False)
        digests.append(digest)
    os.sync()
    return digests


def read(digest: str) -> bytes:
    """The bytes that are kept under this name. Raises FileNotFoundError where there are none, Damaged where they are others."""
    data = path_of(digest).read_bytes()
    if digest_of(data) != digest:
        raise Damaged(f"{path_of(digest)} is damaged: restore it from a backup.")
    return data


def forget(digest: str) -> bool:
    """Take away what is kept under this name, which no row may speak of any more. False where it was kept again within the hour.

    Whoever keeps the same bytes at this very moment touches the file or writes it anew; both are seen here, and left alone.
    """
    path = path_of(digest)
    gone = path.with_name(f".gone-{digest}")
    try:
        if time.time() - path.stat().st_mtime < YOUNG:
            return False
        os.replace(path, gone)
        if time.time() - gone.stat().st_mtime < YOUNG:  # touched after we looked, and before it was moved
            os.replace(gone, path)
            return False
        os.unlink(gone)
    except FileNotFoundError:
        pass
    else:
        _sync(path.parent)
    return True


def path_of(digest: str) -> Path:
    return Path(settings.FILES) / digest[:2] / digest


def _holds(path: Path, data: bytes) -> bool:
    """Whether the file has these very bytes: after a power cut one may have its name and length, and be hollow. It is young again."""
    try:
        whole = path.stat().st_size == len(data) and path.read_bytes() == data
        if whole:
            os.utime(path)
        return whole
    except FileNotFoundError:
        return False


def _write(path: Path, data: bytes, *, sync: bool) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
    if sync:
        _sync(path.parent)


def _make_folder(folder: Path) -> None:
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        _sync(made.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
