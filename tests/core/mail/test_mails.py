"""Mails of our own making, each of one nasty shape, and what each must yield."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from touchline.core.mail.shown import shown

MAILS = Path(__file__).parents[2] / "mail"
EXPECTED = [json.loads(line) for line in (MAILS / "expectations.jsonl").read_text("utf-8").splitlines()]
AT = datetime(2024, 3, 6, tzinfo=UTC)


@pytest.mark.parametrize("wanted", EXPECTED, ids=[one["id"] for one in EXPECTED])
def test_a_nasty_mail_yields_what_it_must(wanted):
    got = shown((MAILS / f"{wanted['id']}.eml").read_bytes(), wanted["id"], at=AT)
    text = " ".join(got["text"].split())
    assert got["error"] == ""
    for name in ("from_addr", "from_name", "subject", "date", "attachments", "in_reply_to"):
        if name in wanted:
            assert got[name] == wanted[name]
    assert got["kind"] in wanted.get("kind", [got["kind"]])
    assert all(words in text for words in wanted.get("text_has", ()))
    assert not any(words in text for words in wanted.get("text_not", ()))
    if wanted.get("references_mode") == "ends":
        assert (got["references"][0], got["references"][-1]) == (wanted["references"][0], wanted["references"][-1])
    else:
        assert sorted(got["references"]) == sorted(wanted.get("references", got["references"]))
    assert len(got["attachments"]) == wanted.get("attachments_n", len(got["attachments"]))
    for said in (got["subject"], got["from_name"], *got["attachments"]):
        assert not re.search(r"[\x00-\x1f\x7f]", said) and len(said.encode()) < 4_000
    if wanted.get("date_sane"):
        assert got["date"] is None or datetime.fromisoformat(got["date"]) < AT + timedelta(days=2)


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
