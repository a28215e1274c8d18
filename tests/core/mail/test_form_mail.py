"""What somebody writes in the contact form is a mail that says just that."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.mail.automatic import Kind, automatic
from touchline.core.mail.compose import CannotBeAddressed
from touchline.core.mail.email import Attachment, Correspondent
from touchline.core.mail.form_mail import Written, as_mail, first_words, looks_like_a_robots
from touchline.core.mail.fresh_words import fresh_words
from touchline.core.mail.understand import understand

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
US = Correspondent("Lantern Books", "help@lantern.example")
ILSE = Correspondent("Ilse Brandt", "ilse@garden.example")
LETTERS = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t")
TEXT = st.text(LETTERS, min_size=1, max_size=400).filter(str.strip)


def mail(written: Written, robot: str = "") -> bytes:
    return as_mail(written, to=US, form="key", message_id="1.form@lantern.example", at=AT, robot=robot)


@given(words=TEXT, subject=st.text(max_size=120), name=st.text(max_size=60), data=st.binary(max_size=300))
def test_whatever_they_write_is_read_back_whole(words: str, subject: str, name: str, data: bytes):
    files = (Attachment("a file.bin", "application/octet-stream", data),) if data else ()
    email = understand(mail(Written(Correspondent(name, ILSE.address), words, subject, files)))
    assert email.sender.address == ILSE.address
    assert email.to == (US,)
    assert email.message_id == "1.form@lantern.example"
    assert not email.in_reply_to and not email.references
    assert [file.data for file in email.attachments] == [file.data for file in files]
    said = fresh_words(email)
    written = "".join(words.split())
    assert sorted("".join((said.new + said.rest).split())) == sorted(written)


@given(words=TEXT, subject=st.text(max_size=120))
def test_nothing_they_write_becomes_a_header(words: str, subject: str):
    raw = mail(Written(Correspondent(f"{subject}\r\nBcc: x@y.example", ILSE.address), words, f"{subject}\r\nX-Spam: no"))
    head = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    names = [line.partition(b":")[0].decode().lower() for line in head.split(b"\r\n")]
    known = {
        "x-touchline-form",
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    }
    assert set(names) <= known and len(names) == len(set(names))


def test_an_address_that_no_answer_could_reach_is_refused():
    for address in ("", "nora", "ñora@bakery.example", "a b@c.example"):
        with pytest.raises(CannotBeAddressed):
            mail(Written(Correspondent("", address), "Hello"))


def test_it_is_a_persons():
    assert automatic(understand(mail(Written(ILSE, "I am out of the office", "Out of office")))).kind is Kind.HUMAN


def test_the_same_is_the_same_and_anything_else_is_not():
    said = Written(ILSE, "It is\r\nso.", "Receipts", (Attachment("a.txt", "text/plain", b"x"),))
    assert (
        said.digest()
        == Written(Correspondent("Ilse Brandt", "ILSE@garden.example"), "It is\nso.", "Receipts", said.files).digest()
    )
    others = [
        Written(ILSE, "It is so.", "Receipts", said.files),
        Written(ILSE, "It is\nso.", "", said.files),
        Written(ILSE, "It is\nso.", "Receipts"),
        Written(ILSE, "It is\nso.", "Receipts", (Attachment("a.txt", "text/plain", b"y"),)),
        Written(Correspondent("Ilse Brandt", "ilse@garden.example.org"), "It is\nso.", "Receipts", said.files),
        Written(Correspondent("Ilse BrandtRec", "ilse@garden.example"), "It is\nso.", "eipts", said.files),
    ]
    assert len({each.digest() for each in (said, *others)}) == len(others) + 1


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("\n\n  The till beeps.\nIt is loud.", "The till beeps."),
        (
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen",
            "one two three four five six seven eight nine ten eleven twelve…",
        ),
        ("x" * 100, "x" * 70),
        ("  ", ""),
    ],
)
def test_the_first_words_stand_for_a_subject(words: str, first: str):
    assert first_words(words) == first


@given(words=st.text(max_size=200))
def test_who_says_a_word_is_no_robot(words: str):
    assert looks_like_a_robots(Written(ILSE, f"Help {words}"), trap=" ") == ""


def test_the_trap_tells_a_robot():
    assert "people do not see" in looks_like_a_robots(Written(ILSE, "Hello"), trap="x")
    robot = understand(mail(Written(ILSE, "Hello"), robot="Something filled it in."))
    assert robot.header("x-touchline-robot") == "Something filled it in."
