"""How words come in and go out. Knows the wire and nothing of the desk."""

from collections.abc import Mapping

from touchline.channels import email
from touchline.channels.contract import (
    MAIL_LIMIT,
    Ask,
    CannotWatch,
    Channel,
    Fetched,
    Fetching,
    Never,
    NotNow,
    Place,
    Refused,
    Reply,
    SignInAgain,
    Step,
    Told,
    Watching,
    Way,
    WrongSetting,
)

CHANNELS: Mapping[str, Channel] = {channel.kind: channel for channel in (email,)}
"""Every channel by its kind. A new one is a module here and its name in this line."""

__all__ = [
    "CHANNELS",
    "MAIL_LIMIT",
    "Ask",
    "CannotWatch",
    "Channel",
    "Fetched",
    "Fetching",
    "Never",
    "NotNow",
    "Place",
    "Refused",
    "Reply",
    "SignInAgain",
    "Step",
    "Told",
    "Watching",
    "Way",
    "WrongSetting",
]
