"""`touchline receive`: a mail from a pipe is in, or its bearer keeps it."""

import io
import sys
from types import SimpleNamespace

import pytest

from tests.cast import NORA, SUPPORT
from touchline.desk import files
from touchline.desk.models import Conversation, InboundEmail, Mailbox
from touchline.work import receive_command
from touchline.work.environment import Sorry

RAW = NORA.writes("The lamp is dark", "It went dark.")


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(RAW, monkeypatch)


def pipe(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))


def refused(*told: str) -> Sorry:
    with pytest.raises(Sorry) as sorry:
        receive_command.main(list(told))
    assert not InboundEmail.objects.exists()
    return sorry.value


def test_a_mail_is_kept_byte_for_byte_and_waits_to_be_read(support: Mailbox, piped: None) -> None:
    assert receive_command.main(["--mailbox", SUPPORT, "--sender", NORA.address]) == 0
    inbound = InboundEmail.objects.get()
    assert (inbound.raw(), inbound.via, inbound.mail_from, inbound.mailbox) == (RAW, "pipe", NORA.address, support)
    assert inbound.due_at
    assert not Conversation.objects.exists()


def test_with_file_it_is_in_its_conversation_at_once(support: Mailbox, piped: None) -> None:
    assert receive_command.main(["--mailbox", SUPPORT, "--file"]) == 0
    assert Conversation.objects.get().subject == "The lamp is dark"


def test_the_same_mail_twice_is_one(support: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for _time in range(2):
        pipe(RAW, monkeypatch)
        assert receive_command.main(["--mailbox", SUPPORT]) == 0
    assert InboundEmail.objects.count() == 1


def test_an_address_that_is_no_mailbox_is_refused_for_good(support: Mailbox, piped: None) -> None:
    sorry = refused("--mailbox", "nobody@touchline.example")
    assert sorry.exit_code == 67
    assert "`touchline mailbox add nobody@touchline.example` makes it one." in str(sorry)


def test_nothing_at_all_is_no_mail(support: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(b"\n", monkeypatch)
    assert refused("--mailbox", SUPPORT).exit_code == 65


def test_a_mail_that_is_too_large_is_not_taken(support: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_MAX_MAIL_MB", "1")
    pipe(RAW + b"x" * (1 << 20), monkeypatch)
    sorry = refused("--mailbox", SUPPORT)
    assert (sorry.exit_code, "larger than 1 MB" in str(sorry)) == (65, True)


def test_where_it_cannot_be_kept_it_is_to_be_handed_over_again(
    support: Mailbox, piped: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_data: bytes) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "keep", full)
    sorry = refused("--mailbox", SUPPORT)
    assert (sorry.exit_code, "Hand it over again later" in str(sorry)) == (75, True)
