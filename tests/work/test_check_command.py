"""`touchline check`: what is wrong, in sentences that say what to do."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cast import NORA, SUPPORT, Post
from touchline.channels import Step
from touchline.desk import files
from touchline.desk.models import Desk, InboundEmail, Mailbox, Teammate
from touchline.work import check_command


def checked(capsys: pytest.CaptureFixture[str], *told: str, code: int) -> str:
    assert check_command.main(list(told)) == code
    return capsys.readouterr().out


def test_a_desk_that_is_well_says_so(kay: Teammate, can_send: Mailbox, capsys: pytest.CaptureFixture[str]) -> None:
    said = checked(capsys, code=0)
    assert "  NOT " not in said
    assert "The database answers" in said


def test_an_empty_desk_says_what_is_missing(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    said = checked(capsys, code=1)
    assert "  NOT  Nobody can sign in yet." in said
    assert "  NOT  There is no mailbox yet. Add one with `touchline mailbox add ADDRESS`" in said


def test_a_mailbox_that_cannot_send_is_told(kay: Teammate, support: Mailbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"  NOT  Sending is not set up for {SUPPORT}" in checked(capsys, code=1)


def test_mail_that_nobody_reads_and_mail_that_is_gone_are_told(
    kay: Teammate, can_send: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    before = datetime.now(UTC) - timedelta(hours=1)
    can_send.receive(NORA.writes("The lamp is dark", "Still, and nobody reads this."), at=before, via="smtp")
    assert "1 mails wait to be read for more than five minutes. Is `touchline up` running?" in checked(capsys, code=1)
    files.path_of(InboundEmail.objects.get().digest).unlink()
    assert "1 of the newest 1,000 mails are missing" in checked(capsys, code=1)


def test_with_mailboxes_each_way_is_tried(
    kay: Teammate, can_send: Mailbox, post: Post, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answers(_told: object, *, way: str) -> list[Step]:
        return [Step("connect", way == "out", f"It answers, going {way}.")]

    monkeypatch.setattr(post, "check", answers, raising=False)
    said = checked(capsys, "--mailboxes", code=0)
    assert f"  -    {SUPPORT}: fetching by IMAP is not set up." in said
    assert f"  ok   {SUPPORT}, sending by SMTP: It answers, going out." in said
    can_send.be_reached({"imap_host": "imap.touchline.example"}, at=datetime.now(UTC))
    assert f"  NOT  {SUPPORT}, fetching by IMAP: It answers, going in." in checked(capsys, "--mailboxes", code=1)
