"""What has stopped is told at the top of every page, with since when and what to do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.cast import SUPPORT, Post
from tests.servers import DOVECOT, Dovecot, running_dovecot
from touchline.channels import Step, email
from touchline.desk.models import Checkup, Desk, Mailbox
from touchline.work import chores

pytestmark = pytest.mark.django_db

EVERY = ("/", "/waiting/", "/people/", "/settings/", "/banners/")


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def told(browser: Client, words: str) -> None:
    for address in EVERY:
        assert words in browser.get(address).content.decode(), address


def not_told(browser: Client, words: str) -> None:
    for address in EVERY:
        assert words not in browser.get(address).content.decode(), address


def test_a_mailbox_that_keeps_failing_is_told_with_since_when(as_sam: Client, can_send: Mailbox, now: datetime) -> None:
    Mailbox.objects.update(
        imap_host="imap.example", trouble="imap.example hung up.", tries=1, fetched_at=now - timedelta(minutes=1)
    )
    not_told(as_sam, "imap.example hung up.")
    Mailbox.objects.update(tries=2)
    told(as_sam, f"{SUPPORT} has brought no mail since today ")
    told(as_sam, f"/settings/mailboxes/{can_send.pk}/doctor/")
    Mailbox.objects.update(tries=1, fetched_at=now - timedelta(minutes=4))
    told(as_sam, "imap.example hung up.")
    Mailbox.objects.update(fetched_at=None)
    told(as_sam, f"{SUPPORT} brings no mail: imap.example hung up.")


def test_a_silence_is_told_until_somebody_says_that_it_is_fine(as_sam: Client, can_send: Mailbox, now: datetime) -> None:
    Mailbox.objects.update(quiet_since=now - timedelta(hours=3), quiet_words="Nothing has come in at support since nine.")
    told(as_sam, "Nothing has come in at support since nine.")
    answer = as_sam.post(f"/settings/mailboxes/{can_send.pk}/silence-is-fine/", headers={"Referer": "http://testserver/people/"})
    assert answer["Location"] == "/people/"
    assert "if it is still quiet tomorrow" in as_sam.get("/people/").content.decode()
    not_told(as_sam, "since nine")
    Mailbox.objects.update(quiet_fine_at=now - timedelta(hours=25))
    told(as_sam, "since nine")


def test_a_worker_that_has_stopped_and_a_door_that_is_shut_are_told(as_sam: Client, can_send: Mailbox, now: datetime) -> None:
    Desk.objects.update(worker_at=now - timedelta(minutes=2))
    not_told(as_sam, "the worker has stopped")
    Desk.objects.update(worker_at=now - timedelta(minutes=10))
    told(as_sam, "the worker has stopped")
    Desk.objects.update(worker_at=now, door_trouble="Nobody answers at 127.0.0.1 on port 8025.")
    told(as_sam, "The mail door is shut")


def test_a_mailbox_that_no_mail_can_reach_is_told(as_sam: Client, can_send: Mailbox, settings: Any) -> None:
    not_told(as_sam, "does not come in yet")
    settings.MAIL_IN = None
    told(as_sam, f"Mail for {SUPPORT} does not come in yet.")
    Mailbox.objects.update(imap_host="imap.example")
    not_told(as_sam, "does not come in yet")


def test_words_of_a_server_are_only_words(as_sam: Client, can_send: Mailbox) -> None:
    Mailbox.objects.update(imap_host="imap.example", trouble="<script>alert(1)</script>", tries=5)
    told(as_sam, "&lt;script&gt;")
    not_told(as_sam, "<script>alert")


def test_owners_call_the_doctor_and_everyone_reads(
    as_kay: Client, as_sam: Client, can_send: Mailbox, post: Post, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    monkeypatch.setattr(
        post, "check", lambda _told, *, way: iter([Step("connect", False, "Nobody answers at it on port 587.")]), raising=False
    )
    address = f"/settings/mailboxes/{can_send.pk}/doctor/"
    assert as_sam.post(address).status_code == 404
    assert "Nobody has looked at it yet." in as_sam.get(address).content.decode()
    assert as_kay.post(address)["Location"] == address
    page = as_sam.get(address).content.decode()
    assert '<meta http-equiv="refresh"' in page, "without scripts the page asks by itself"
    assert "We are looking at it now." in page
    while chores.look_at_mailboxes(datetime.now(UTC)):
        pass
    assert Checkup.objects.get().ended_at
    page = as_sam.get(address).content.decode()
    assert '<meta http-equiv="refresh"' not in page
    assert "Nobody answers at it on port 587." in page and "See whether the port is right" in page
    assert "asked for by Kay Doyle" in page
    part = as_sam.get(f"{address}?block=visit").content.decode()
    assert "Nobody answers" in part and "<html" not in part
    assert "Something is to be put right." in as_sam.get(f"/settings/mailboxes/{can_send.pk}/").content.decode()


def test_a_visit_shows_no_secret(as_kay: Client, can_send: Mailbox, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "check", lambda _told, *, way: iter([Step("connect", True, "It answers.")]), raising=False)
    monkeypatch.setattr(post, "asks", email.asks, raising=False)
    can_send.be_reached({"smtp_password": "hunter2", "imap_password": "hunter3"}, at=datetime.now(UTC))
    as_kay.post(f"/settings/mailboxes/{can_send.pk}/doctor/")
    while chores.look_at_mailboxes(datetime.now(UTC)) and not Checkup.objects.get().sent_at:
        pass
    for address in (f"/settings/mailboxes/{can_send.pk}/doctor/", f"/settings/mailboxes/{can_send.pk}/", *EVERY):
        assert "hunter" not in as_kay.get(address).content.decode()
    assert "hunter" not in str(Checkup.objects.values())


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    if not DOVECOT:
        pytest.skip("dovecot is not installed: apt install dovecot-imapd")
    with running_dovecot() as running:
        yield running


@pytest.mark.servers
def test_a_server_that_is_stopped_is_told_within_two_minutes_and_forgotten_when_it_is_back(
    as_sam: Client, support: Mailbox, dovecot: Dovecot, now: datetime
) -> None:
    told_of_it = dovecot.told("support")
    support.be_reached({f"imap_{name}": value for name, value in told_of_it.items()} | {"smtp_host": "127.0.0.1"}, at=now)
    chores.fetch_mail(now)
    not_told(as_sam, "has brought no mail")
    dovecot.stop()
    stopped, clock = now, now
    while clock <= stopped + timedelta(minutes=2):
        clock += timedelta(seconds=2)  # as often as the worker looks at what is due
        chores.fetch_mail(clock)
    told(as_sam, f"{SUPPORT} has brought no mail since today ")
    told(as_sam, "Nobody answers at 127.0.0.1")
    for name in ("run", "state", "mail"):
        (dovecot.folder / name).rename(dovecot.folder / f"{name}.before")
    dovecot.start()
    while clock <= stopped + timedelta(minutes=6):
        clock += timedelta(seconds=2)
        chores.fetch_mail(clock)
    not_told(as_sam, "has brought no mail")
