"""`touchline teammate`: who works here."""

import argparse
import getpass
import secrets
import sys
from datetime import UTC, datetime

from touchline.work import database
from touchline.work.environment import Sorry


def main(argv: list[str]) -> int:
    told = parser().parse_args(argv)
    database.ready()
    told.do(told)
    return 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("touchline teammate", description="Who works here.")
    which = parser.add_subparsers(required=True, metavar="WHAT")
    adding = which.add_parser(
        "add",
        help="add a teammate",
        description="Add a teammate. Their password is asked for, or made where there is no terminal.",
    )
    adding.add_argument("email", metavar="EMAIL")
    adding.add_argument("--name", required=True, help="the name that people see")
    adding.add_argument("--owner", action="store_true", help="may set the desk up, too")
    adding.add_argument("--lead", action="store_true", help="may write once to all in whose way the same thing stands")
    adding.set_defaults(do=add)
    password = which.add_parser(
        "password", help="set a new password", description="Set a new password for a teammate who forgot theirs."
    )
    password.add_argument("email", metavar="EMAIL")
    password.set_defaults(do=set_password)
    leaving = which.add_parser(
        "deactivate",
        help="a teammate leaves",
        description="A teammate leaves: they cannot sign in any more; what they did keeps their name.",
    )
    leaving.add_argument("email", metavar="EMAIL")
    leaving.set_defaults(do=deactivate)
    listing = which.add_parser("list", help="list the teammates")
    listing.set_defaults(do=list_all)
    return parser


def add(told: argparse.Namespace) -> None:
    from django.core.exceptions import ValidationError

    from touchline.desk.models import Teammate

    if Teammate.objects.filter(email__lower=told.email.lower()).exists():
        raise Sorry(f"{told.email} is a teammate already.", exit_code=2)
    role = Teammate.Role.of(owner=told.owner, lead=told.lead)
    password, made = _new_password(Teammate(email=told.email, name=told.name))
    try:
        Teammate.join(name=told.name, email=told.email, password=password, role=role, at=datetime.now(UTC))
    except ValidationError as trouble:
        raise Sorry(" ".join(trouble.messages), exit_code=2) from trouble
    print(
        f"{told.name} can sign in as {told.email.lower()}."
        + (f" Their password is {password} until they choose their own." if made else "")
    )


def set_password(told: argparse.Namespace) -> None:
    teammate = _teammate(told.email)
    password, made = _new_password(teammate)
    teammate.set_password(password)
    teammate.save(update_fields=["password"])
    print(f"{teammate.name} has a new password{': ' + password if made else ''}. Where they were signed in, they no longer are.")


def deactivate(told: argparse.Namespace) -> None:
    from touchline.desk.models import Teammate

    teammate = _teammate(told.email)
    if teammate.is_owner and not Teammate.objects.here().filter(role=Teammate.Role.OWNER).exclude(pk=teammate.pk).exists():
        raise Sorry(
            f"{teammate.name} is the only owner. Make someone else an owner first: `touchline teammate add --owner`.", exit_code=2
        )
    teammate.leave(at=datetime.now(UTC))
    print(f"{teammate.name} can no longer sign in.")


def list_all(_told: argparse.Namespace) -> None:
    from touchline.desk.models import Teammate

    for teammate in Teammate.objects.get_queryset().order_by("name"):
        state = "" if teammate.is_active else "  (left)"
        print(f"{teammate.name}  {teammate.email}  {teammate.role}{state}")


def _teammate(email: str):  # type: ignore[no-untyped-def]
    from touchline.desk.models import Teammate

    teammate = Teammate.objects.get_queryset().filter(email__lower=email.lower()).first()
    if teammate is None:
        raise Sorry(f"There is no teammate {email}. `touchline teammate list` shows them all.", exit_code=2)
    return teammate


def _new_password(teammate) -> tuple[str, bool]:  # type: ignore[no-untyped-def]
    """Asked for at a terminal, one line of what is piped in, or made up where there is neither. And whether it was made up."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Once more: "):
            raise Sorry("The two passwords are not the same. Nothing was changed.", exit_code=2)
    else:
        password = sys.stdin.readline().rstrip("\n")
        if not password:
            return secrets.token_urlsafe(12), True
    try:
        validate_password(password, teammate)
    except ValidationError as trouble:
        raise Sorry(" ".join(trouble.messages) + " Nothing was changed.", exit_code=2) from trouble
    return password, False
