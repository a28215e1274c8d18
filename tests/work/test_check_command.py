"""`touchline check`: what is wrong, in sentences that say what to do."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.cast import NORA, SUPPORT, Post
from touchline.channels import Step
from touchline.desk import files
from touchline.desk.models import Checkup, Desk, InboundEmail, Mailbox, Teammate
from touchline.work import check_command
from touchline.work.environment import Sorry


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
        return [Step("connect", way == "out", "It answers." if way == "out" else "Nobody answers at it on port 993.")]

    monkeypatch.setattr(post, "check", answers, raising=False)
    can_send.be_reached({"imap_host": "imap.touchline.example"}, at=datetime.now(UTC))
    said = checked(capsys, "--mailboxes", code=1)
    assert f"  ok   {SUPPORT}, mail out: It answers." in said
    assert f"  NOT  {SUPPORT}, mail in: Nobody answers at it on port 993." in said
    assert "See whether the port is right" in said
    assert not post.sent


@pytest.fixture
def mirrored(can_send: Mailbox, post: Post, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """What support sends comes back to it."""
    can_send.be_reached({"imap_host": "imap.touchline.example"}, at=datetime.now(UTC))
    monkeypatch.setattr(post, "check", lambda _told, *, way: iter([Step("connect", True, "It answers.")]), raising=False)
    monkeypatch.setattr(post, "send", lambda _told, reply: post.waiting.append(reply.raw) or {})
    return can_send


def test_a_visit_from_the_terminal_needs_no_desk_that_is_running(mirrored: Mailbox, capsys: pytest.CaptureFixture[str]) -> None:
    said = checked(capsys, SUPPORT, code=0)
    assert "  NOT  " not in said
    assert f"  ok   {SUPPORT}, there and back: The mail to {SUPPORT} was back within 1 second." in said
    assert Mailbox.objects.get().tags_arrive_at
    assert "The database answers" not in said, "it was asked about a mailbox"


def test_it_is_said_as_json_and_holds_no_secret(mirrored: Mailbox, kay: Teammate, capsys: pytest.CaptureFixture[str]) -> None:
    mirrored.be_reached({"imap_password": "hunter2", "smtp_password": "hunter3"}, at=datetime.now(UTC))
    said = checked(capsys, SUPPORT, "--json", code=0)
    assert "hunter" not in said
    told = json.loads(said)
    assert told["well"] is True
    (mailbox,) = told["mailboxes"]
    assert mailbox["address"] == SUPPORT
    assert [step["way"] for step in mailbox["steps"]] == ["in", "out", "domain", "out", "back", "back"]
    assert json.loads(checked(capsys, "--json", code=0))["findings"]


def test_an_address_that_is_none_of_ours_is_a_wrong_request(can_send: Mailbox) -> None:
    with pytest.raises(Sorry) as sorry:
        check_command.main(["elsewhere@touchline.example"])
    assert sorry.value.exit_code == 2


def test_a_visit_that_is_broken_off_is_over(mirrored: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_command.time, "sleep", lambda _seconds: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        check_command.main([SUPPORT])
    assert Checkup.objects.get().ended_at
