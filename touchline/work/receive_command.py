"""`touchline receive`: one mail from standard input, as a mail server's pipe or a script hands it over."""

import argparse
import sys
from datetime import UTC, datetime

from touchline.work import database, environment
from touchline.work.environment import Sorry


def main(argv: list[str]) -> int:
    """Exit code 0 means that we have it, durably; 75 (EX_TEMPFAIL) that it should be handed over again later."""
    told = parser().parse_args(argv)
    settings = environment.read()
    database.ready()
    from touchline.desk.models import Mailbox

    mailbox = Mailbox.objects.reached_by(told.mailbox)
    if mailbox is None:
        raise Sorry(
            f"{told.mailbox} is no mailbox of this desk. `touchline mailbox add {told.mailbox}` makes it one.", exit_code=67
        )
    limit = settings.max_mail_mb * 1024 * 1024
    raw = sys.stdin.buffer.read(limit + 1)
    if len(raw) > limit:
        raise Sorry(
            f"This mail is larger than {settings.max_mail_mb} MB (TOUCHLINE_MAX_MAIL_MB). It was not taken.", exit_code=65
        )
    if not raw.strip():
        raise Sorry("There was no mail on standard input.", exit_code=65)
    try:
        inbound = mailbox.receive(raw, at=datetime.now(UTC), via="pipe", mail_from=told.sender)
    except OSError as trouble:
        raise Sorry(f"The mail could not be kept ({trouble.strerror}). Hand it over again later.", exit_code=75) from trouble
    if told.file:
        inbound.file(datetime.now(UTC))
    return 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "touchline receive",
        description="Take one mail from standard input into a mailbox. It is kept durably before this ends; a running desk shows it within seconds.",
    )
    parser.add_argument("--mailbox", required=True, metavar="ADDRESS", help="the mailbox that it is for")
    parser.add_argument("--sender", default="", metavar="ADDRESS", help="its envelope sender, where known")
    parser.add_argument(
        "--file", action="store_true", help="understand it and put it into its conversation at once, without a running desk"
    )
    return parser
