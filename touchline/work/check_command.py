"""`touchline check`: what is wrong with this installation, or with how a mailbox is reached, and how to put it right."""

import argparse
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from touchline.work import database
from touchline.work.environment import Sorry

SIGNS = {True: "  ok  ", False: "  NOT ", None: "  -   "}
WAYS = {"domain": "the address", "in": "mail in", "out": "mail out", "back": "there and back"}


def main(argv: list[str]) -> int:
    """Exit code 1 where something needs a hand."""
    told = parser().parse_args(argv)
    database.ready()
    from touchline.desk.checks import look
    from touchline.desk.models import Mailbox

    mailboxes = [_mailbox(address) for address in told.addresses]
    tell = _Silent() if told.json else _Lines()
    findings = [] if mailboxes else list(look(_now()))
    for finding in findings:
        tell.say(finding.well, finding.words)
    seen = [(mailbox, _visited(mailbox, tell)) for mailbox in mailboxes]
    if told.mailboxes:
        seen += [(mailbox, _looked_at(mailbox, tell)) for mailbox in Mailbox.objects.open().order_by("address")]
    well = all(finding.well for finding in findings) and all(_well(steps) for _mailbox, steps in seen)
    if told.json:
        print(
            json.dumps(
                {
                    "well": well,
                    "findings": [{"well": finding.well, "words": finding.words} for finding in findings],
                    "mailboxes": [{"address": mailbox.address, "well": _well(steps), "steps": steps} for mailbox, steps in seen],
                },
                ensure_ascii=False,
            )
        )
    return 0 if well else 1


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "touchline check",
        description="What is wrong with this installation, and how to put it right. With an ADDRESS: the doctor's visit to that mailbox, "
        "with a mail to ourselves that has to come back.",
    )
    parser.add_argument("addresses", metavar="ADDRESS", nargs="*", help="a mailbox to visit")
    parser.add_argument(
        "--mailboxes", action="store_true", help="try every mailbox, too: connect, sign in, open the folder; nothing is sent"
    )
    parser.add_argument("--json", action="store_true", help="say it as one JSON object")
    return parser


class _Lines:
    """Tells people, as it happens."""

    def say(self, worked: bool | None, words: str, *more: str) -> None:
        print(f"{SIGNS[worked]} {words}", *(f"       {each}" for each in more if each), sep="\n", flush=True)


class _Silent(_Lines):
    def say(self, worked: bool | None, words: str, *more: str) -> None:
        pass


def _mailbox(address: str) -> Any:
    from touchline.desk.models import Mailbox

    mailbox = Mailbox.objects.reached_by(address)
    if mailbox is None:
        raise Sorry(f"{address} is no mailbox. `touchline mailbox list` shows them all.", exit_code=2)
    return mailbox


def _looked_at(mailbox: Any, tell: _Lines) -> list[dict[str, Any]]:
    """Try what can be tried without sending anything."""
    from touchline.desk import doctor_look

    return [_said(mailbox, step, tell) for step in doctor_look.look(mailbox, _now())]


def _visited(mailbox: Any, tell: _Lines) -> list[dict[str, Any]]:
    """A whole visit, here and now. Mail is fetched and filed here as well, so that no desk need be running."""
    from touchline.desk import live
    from touchline.desk.models import Checkup
    from touchline.work.chores import take_in

    checkup = Checkup.begin(mailbox, by=None, at=_now(), at_once=False)
    told = 0

    def hear(_topic: str, _id: int) -> None:
        nonlocal told
        for step in checkup.steps[told:]:
            _said(mailbox, step, tell)
        told = len(checkup.steps)

    stop_listening = live.listen(hear)
    try:
        while checkup.ended_at is None:
            checkup.go_on(_now())
            if checkup.sent_at and checkup.ended_at is None:
                take_in(mailbox, _now())
                time.sleep(0.2)
    finally:
        stop_listening()
        if checkup.ended_at is None:
            checkup.end(_now())
    last = list(_after(checkup))
    for step in last:
        _said(mailbox, step, tell)
    return [*checkup.steps, *last]


def _after(checkup: Any) -> Iterator[dict[str, Any]]:
    from touchline.desk import doctor

    checkup.refresh_from_db()
    yield from doctor.there_and_back(checkup, _now())


def _said(mailbox: Any, step: dict[str, Any], tell: _Lines) -> dict[str, Any]:
    words = f"{mailbox.address}, {WAYS[step['way']]}: {step['words']}"
    tell.say(step["worked"], words, step["meaning"], step["fix"])
    return step


def _well(steps: list[dict[str, Any]]) -> bool:
    return all(step["worked"] is not False for step in steps)


def _now() -> datetime:
    return datetime.now(UTC)
