"""Mail is fetched once, from where we had read to, and marked as seen only after we have it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.servers import BadLine, Dovecot
from touchline.channels import Fetched, NotNow, WrongSetting, email, imap
from touchline.channels.imap import Mark

pytestmark = pytest.mark.servers


def mail(words: str) -> bytes:
    return f"From: Nora <nora@lantern.example>\r\nSubject: {words}\r\n\r\n.{words}\r\n\r\n".encode()


def take(told: dict[str, Any], since: str = "", **how: Any) -> tuple[list[Fetched], str]:
    """Fetch as the desk does: keep each, then say so. What came, and the mark for the next time."""
    fetching = email.fetch(told, since=since, **how)
    came = []
    for fetched in fetching:
        came.append(fetched)
        fetched.kept()
    return came, fetching.mark


def words(came: list[Fetched]) -> list[str]:
    return [fetched.raw.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode() for fetched in came]


def test_the_first_time_only_what_nobody_has_read_comes_in(dovecot: Dovecot, box: str) -> None:
    dovecot.deliver(box, mail("read long ago"), seen=True)
    dovecot.deliver(box, mail("one"), mail("two"))
    dovecot.deliver(box, mail("read today"), seen=True)
    came, mark = take(dovecot.told(box))
    assert words(came) == ["one", "two"]
    assert take(dovecot.told(box), mark) == ([], mark)


def test_what_comes_later_comes_in_even_where_somebody_has_read_it(dovecot: Dovecot, box: str) -> None:
    dovecot.deliver(box, mail("one"))
    _, mark = take(dovecot.told(box))
    dovecot.deliver(box, mail("read on Kay's phone"), seen=True)
    came, mark = take(dovecot.told(box), mark)
    assert words(came) == ["read on Kay's phone"]
    assert take(dovecot.told(box), mark)[0] == []


@pytest.mark.parametrize("already_there", [0, 2])
def test_a_folder_with_nothing_new_is_remembered_as_read(dovecot: Dovecot, box: str, already_there: int) -> None:
    if already_there:
        dovecot.deliver(box, *map(mail, "ab"), seen=True)
    came, mark = take(dovecot.told(box))
    assert (came, bool(mark)) == ([], True)
    dovecot.deliver(box, mail("read on Kay's phone"), seen=True)
    assert words(take(dovecot.told(box), mark)[0]) == ["read on Kay's phone"]


def test_bytes_and_time_of_arrival_are_the_servers_own(dovecot: Dovecot, box: str) -> None:
    raw = b"Subject: \xff\r\n\r\n.dot\r\n..\r\n\x80\x81 no end"
    dovecot.deliver(box, raw, at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    (fetched,), _ = take(dovecot.told(box))
    assert fetched.raw == raw
    assert fetched.received_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert fetched.note == ""


def test_nothing_is_marked_as_seen_until_we_have_it(dovecot: Dovecot, box: str) -> None:
    _, two, three = dovecot.deliver(box, mail("one"), mail("two"), mail("three"))
    fetching = email.fetch(dovecot.told(box), since="")
    next(fetching).kept()
    next(fetching)  # we have it in hand, and then the machine stops
    assert dovecot.unseen(box) == [two, three]
    del fetching
    assert words(take(dovecot.told(box))[0]) == ["two", "three"]
    assert dovecot.unseen(box) == []


def test_a_first_time_that_breaks_off_takes_up_what_is_left(dovecot: Dovecot, box: str) -> None:
    dovecot.deliver(box, mail("one"))
    dovecot.deliver(box, mail("read long ago"), seen=True)
    dovecot.deliver(box, mail("two"))
    fetching = email.fetch(dovecot.told(box), since="")
    first = next(fetching)
    first.kept()
    del fetching
    assert words(take(dovecot.told(box), first.mark)[0]) == ["two"]


def test_a_later_time_that_breaks_off_goes_on_after_the_last_one_kept(dovecot: Dovecot, box: str) -> None:
    _, mark = take(dovecot.told(box))
    dovecot.deliver(box, mail("one"), mail("two"), mail("three"), seen=True)
    fetching = email.fetch(dovecot.told(box), since=mark)
    next(fetching)
    second = next(fetching)
    del fetching
    assert words(take(dovecot.told(box), second.mark)[0]) == ["three"]


def test_a_folder_that_was_numbered_anew_is_read_again_from_two_days_before(dovecot: Dovecot, box: str) -> None:
    told = dovecot.told(box, folder="Help")
    old, recent, today = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (1, 9, 10))
    dovecot.deliver(box, mail("from before our time"), folder="Help", seen=True, at=old)
    dovecot.deliver(box, mail("known"), folder="Help", at=today)
    came, mark = take(told)
    assert words(came) == ["known"]
    with dovecot.client(box) as client:
        client.delete_folder("Help")
    dovecot.deliver(box, mail("from before our time"), folder="Help", seen=True, at=old)
    dovecot.deliver(box, mail("of yesterday"), folder="Help", seen=True, at=recent)
    dovecot.deliver(box, mail("known"), mail("came meanwhile"), folder="Help", seen=True, at=today)
    dovecot.deliver(box, mail("unread for long"), folder="Help", at=old)
    came, again = take(told, mark)
    assert words(came) == ["of yesterday", "known", "came meanwhile", "unread for long"]
    assert Mark.read(again).validity != Mark.read(mark).validity  # type: ignore[union-attr]
    assert take(told, again)[0] == []


def test_a_folder_that_was_empty_and_was_numbered_anew_is_read_whole(dovecot: Dovecot, box: str) -> None:
    told = dovecot.told(box, folder="Help")
    with dovecot.client(box) as client:
        client.create_folder("Help")
    _, mark = take(told)
    with dovecot.client(box) as client:
        client.delete_folder("Help")
    dovecot.deliver(box, mail("one"), folder="Help", seen=True)
    assert words(take(told, mark)[0]) == ["one"]


def test_numbering_anew_that_breaks_off_begins_again(dovecot: Dovecot, box: str) -> None:
    dovecot.deliver(box, mail("one"), mail("two"), seen=True)
    before = str(Mark(validity=1, uid=700, latest=datetime(2026, 1, 1, tzinfo=UTC)))
    fetching = email.fetch(dovecot.told(box), since=before)
    assert next(fetching).mark == before
    del fetching
    assert words(take(dovecot.told(box), before)[0]) == ["one", "two"]


def test_what_is_deleted_meanwhile_does_not_stop_the_rest(dovecot: Dovecot, box: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "AT_A_TIME", 1)
    _, two, three = dovecot.deliver(box, mail("one"), mail("two"), mail("three"))
    came = []
    for fetched in (fetching := email.fetch(dovecot.told(box), since="")):
        came.append(fetched)
        with dovecot.client(box) as client:
            client.select_folder("INBOX")
            client.delete_messages([two, three][len(came) - 1 :], silent=True)
            client.expunge()
    assert words(came) == ["one"]
    assert Mark.read(fetching.mark).uid == three  # type: ignore[union-attr]


def test_a_mail_that_is_too_big_comes_as_its_headers_and_a_sentence(dovecot: Dovecot, box: str) -> None:
    dovecot.deliver(box, mail("small"), mail("big") + b"x" * 3 * 1024**2, mail("last"))
    came, _ = take(dovecot.told(box), size_limit=2 * 1024**2)
    assert words(came) == ["small", "big", "last"]
    assert came[1].raw == b"From: Nora <nora@lantern.example>\r\nSubject: big\r\n\r\n"
    assert came[1].note == (
        "This mail is 3 MB, more than the 2 MB that are taken here. Only its headers were fetched; the whole is still in “INBOX”."
    )
    assert came[0].note == came[2].note == ""


def test_only_so_much_is_asked_for_at_a_time() -> None:
    big = imap.IN_HAND
    assert list(imap.groups({1: 10, 2: 20, 3: big, 4: big - 1, 5: 1, 6: 1}, big)) == [[1, 2], [3], [4, 5], [6]]
    assert list(imap.groups({1: 10, 2: 31, 3: 10, 4: 20, 5: 31}, 30)) == [[1], [2], [3, 4], [5]]
    assert list(imap.groups({}, big)) == []


def test_a_backlog_comes_whole_and_in_order(dovecot: Dovecot, box: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "AT_A_TIME", 7)
    monkeypatch.setattr(imap, "IN_HAND", 500)
    monkeypatch.setattr(imap, "WINDOW", 10)
    names = [f"mail {number}" for number in range(60)]
    dovecot.deliver(box, *map(mail, names))
    assert words(take(dovecot.told(box))[0]) == names


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
@pytest.mark.usefixtures("trusted")
def test_mail_comes_over_every_kind_of_connection(dovecot: Dovecot, box: str, security: str) -> None:
    dovecot.deliver(box, mail("one"))
    assert words(take(dovecot.told(box, security=security))[0]) == ["one"]


def test_a_password_may_have_any_letters(dovecot: Dovecot, box: str) -> None:
    dovecot.deliver(box, mail("one"))
    assert words(take(dovecot.told(box, password=dovecot.other_password))[0]) == ["one"]


@pytest.mark.parametrize("folder", ["Hilfe & Rat", "問い合わせ", "a.b"])
def test_a_folder_may_have_any_name(dovecot: Dovecot, box: str, folder: str) -> None:
    dovecot.deliver(box, mail("one"), folder=folder)
    assert words(take(dovecot.told(box, folder=folder))[0]) == ["one"]


@pytest.mark.parametrize("command", [b"LOGIN", b"SELECT", b"SEARCH", b"RFC822.SIZE", b"BODY.PEEK", b"STORE"])
@pytest.mark.parametrize("hang", [False, True])
@pytest.mark.usefixtures("in_a_hurry")
def test_a_line_that_fails_at_any_command_loses_nothing(
    dovecot: Dovecot, box: str, bad_line: Callable[..., BadLine], command: bytes, hang: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "AT_A_TIME", 1)
    names = ["one", "two", "three"]
    dovecot.deliver(box, *map(mail, names))
    line = bad_line(dovecot.port, when=command, hang=hang)
    desk, mark = [], ""
    try:
        for fetched in email.fetch(dovecot.told(box) | {"port": line.port}, since=""):
            desk.append(fetched)
            mark = fetched.mark
            fetched.kept()
        pytest.fail("the line held")
    except NotNow as trouble:
        assert str(trouble) in (
            "The mail server 127.0.0.1 hung up.",
            "The mail server 127.0.0.1 did not answer within 0.5 seconds.",
        )
    came, _ = take(dovecot.told(box), mark)
    assert list(dict.fromkeys(words(desk + came))) == names
    assert len(words(desk + came)) <= len(names) + 1  # the one whose "seen" was lost may come twice, and is known by its bytes


@pytest.mark.parametrize("bytes_back", [0, 30, 400, 900, 1500])
def test_a_line_that_breaks_in_the_middle_of_an_answer_loses_nothing(
    dovecot: Dovecot, box: str, bad_line: Callable[..., BadLine], bytes_back: int
) -> None:
    dovecot.deliver(box, mail("one"), mail("x" * 2000))
    line = bad_line(dovecot.port, bytes_back=bytes_back)
    with pytest.raises(NotNow, match=r"hung up|broke off"):
        take(dovecot.told(box) | {"port": line.port})
    assert words(take(dovecot.told(box))[0])[-1] == "x" * 2000


def test_a_wrong_password_is_something_to_change(dovecot: Dovecot, box: str) -> None:
    with pytest.raises(WrongSetting) as trouble:
        take(dovecot.told(box, password="not-this-one"))
    assert str(trouble.value).startswith(f"127.0.0.1 refused the user name or the password of {box}: “")
    assert "not-this-one" not in str(trouble.value)


def test_a_folder_that_is_not_there_is_something_to_change(dovecot: Dovecot, box: str) -> None:
    with pytest.raises(WrongSetting, match=r"The folder “Hlep” on 127.0.0.1 cannot be opened"):
        take(dovecot.told(box, folder="Hlep"))


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(dovecot: Dovecot, box: str) -> None:
    for security in ("tls", "starttls"):
        with pytest.raises(WrongSetting, match="The certificate of localhost cannot be trusted: self-signed certificate"):
            take(dovecot.told(box, security=security))


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_not_trusted(dovecot: Dovecot, box: str) -> None:
    for security in ("tls", "starttls"):
        with pytest.raises(WrongSetting, match=r"The certificate of 127.0.0.1 cannot be trusted: IP address mismatch"):
            take(dovecot.told(box, security=security) | {"host": "127.0.0.1"})


@pytest.mark.usefixtures("trusted")
def test_no_password_is_said_before_the_line_is_encrypted(dovecot: Dovecot, box: str, bad_line: Callable[..., BadLine]) -> None:
    line = bad_line(dovecot.port, when=b"STARTTLS")
    with pytest.raises(NotNow):
        take(dovecot.told(box, security="starttls") | {"port": line.port})
    line = bad_line(dovecot.port, when=b"LOGIN")
    assert take(dovecot.told(box, security="starttls") | {"port": line.port})[0] == []


def test_marks_can_be_kept_and_read_again() -> None:
    for mark in (Mark(3, 4, None), Mark(2**32 - 1, 2**32 - 1, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))):
        assert Mark.read(str(mark)) == mark
        assert len(str(mark)) <= 100


def test_the_mark_is_never_ahead_of_what_we_have(dovecot: Dovecot, box: str) -> None:
    _, mark = take(dovecot.told(box))
    dovecot.deliver(box, mail("one"), mail("two"))
    fetching = email.fetch(dovecot.told(box), since=mark)
    one = next(fetching)
    assert fetching.mark == mark
    two = next(fetching)
    assert fetching.mark == one.mark
    assert next(fetching, None) is None
    assert fetching.mark == two.mark


def test_a_mail_that_its_server_cannot_read_does_not_hold_up_the_others(dovecot: Dovecot, box: str) -> None:
    dovecot.deliver(box, mail("one"), mail("unreadable"), mail("three"))
    for file in (dovecot.folder / "mail" / box).glob("*/*"):
        if file.is_file() and b"unreadable" in file.read_bytes():
            file.chmod(0)
    came, mark = take(dovecot.told(box))
    assert [fetched.raw.count(b"Subject") for fetched in came] == [1, 0, 1]
    assert came[1].note.startswith("127.0.0.1 could not hand this mail over")
    assert take(dovecot.told(box), mark)[0] == []
