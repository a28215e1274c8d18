"""`touchline keys`: the secret key is replaced, and what it locked is locked anew."""

import argparse
import os
import secrets
from pathlib import Path
from typing import Any

from touchline.work import database, environment
from touchline.work.environment import Settings, Sorry


def main(argv: list[str]) -> int:
    told = parser().parse_args(argv)
    return int(told.do() or 0)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "touchline keys", description="The secret key signs sessions and reply addresses, and opens the passwords of mailboxes."
    )
    which = parser.add_subparsers(required=True, metavar="WHAT")
    rotating = which.add_parser(
        "rotate",
        help="make a new key, and lock every secret with it",
        description="Make a new key, keep the old ones beside it, and lock every secret with the new one. Where TOUCHLINE_SECRET_KEY is set: "
        "set a new one, move the old one to TOUCHLINE_OLD_SECRET_KEYS, and run this.",
    )
    rotating.set_defaults(do=rotate)
    listing = which.add_parser("list", help="say how many keys there are, and what they open")
    listing.set_defaults(do=list_all)
    return parser


def rotate() -> int:
    """A new key first, the old ones after it, then every secret locked with the new one. Exit code 1 where some cannot be opened.

    Whatever breaks off in between does no harm: the old keys open what is not locked anew yet.
    """
    from touchline.work import server

    told = environment.read()
    lock = server.lock_data(told)  # one that is running knows only the keys that it was started with
    try:
        database.ready()
        from django.conf import settings

        from touchline.desk import keys

        if not told.secret_key:
            settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS = _renew(told.data / "secret.key", told)
        count, lost = keys.lock_anew()
    finally:
        lock.close()
    print(f"Secrets that are locked with the {'key that you set' if told.secret_key else 'new key'} now: {count}.")
    _tell_lost(lost)
    _tell_old(settings.SECRET_KEY_FALLBACKS, told)
    return 1 if lost else 0


def list_all() -> int:
    database.ready()
    from django.conf import settings

    from touchline.desk import keys

    told = environment.read()
    every = list(keys.every_secret())
    where = "TOUCHLINE_SECRET_KEY" if told.secret_key else str(told.data / "secret.key")
    print(f"The key is in {where}; keys from before that are still accepted: {len(settings.SECRET_KEY_FALLBACKS)}.")
    lost = [secret for secret in every if not secret.opens()]
    print(f"Secrets that they open: {len(every) - len(lost)}.")
    _tell_lost(lost)
    return 1 if lost else 0


def _renew(file: Path, told: Settings) -> list[str]:
    """Put a new key first in the file, all at once and for good. Every key that is accepted now, the new one first."""
    before = [line.strip() for line in file.read_text(encoding="ascii").splitlines() if line.strip()]
    now = [secrets.token_urlsafe(64), *before]
    draft = file.with_name(f".secret.key.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as writing:
            writing.write("\n".join(now) + "\n")
            writing.flush()
            os.fsync(writing.fileno())
        os.replace(draft, file)
    except OSError as trouble:
        draft.unlink(missing_ok=True)
        raise Sorry(f"{file} cannot be written ({trouble.strerror}). Nothing was changed.") from trouble
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return [*now, *told.old_secret_keys]


def _tell_lost(lost: list[Any]) -> None:
    from touchline.desk.keys import WHERE_THE_KEY_BELONGS

    for secret in lost:
        print(f"The {secret.name} cannot be opened: the key it was locked with is gone.")
    if lost:
        print(WHERE_THE_KEY_BELONGS)


def _tell_old(old: list[str], told: Settings) -> None:
    if old:
        where = "TOUCHLINE_OLD_SECRET_KEYS" if told.secret_key else f"the lines of {told.data / 'secret.key'} but the first"
        print(
            f"No secret needs the older keys any more ({where}). They still know the answers to mails that were signed with them: leave them "
            "for as long as such answers may come, or take them out at once if others may have seen them."
        )
    print("Back up the key, and start the desk again.")
