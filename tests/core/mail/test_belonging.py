"""A mail is put where it belongs, by proof first and never by a guess alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.mail.conftest import email_of
from touchline.core.mail.belonging import (
    Clue,
    Thread,
    answered_ids,
    choose,
    conversation_of,
    conversation_of_address,
    conversations_named,
    plain_subject,
    reply_address,
    sign_message_id,
)

KEY, OLD_KEY, ANOTHER = b"k" * 32, b"o" * 32, b"x" * 32
KEYS = (KEY, OLD_KEY)
AT = datetime(2024, 3, 5, 9, tzinfo=UTC)


def lamp(**changes) -> Thread:
    known = {"id": 7, "message_ids": frozenset({"first@lantern.example"}), "participants": frozenset({"nora@lantern.example"}), "subject": "Lamp", "number": 17,
             "last_at": AT - timedelta(days=1), "closed": False, "writer": "nora@lantern.example"}  # fmt: skip
    return Thread(**{**known, **changes})


OURS = sign_message_id(7, unique="a1", domain="desk.example", key=KEY)
EVE = "Eve <eve@attacker.example>"


def chosen(email, *threads, **more):
    return choose(email, threads or (lamp(),), keys=KEYS, at=AT, **more)


def test_a_signed_reply_address_decides():
    to = reply_address("help@desk.example", 7, key=KEY)
    choice = chosen(email_of("x", to=to, subject="Anything", in_reply_to="<elsewhere@x.example>"))
    assert (choice.thread, choice.clue, choice.new_writer) == (7, Clue.REPLY_ADDRESS, False)


def test_a_stranger_at_a_signed_address_is_shown_as_new():
    choice = chosen(email_of("x", **{"from": EVE, "to": reply_address("help@desk.example", 7, key=OLD_KEY)}))
    assert (choice.thread, choice.new_writer) == (7, True)
    assert "no part of it before" in choice.because


@pytest.mark.parametrize("answered", [OURS, "first@lantern.example"])
def test_an_answer_by_someone_who_takes_part_belongs(answered):
    choice = chosen(email_of("x", in_reply_to=f"<{answered}>"))
    assert (choice.thread, choice.clue, choice.new_writer) == (7, Clue.ANSWERS, False)


def test_a_stranger_who_answers_a_signed_id_is_shown_as_new():
    choice = chosen(email_of("x", **{"from": EVE, "references": f"<first@lantern.example> <{OURS}>"}))
    assert (choice.thread, choice.clue, choice.new_writer) == (7, Clue.SIGNED_ID, True)


@pytest.mark.parametrize(
    "headers",
    [
        {"in_reply_to": "<first@lantern.example>"},
        {"in_reply_to": f"<{sign_message_id(7, unique='a1', domain='desk.example', key=ANOTHER)}>"},
        {"to": reply_address("help@desk.example", 7, key=ANOTHER)},
        {"subject": "Re: [TL-17] Lamp"},
        {"subject": "Re: Lamp"},
    ],
)
def test_a_stranger_with_a_guess_is_let_in_nowhere(headers):
    choice = chosen(email_of("x", **{"from": EVE, "subject": "Lamp", **headers}))
    assert (choice.thread, choice.clue) == (None, Clue.NONE)


def test_our_tag_counts_for_who_takes_part():
    assert chosen(email_of("x", subject="AW: [TL-17] Something else")).clue is Clue.TAG


def test_the_same_person_on_the_same_subject_goes_on():
    assert chosen(email_of("x", subject="Re: Lamp")).clue is Clue.SAME_SUBJECT


@pytest.mark.parametrize(
    "changes", [{"closed": True}, {"last_at": AT - timedelta(days=15)}, {"subject": "Other"}, {"writer": "ilse@lantern.example"}]
)
def test_the_same_subject_is_not_enough_when(changes):
    assert chosen(email_of("x", subject="Lamp"), lamp(**changes)).thread is None


def test_of_several_answered_the_latest_conversation_wins():
    other = lamp(id=8, number=18, message_ids=frozenset({"second@lantern.example"}))
    email = email_of("x", references="<first@lantern.example> <second@lantern.example>")
    assert chosen(email, lamp(), other).thread == 8


def test_in_an_archive_whoever_answers_belongs():
    choice = chosen(email_of("x", **{"from": EVE, "in_reply_to": "<first@lantern.example>"}), archive=True)
    assert (choice.thread, choice.new_writer) == (7, True)


def test_answered_ids_come_newest_first_and_bounded():
    references = " ".join(f"<{i}@x.example>" for i in range(120))
    ids = answered_ids(email_of("x", in_reply_to="<119@x.example>", references=references))
    assert ids[:2] == ["119@x.example", "118@x.example"] and ids[-1] == "0@x.example"
    assert len(ids) == 40


def test_what_our_signatures_name_can_be_looked_up():
    email = email_of("x", to=reply_address("help@desk.example", 9, key=KEY), references=f"<{OURS}> <foreign@x.example>")
    assert conversations_named(email, keys=KEYS) == [9, 7]


@given(st.integers(1, 2**63 - 1), st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True))
def test_a_signature_is_known_again_and_no_other_is(conversation, unique):
    message_id = sign_message_id(conversation, unique=unique, domain="desk.example", key=KEY)
    address = reply_address("help@desk.example", conversation, key=KEY)
    assert conversation_of(message_id, keys=KEYS) == conversation == conversation_of(f"<{message_id.upper()}>", keys=KEYS)
    assert conversation_of_address(address, keys=KEYS) == conversation
    assert conversation_of(message_id, keys=(ANOTHER,)) is None is conversation_of_address(address, keys=(ANOTHER,))


@given(st.data())
def test_a_signature_with_one_letter_changed_is_none(data):
    for signed, known in ((OURS, conversation_of), (reply_address("help@desk.example", 7, key=KEY), conversation_of_address)):
        start = signed.index("tl")
        at = data.draw(st.integers(start, signed.index("@") - 1))
        letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567.-"))
        changed = signed[:at] + letter + signed[at + 1 :]
        assert changed == signed or known(changed, keys=KEYS) is None


@given(st.text(max_size=120))
def test_no_text_is_mistaken_for_a_signature(text):
    assert conversation_of(text, keys=KEYS) is None
    assert conversation_of_address(text, keys=KEYS) is None


def test_a_number_that_cannot_be_is_refused():
    for wrong in (0, -1, 2**63):
        with pytest.raises(ValueError, match="63 bits"):
            sign_message_id(wrong, unique="a", domain="desk.example", key=KEY)
    with pytest.raises(ValueError, match="64 bytes"):
        reply_address("h" * 60 + "@desk.example", 7, key=KEY)


@pytest.mark.parametrize(
    "subject",
    ["Lamp", "Re: Lamp", "RE[2]: Lamp", "AW: WG: Lamp", "Fwd: Re: Lamp", "SV: Lamp", "Odp: Lamp", "回复：Lamp", "答复: Re: Lamp", "Re: [TL-17] Lamp", "[TL-17] Re: Lamp", "ΑΠ: Lamp", "RE : Lamp", "Ynt: Lamp",
     "返信: Lamp", "Отв: Lamp", "Re(3): Lamp", "re:re:re: Lamp"],
)  # fmt: skip
def test_a_subject_is_told_from_what_mailers_put_before_it(subject):
    assert plain_subject(subject) == "Lamp"


@pytest.mark.parametrize(
    ("subject", "plain"),
    [("Note: Lamp", "Note: Lamp"), ("Re: [R] Lamp", "[R] Lamp"), ("[R] Re: Lamp", "[R] Lamp"), ("Re:", ""), ("", "")],
)
def test_other_words_before_a_subject_stay(subject, plain):
    assert plain_subject(subject) == plain
