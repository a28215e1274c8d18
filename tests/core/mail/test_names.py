"""File names that can be shown, saved and trusted, however they were written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.mail.names import safe_name, unique_name, value_and_parameters


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b'attachment; filename="report.pdf"', "report.pdf"),
        (b"attachment; filename=my report.pdf", "my report.pdf"),
        (b"attachment; filename*=utf-8''%E6%B3%A8.pdf", "注.pdf"),
        (b"attachment; filename*1*=%9B%B8.pdf; filename*0*=utf-8''%E6", "書.pdf"),
        (b'attachment; filename*0="long "; filename*1="name.pdf"', "long name.pdf"),
        (b'attachment; filename="=?utf-8?Q?Gr=C3=BC=C3=9Fe.pdf?="', "Grüße.pdf"),
        ('attachment; filename="Grüße.pdf"'.encode("latin-1"), "Grüße.pdf"),
        (rb'attachment; filename="C:\docs\new.pdf"', r"C:\docs\new.pdf"),
        (b'attachment; filename="a;b.pdf"; size=3', "a;b.pdf"),
        (b'attachment; filename="unclosed.pdf', "unclosed.pdf"),
        (b"attachment; filename=plain.pdf; filename*=utf-8''better.pdf", "better.pdf"),
    ],
)
def test_a_file_name_is_read(header, name):
    value, parameters = value_and_parameters(header)
    assert (value, parameters["filename"]) == ("attachment", name)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\docs\new.pdf", "new.pdf"),
        (".bashrc", "bashrc"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\r\nb\x00.pdf", "ab.pdf"),
        ("CON:|<x>.pdf", "CON___x_.pdf"),
        ("cafe\u0301.pdf", "café.pdf"),
    ],
)
def test_a_dangerous_name_is_made_safe(name, safe):
    assert safe_name(name) == safe


@pytest.mark.parametrize(
    ("kind", "name"),
    [("image/png", "image.png"), ("application/pdf", "file.pdf"), ("x/y", "file.bin"), ("text/calendar", "invitation.ics")],
)
def test_a_file_without_a_name_is_named_for_what_it_is(kind, name):
    assert safe_name("", kind) == safe_name(" .. ", kind) == name


def test_a_long_name_keeps_its_ending():
    name = safe_name("ü" * 400 + ".pdf")
    assert name.endswith("ü.pdf") and len(name.encode()) <= 200


@given(st.text(max_size=400))
def test_no_name_leaves_its_folder(name):
    safe = safe_name(name)
    assert safe and len(safe.encode()) <= 200
    assert not any(letter in safe for letter in "/\\\x00\r\n\u202e") and not safe.startswith(".")


def test_a_name_is_given_once():
    taken: set[str] = set()
    assert [unique_name(name, taken) for name in ("a.pdf", "A.pdf", "a.pdf", "a")] == ["a.pdf", "A-2.pdf", "a-3.pdf", "a"]


@given(st.binary(max_size=300))
def test_any_bytes_can_stand_in_a_parameter(header):
    for name, value in value_and_parameters(b"attachment; " + header)[1].items():
        (name + value).encode("utf-8")
