"""`touchline check`: what is wrong with this installation, and how to put it right."""

import argparse
from datetime import UTC, datetime

from touchline.work import database


def main(argv: list[str]) -> int:
    """Exit code 1 where something needs a hand."""
    told = parser().parse_args(argv)
    database.ready()
    from touchline.desk.checks import look
    from touchline.desk.models import Mailbox
    from touchline.work.mailbox_command import tell_steps

    well = True
    for finding in look(datetime.now(UTC)):
        print(f"{'  ok  ' if finding.well else '  NOT '} {finding.words}")
        well = well and finding.well
    if told.mailboxes and well:
        for mailbox in Mailbox.objects.open():
            well = tell_steps(mailbox) and well
    return 0 if well else 1


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "touchline check", description="What is wrong with this installation, and how to put it right."
    )
    parser.add_argument("--mailboxes", action="store_true", help="try every mailbox, too: connect, sign in, open the folder")
    return parser
