"""What an mbox is, and what of it is a mail."""

import gzip
import mailbox
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.importers.found import BrokenArchive, Found, NotAnArchive
from touchline.importers.mbox import BEGINNING, Mbox

LARGEST = 1 << 20
LINE = b"From nora@bakery.example Tue Apr  1 00:25:17 2014\n"


def mails(file: Path, content: bytes, *, largest: int = LARGEST) -> list[Found]:
    file.write_bytes(content)
    return list(Mbox(file, largest=largest).mails())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "june.mbox"


def test_each_mail_is_what_stands_between_the_lines_byte_for_byte(file: Path) -> None:
    one, two = b"Subject: one\r\n\r\nHello\xff\x00.\r\n", b"Subject: two\n\nBye.\n\n\n"
    found = mails(file, LINE + one + b"\n" + LINE + two + b"\n")
    assert [each.raw for each in found] == [one, two]
    assert [each.where for each in found] == ["june.mbox, mail 1", "june.mbox, mail 2"]


@pytest.mark.parametrize(
    "line",
    [
        b"From nora@bakery.example Tue Apr  1 00:25:17 2014",
        b"From nora at bakery.example  Tue Apr  1 00:25:17 2014",
        b"From nora@bakery.example Tue Apr 1 00:25:17 +0000 2014",
        b"From nora@bakery.example Tue Apr 1 00:25:17 UTC 2014",
        b"From nora@bakery.example Tue, 01 Apr 2014 00:25:17 +0000",
        b"From 1463816739181@xxx Tue Apr 01 00:25:17 +0000 2014",
        b"From - Tue Apr 01 00:25:17 2014",
    ],
)
def test_the_line_says_when_the_mail_came_however_it_is_written(file: Path, line: bytes) -> None:
    (found,) = mails(file, line + b"\r\nSubject: one\r\n\r\nHello.\r\n")
    assert found.at == datetime(2014, 4, 1, 0, 25, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "words",
    [
        b"From the garden, with love.\n",
        b"\nFrom the garden, with love.\n",
        b"\nFrom April 2014 on, I cannot sign in.\n",
        b"the lamp is dark\n" + LINE,
    ],
)
def test_words_that_begin_with_from_are_no_new_mail(file: Path, words: bytes) -> None:
    (found,) = mails(file, LINE + b"Subject: one\n\n" + words)
    assert found.raw == b"Subject: one\n\n" + words


def test_a_line_that_the_writer_of_the_file_quoted_is_as_it_was(file: Path) -> None:
    (found,) = mails(file, LINE + b"Subject: one\n\nHello.\n\n>From here on it is dark.\n>>From deeper.\n")
    assert found.raw.endswith(b"Hello.\n\nFrom here on it is dark.\n>From deeper.\n")
    (found,) = mails(file, LINE + b"Subject: one\n\nHello.\n\n>From here on it is dark.\nNora\n")
    assert found.raw.endswith(b"Hello.\n\nFrom here on it is dark.\nNora\n")


def test_a_line_among_quoted_ones_was_quoted_by_a_person(file: Path) -> None:
    words = b"Subject: Re: one\n\n>I wrote\n>From here on it is dark.\n\nYes.\n"
    (found,) = mails(file, LINE + words)
    assert found.raw == words


def test_gzip_is_known_by_its_first_bytes(file: Path) -> None:
    packed = gzip.compress(LINE + b"Subject: one\n\n1\n\n") + gzip.compress(LINE + b"Subject: two\n\n2\n")
    assert [each.raw for each in mails(file, packed)] == [b"Subject: one\n\n1\n", b"Subject: two\n\n2\n"]


def test_what_came_before_a_break_is_found_and_the_break_is_named(file: Path) -> None:
    whole = b"".join(LINE + b"Subject: %d\n\n%s\n\n" % (number, b"word " * 4000) for number in range(40))
    packed = gzip.compress(whole, 1)
    file.write_bytes(packed[: len(packed) // 2])
    found: list[Found] = []
    with pytest.raises(BrokenArchive, match=r"june\.mbox is broken: after [\d,]+ unpacked bytes"):
        found.extend(Mbox(file, largest=LARGEST).mails())
    assert 5 < len(found) < 35
    assert all(each.raw.endswith(b"word \n") for each in found)


def test_another_kind_of_file_is_refused(file: Path) -> None:
    file.write_bytes(b"Subject: only a mail\n\nHello.\n")
    with pytest.raises(NotAnArchive, match=r"june\.mbox is no mbox"):
        Mbox(file, largest=LARGEST)


def test_an_empty_file_is_an_mbox_without_mail(file: Path) -> None:
    assert mails(file, b"") == []


def test_of_a_mail_that_is_too_large_only_the_beginning_is_held(file: Path) -> None:
    large = b"Subject: large\n\n" + b"x" * 300_000 + b"\n" + b"y\n" * 100_000
    found = mails(file, LINE + large + b"\n" + LINE + b"Subject: small\n\n1\n", largest=200_000)
    assert [each.too_large for each in found] == [True, False]
    assert found[0].raw == large[:BEGINNING]
    assert found[1].raw == b"Subject: small\n\n1\n"


@given(
    st.lists(
        st.lists(
            st.sampled_from(["", "Hello", "From me", ">From me", "> From", "From a@b.example Tue Apr  1 00:25:17 2014"]),
            max_size=8,
        )
    )
)
def test_what_the_standard_library_writes_is_read_back(tmp_path_factory: pytest.TempPathFactory, bodies: list[list[str]]) -> None:
    file = tmp_path_factory.mktemp("archive") / "written.mbox"
    written = mailbox.mbox(str(file))
    for body in bodies:
        written.add("Subject: it\n\n" + "\n".join(body))
    written.flush()
    assert len(list(Mbox(file, largest=LARGEST).mails())) == len(bodies)


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 50])
def test_it_does_not_matter_where_the_pieces_that_are_read_begin(file: Path, monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    content = b"".join(
        LINE + words + blank
        for blank in (b"\n", b"\r\n")
        for words in (
            b"Subject: one\n\n>From me\n",
            b"\n",
            b"Subject: two\r\n\r\nFrom me\r\n\r\nFrom you\r\n",
            b"x" * 3000 + b"\n",
        )
    )
    whole = mails(file, content, largest=2000)
    monkeypatch.setattr("touchline.importers.mbox.PIECE", piece)
    monkeypatch.setattr("touchline.importers.mbox.BEGINNING", 100)
    assert mails(file, content, largest=2000) == [
        replace(each, raw=each.raw[:100] if each.too_large else each.raw) for each in whole
    ]
    assert [each.too_large for each in whole] == [False, False, False, True] * 2
