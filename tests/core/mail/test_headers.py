"""Header lines, encoded words, ids and dates, as real mailers write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.mail.headers import decode_words, header_block, ids_of, instant_of, unbase64, words_of
from touchline.core.mail.understand import understand


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"=?utf-8?B?R3LDvMOf?= =?utf-8?B?ZSBhdXMgS8O=?= =?utf-8?B?tmxu?=", "Grüße aus Köln"),
        (b"=?UTF-8?q?with spaces, and commas?=", "with spaces, and commas"),
        (b"=?utf-8?Q?J=C3=BCrgen?= and =?utf-8?Q?M=C3=BCller?=", "Jürgen and Müller"),
        (b"=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?gb2312?B?1tDOxA==?=", "中文"),
        (b"=?x-unheard-of?Q?caf=C3=A9?=", "café"),
        (b"=?utf-8?B?R3LDvMOfZQ?=", "Grüße"),
        (b"=?utf-8?Q?cut_off", "cut off"),
        (b"=?iso-2022-jp?B?GyRCLSEbKEI=?=", "①"),
        ("Grüße".encode("latin-1"), "Grüße"),
        ("Grüße".encode(), "Grüße"),
        (b"plain = ? text ?=", "plain = ? text ?="),
    ],
)
def test_an_encoded_word_says_what_was_meant(written, said):
    assert words_of(written) == said


@given(st.binary(max_size=300))
def test_no_header_value_holds_a_control_character(value):
    said = words_of(value)
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in said)
    said.encode("utf-8")


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=200))
def test_undoing_encoded_words_never_fails(text):
    decode_words(text)


def test_a_body_without_headers_is_a_body():
    assert header_block(b"Hello there\r\nNora") == ({}, b"Hello there\r\nNora")


def test_a_mailbox_line_before_the_headers_is_skipped():
    found, body = header_block(b"From nora Tue Apr  1 00:25:17 2014\nSubject: Lamp\n\nDark")
    assert (found, body) == ({"subject": [b"Lamp"]}, b"Dark")


@pytest.mark.parametrize(
    ("written", "ids"),
    [
        ("<a@x> <b@y>", ("a@x", "b@y")),
        ("<a@x>,<b@y>", ("a@x", "b@y")),
        ('Your message of "Mon, 4 Mar 2024 10:00:00 +0100" <a@x>', ("a@x",)),
        ("<a\t@ x>", ("a@x",)),
        ("a@x b@y", ("a@x", "b@y")),
        ("<a@x", ("a@x",)),
        ("no id at all", ()),
        ("<>", ()),
    ],
)
def test_ids_are_found_however_they_are_written(written, ids):
    assert ids_of([written]) == ids


def test_ids_of_several_headers_are_one_list():
    assert ids_of(["<a@x>", "<b@y>"]) == ("a@x", "b@y")


@pytest.mark.parametrize(
    "written",
    ["Tue, 05 Mar 2024 09:15:00 +0100", "Tue, 5 Mar 24 09:15:00 +0100", "05 Mar 2024 09:15:00 +0100 (CET)", "Tue, 5 Mar 2024 09:15:00 CET", "Tue, 5 Mar 2024 10:15:00 GMT+0200 (CEST)",
     "2024-03-05T09:15:00+01:00", "Tue Mar  5 08:15:00 2024", "Tue, Mar 05 2024 08:15:00", "Tue, 5 Mar 2024 09:15 AM +0100", "Tue, 05 Mar 2024 08:15:00", "Tue, 5 Mar 2024 08.15.00 UT"],
)  # fmt: skip
def test_a_date_is_read_in_every_common_form(written):
    assert instant_of(written) == datetime(2024, 3, 5, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "nonsense",
        "5 Mar 3609 01:00 +0000",
        "1 Jan 1970 00:00:00 +0000",
        "99 Foo 2024",
        "(" * 500,
        "Tue, 05 Mar 2024 99:99:99 +9999",
    ],
)
def test_a_date_that_makes_no_sense_is_none(written):
    assert instant_of(written) is None


@given(st.text(max_size=60))
def test_no_date_is_too_odd_to_try(text):
    instant_of(text)


@given(st.binary(max_size=200))
def test_base64_is_undone(data):
    import base64

    assert unbase64(base64.encodebytes(data)) == data


def test_of_torn_base64_the_good_part_is_read():
    assert unbase64(b"SGVs!bG8=SGVsbG8=S") == b"HelloHello"


@pytest.mark.parametrize("lost", ["by relay.example with SMTP;\n(TLS) id 15", "pPrAgV9w4Bo\nZz8+x/"])
def test_headers_that_lost_their_indents_are_still_headers(lost):
    email = understand(
        f"Received: from x\n{lost}\nFrom: nora@lantern.example\nSubject: Lamp\nMessage-ID: <a@b>\n\nDark.".encode()
    )
    assert (email.sender.address, email.subject, email.text) == ("nora@lantern.example", "Lamp", "Dark.")


def test_a_line_above_the_headers_is_passed_over():
    email = understand(b"---- Original email ----\nFrom: nora@lantern.example\nMessage-ID: <a@b>\n\nDark.")
    assert (email.sender.address, email.text) == ("nora@lantern.example", "Dark.")


def test_words_that_follow_the_headers_at_once_are_words():
    email = understand(b"From: nora@lantern.example\nMessage-ID: <a@b>\nHello, it is dark.\nSince: noon\n\nFrom: no one")
    assert email.text == "Hello, it is dark.\nSince: noon\n\nFrom: no one"


@pytest.mark.parametrize("said", ["Привет, лампа", "转发：整体提升企业服务水平"])
def test_a_bare_header_need_not_be_in_the_charset_of_the_body(said):
    raw = b"From: nora@lantern.example\nSubject: " + said.encode("gb18030" if said[0] > "\u3000" else "cp1251")
    email = understand(raw + b"\nContent-Type: text/plain; charset=iso-8859-1\n\nGr\xfc\xdfe")
    assert (email.subject, email.text) == (said, "Grüße")


def test_umlauts_side_by_side_are_umlauts():
    raw = b"From: nora@lantern.example\nSubject: \xe4\xf6\xfc\xc4\xd6\xdc\xdf\nContent-Type: text/plain; charset=iso-8859-1\n\nx"
    assert understand(raw).subject == "äöüÄÖÜß"
