"""A mailbox asks all its folders, keeps what it is told while it asks, and says what does not work without coming to a stop."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cast import ILSE, NORA, SUPPORT
from tests.servers import DOVECOT, Dovecot, running_dovecot
from touchline.channels import CHANNELS, Fetched, NotNow
from touchline.desk import files
from touchline.desk.models import InboundEmail, Mailbox

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


class Outside:
    """A server with folders, each a list of mails; what is kept there is told by `done`."""

    def __init__(self) -> None:
        self.folders: dict[str, list[bytes]] = {}
        self.done: list[tuple[str, bytes]] = []
        self.trouble = ""
        self.broken: NotNow | None = None
        self.meanwhile: Any = None

    def fetch(self, told: Mapping[str, Any], *, since: str, more: Mapping[str, str], size_limit: int) -> "Reading":
        return Reading(self, since, dict(more))


class Reading:
    def __init__(self, outside: Outside, since: str, more: dict[str, str]) -> None:
        self.outside = outside
        self.trouble = outside.trouble
        self.mark = since
        self.marks = more
        self._mails = self._all()

    def __iter__(self) -> "Reading":
        return self

    def __next__(self) -> Fetched:
        return next(self._mails)

    def _all(self) -> Iterator[Fetched]:
        for place in ("", *self.marks):
            mails = self.outside.folders.get(place, [])
            for number in range(int((self.marks.get(place) if place else self.mark) or 0), len(mails)):
                raw = mails[number]
                mark = str(number + 1)
                kept = lambda place=place, raw=raw: self.outside.done.append((place, raw))  # noqa: E731
                yield Fetched(raw=raw, received_at=None, mark=mark, kept=kept, place=place)
                if place:
                    self.marks[place] = mark
                else:
                    self.mark = mark
        if self.outside.meanwhile:
            self.outside.meanwhile()
        if self.outside.broken:
            raise self.outside.broken


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    there = Outside()
    monkeypatch.setitem(CHANNELS, "email", there)  # type: ignore[arg-type]
    return there


@pytest.fixture
def reached(support: Mailbox, at: datetime) -> Mailbox:
    told = {"imap_host": "imap.touchline.example", "imap_more_folders": "Help\nOld\n", "imap_spam_folder": "Junk"}
    support.be_reached(told, at=at)
    return support


def test_all_folders_are_read_and_each_mail_remembers_its_own(reached: Mailbox, outside: Outside, at: datetime):
    hello, help_, junk = (NORA.writes(words, "Hi") for words in ("Hello", "Help", "Win"))
    outside.folders = {"": [hello], "Help": [help_], "Junk": [junk]}
    assert reached.fetch(at) == 3
    assert {inbound.folder: inbound.raw() for inbound in InboundEmail.objects.all()} == {"": hello, "Help": help_, "Junk": junk}
    assert outside.done == [("", hello), ("Help", help_), ("Junk", junk)]
    reached.refresh_from_db()
    assert (reached.imap_mark, reached.imap_marks["Help"], reached.imap_marks["Junk"]) == ("1", "1", "1")
    assert reached.fetch(at) == 0


def test_a_folder_that_is_left_out_for_a_while_goes_on_where_it_was(reached: Mailbox, outside: Outside, at: datetime):
    outside.folders = {"Help": [NORA.writes("One", "Hi")]}
    reached.fetch(at)
    reached.be_reached({"imap_more_folders": ""}, at=at)
    outside.folders["Help"].append(NORA.writes("Two", "Hi"))
    assert reached.fetch(at) == 0
    reached.be_reached({"imap_more_folders": "Help"}, at=at)
    assert reached.fetch(at) == 1


def test_the_same_mail_in_two_folders_is_one(reached: Mailbox, outside: Outside, at: datetime):
    raw = NORA.writes("Hello", "Hi")
    outside.folders = {"": [raw], "Help": [raw]}
    assert reached.fetch(at) == 2
    assert InboundEmail.objects.count() == 1
    assert len(outside.done) == 2, "both are treated at the server"


def test_nothing_is_said_outside_before_the_bytes_and_the_mark_are_kept(
    reached: Mailbox, outside: Outside, at: datetime, monkeypatch: pytest.MonkeyPatch
):
    outside.folders = {"": [NORA.writes("One", "Hi"), ILSE.writes("Two", "Hi")]}
    keep = files.keep

    def full_at_the_second(data: bytes) -> str:
        if b"Two" in data:
            raise OSError("No space left on device")
        return keep(data)

    monkeypatch.setattr(files, "keep", full_at_the_second)
    with pytest.raises(OSError, match="No space"):
        reached.fetch(at)
    reached.refresh_from_db()
    assert (reached.imap_mark, len(outside.done)) == ("1", 1)
    monkeypatch.setattr(files, "keep", keep)
    assert reached.fetch(at) == 1


def test_a_trouble_that_stops_nothing_is_told_and_slows_nothing_down(reached: Mailbox, outside: Outside, at: datetime):
    outside.trouble = "The folder “Old” cannot be opened."
    outside.folders = {"": [NORA.writes("One", "Hi")]}
    assert reached.fetch(at) == 1
    reached.refresh_from_db()
    assert (reached.trouble, reached.tries, reached.fetched_at) == ("The folder “Old” cannot be opened.", 0, at)
    assert reached.due_at == at + Mailbox.FETCH_EVERY
    outside.trouble = ""
    reached.fetch(at + MINUTE)
    assert reached.trouble == ""


def test_what_came_before_the_line_broke_is_kept_with_its_mark(reached: Mailbox, outside: Outside, at: datetime):
    outside.folders = {"": [NORA.writes("One", "Hi")], "Junk": [NORA.writes("Two", "Hi")]}
    outside.broken = NotNow("The mail server hung up.")
    reached.fetch(at)
    reached.refresh_from_db()
    assert InboundEmail.objects.count() == 2
    assert (reached.imap_mark, reached.imap_marks["Junk"], reached.tries) == ("1", "1", 1)


def test_a_mailbox_whose_server_tells_us_is_asked_more_seldom(
    reached: Mailbox, outside: Outside, at: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Mailbox, "watched", {reached.pk})
    reached.fetch(at)
    assert Mailbox.objects.get().due_at == at + Mailbox.FETCH_SELDOM == at + 5 * MINUTE
    monkeypatch.setattr(Mailbox, "watched", set())
    reached.fetch(at)
    assert Mailbox.objects.get().due_at == at + Mailbox.FETCH_EVERY


def test_word_of_a_mail_that_comes_while_the_folder_is_read_is_not_lost(
    reached: Mailbox, outside: Outside, at: datetime, monkeypatch: pytest.MonkeyPatch
):
    assert reached.claim(at, lease=Mailbox.LEASE)
    monkeypatch.setattr(Mailbox, "watched", {reached.pk})
    outside.meanwhile = lambda: Mailbox.objects.get().mail_has_come(at)
    reached.fetch(at)
    assert list(Mailbox.objects.due(at)) == [reached], "it is asked again at once, and not in five minutes"


def test_word_of_mail_for_a_mailbox_that_is_closed_or_not_fetched_changes_nothing(support: Mailbox, at: datetime):
    support.mail_has_come(at)
    assert not Mailbox.objects.due(at).exists()


@pytest.mark.servers
def test_with_a_real_server_nothing_is_missed_and_nothing_comes_twice(support: Mailbox, at: datetime):
    if not DOVECOT:
        pytest.skip("dovecot is not installed: apt install dovecot-imapd")
    with running_dovecot() as dovecot:
        told = {"imap_host": "127.0.0.1", "imap_port": dovecot.port, "imap_security": "none", "imap_username": "support"}
        told |= {"imap_password": dovecot.password, "imap_more_folders": "Help", "imap_spam_folder": "Junk"}
        deliver(dovecot, "")
        support.be_reached(told | {"imap_after": "move", "imap_move_to": "Done"}, at=at)
        assert support.fetch(at) == 6
        assert "would not move it to “Done”" in support.trouble and support.tries == 0
        support.make_folder("Done")
        deliver(dovecot, "again")
        assert (support.fetch(at), support.trouble) == (6, "")
        with dovecot.client("support") as client:
            assert client.folder_status("Done", ["MESSAGES"])[b"MESSAGES"] == 12
        support.be_reached({"imap_after": "delete"}, at=at)
        assert support.fetch(at) == 0
    counted = {name: InboundEmail.objects.filter(folder=name).count() for name in ("", "Help", "Junk")}
    assert counted == {"": 4, "Help": 4, "Junk": 4}
    assert Mailbox.objects.get().address == SUPPORT


def deliver(dovecot: Dovecot, words: str) -> None:
    for folder in ("INBOX", "Help", "Junk"):
        dovecot.deliver("support", *(NORA.writes(f"{folder} {number} {words}", "Hi") for number in (1, 2)), folder=folder)
