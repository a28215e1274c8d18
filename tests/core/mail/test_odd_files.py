"""Files that are not what their name says, and files that run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.mail.odd_files import Odd, odd_file

PDF = b"%PDF-1.7 and more"
PNG = b"\x89PNG\r\n\x1a\n and more"
EXE = b"MZ" + b"\0" * 100
ZIP = b"PK\x03\x04" + b"\0" * 60
HTML = b"<!doctype html><html><body>Sign in"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("invoice.pdf", PDF), ("INVOICE.PDF", PDF), ("screen.png", PNG), ("screen.jpg", PNG), ("list.zip", ZIP), ("words.doc", OLE),
        ("words.doc", b"{\\rtf1 hello"), ("table.xlsx", ZIP), ("notes.txt", b"The lamp is dark."), ("page.html", HTML),
        ("nothing", b""), ("unknown.xyz", PDF), ("table.csv", b"a,b,c"), (".pdf", PDF), ("a.pdf", b"no kind that we know"),
    ],
)  # fmt: skip
def test_a_file_that_is_what_it_says_needs_no_word(name: str, data: bytes) -> None:
    assert odd_file(name, data) is None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("setup.exe", EXE), ("invoice.pdf", EXE), ("invoice.pdf.exe", b""), ("picture.scr", b"x"), ("macro.xlsm", ZIP), ("go.js", b"x"),
        ("shortcut.lnk", b"x"), ("tool", b"\x7fELF and more"), ("run.txt", b"#!/bin/sh\nrm -rf ~ and more"), ("disk.ISO", b"x"),
    ],
)  # fmt: skip
def test_a_file_that_runs_is_said_to_run_whatever_its_name(name: str, data: bytes) -> None:
    odd = odd_file(name, data)
    assert odd and odd.odd is Odd.RUNS


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("invoice.pdf", HTML, "text/html"), ("invoice.pdf", ZIP, "application/zip"), ("screen.png", HTML, "text/html"),
        ("list.xls", HTML, "text/html"), ("notes.txt", HTML, "text/html"), ("words.docx", PDF, "application/pdf"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_than_its_name_says(name: str, data: bytes, kind: str) -> None:
    assert odd_file(name, data) == (Odd.OTHERWISE, kind)


@given(st.text(max_size=40), st.binary(max_size=100))
def test_whatever_it_is_called_and_holds_there_is_an_answer(name: str, data: bytes) -> None:
    odd = odd_file(name, data)
    assert odd is None or odd.odd in Odd
