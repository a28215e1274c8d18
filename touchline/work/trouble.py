"""Foreseeable trouble as one sentence: the disk is full, the database does not answer, a file is not there."""

import errno
import sys
from typing import Any

from touchline.work.environment import Sorry


def foreseen(trouble: BaseException) -> Sorry | None:
    """What to tell whoever typed the command, or None when it was not foreseen (then the traceback is what helps)."""
    for cause in _causes(trouble):
        if isinstance(cause, Sorry):
            return cause
        said = _of_system(cause) if isinstance(cause, OSError) else _of_database(cause)
        if said:
            return Sorry(said)
    return None


def logged(trouble: BaseException) -> dict[str, Any]:
    """What to log of it: a sentence where it was foreseen, so that a full disk fills no log; else the traceback, which is what helps."""
    said = foreseen(trouble)
    return {"trouble": str(said)} if said else {"exc_info": trouble}


def no_room(trouble: BaseException) -> bool:
    """The disk is full: ours, or that of the database. What was to be done is to be done again once there is room."""
    utils = sys.modules.get("django.db.utils")
    for cause in _causes(trouble):
        if isinstance(cause, OSError):
            full = cause.errno in (errno.ENOSPC, errno.EDQUOT)
        else:
            said = str(cause).lower()
            full = utils is not None and isinstance(cause, utils.Error) and any(words in said for words in _FULL)
        if full:
            return True
    return False


def _of_system(trouble: OSError) -> str | None:
    about = f" ({trouble.filename})" if trouble.filename else ""
    return {
        errno.ENOSPC: f"The disk is full{about}. Make room and do it again: what was finished is kept.",
        errno.EDQUOT: f"The disk quota is used up{about}. Make room and do it again: what was finished is kept.",
        errno.EROFS: f"This disk can only be read{about}. Choose another data folder with TOUCHLINE_DATA.",
        errno.EACCES: f"We may not read or write there{about}. Give this account the right to, or choose another place.",
        errno.EPERM: f"We may not do that there{about}. Give this account the right to, or choose another place.",
        errno.ENOENT: f"There is no such file or folder{about}." if trouble.filename else None,
        errno.EEXIST: f"There is a file already where we want a folder{about}." if trouble.filename else None,
        errno.EISDIR: f"That is a folder and not a file{about}.",
        errno.ENOTDIR: f"That is a file and not a folder{about}." if trouble.filename else None,
    }.get(trouble.errno or 0)


def _of_database(trouble: BaseException) -> str | None:
    # Where Django was never imported, no trouble is the database's.
    utils = sys.modules.get("django.db.utils")
    if utils is None or not isinstance(trouble, utils.Error):
        return None
    said = (str(trouble).strip().splitlines() or [""])[0].strip()
    for part, words in _DATABASE:
        if part in said.lower():
            return words.format(said=said)
    return None


_FULL = ("database or disk is full", "no space left on device")

_DATABASE = (
    ("database or disk is full", "The disk is full. Make room and do it again: what was finished is kept."),
    ("database is locked", "Another program holds the database. Wait until it has finished, and do it again."),
    (
        "readonly database",
        "The database can only be read: give this account the right to write to the data folder and the files in it.",
    ),
    ("unable to open database file", "The database file cannot be opened: look at TOUCHLINE_DATA and who may write there."),
    ("file is not a database", "The database file is damaged, or no database. Restore it from a backup."),
    ("disk image is malformed", "The database file is damaged. Stop Touchline and restore it from a backup."),
    ("no space left on device", "The disk of the database is full. Make room and do it again: what was finished is kept."),
    ("authentication failed", "The database refuses the name or password in TOUCHLINE_DATABASE_URL."),
    ("no password supplied", "The database wants a password: put it into TOUCHLINE_DATABASE_URL."),
    ("does not exist", "The database says: {said}. Look at TOUCHLINE_DATABASE_URL, or run `bin/touchline migrate`."),
    ("no such table", "The database says: {said}. Run `bin/touchline migrate`."),
    ("couldn't get a connection", "The database does not answer. Is it running? Look at TOUCHLINE_DATABASE_URL."),
    ("failed to resolve", "The database cannot be found: {said}. Look at TOUCHLINE_DATABASE_URL."),
    ("connection", "The database cannot be reached: {said}. Is it running? Look at TOUCHLINE_DATABASE_URL."),
)


def _causes(trouble: BaseException | None) -> list[BaseException]:
    causes: list[BaseException] = []
    while trouble is not None and trouble not in causes:
        causes.append(trouble)
        trouble = trouble.__cause__ or trouble.__context__
    return causes
