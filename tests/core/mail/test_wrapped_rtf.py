"""Words out of RTF, as Outlook wraps them."""

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.mail.rtf import unpacked, words_of_rtf
from touchline.core.mail.understand import understand

PLAIN = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\pard Gr\'fc\'dfe an Kay\par \u8364?5 \{sic\}\par}"
FOLDED = (
    rb"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 It is {\*\htmltag84 <b>}\htmlrtf {\b \htmlrtf0 dark"
    rb"\htmlrtf }\htmlrtf0 {\*\htmltag92 </b>}.\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}}"
)


def stored(rtf: bytes) -> bytes:
    return struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf


def test_the_words_of_plain_rtf():
    assert words_of_rtf(PLAIN) == ("Grüße an Kay\n€5 {sic}\n", "")


def test_the_html_that_was_folded_into_it():
    assert words_of_rtf(FOLDED) == ("", "<p>It is <b>dark</b>.</p>")


@pytest.mark.parametrize(
    ("packed", "rtf"),
    [  # the examples of MS-OXRTFCP, 4
        (
            "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0",
            b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
        ),
        ("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0", b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
    ],
)
def test_compressed_rtf_is_unpacked(packed, rtf):
    assert unpacked(bytes.fromhex(packed)) == rtf


def test_rtf_that_was_only_stored_is_unpacked():
    assert unpacked(stored(PLAIN)) == PLAIN


@pytest.mark.parametrize("broken", [b"", b"LZFu", b"x" * 40])
def test_what_is_no_rtf_says_so(broken):
    with pytest.raises(ValueError, match="RTF"):
        unpacked(broken)


@given(st.binary(max_size=400))
def test_whatever_was_compressed_there_is_an_end(data):
    unpacked(struct.pack("<IIII", len(data), 2**31, 0x75465A4C, 0) + data)


@given(
    st.lists(
        st.sampled_from(
            [
                b"{",
                b"}",
                b"\\*",
                b"\\par ",
                b"\\u-100?",
                b"\\u55357?",
                b"\\'ff",
                b"\\htmltag1 <b>",
                b"\\htmlrtf ",
                b"words",
                b"\\bin5",
                b"\\",
            ]
        ),
        max_size=60,
    )
)
def test_no_rtf_raises_or_yields_what_no_database_takes(pieces):
    for start in (b"{\\rtf1 ", b"{\\rtf1\\fromhtml1 "):
        for words in words_of_rtf(start + b"".join(pieces)):
            words.encode()


def test_much_rtf_takes_a_moment(within):
    for piece in (b"{", b"\\par ", b"a", b"\\'e4", b"{\\*\\x y}", b"\\u228?"):
        with within(seconds_per_megabyte=3, at_least=2):
            words_of_rtf(b"{\\rtf1 " + piece * (500_000 // len(piece)))


def tnef(rtf: bytes) -> bytes:
    """A winmail.dat that holds nothing but RTF (MS-OXTNEF)."""
    packed = stored(rtf)
    properties = struct.pack("<IHHII", 1, 0x0102, 0x1009, 1, len(packed)) + packed + bytes(-len(packed) % 4)
    version = struct.pack("<BHHI", 1, 0x9006, 8, 4) + struct.pack("<IH", 0x10000, 1)
    props = struct.pack("<BHHI", 1, 0x9003, 6, len(properties)) + properties + struct.pack("<H", sum(properties) & 0xFFFF)
    return struct.pack("<IH", 0x223E9F78, 1) + version + props + bytes(20)


@pytest.mark.parametrize(("rtf", "text"), [(PLAIN, "Grüße an Kay\n€5 {sic}"), (FOLDED, "It is dark.")])
def test_a_winmail_dat_that_holds_nothing_but_rtf_is_read(rtf, text):
    head = b"From: nora@lantern.example\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    email = understand(head + base64.encodebytes(tnef(rtf)))
    assert (email.text, email.attachments) == (text, ())
