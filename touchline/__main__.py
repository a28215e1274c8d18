"""The `touchline` command: finds what was asked for, runs it, and says foreseeable trouble in one sentence."""

import importlib
import os
import sys
from dataclasses import dataclass

from touchline.work.environment import Sorry
from touchline.work.trouble import foreseen


@dataclass(frozen=True)
class Command:
    """A line of help, and where `main(argv) -> exit code` is; it is imported when it is run."""

    help: str
    where: str


COMMANDS = {
    "up": Command("Start the desk: pages, worker and mail door in one process.", "touchline.work.up_command:main"),
    "check": Command("Say what is wrong with this installation, and how to put it right.", "touchline.work.check_command:main"),
    "teammate": Command("Add, list and deactivate teammates, or set a password.", "touchline.work.teammate_command:main"),
    "mailbox": Command("Add, list and check mailboxes.", "touchline.work.mailbox_command:main"),
    "keys": Command("Replace the secret key, and lock everything anew.", "touchline.work.keys_command:main"),
    "receive": Command("Take one mail from standard input into a mailbox.", "touchline.work.receive_command:main"),
    "understand": Command("Show how mails are read, one line of JSON each.", "touchline.work.understand_command:main"),
    "import": Command("Bring in a history of mail: `import mbox FILE...`.", "touchline.work.import_command:main"),
    "impact": Command("Count the people helped, from the desk or from a file.", "touchline.work.impact_command:main"),
    "ledger": Command("Write the ledger out, or read one into a new desk.", "touchline.work.ledger_command:main"),
    "work": Command("Run the worker alone.", "touchline.work.work_command:main"),
    "migrate": Command("Bring the database up to this version.", "touchline.work.database:migrate_main"),
    "django": Command("Django's own commands, for developers.", "touchline.work.database:django_main"),
}


def main(argv: list[str] | None = None) -> int:
    """Run the command named first in `argv` (the process's own if None) and return its exit code."""
    argv = sys.argv[1:] if argv is None else argv
    os.umask(0o077)  # what we write is for us alone, whatever folder we were given: mails, and who is signed in
    try:
        return run(argv)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        forget_output()
        return 141
    except Exception as trouble:
        sorry = foreseen(trouble)
        if sorry is None or os.environ.get("TOUCHLINE_DEBUG", "no") != "no":
            raise
        print(sorry, file=sys.stderr)
        forget_output()
        return sorry.exit_code


def forget_output() -> None:
    """Send nowhere what still waits to be written, or Python would fail on it once more while it shuts down."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run(argv: list[str]) -> int:
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    if argv[0] not in COMMANDS:
        raise Sorry(f"There is no command {argv[0]}. `touchline --help` lists them all.", exit_code=2)
    module, _, function = COMMANDS[argv[0]].where.partition(":")
    exit_code = int(getattr(importlib.import_module(module), function)(argv[1:]) or 0)
    # Now, where trouble can still be told, and not while Python shuts down.
    sys.stdout.flush()
    return exit_code


def usage() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {command.help}" for name, command in COMMANDS.items()]
    return "\n".join(["usage: touchline COMMAND ...   (`touchline COMMAND --help` says more)", "", *lines])


if __name__ == "__main__":
    sys.exit(main())
