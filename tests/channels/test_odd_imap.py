"""Whatever a server may say by the letter of the RFC, each mail comes once, whole and in order."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.channels.test_imap import mail, take, words
from tests.odd_imap import OddImap
from touchline.channels import CannotWatch, WrongSetting, email


@pytest.fixture
def odd() -> Iterator[Callable[..., OddImap]]:
    servers: list[OddImap] = []

    def start(*mails: bytes | None, **how: Any) -> OddImap:
        servers.append(OddImap({uid * 10: raw for uid, raw in enumerate(mails, start=1)}, **how).start())
        return servers[-1]

    yield start
    for one in servers:
        one.stop()


def test_answers_in_any_order_with_others_in_between_come_in_order(odd: Callable[..., OddImap]) -> None:
    server = odd(mail("one"), mail("two"), mail("three"))
    came, mark = take(server.told())
    assert words(came) == ["one", "two", "three"]
    assert came[0].received_at == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert take(server.told(), mark) == ([], mark)


def test_what_it_can_do_is_asked_after_signing_in(odd: Callable[..., OddImap]) -> None:
    server = odd(mail("one"), before="IMAP4rev1", after="IMAP4rev1 MOVE ID")
    take(server.told(after="move", move_to="Done"))
    said = [command.split()[0] for command in server.said]
    assert said.index("LOGIN") < said.index("ID") < said.index("SELECT")
    assert "UID MOVE 10 Done" in [command.replace('"', "") for command in server.said]
    assert 'ID ("name" "Touchline")' in server.said


def test_nothing_is_asked_of_it_that_it_cannot_do(odd: Callable[..., OddImap]) -> None:
    server = odd(mail("one"), after="IMAP4rev1")
    take(server.told(after="delete"))
    assert not {"ID", "ENABLE", "IDLE", "NAMESPACE"} & {command.split()[0] for command in server.said}
    assert not any(command.startswith(("UID MOVE", "UID EXPUNGE")) for command in server.said)


def test_names_and_mails_in_utf8_are_taken_where_the_server_offers_them(odd: Callable[..., OddImap]) -> None:
    names = ("INBOX", "Grüße & Co", "問い合わせ", "[Gmail]/Spam")
    server = odd(mail("Grüße"), names=names)
    places = email.places(server.told())
    assert {place.name for place in places} == set(names)
    assert [place.name for place in places if place.spam] == ["[Gmail]/Spam"]
    assert "ENABLE UTF8=ACCEPT" in server.said
    assert words(take(server.told(folder="Grüße & Co"))[0]) == ["Grüße"]
    assert 'SELECT "Grüße & Co"' in server.said


def test_names_are_in_modified_utf7_where_it_offers_nothing_better(odd: Callable[..., OddImap]) -> None:
    server = odd(mail("one"), after="IMAP4rev1")
    take(server.told(folder="Grüße & Co"))
    assert 'SELECT "Gr&APwA3w-e &- Co"' in server.said


def test_a_mail_of_which_it_says_nil_comes_with_a_sentence_and_holds_up_no_other(odd: Callable[..., OddImap]) -> None:
    server = odd(mail("one"), None, mail("three"))
    came, mark = take(server.told())
    assert [fetched.raw[:12] for fetched in came] == [b"From: Nora <", b"Subject: x\r\n", b"From: Nora <"]
    assert came[1].note == "127.0.0.1 could not hand this mail over: “NIL”. It is still in “INBOX”."
    assert take(server.told(), mark)[0] == []


@pytest.mark.parametrize("said", [0, 1, 10_000_000])
def test_a_size_that_is_not_true_does_no_harm(odd: Callable[..., OddImap], said: int) -> None:
    server = odd(mail("one"), mail("two"), sizes={10: said, 20: said})
    assert words(take(server.told())[0]) == ["one", "two"]


def test_a_mail_that_is_larger_than_it_said_is_not_taken_whole(odd: Callable[..., OddImap]) -> None:
    server = odd(mail("one"), mail("two") + b"x" * 3 * 1024**2, sizes={20: 5})
    came, _ = take(server.told(), size_limit=2 * 1024**2)
    assert (len(came), came[1].raw) == (2, b"Subject: x\r\n")
    assert came[1].note.startswith("This mail is 3 MB, more than the 2 MB")


def test_a_mail_that_goes_between_being_found_and_being_fetched_is_no_trouble(odd: Callable[..., OddImap]) -> None:
    server = odd(mail("one"), mail("two"), mail("three"), gone={20})
    came, mark = take(server.told())
    assert words(came) == ["one", "three"]
    assert take(server.told(), mark)[0] == []


def test_a_folder_without_anything_in_it_is_read(odd: Callable[..., OddImap]) -> None:
    assert take(odd().told())[0] == []


def test_a_server_that_tells_nobody_says_so(odd: Callable[..., OddImap]) -> None:
    told: list[str] = []
    with pytest.raises(CannotWatch):
        email.watch(odd(mail("one")).told(), tell=lambda: told.append("x")).run()
    assert told == []


def test_moving_without_a_target_is_something_to_say(odd: Callable[..., OddImap]) -> None:
    with pytest.raises(WrongSetting, match="say to which folder"):
        take(odd(mail("one")).told(after="move"))
