"""Mails of our own making, each of one nasty shape, and what each must yield."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from touchline.core.mail.automatic import automatic
from touchline.core.mail.shown import shown
from touchline.core.mail.understand import understand

MAILS = Path(__file__).parents[2] / "mail"
EXPECTED = [json.loads(line) for line in (MAILS / "expectations.jsonl").read_text("utf-8").splitlines()]
AT = datetime(2024, 3, 6, tzinfo=UTC)


def one_of(wanted):
    return wanted if isinstance(wanted, list) else [wanted]


def words(text):
    return " ".join(text.split())


# What an expectation may hold, and whether a record fulfils it.
CHECKS = {
    **{
        name: lambda got, wanted, name=name: got[name] in one_of(wanted)
        for name in ("from_addr", "from_name", "subject", "date", "in_reply_to", "kind", "bounce_rcpt")
    },
    "attachments": lambda got, wanted: got["attachments"] == wanted,
    "inline": lambda got, wanted: got["inline"] == wanted,
    "attachments_n": lambda got, wanted: len(got["attachments"]) == wanted,
    "attachments_has": lambda got, wanted: all(any(piece in name for name in got["attachments"]) for piece in wanted),
    "attachments_safe": lambda got, wanted: (
        not any(re.search(r"[\x00-\x1f/\\\\\u202a-\u202e]", name) for name in got["attachments"])
    ),
    "subject_has": lambda got, wanted: all(piece in got["subject"] for piece in wanted),
    "text_has": lambda got, wanted: all(piece in words(got["text"]) for piece in wanted),
    "text_not": lambda got, wanted: not any(piece in words(got["text"]) for piece in wanted),
    "html_not": lambda got, wanted: not any(piece in words(got["html"]).lower() for piece in wanted),
    "date_sane": lambda got, wanted: got["date"] is None or datetime.fromisoformat(got["date"]) < AT + timedelta(days=2),
    "must_not_crash": lambda got, wanted: got["error"] == "",
}


@pytest.mark.parametrize("wanted", EXPECTED, ids=[one["id"] for one in EXPECTED])
def test_a_nasty_mail_yields_what_it_must(wanted):
    raw = mail_of(wanted)
    got = shown(raw, wanted["id"], at=AT)
    assert got["error"] == ""
    how = automatic(understand(raw)).bounce
    for name, value in wanted.items():
        if name == "references":
            references = got["references"]
            ends = wanted.get("references_mode") == "ends"
            assert (
                (references[:: len(references) - 1] == value[:: len(value) - 1]) if ends else sorted(references) == sorted(value)
            )
        elif name == "bounce_permanent":
            assert how.permanent is value
        elif name == "bounce_original":
            assert how.original_id == value
        elif name not in ("id", "group", "references_mode"):
            assert CHECKS[name](got, value), (name, value, got)
    for said in (got["subject"], got["from_name"], *got["attachments"]):
        assert not re.search(r"[\x00-\x1f\x7f]", said) and len(said.encode()) < 4_000


def mail_of(wanted):
    path = MAILS / wanted["group"] / f"{wanted['id']}.eml"
    return (path if path.exists() else MAILS / path.name).read_bytes()


def test_every_mail_has_an_expectation():
    assert {path.stem for path in MAILS.rglob("*.eml")} == {one["id"] for one in EXPECTED}


def test_a_record_has_every_field_and_is_json():
    got = shown(b"From: Nora <nora@lantern.example>\r\nSubject: Lamp\r\n\r\nIt is dark.", "one")
    assert list(got) == [
        "id",
        "from_addr",
        "from_name",
        "subject",
        "date",
        "text",
        "html",
        "attachments",
        "inline",
        "kind",
        "in_reply_to",
        "references",
        "bounce_rcpt",
        "ms",
        "error",
    ]
    assert json.loads(json.dumps(got)) == got


def test_a_date_in_the_future_is_none():
    raw = b"From: nora@lantern.example\r\nDate: Tue, 05 Mar 2030 09:15:00 +0000\r\n\r\nx"
    assert shown(raw, "one", at=AT)["date"] is None
    assert shown(raw, "one")["date"] == "2030-03-05T09:15:00Z"


@pytest.mark.parametrize(
    "piece",
    ["a", "@", "a@", "<a", '"a', "a:", "(a", "[a", "12:", "_", "> ", "2024-01-01 10:00 ", "wrote: ", "5.1.1 ", "=?", "&#", "\\"],
)
def test_no_piece_repeated_anywhere_takes_long(piece, within):
    many = (piece * (150_000 // len(piece))).encode()
    lines = (piece * (90 // len(piece)) + "\n").encode() * 1_500
    head = b"From: a@b.example\r\nSubject: Re: x\r\nIn-Reply-To: <a@b.example>\r\n"
    bounce = b"From: MAILER-DAEMON@x.example\r\nSubject: failure notice\r\nReturn-Path: <>\r\n\r\n"
    hostile = [head + b"Cc: " + many, b"From: " + many, b"Subject: " + many, b"Date: " + many, b"Content-Type: " + many, b"Content-Disposition: attachment; filename=" + many,
               head + b"References: " + many, head + b"Auto-Submitted: " + many, head + b"\r\n" + many, head + b"\r\n" + lines, bounce + many, bounce + lines,
               head + b"Content-Type: text/html\r\n\r\n<p style='" + many + b"'>" + many]  # fmt: skip
    for raw in hostile:
        with within(seconds_per_megabyte=3, at_least=1.5):
            assert shown(raw, "hostile")["error"] == ""
