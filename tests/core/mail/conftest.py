"""What the tests of mail share: emails made of a few words, and a watch."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from touchline.core.mail.email import Email
from touchline.core.mail.understand import understand


def email_of(text: str = "", *, html: str = "", **headers: str) -> Email:
    """An email with a text or an HTML body; keywords are headers, with _ for -."""
    said = {
        "from": "Nora Quinn <nora@lantern.example>",
        "to": "help@desk.example",
        "subject": "Lamp",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    kind = "html" if html else "plain"
    return understand(f"{head}Content-Type: text/{kind}; charset=utf-8\r\n\r\n{html or text}".encode())


def reply_of(text: str = "", *, html: str = "", **headers: str) -> Email:
    """An email that answers one of ours."""
    return email_of(text, html=html, **{"subject": "Re: Lamp", "in_reply_to": "<ours@desk.example>", **headers})


@pytest.fixture
def within():
    """A watch that stops work which takes far longer than promised. Generous: machines are shared, quadratic work is not."""

    @contextmanager
    def watch(*, seconds_per_megabyte: float, at_least: float, megabytes: float = 1.0) -> Iterator[None]:
        began = time.process_time()
        yield
        assert time.process_time() - began < max(at_least, seconds_per_megabyte * megabytes)

    return watch
