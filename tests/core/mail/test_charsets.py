"""A charset's label is a hint, and the text comes out all the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.mail.charsets import codec_for, decode


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        ("It’s “fine” – 100 €".encode("cp1252"), "iso-8859-1", "It’s “fine” – 100 €"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode("latin-1"), "us-ascii", "Grüße"),
        ("Grüße".encode("latin-1"), "utf-8", "Grüße"),
        ("囍镕".encode("gb18030"), "gb2312", "囍镕"),
        ("똠방각하".encode("cp949"), "ks_c_5601-1987", "똠방각하"),
        ("①髙".encode("cp932"), "shift_jis", "①髙"),
        (b'\x1b$B-!$"\x1b(B', "iso-2022-jp", "①あ"),
        (b"\x1b$BEE5e\nEE5e EE5e\x1b(B", "iso-2022-jp", "電球\n電球 電球"),
        (b"\x1b$BEE5e\nand so on", "iso-2022-jp", "電球\nand so on"),
        ("Лампа".encode("koi8-r"), None, "Лампа"),
        ("äöüß and so on".encode("latin-1"), None, "äöüß and so on"),
        ("aaäöüßad".encode("latin-1"), None, "aaäöüßad"),
        ("éèàç".encode("latin-1"), None, "éèàç"),
        ("ЛАМПА ТЁМНАЯ".encode("cp1251"), None, "ЛАМПА ТЁМНАЯ"),
        ("שלום".encode("iso8859_8"), "iso-8859-8-i", "שלום"),
        (b"Hi +AKM-1", "unicode-1-1-utf-7", "Hi £1"),
        ("Привет".encode("koi8-r"), "KOI8-R", "Привет"),
        ("Grüße".encode(), "utf8mb4", "Grüße"),
        ("Grüße".encode("cp850"), "cp-850", "Grüße"),
        ("Grüße".encode(), 'charset="utf-8"', "Grüße"),
        ("中文".encode("utf-16"), "utf-16", "中文"),
        (b"\xef\xbb\xbfHello", "utf-8", "Hello"),
    ],
)
def test_a_text_is_read_as_it_was_meant(data, label, text):
    assert decode(data, label)[0] == text


def test_one_broken_letter_leaves_the_rest_in_peace():
    assert decode("Grüße aus Köln, schöne Straße, müde Füße, große Bäume".encode()[:-1] + b"\xc3", "utf-8")[0].startswith(
        "Grüße aus Köln, schöne Straße"
    )


def test_the_head_of_an_html_document_is_a_hint():
    data = '<html><head><meta charset="windows-1251"></head>Привет'.encode("cp1251")
    assert "Привет" in decode(data, None, html=True)[0]


def test_an_accent_among_ascii_is_an_accent():
    assert decode("Te Dijät".encode("latin-1"), None)[0] == "Te Dijät"


@pytest.mark.parametrize(
    "label",
    ["unicode_escape", "idna", "rot13", "base64", "hex", "punycode", "undefined", "x" * 5_000, "", "\x00", "unknown-8bit"],
)
def test_a_label_that_is_no_charset_does_no_work(label):
    assert codec_for(label) is None
    assert decode(rb"\u0041", label)[0] == r"\u0041"


@given(
    st.binary(max_size=400),
    st.sampled_from(
        [
            "",
            "utf-8",
            "utf-7",
            "utf-16",
            "iso-2022-jp",
            "gb2312",
            "hz",
            "iso-2022-kr",
            "shift_jis",
            "cp1252",
            "nonsense",
            "utf-32",
        ]
    ),
)
def test_any_bytes_under_any_label_are_text(data, label):
    text, _ = decode(data, label, html=True)
    text.encode("utf-8")
