"""Mails made to cost: small for their writer, long for whoever reads them. Each takes seconds at most, and little memory."""

import time

import pytest

from touchline.core.mail.addresses import address_of
from touchline.core.mail.headers import LONGEST_BLOCK
from touchline.core.mail.html_text import html_as_text, shallow
from touchline.core.mail.mime import MOST_PARTS
from touchline.core.mail.safe_html import safe_html
from touchline.core.mail.shown import shown
from touchline.core.mail.understand import understand

SECONDS = 5
HEAD = b"From: nora@lantern.example\r\nTo: help@desk.example\r\nSubject: Lamp\r\n"
MANY = " ".join(f"a{number}" for number in range(200_000))


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"aaaa \r\n" * 2_000_000,
        HEAD + b"Content-Type: text/enriched\r\n\r\n" + b"<param>" * 300_000,
        b'From: "\\' + b'"\\' * 90_000 + b"\r\n\r\nhi",
        b"".join(b'From: "\\' + b'"\\' * 90_000 + b"\r\n" for _ in range(20)) + b"\r\nhi",
        b"X-A: b\r\n" * 3_000_000 + HEAD + b"\r\nhi",
    ],
    ids=["soft-breaks", "open-params", "open-quotes", "many-froms", "many-headers"],
)
def test_no_mail_takes_long_to_read(raw):
    began = time.perf_counter()
    email = understand(raw)
    assert time.perf_counter() - began < SECONDS
    assert not email.unread


@pytest.mark.parametrize(
    "html",
    [f"<p {MANY}>Hello", f'<p a"{MANY}">Hello', f"</p {MANY}><p>Hello", f"<p {MANY.replace(' ', '/')}>Hello", f"<p {MANY.replace('a', '<')}>Hello"],
    ids=["plain", "quote-in-a-name", "at-the-end", "slashes", "brackets"],
)  # fmt: skip
def test_attributes_without_end_are_dropped_and_the_words_kept(html):
    began = time.perf_counter()
    assert html_as_text(html) == "Hello"
    assert "Hello" in safe_html(html).html
    assert time.perf_counter() - began < SECONDS


@pytest.mark.parametrize("blanks", [30, 39, 40, 4_000])
def test_a_row_of_hard_blanks_is_read_once(blanks):
    began = time.perf_counter()
    assert "Hello" in safe_html("\u00a0" * blanks + "Hello").html
    assert time.perf_counter() - began < SECONDS


@pytest.mark.parametrize("piece", ["&", "<p>x", "<li>x", "<br>"])
def test_a_megabyte_of_one_thing_is_read_in_a_second(piece, within):
    html = f"<p>Hello</p>{piece * (1_000_000 // len(piece))} Bye"
    with within(seconds_per_megabyte=1, at_least=1.5):
        words = html_as_text(html)
        assert words.startswith("Hello")
        assert words.endswith("Bye")
        assert "Bye" in safe_html(html).html


def test_a_tag_as_people_write_it_is_left_alone():
    tag = f'<img alt="{"A long description, " * 200}" src="data:image/png;base64,{"A" * 100_000}" width=10 style=\'color: red\'>'
    assert shallow(tag * 3) == tag * 3


def test_more_headers_than_anyone_reads_leave_the_words():
    email = understand(HEAD + b"X-A: b\r\n" * (LONGEST_BLOCK // 8) + b"\r\nHello")
    assert (email.sender.address, email.text) == ("nora@lantern.example", "Hello")


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\nnew\r\n" + b">" * 20_000 + b" old\r\n",
        b"\r\nnew\r\n" + b"".join(b">" * depth + b" old\r\n" for depth in range(0, 20_000, 40)),
        b"Content-Type: text/html\r\n\r\nnew" + b"<blockquote>" * 20_000 + b"old",
        b"\r\nnew\r\n" + b"\r\n" * 8_000 + b"old",
        b"".join(b"X-%d: %s\r\n" % (number, b"v" * 90) for number in range(20_000)) + b"\r\nnew",
        b"X-One: " + b"v" * 2_000_000 + b"\r\n\r\nnew",
        b"Cc: " + b"ilse@hof.example, " * 100_000 + b"\r\n\r\nnew",
        b"References: " + b"<one@lantern.example> " * 100_000 + b"\r\n\r\nnew",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nnew\r\n" * 5_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (one, one) for one in range(1_200))
        + b"\r\nnew",
    ],
    ids=["quote", "quotes", "blockquotes", "blank-lines", "headers", "header", "people", "references", "parts", "nested"],
)
def test_what_is_far_too_much_of_one_thing_is_read_in_a_second_a_megabyte(raw, within):
    raw = HEAD.replace(b"Subject: ", b"Subject: Re: ") + raw
    with within(seconds_per_megabyte=1, at_least=1, megabytes=len(raw) / 1e6):
        got = shown(raw, "much")
    assert got["error"] == ""
    assert "new" in got["text"]
    assert got["from_addr"] == "nora@lantern.example"


def test_files_hidden_in_many_texts_are_bounded():
    text = b"\r\n" + b"begin 644 a\r\n#86)C\r\n`\r\nend\r\n" * 100
    raw = HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + (b"--b\r\n" + text) * 500 + b"--b--\r\n"
    assert len(understand(raw).attachments) <= MOST_PARTS + 100


@pytest.mark.parametrize(
    "address", ['"a\\\rb"@x.example', '"a\\\x00b"@x.example', '"a"@x.\u202eexample', "\U0001d160" * 300 + "@x.example"]
)
def test_an_address_holds_nothing_unseen_and_does_not_grow(address):
    kept = address_of(address)
    assert len(kept) <= 320
    assert not set(kept) & set("\r\x00\u202e")


def test_the_id_of_a_picture_holds_nothing_unseen():
    raw = HEAD + b"Content-Type: image/png\r\nContent-ID: <a\x00\x1bb\x07c>\r\n\r\nx"
    assert understand(raw).attachments[0].content_id == "a b c"
