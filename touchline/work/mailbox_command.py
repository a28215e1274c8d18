"""`touchline mailbox`: the addresses that people write to."""

import argparse
import sys
from datetime import UTC, datetime
from typing import Any

from touchline.work import database
from touchline.work.environment import Sorry

SECURITY = ("tls", "starttls", "none")
AFTER = ("mark", "leave", "move", "delete")


def main(argv: list[str]) -> int:
    told = parser().parse_args(argv)
    database.ready()
    return told.do(told) or 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("touchline mailbox", description="The addresses that people write to.")
    which = parser.add_subparsers(required=True, metavar="WHAT")
    adding = which.add_parser(
        "add",
        help="add a mailbox, or say how one is reached",
        description="Add a mailbox, or change how one is reached. Passwords are read from files, so that no list of processes shows them.",
    )
    adding.add_argument("address", metavar="ADDRESS")
    adding.add_argument("--name", help="the name that people see; the part before the @ if left out")
    for prefix, words, port in (("imap", "fetched from", 993), ("smtp", "sent through", 587)):
        group = adding.add_argument_group(f"where mail is {words}")
        group.add_argument(f"--{prefix}-host", metavar="HOST")
        group.add_argument(f"--{prefix}-port", metavar="PORT", type=int, help=f"usually {port}")
        group.add_argument(f"--{prefix}-security", choices=SECURITY, help="none is for this machine only")
        group.add_argument(f"--{prefix}-username", metavar="NAME")
        group.add_argument(f"--{prefix}-password-file", metavar="FILE", help="- is standard input")
    adding.add_argument(
        "--alias",
        metavar="ADDRESS",
        action="append",
        default=[],
        help="another address that leads to it; may be given several times",
    )
    adding.add_argument("--imap-folder", metavar="FOLDER", help="INBOX if left out")
    adding.add_argument(
        "--more-folder",
        metavar="FOLDER",
        action="append",
        help="another folder to read; may be given several times, and an empty one takes all away",
    )
    adding.add_argument("--spam-folder", metavar="FOLDER", help="what is in it comes in as spam")
    adding.add_argument(
        "--after", choices=AFTER, help="what happens to a mail at its server once we have it; mark (as read) if left out"
    )
    adding.add_argument("--move-to", metavar="FOLDER", help="where to, with --after move")
    adding.add_argument(
        "--idle", action=argparse.BooleanOptionalAction, default=None, help="be told at once where the server can"
    )
    adding.set_defaults(do=add)
    checking = which.add_parser("check", help="try how a mailbox is reached, step by step")
    checking.add_argument("address", metavar="ADDRESS")
    checking.set_defaults(do=check)
    folders = which.add_parser("folders", help="list the folders that a mailbox has at its IMAP server")
    folders.add_argument("address", metavar="ADDRESS")
    folders.set_defaults(do=list_folders)
    listing = which.add_parser("list", help="list the mailboxes")
    listing.set_defaults(do=list_all)
    return parser


def add(told: argparse.Namespace) -> None:
    from django.core.exceptions import ValidationError
    from django.db import transaction

    from touchline.desk.models import Alias, Mailbox

    at = datetime.now(UTC)
    reached = _reached(told)
    try:
        with transaction.atomic():
            mailbox = Mailbox.objects.reached_by(told.address)
            new = mailbox is None
            if mailbox is None:
                mailbox = Mailbox.open(address=told.address, name=told.name or told.address.partition("@")[0], at=at)
            elif told.name:
                reached["name"] = told.name
            if reached:
                mailbox.be_reached(reached, at=at)
            for address in told.alias:
                if mailbox != Mailbox.objects.reached_by(address):
                    Alias.add(mailbox, address)
    except ValidationError as trouble:
        raise Sorry(" ".join(trouble.messages) + " Nothing was changed.", exit_code=2) from trouble
    print(f"{mailbox.address} is {'a mailbox now' if new else 'changed'}.")


def check(told: argparse.Namespace) -> int:
    from touchline.desk.models import Mailbox

    mailbox = Mailbox.objects.reached_by(told.address)
    if mailbox is None:
        raise Sorry(f"{told.address} is no mailbox. `touchline mailbox list` shows them all.", exit_code=2)
    return 0 if tell_steps(mailbox) else 1


def list_folders(told: argparse.Namespace) -> None:
    from touchline.desk.models import Mailbox
    from touchline.desk.models.mailbox_signing_in import CannotReach

    mailbox = Mailbox.objects.reached_by(told.address)
    if mailbox is None:
        raise Sorry(f"{told.address} is no mailbox. `touchline mailbox list` shows them all.", exit_code=2)
    try:
        for name, spam in mailbox.folders().items():
            uses = {
                mailbox.imap_folder: "read first",
                mailbox.imap_spam_folder: "read as spam",
                mailbox.imap_move_to: "mail is moved here",
            }
            use = uses.get(name) or ("read" if name in mailbox.other_folders else "")
            print("  ".join(filter(None, (name, f"({use})" if use else "", "the server’s folder of spam" if spam else ""))))
    except CannotReach as trouble:
        raise Sorry(str(trouble)) from trouble


def tell_steps(mailbox: Any) -> bool:
    """Try both ways, print what happened at each step, and say whether all is well."""
    well = True
    for way, can, words in (("in", mailbox.can_fetch, "fetching by IMAP"), ("out", mailbox.can_send, "sending by SMTP")):
        if can:
            for step in mailbox.how.check(mailbox.told_in() if way == "in" else mailbox.told_out(), way=way):
                print(f"{'  ok  ' if step.worked else '  NOT '} {mailbox.address}, {words}: {step.words}")
                well = well and step.worked
        else:
            print(f"  -    {mailbox.address}: {words} is not set up.")
    return well


def list_all(_told: argparse.Namespace) -> None:
    from touchline.desk.models import Mailbox

    for mailbox in Mailbox.objects.open().order_by("address"):
        ways = [
            words
            for words, can in (
                (f"from {mailbox.imap_host}", mailbox.can_fetch),
                (f"through {mailbox.smtp_host}", mailbox.can_send),
            )
            if can
        ]
        print(
            f"{mailbox.address}  {mailbox.name}  {', '.join(ways) or 'by the mail door only'}"
            + (f"  ({mailbox.trouble})" if mailbox.trouble else "")
        )


def _reached(told: argparse.Namespace) -> dict[str, Any]:
    """What was told of how it is reached, by the names of the mailbox's fields."""
    reached: dict[str, Any] = {}
    for prefix in ("imap", "smtp"):
        for name in ("host", "port", "security", "username"):
            value = getattr(told, f"{prefix}_{name}")
            if value is not None:
                reached[f"{prefix}_{name}"] = value
        file = getattr(told, f"{prefix}_password_file")
        if file:
            reached[f"{prefix}_password"] = _first_line(file)
    given = {
        "imap_folder": told.imap_folder or None,
        "imap_more_folders": None if told.more_folder is None else "\n".join(filter(None, told.more_folder)),
        "imap_spam_folder": told.spam_folder,
        "imap_after": told.after,
        "imap_move_to": told.move_to,
        "imap_idle": told.idle,
    }
    reached |= {name: value for name, value in given.items() if value is not None}
    return reached


def _first_line(file: str) -> str:
    if file == "-":
        return sys.stdin.readline().rstrip("\n")
    else:
        with open(file, encoding="utf-8") as opened:
            return opened.readline().rstrip("\n")
