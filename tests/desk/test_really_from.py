"""Whom a mail is really from: what is shown of it, and who of us is taken for one of us."""

from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from tests.cast import ILSE, NORA, SUPPORT, Writer, arrives, bounce, says, sent
from tests.core.mail.test_authenticity import public, sign
from touchline.channels import names
from touchline.desk import really_from
from touchline.desk.models import (
    Activity,
    Address,
    Conversation,
    Delivery,
    InboundEmail,
    Mailbox,
    Message,
    OutcomeEvent,
    Person,
    SenderRule,
    Teammate,
)

MINUTE = timedelta(minutes=1)
SERVER = "mx.touchline.example"
KAY = Writer("Kay Doyle", "kay@touchline.example")


@pytest.fixture
def support(support: Mailbox) -> Mailbox:
    """The mailbox, with a server whose checks we believe."""
    support.trusted_server = SERVER
    support.save()
    return support


def checked(said: str, **more: str) -> dict[str, str]:
    """Headers as our own server puts them on top of what it takes in."""
    return {"Received": f"from somewhere by {SERVER}; now", "Authentication-Results": f"{SERVER}; {said}", **more}


def proved(domain: str = "touchline.example") -> dict[str, str]:
    return checked(f"dmarc=pass header.from={domain}")


FORWARDED = f"""\
Hi, this came to my own address. She is a regular.

---------- Forwarded message ---------
From: Nora Adeyemi <{NORA.address}>
Date: Mon, 2 Mar 2026 at 09:00
Subject: My lamp
To: Kay Doyle <kay@touchline.example>

Good morning,

my lamp is dark.

Nora
"""


# What is shown


@pytest.mark.parametrize(
    ("said", "verdict", "words"),
    [
        ("dkim=pass header.d=bakery.example", "proved", "Really from bakery.example: it is signed by it (DKIM)."),
        ("dmarc=fail header.from=bakery.example", "failed", "the checks that bakery.example asks for failed"),
        ("dkim=none; spf=none", "unknown", "Whether it is really from bakery.example is not known."),
    ],
)
def test_what_is_known_of_the_sender_is_kept_with_the_message(
    support: Mailbox, at: datetime, said: str, verdict: str, words: str
) -> None:
    message = says(support, NORA.writes("Hello", "Hi", headers=checked(said)), at=at)
    assert message.really_from["verdict"] == verdict
    assert words in message.really_from["words"]
    assert bool(message.really_from["warnings"]) is (verdict == "failed")
    assert message.inbound and message.inbound.really_from == message.really_from


def test_who_is_allowed_is_so_only_while_it_is_really_them(support: Mailbox, kay: Teammate, at: datetime) -> None:
    SenderRule.say(NORA.address, SenderRule.Kind.ALLOW, by=kay, at=at)
    forged = checked("dmarc=fail header.from=bakery.example", **{"X-Spam-Flag": "YES"})
    assert arrives(support, NORA.writes("Hello", "Buy", headers=forged), at=at) is None
    assert says(support, NORA.writes("Hello", "Hi", headers={"X-Spam-Flag": "YES"}), at=at)


@pytest.mark.parametrize(
    ("writer", "headers", "warning"),
    [
        (Writer("Kay Doyle", "kay@thief.example"), {}, "It calls itself “Kay Doyle”, and comes from kay@thief.example."),
        (
            Writer("TOUCHLINE  support", "x@thief.example"),
            {},
            "It calls itself “TOUCHLINE support”, and comes from x@thief.example.",
        ),
        (Writer("nora@bakery.example", "x@thief.example"), {}, "It calls itself “nora@bakery.example”, and comes from"),
        (NORA, {"Reply-To": "x@thief.example"}, "An answer would go to x@thief.example, not to nora@bakery.example."),
        (KAY, {}, "This is the address of Kay Doyle, and nothing proves that they sent it."),
    ],
)
def test_what_looks_odd_about_a_first_mail_is_said_plainly(
    support: Mailbox, kay: Teammate, at: datetime, writer: Writer, headers: dict[str, str], warning: str
) -> None:
    message = says(support, writer.writes("Hello", "Please pay", headers=headers), at=at)
    assert any(warning in told for told in message.really_from["warnings"])


@pytest.mark.parametrize(
    ("writer", "headers"),
    [
        (NORA, {}),
        (NORA, {"Reply-To": "orders@shop.bakery.example"}),
        (Writer("nora@bakery.example", NORA.address), {}),
        (Writer("", NORA.address), {}),
    ],
)
def test_what_is_as_usual_is_not_warned_of(
    support: Mailbox, kay: Teammate, at: datetime, writer: Writer, headers: dict[str, str]
) -> None:
    assert says(support, writer.writes("Hello", "Hi", headers=headers), at=at).really_from["warnings"] == []


def test_a_file_that_runs_or_is_another_than_it_says_is_told(support: Mailbox, at: datetime) -> None:
    attached = {"invoice.pdf": b"<!doctype html><html>Sign in", "setup.exe": b"MZ" + b"\0" * 100, "list.txt": b"A list"}
    warnings = says(support, NORA.writes("Hello", "Hi", attached=attached), at=at).really_from["warnings"]
    assert warnings == [
        "“invoice.pdf” is not what its name says: it is a web page.",
        "“setup.exe” runs when it is opened. Open it only if you know who made it.",
    ]


def test_where_no_server_says_anything_the_signature_is_verified(
    support: Mailbox, kay: Teammate, at: datetime, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.VERIFY_DKIM = True
    asked: list[str] = []

    def texts(name: str) -> list[bytes]:
        asked.append(name)
        return [b"unrelated", public()]

    monkeypatch.setattr(names, "texts", texts)
    signed = sign(KAY.writes("Fwd: My lamp", FORWARDED, at=at), domain="touchline.example")
    assert says(support, signed, at=at).email == NORA.address
    assert asked == ["s1._domainkey.touchline.example"]
    # A signature of last month may have been made with a key that is anybody's now.
    old = sign(KAY.writes("Fwd: My lamp, again", FORWARDED, at=at - timedelta(days=30)), domain="touchline.example")
    assert says(support, old, at=at).email == KAY.address
    assert len(asked) == 1


def test_a_dns_that_does_not_answer_is_not_asked_for_a_minute(
    support: Mailbox, at: datetime, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.VERIFY_DKIM = True
    asked: list[str] = []

    def away(name: str) -> list[bytes]:
        asked.append(name)
        raise names.NoAnswer("The DNS is away.")

    monkeypatch.setattr(names, "texts", away)
    monkeypatch.setattr(really_from, "_keys", really_from._Keys())
    for number in range(5):
        says(support, sign(NORA.writes(f"Hello {number}", "Hi", at=at)), at=at)
    assert len(asked) == 1
    assert says(support, sign(NORA.writes("Later", "Hi", at=at)), at=at + 2 * MINUTE).really_from["verdict"] == "unknown"
    assert len(asked) == 2


# One of us


def test_what_kay_forwards_is_nora_s_with_kay_s_own_words_as_a_note(support: Mailbox, kay: Teammate, at: datetime) -> None:
    message = says(support, KAY.writes("Fwd: My lamp", FORWARDED, headers=proved()), at=at)
    conversation = message.conversation
    assert (conversation.person.called, message.email, message.kind) == (NORA.name, NORA.address, "theirs")
    assert (conversation.subject, message.text) == ("My lamp", "Good morning,\n\nmy lamp is dark.\n\nNora")
    assert message.because == "Kay Doyle forwarded it to this mailbox."
    note = conversation.messages.get(kind="note")
    assert (note.teammate, note.text) == (kay, "Hi, this came to my own address. She is a regular.")
    assert Activity.objects.get(kind="brought").by == kay
    assert conversation.is_waiting and OutcomeEvent.objects.get().kind == "raised"
    assert [p.email for p in conversation.participants.recipients()] == [NORA.address]
    assert not Person.objects.filter(addresses__email=KAY.address)


def test_a_forwarded_mail_that_comes_by_two_roads_is_one_conversation(support: Mailbox, kay: Teammate, at: datetime) -> None:
    raw = KAY.writes("Fwd: My lamp", FORWARDED, headers=proved())
    first = says(support, raw, at=at)
    assert says(support, b"X-Road: another\r\n" + raw, at=at + MINUTE) == first
    assert Conversation.objects.count() == 1 and Message.objects.count() == 2


def test_a_mail_that_is_attached_whole_is_read_as_it_was(support: Mailbox, kay: Teammate, at: datetime) -> None:
    inner = NORA.writes(
        "My lamp", "It is dark.", to=KAY.address, message_id="first@bakery.example", attached={"a.txt": b"A list"}
    )
    outer = EmailMessage()
    outer["From"], outer["To"], outer["Subject"], outer["Message-ID"] = (
        KAY.from_,
        SUPPORT,
        "Fwd: My lamp",
        "<fwd@touchline.example>",
    )
    for name, value in proved().items():
        outer[name] = value
    outer.set_content("For you.")
    from email import message_from_bytes

    outer.add_attachment(message_from_bytes(inner))
    message = says(support, outer.as_bytes(), at=at)
    assert (message.conversation.person.called, message.text) == (NORA.name, "It is dark.")
    assert [each.name for each in message.attachments.all()] == ["a.txt"]
    # What she writes about that mail later belongs here too.
    later = NORA.writes("Re: something", "Still.", answers="first@bakery.example", at=at + MINUTE)
    assert says(support, later, at=at + MINUTE).conversation == message.conversation


def test_what_kay_answers_by_mail_is_a_note_and_goes_to_nobody(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    theirs = nora_cannot_sign_in.latest()
    raw = KAY.writes("Re: it", "I know her.", answers=theirs, headers=proved(), attached={"a.txt": b"A list"})
    assert arrives(support, raw, at=at + MINUTE) is None  # to know the id of Nora's own mail is no way in, for nobody
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    raw = KAY.writes("Re: it", "I know her.", answers=ours, headers=proved(), attached={"a.txt": b"A list"}, at=at + MINUTE)
    note = says(support, raw, at=at + MINUTE)
    assert (note.kind, note.teammate, note.text, note.conversation) == ("note", kay, "I know her.", nora_cannot_sign_in)
    assert [each.name for each in note.attachments.all()] == ["a.txt"]
    assert "went to nobody" in note.because
    assert Delivery.objects.count() == 1
    assert says(support, b"X-Road: another\r\n" + raw, at=at + MINUTE) == note


def test_what_kay_only_writes_is_set_aside_until_somebody_says_what_it_is(support: Mailbox, kay: Teammate, at: datetime) -> None:
    raw = KAY.writes("Hello", "My own lamp is dark.", headers=proved())
    assert arrives(support, raw, at=at) is None
    inbound = InboundEmail.objects.get()
    assert inbound.trouble.startswith("Kay Doyle, one of us, wrote this")
    message = inbound.file(at, by_a_person=True)
    assert message and message.conversation.person.called == KAY.name


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing is known"),
        pytest.param(checked("dmarc=fail header.from=touchline.example"), id="it failed"),
        pytest.param(checked("spf=pass smtp.mailfrom=kay@touchline.example"), id="the envelope alone"),
        pytest.param(checked("dkim=pass header.d=thief.example"), id="another signed it"),
        pytest.param(
            {"Authentication-Results": "mx.thief.example; dmarc=pass header.from=touchline.example"}, id="another says so"
        ),
    ],
)
def test_a_forged_teammate_is_a_stranger_who_uses_their_address(
    support: Mailbox, kay: Teammate, at: datetime, headers: dict[str, str]
) -> None:
    message = says(support, KAY.writes("Fwd: My lamp", FORWARDED, headers=headers), at=at)
    assert (message.kind, message.teammate, message.email) == ("theirs", None, KAY.address)
    assert message.conversation.person.called == KAY.name  # theirs, and not Nora's
    assert any("nothing proves that they sent it" in told for told in message.really_from["warnings"])
    assert not Activity.objects.filter(by=kay).exists()


def test_a_forged_teammate_writes_no_note(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    message = says(support, KAY.writes("Re: it", "Send money to …", answers=ours), at=at + MINUTE)
    assert (message.kind, message.teammate) == ("theirs", None)
    assert [p.email for p in message.conversation.participants.only_shown()] == [KAY.address]


def test_whoever_has_left_is_none_of_us(support: Mailbox, kay: Teammate, sam: Teammate, at: datetime) -> None:
    sam.leave(at=at)
    message = says(support, Writer("Sam Okoro", sam.email).writes("Fwd: My lamp", FORWARDED, headers=proved()), at=at)
    assert message.email == sam.email


def test_a_mail_that_was_meant_for_others_is_not_replayed_to_us(support: Mailbox, kay: Teammate, at: datetime) -> None:
    raw = KAY.writes("Fwd: My lamp", FORWARDED, to=ILSE.address, headers=proved())
    assert says(support, raw, at=at).email == KAY.address


@pytest.mark.parametrize(
    "above",
    ["To: support@touchline.example", "Subject: Fwd: it", "Cc: support@touchline.example", "In-Reply-To: <1@x.example>"],
)
@pytest.mark.parametrize("by_us", [True, False])
def test_a_mail_of_kay_s_that_nora_holds_is_not_made_another(
    nora_cannot_sign_in: Conversation,
    support: Mailbox,
    kay: Teammate,
    at: datetime,
    above: str,
    by_us: bool,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    """A signature covers the lowest of the headers of a name, or none of those that were not there: what was put above it stays good."""
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    settings.VERIFY_DKIM = True
    monkeypatch.setattr(names, "texts", lambda _name: [public()])
    cc = {"Cc": "ilse@garden.example"} if above.startswith("Cc") else {}
    to = SUPPORT if above.startswith(("Subject", "In-Reply-To")) else NORA.address
    signed = sign(KAY.writes("Re: it", "Give her all the money.", to=to, headers=cc, at=at), domain="touchline.example")
    if above.startswith("In-Reply-To"):
        above = f"In-Reply-To: <{ours.message_id}>"
    said = {
        "Received": f"from x by {SERVER}; now",
        "Authentication-Results": f"{SERVER}; dmarc=pass header.from=touchline.example",
    }
    before = "".join(f"{name}: {value}\r\n" for name, value in said.items()) if by_us and "In-Reply-To" not in above else ""
    message = arrives(support, f"{before}{above}\r\n".encode() + signed, at=at + MINUTE)
    assert message and (message.kind, message.teammate) == ("theirs", None)
    assert any("nothing proves that they sent it" in told for told in message.really_from["warnings"])
    assert not Message.objects.filter(kind="note").exists()
    assert not Activity.objects.filter(kind=Activity.Kind.BROUGHT).exists()


def test_what_kay_forwards_of_ours_or_hers_brings_nobody(support: Mailbox, kay: Teammate, at: datetime) -> None:
    for address in (SUPPORT, KAY.address):
        raw = KAY.writes("Fwd: My lamp", FORWARDED.replace(NORA.address, address), headers=proved())
        assert arrives(support, raw, at=at) is None


# Absences, and what came back


def test_until_when_somebody_is_away_is_kept_and_gone_once_they_write(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    note = NORA.writes(
        "Out of office", "I am away until 12 March 2026.", answers=ours, headers={"Auto-Submitted": "auto-replied"}
    )
    says(support, note, at=at + MINUTE)
    assert Address.objects.get(email=NORA.address).away_until == date(2026, 3, 12)
    says(support, NORA.writes("Re: it", "I am back early.", answers=ours, at=at + 2 * MINUTE), at=at + 2 * MINUTE)
    assert Address.objects.get(email=NORA.address).away_until is None


def test_an_absence_is_kept_wherever_its_note_ends(support: Mailbox, nora_cannot_sign_in: Conversation, at: datetime) -> None:
    sales = Mailbox.open(address="sales@touchline.example", name="Sales", at=at)
    note = NORA.writes(
        "Out of office", "I am away until 12 March 2026.", headers={"Auto-Submitted": "auto-replied"}, to=sales.address
    )
    assert arrives(sales, note, at=at) is None
    assert Address.objects.get(email=NORA.address).away_until == date(2026, 3, 12)


def test_whose_answer_bounced_sees_it_where_they_look(
    nora_cannot_sign_in: Conversation, can_send: Mailbox, kay: Teammate, at: datetime
) -> None:
    nora_cannot_sign_in.give(kay, by=kay, at=at)
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    assert ours.delivery
    ours.delivery.send(at + MINUTE)
    says(can_send, bounce(NORA.address, original_id=ours.message_id), at=at + 2 * MINUTE)
    assert list(Delivery.objects.visible_to(kay).in_trouble()) == [ours.delivery]
    assert list(Conversation.objects.visible_to(kay).waiting().with_teammate(kay)) == [nora_cannot_sign_in]
    assert Activity.objects.get(kind="bounced").message == ours
    assert Address.objects.get(email=NORA.address).cannot_be_reached_at
