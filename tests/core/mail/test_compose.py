"""A reply leaves as bytes that every mail client reads as it was meant, and that nobody can smuggle a header into."""

import email as standard_library
import email.policy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.mail.automatic import Kind, automatic
from touchline.core.mail.compose import CannotBeAddressed, Outgoing, compose, quoted
from touchline.core.mail.email import Attachment, Correspondent
from touchline.core.mail.fresh_words import fresh_words
from touchline.core.mail.understand import understand

KAY = Correspondent("Kay at Lantern Books", "help@desk.example")
NORA = Correspondent("Nora Quinn", "nora@lantern.example")
AT = datetime(2024, 3, 5, 8, 15, tzinfo=UTC)
words = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=300)


def reply(**changes) -> Outgoing:
    said = {
        "from_": KAY,
        "to": (NORA,),
        "subject": "Re: Lamp",
        "text": "Try the other cable.",
        "message_id": "tl.a.b.c@desk.example",
        "date": AT,
    }
    return Outgoing(**{**said, **changes})


def test_a_reply_threads():
    references = tuple(f"{i}@lantern.example" for i in range(40))
    raw = compose(
        reply(
            in_reply_to="39@lantern.example",
            references=references,
            reply_to="help+tl-a-b@desk.example",
            cc=(Correspondent("", "ilse@lantern.example"),),
        )
    )
    read = understand(raw)
    assert (read.message_id, read.in_reply_to) == ("tl.a.b.c@desk.example", ("39@lantern.example",))
    assert read.references == ("0@lantern.example", *references[-10:])
    assert (read.sender, read.to, read.date) == (KAY, (NORA,), AT)
    assert [one.address for one in (*read.cc, *read.reply_to)] == ["ilse@lantern.example", "help+tl-a-b@desk.example"]


def test_words_pictures_and_files_arrive():
    picture = Attachment("lamp.png", "image/png", b"\x89PNG", content_id="one@desk", inline=True)
    manual = Attachment("Anleitung für Lampen.pdf", "application/pdf", bytes(range(256)))
    letter = Attachment("mail.eml", "message/rfc822", b"Subject: x\r\n\r\ny")
    read = understand(
        compose(reply(html='<p>Try <b>this</b>: <img src="cid:one@desk"></p>', attachments=(picture, manual, letter)))
    )
    assert read.text.strip() == "Try the other cable."
    assert '<img src="cid:one@desk">' in read.html
    assert [(one.name, one.data, one.inline) for one in read.attachments] == [
        (one.name, one.data, one.inline) for one in (picture, manual, letter)
    ]


def test_a_mail_of_a_machine_says_so():
    read = understand(compose(reply(automatic="replied")))
    assert automatic(read).kind is Kind.AUTO_REPLY
    assert automatic(understand(compose(reply()))).kind is Kind.HUMAN


def test_what_we_quote_is_folded_when_it_comes_back():
    past = quoted("Is it plugged in?\n> Yes.", "Kay", "4 March 2024, 10:12")
    assert past == "On 4 March 2024, 10:12, Kay wrote:\n> Is it plugged in?\n>> Yes."
    read = understand(compose(reply(text=f"It works.\n\n{past}", in_reply_to="first@lantern.example")))
    assert fresh_words(read).new == "It works."


@given(words, words, st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=400))
def test_whatever_is_said_comes_out_as_it_went_in(subject, name, text):
    raw = compose(reply(subject=subject, from_=Correspondent(name, "help@desk.example"), text=text))
    read = understand(raw)
    assert raw.isascii() and all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b"")
    assert read.sender.address == "help@desk.example" and read.unread == ""
    import unicodedata

    one_line = lambda said: " ".join(unicodedata.normalize("NFC", said).split())  # noqa: E731
    assert one_line(read.subject) == one_line(subject)
    plain = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    assert read.text.strip("\n") == plain.strip("\n") or "begin " in plain


@given(st.text(max_size=200))
def test_no_header_can_be_smuggled_in(evil):
    evil = f"{evil}\r\nBcc: victim@else.example\r\n\r\nbody\x00\u2028X-Evil: 1"
    raw = compose(
        reply(
            subject=evil, from_=Correspondent(evil, "help@desk.example"), message_id=evil, in_reply_to=evil, references=(evil,),
            attachments=(Attachment(evil, evil, b"x", content_id=evil),),
        )
    ) if evil.isascii() else compose(reply(subject=evil, from_=Correspondent(evil, "help@desk.example")))  # fmt: skip
    parsed = standard_library.message_from_bytes(raw, policy=standard_library.policy.compat32)
    assert parsed["Bcc"] is None and parsed["X-Evil"] is None
    assert parsed["To"] == "Nora Quinn <nora@lantern.example>"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nora",
        "nora@",
        "@lantern.example",
        "nora@lantern.example\r\nBcc: x@y.example",
        "a b@lantern.example",
        "nora@lantern.example, eve@x.example",
        "tomás@lantern.example",
        "<nora@lantern.example>",
    ],
)
def test_an_address_that_cannot_be_sent_to_is_refused(address):
    with pytest.raises(CannotBeAddressed):
        compose(reply(to=(Correspondent("", address),)))


def test_a_domain_in_its_own_script_is_sent_in_ascii():
    assert b"To: nora@xn--bcher-kva.example\r\n" in compose(reply(to=(Correspondent("", "nora@bücher.example"),)))


def test_the_standard_library_reads_it_too():
    raw = compose(
        reply(
            subject="Grüße aus Köln " * 12,
            text="schöne Straße\n" * 50,
            html="<p>schöne Straße</p>",
            attachments=(Attachment("Über " * 40 + ".pdf", "application/pdf", b"x"),),
        )
    )
    parsed = standard_library.message_from_bytes(raw, policy=standard_library.policy.default)
    assert parsed["Subject"].strip() == ("Grüße aus Köln " * 12).strip()
    assert parsed.get_body(("plain",)).get_content().startswith("schöne Straße")
    assert not parsed.defects
