"""Several folders are read in one go, each mail is treated at its server as was chosen, and that is never done twice."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.channels.test_imap import mail, take, words
from tests.servers import DOVECOT, BadLine, Dovecot, running_dovecot
from touchline.channels import Fetched, NotNow, WrongSetting, email
from touchline.channels.imap import Mark
from touchline.channels.imap_after import Undone

pytestmark = pytest.mark.servers

ABLE = "imap_capability = IMAP4rev1 LITERAL+ UIDPLUS MOVE IDLE"
WITHOUT_MOVE = "imap_capability = IMAP4rev1 LITERAL+ UIDPLUS"
WITH_NOTHING = "imap_capability = IMAP4rev1"


@pytest.fixture(scope="module", params=[ABLE, WITHOUT_MOVE, WITH_NOTHING], ids=["able", "without-move", "with-nothing"])
def any_dovecot(request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    """One after another: a server that can move mails, one that can only copy them, and one of 1996."""
    if not DOVECOT:
        pytest.skip("dovecot is not installed: apt install dovecot-imapd")
    with running_dovecot(request.param) as running:
        yield running


def take_all(told: dict[str, Any], since: str = "", **more: str) -> tuple[list[Fetched], Any]:
    fetching = email.fetch(told, since=since, more=more)
    came = []
    for fetched in fetching:
        came.append(fetched)
        fetched.kept()
    return came, fetching


def in_folder(dovecot: Dovecot, box: str, folder: str = "INBOX") -> list[str]:
    """The subjects of what is in a folder and not marked as deleted, oldest first."""
    with dovecot.client(box) as client:
        client.select_folder(folder, readonly=True)
        found = client.fetch(client.search("UNDELETED"), ["BODY.PEEK[]"])
        return [facts[b"BODY[]"].partition(b"Subject: ")[2].partition(b"\r\n")[0].decode() for _, facts in sorted(found.items())]


def make(dovecot: Dovecot, box: str, *folders: str) -> None:
    with dovecot.client(box) as client:
        for folder in folders:
            client.create_folder(folder)


# Folders


def test_the_other_folders_are_read_after_the_first_each_from_its_own_mark(dovecot: Dovecot, box: str) -> None:
    dovecot.deliver(box, mail("one"))
    dovecot.deliver(box, mail("in help"), folder="Hilfe & Rat")
    dovecot.deliver(box, mail("in junk"), folder="Junk")
    more = {"Hilfe & Rat": "", "Junk": ""}
    came, fetching = take_all(dovecot.told(box), **more)
    assert [(fetched.place, word) for fetched, word in zip(came, words(came), strict=True)] == [
        ("", "one"),
        ("Hilfe & Rat", "in help"),
        ("Junk", "in junk"),
    ]
    assert fetching.marks.keys() == more.keys()
    dovecot.deliver(box, mail("more junk"), folder="Junk", seen=True)
    came, again = take_all(dovecot.told(box), fetching.mark, **fetching.marks)
    assert (words(came), came[0].place) == (["more junk"], "Junk")
    assert (again.mark, again.marks["Hilfe & Rat"]) == (fetching.mark, fetching.marks["Hilfe & Rat"])


def test_a_folder_that_is_gone_is_told_and_holds_up_no_other(dovecot: Dovecot, box: str) -> None:
    dovecot.deliver(box, mail("one"))
    dovecot.deliver(box, mail("in junk"), folder="Junk")
    came, fetching = take_all(dovecot.told(box), Gone="", Junk="")
    assert words(came) == ["one", "in junk"]
    assert fetching.trouble.startswith("The folder “Gone” on 127.0.0.1 cannot be opened")
    assert fetching.marks["Gone"] == ""


def test_a_first_folder_that_is_gone_holds_up_no_other_either(dovecot: Dovecot, box: str) -> None:
    dovecot.deliver(box, mail("in junk"), folder="Junk")
    came = []
    with pytest.raises(WrongSetting, match="Hlep"):
        for fetched in email.fetch(dovecot.told(box, folder="Hlep"), since="", more={"Junk": ""}):
            came.append(fetched)
            fetched.kept()
    assert words(came) == ["in junk"]


def test_a_folder_that_was_made_anew_is_read_again_and_the_others_are_not(dovecot: Dovecot, box: str) -> None:
    dovecot.deliver(box, mail("one"), seen=True)
    dovecot.deliver(box, mail("old"), folder="Help")
    _, fetching = take_all(dovecot.told(box), Help="")
    with dovecot.client(box) as client:
        client.delete_folder("Help")
    dovecot.deliver(box, mail("new"), folder="Help", seen=True)
    came, _ = take_all(dovecot.told(box), fetching.mark, **fetching.marks)
    assert words(came) == ["new"]


def test_the_mark_of_one_folder_is_no_mark_of_another(dovecot: Dovecot, box: str) -> None:
    """Two folders may have the same UIDVALIDITY: one that is read in place of the other begins afresh."""
    dovecot.deliver(box, *map(mail, ["a", "b", "c"]), seen=True)
    _, mark = take(dovecot.told(box))
    dovecot.deliver(box, mail("one"), folder="Help")
    known = Mark.read(mark)
    assert known
    with dovecot.client(box) as client:
        validity = client.folder_status("Help", ["UIDVALIDITY"])[b"UIDVALIDITY"]
    same_number = str(Mark(validity, known.uid, known.latest, "", known.where))
    assert words(take(dovecot.told(box, folder="Help"), same_number)[0]) == ["one"]


def test_the_folders_of_a_server_are_told_with_that_of_spam(any_dovecot: Dovecot, box: str) -> None:
    make(any_dovecot, box, "Hilfe & Rat", "Junk", "問い合わせ", "Help.Old")
    names = [place.name for place in email.places(any_dovecot.told(box))]
    assert names[0] == "INBOX"
    assert {"Hilfe & Rat", "Junk", "問い合わせ", "Help.Old"} <= set(names)
    email.make_place(any_dovecot.told(box), "Done – 済")
    assert "Done – 済" in [place.name for place in email.places(any_dovecot.told(box))]
    with pytest.raises(WrongSetting, match="would not make the folder “Junk”"):
        email.make_place(any_dovecot.told(box), "Junk")


def test_a_folder_that_was_probably_meant_is_named(dovecot: Dovecot, box: str) -> None:
    make(dovecot, box, "Work.Help")
    for wrong in ("Help", "Work.Hepl"):
        with pytest.raises(WrongSetting, match=r"Is “Work\.Help” meant"):
            take(dovecot.told(box, folder=wrong))


def test_a_check_opens_every_folder_and_looks_for_the_one_to_move_to(dovecot: Dovecot, box: str) -> None:
    make(dovecot, box, "Junk", "Done")
    told = dovecot.told(box, more=["Junk"], after="move", move_to="Done")
    steps = list(email.check(told, way="in"))
    assert steps[-1].worked and steps[-2].words == "The folder “INBOX” is open; mails in it: 0. So is “Junk”."
    assert "no folder “Doone”" in list(email.check({**told, "move_to": "Doone"}, way="in"))[-1].words
    assert "“Junkk”" in list(email.check({**told, "more": ["Junkk"]}, way="in"))[-1].words


# What happens to a mail


def test_it_can_be_left_as_it_is(any_dovecot: Dovecot, box: str) -> None:
    uids = any_dovecot.deliver(box, mail("one"), mail("two"))
    came, fetching = take_all(any_dovecot.told(box, after="leave"))
    assert words(came) == ["one", "two"]
    assert any_dovecot.unseen(box) == uids
    assert take_all(any_dovecot.told(box, after="leave"), fetching.mark)[0] == []


def test_it_can_be_moved(any_dovecot: Dovecot, box: str) -> None:
    make(any_dovecot, box, "Done & gone")
    any_dovecot.deliver(box, mail("one"), mail("two"))
    came, fetching = take_all(any_dovecot.told(box, after="move", move_to="Done & gone"))
    assert words(came) == ["one", "two"]
    assert in_folder(any_dovecot, box) == []
    assert in_folder(any_dovecot, box, "Done & gone") == ["one", "two"]
    assert any_dovecot.unseen(box, "Done & gone") == []
    assert (fetching.trouble, Mark.read(fetching.mark).undone) == ("", "")  # type: ignore[union-attr]


def test_it_can_be_deleted(any_dovecot: Dovecot, box: str) -> None:
    any_dovecot.deliver(box, mail("read long ago"), seen=True)
    any_dovecot.deliver(box, mail("one"), mail("two"))
    take_all(any_dovecot.told(box, after="delete"))
    assert in_folder(any_dovecot, box) == ["read long ago"]


@pytest.mark.parametrize("how", [{"after": "delete"}, {"after": "move", "move_to": "Done"}])
def test_what_somebody_else_marked_as_deleted_is_not_taken_away(any_dovecot: Dovecot, box: str, how: dict[str, str]) -> None:
    make(any_dovecot, box, "Done")
    (theirs,) = any_dovecot.deliver(box, mail("Kay may want this back"), seen=True)
    with any_dovecot.client(box) as client:
        client.select_folder("INBOX")
        client.add_flags([theirs], [b"\\Deleted"])
    any_dovecot.deliver(box, mail("one"))
    take_all(any_dovecot.told(box, **how))
    with any_dovecot.client(box) as client:
        client.select_folder("INBOX")
        assert theirs in client.search("DELETED")
        assert client.search("UNDELETED") == []


def test_nothing_is_done_before_we_have_it(any_dovecot: Dovecot, box: str) -> None:
    any_dovecot.deliver(box, mail("one"), mail("two"))
    fetching = email.fetch(any_dovecot.told(box, after="delete"), since="")
    next(fetching).kept()
    next(fetching)  # we have it in hand, and then the machine stops
    del fetching
    assert in_folder(any_dovecot, box) == ["two"]


@pytest.mark.parametrize("command", [b"STORE", b"MOVE", b"COPY", b"EXPUNGE"])
@pytest.mark.parametrize("after_it", [False, True], ids=["before", "after"])
@pytest.mark.usefixtures("in_a_hurry")
def test_what_broke_off_half_way_is_done_the_next_time_and_once(
    any_dovecot: Dovecot, box: str, bad_line: Callable[..., BadLine], command: bytes, after_it: bool
) -> None:
    make(any_dovecot, box, "Done")
    _, mark = take(any_dovecot.told(box))
    raws = [b"Message-ID: <%d@lantern.example>\r\n" % number + mail(f"mail {number}") for number in range(3)]
    any_dovecot.deliver(box, *raws)
    told = any_dovecot.told(box, after="move", move_to="Done")
    line = bad_line(any_dovecot.port, when=command, deaf=after_it)
    desk: list[Fetched] = []
    try:
        for fetched in email.fetch(told | {"port": line.port}, since=mark):
            desk.append(fetched)
            mark = fetched.mark
            fetched.kept()
    except NotNow:
        pass
    came, fetching = take_all(told, mark)
    assert list(dict.fromkeys(words(desk + came))) == ["mail 0", "mail 1", "mail 2"]
    assert in_folder(any_dovecot, box) == []
    assert in_folder(any_dovecot, box, "Done") == ["mail 0", "mail 1", "mail 2"]
    assert Mark.read(fetching.mark).undone == ""  # type: ignore[union-attr]


def test_mail_comes_in_though_the_folder_to_move_to_is_missing_and_is_moved_once_it_is_there(
    any_dovecot: Dovecot, box: str
) -> None:
    told = any_dovecot.told(box, after="move", move_to="Done")
    _, fetching = take_all(told)
    any_dovecot.deliver(box, mail("one"), mail("two"))
    came, fetching = take_all(told, fetching.mark)
    assert words(came) == ["one", "two"]
    assert "would not move it to “Done”" in fetching.trouble
    any_dovecot.deliver(box, mail("three"))
    came, fetching = take_all(told, fetching.mark)
    assert words(came) == ["three"] and fetching.trouble
    assert in_folder(any_dovecot, box) == ["one", "two", "three"]
    make(any_dovecot, box, "Done")
    came, fetching = take_all(told, fetching.mark)
    assert (came, fetching.trouble) == ([], "")
    assert in_folder(any_dovecot, box, "Done") == ["one", "two", "three"]
    assert in_folder(any_dovecot, box) == []


def test_a_folder_in_which_nothing_is_changed_is_opened_for_reading_only(dovecot: Dovecot, box: str) -> None:
    dovecot.deliver(box, mail("one"))
    take_all(dovecot.told(box, after="leave"))
    with dovecot.client(box) as client:
        assert client.select_folder("INBOX")[b"RECENT"] == 1, "nobody has opened it to change it yet"


def test_what_is_still_to_be_done_is_written_short_and_never_grows_for_ever() -> None:
    undone = Undone(range(5, 900))
    undone.add(1000)
    assert str(undone) == "5:899,1000"
    assert Undone.read("5:899,1000").uids == undone.uids
    for uid in range(2000, 4000):
        undone.add(uid)
    assert len(undone.uids) == Undone.MOST and 3999 in undone and 5 not in undone
    mark = Mark(7, 9, None, "3,5:6", "00c0ffee")
    assert Mark.read(str(mark)) == mark
