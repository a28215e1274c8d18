"""The doctor of a mailbox: each step in words, a mail to ourselves that is seen back, and nobody fooled by it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from tests.cast import NORA, SUPPORT, Post, arrives, bounce
from touchline.channels import CHANNELS, Never, NotNow, Refused, Reply, Step, WrongSetting, names
from touchline.desk import doctor, doctor_look
from touchline.desk.models import Checkup, Conversation, InboundEmail, Mailbox, Person, Teammate
from touchline.work import chores

pytestmark = pytest.mark.django_db


@dataclass
class Mirror(Post):
    """An outside that brings back what it is given, save to addresses for which there is an answer in `refuses`."""

    fails: dict[str, str] = field(default_factory=dict)
    """By way: what goes wrong at signing in."""
    refuses: dict[str, Exception] = field(default_factory=dict)
    """By "plain" or "tagged": what it says to the mail in place of taking it."""
    keeps: set[str] = field(default_factory=set)
    """Which of the two it takes and never brings."""

    def check(self, told: Mapping[str, Any], *, way: str) -> Iterator[Step]:
        yield Step("connect", True, "It answers.")
        if way in self.fails:
            yield Step("sign in", False, self.fails[way])
        else:
            yield Step("sign in", True, "Signed in.")

    def send(self, told: Mapping[str, Any], reply: Reply) -> Mapping[str, Refused]:
        which = "tagged" if "+" in reply.recipients[0] else "plain"
        if which in self.refuses:
            raise self.refuses[which]
        if which not in self.keeps:
            self.waiting.append(reply.raw)
        return super().send(told, reply)


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Mirror:
    fake = Mirror()
    monkeypatch.setitem(CHANNELS, "email", fake)  # type: ignore[arg-type]
    return fake


@pytest.fixture
def reached(support: Mailbox, mirror: Mirror, at: datetime) -> Mailbox:
    support.be_reached({"imap_host": "imap.touchline.example", "smtp_host": "smtp.touchline.example"}, at=at)
    return support


def visited(mailbox: Mailbox, at: datetime, *, minutes: float = 15) -> Checkup:
    """A visit, with the worker at work for so long."""
    checkup = Checkup.begin(mailbox, by=None, at=at)
    now = at
    while now <= at + timedelta(minutes=minutes):
        if not sum(chore(now) for chore in (chores.look_at_mailboxes, chores.fetch_mail, chores.file_inbound_email)):
            now += timedelta(seconds=2)
    return Checkup.objects.get(pk=checkup.pk)


def told(checkup: Checkup, at: datetime) -> dict[str, tuple[bool | None, str]]:
    return {f"{step['way']} {step['name']}": (step["worked"], step["words"]) for step in checkup.told(at)}


def test_a_mail_to_ourselves_is_seen_back(reached: Mailbox, mirror: Mirror, at: datetime) -> None:
    checkup = visited(reached, at)
    reached.refresh_from_db()
    assert checkup.ended_at and checkup.ended_at < at + timedelta(minutes=1)
    assert checkup.seen_at and checkup.tagged_seen_at
    assert reached.tags_arrive_at == checkup.tagged_seen_at
    steps = told(checkup, at)
    assert all(worked for step, (worked, _words) in steps.items() if not step.startswith("domain")), steps
    assert steps["back seen"][1].startswith(f"The mail to {SUPPORT} was back within ")
    assert [reply.recipients for reply in mirror.sent] == [
        (SUPPORT,),
        (f"support+tl-doctor-{checkup.token}@touchline.example",),
    ]


def test_it_makes_nothing_that_anyone_would_have_to_look_at(reached: Mailbox, at: datetime) -> None:
    visited(reached, at)
    assert InboundEmail.objects.count() == 2
    assert not InboundEmail.objects.set_aside().exists()
    assert not InboundEmail.objects.filter(dismissed_at=None).exists()
    assert not Conversation.objects.exists() and not Person.objects.exists()


def test_each_of_the_two_says_that_no_person_wrote_it(reached: Mailbox, mirror: Mirror, at: datetime) -> None:
    visited(reached, at)
    for reply in mirror.sent:
        mail = message_from_bytes(reply.raw, policy=default)
        assert mail["Auto-Submitted"] == "auto-generated"
        assert reply.envelope_from == SUPPORT


@pytest.mark.parametrize("keeps", ["X-Touchline-Doctor", "Message-ID", "Subject"])
def test_it_is_known_by_whatever_a_server_leaves_of_its_marks(reached: Mailbox, mirror: Mirror, at: datetime, keeps: str) -> None:
    mirror.keeps = {"plain", "tagged"}
    checkup = visited(reached, at, minutes=0.5)
    original = message_from_bytes(mirror.sent[0].raw, policy=default)
    rewritten = EmailMessage()
    rewritten["From"] = SUPPORT
    rewritten["To"] = SUPPORT
    rewritten[keeps] = original[keeps]
    rewritten.set_content("Does mail arrive?")
    assert arrives(reached, rewritten.as_bytes(), at=at + timedelta(seconds=50)) is None
    checkup.refresh_from_db()
    assert checkup.seen_at == at + timedelta(seconds=50)


def test_where_an_address_with_a_plus_brings_nothing_it_is_not_used(reached: Mailbox, mirror: Mirror, at: datetime) -> None:
    visited(reached, at)
    mirror.keeps = {"tagged"}
    later = at + timedelta(days=1)
    checkup = visited(reached, later, minutes=9)
    reached.refresh_from_db()
    assert checkup.ended_at and checkup.seen_at
    assert later + Checkup.WAITS <= checkup.ended_at < later + timedelta(minutes=4), "nobody waits ten minutes before the page"
    assert reached.tags_arrive_at, "it may still be on its way"
    visited_on = later + timedelta(minutes=11)
    chores.look_at_mailboxes(visited_on)
    reached.refresh_from_db()
    assert reached.tags_arrive_at is None
    assert told(checkup, visited_on)["back tagged"][0] is None, "it is told, and it is nothing wrong"


@pytest.mark.parametrize("said", [Never("550 5.1.1 No such user."), NotNow("450 Not now.")])
def test_a_plus_that_is_refused_at_once_is_not_waited_for(
    reached: Mailbox, mirror: Mirror, at: datetime, said: Exception
) -> None:
    mirror.refuses = {"tagged": said}
    checkup = visited(reached, at)
    reached.refresh_from_db()
    assert checkup.ended_at and checkup.ended_at < at + timedelta(minutes=1)
    assert reached.tags_arrive_at is None
    worked, words = told(checkup, at)["back tagged"]
    assert worked is None and str(said).rstrip(".") in words


def test_a_late_one_still_counts(reached: Mailbox, mirror: Mirror, at: datetime) -> None:
    mirror.keeps = {"tagged"}
    checkup = visited(reached, at, minutes=5)
    assert checkup.ended_at
    arrives(reached, mirror.sent[1].raw, at=at + timedelta(minutes=6))
    checkup.refresh_from_db()
    chores.look_at_mailboxes(at + timedelta(minutes=12))
    reached.refresh_from_db()
    assert checkup.tagged_seen_at == reached.tags_arrive_at == at + timedelta(minutes=6)


def test_one_that_never_comes_back_is_told_with_what_to_do(reached: Mailbox, mirror: Mirror, at: datetime) -> None:
    mirror.keeps = {"plain", "tagged"}
    checkup = visited(reached, at, minutes=4)
    worked, words = told(checkup, at + timedelta(minutes=4))["back seen"]
    assert worked is False
    assert words == f"The mail to {SUPPORT} has not come back within 4 minutes."
    (step,) = (step for step in doctor.there_and_back(checkup, at) if step["name"] == "seen")
    assert "another mail program" in step["fix"]


def test_one_that_is_returned_says_why(reached: Mailbox, mirror: Mirror, at: datetime) -> None:
    mirror.keeps = {"plain", "tagged"}
    checkup = visited(reached, at, minutes=0.5)
    arrives(
        reached,
        bounce(SUPPORT, original_id=f"tl-doctor.{checkup.token}.plain@touchline.example"),
        at=at + timedelta(seconds=40),
    )
    checkup.refresh_from_db()
    assert checkup.seen_at is None
    worked, words = told(checkup, at)["back seen"]
    assert worked is False and "No mailbox here by that name" in words
    assert not InboundEmail.objects.set_aside().exists()


def test_one_in_the_folder_of_spam_is_back_and_told(reached: Mailbox, mirror: Mirror, at: datetime) -> None:
    reached.imap_spam_folder = "Junk"
    reached.save()
    mirror.keeps = {"plain", "tagged"}
    checkup = visited(reached, at, minutes=0.5)
    reached.receive(mirror.sent[0].raw, at=at + timedelta(seconds=40), via="imap", folder="Junk").file(at + timedelta(seconds=40))
    checkup.refresh_from_db()
    assert checkup.seen_at
    worked, words = told(checkup, at)["back seen"]
    assert worked is False and "“Junk”" in words
    assert not InboundEmail.objects.exclude(spam_because="").exists(), "it is not among the spam either"


def test_at_another_server_nothing_is_known_of_a_plus(reached: Mailbox, at: datetime) -> None:
    visited(reached, at)
    reached.refresh_from_db()
    reached.be_reached({"smtp_password": "hunter2", "imap_host": "imap.touchline.example"}, at=at)
    assert Mailbox.objects.get().tags_arrive_at
    reached.be_reached({"imap_host": "imap.elsewhere.example"}, at=at)
    assert Mailbox.objects.get().tags_arrive_at is None


def test_a_guessed_token_means_nothing(reached: Mailbox, mirror: Mirror, at: datetime) -> None:
    visited(reached, at)
    guessed = f"Does mail arrive? (tl-doctor {'a' * 20} plain)"
    assert arrives(reached, NORA.writes(guessed, "I need help."), at=at + timedelta(hours=1))


def test_a_token_counts_once(reached: Mailbox, mirror: Mirror, at: datetime) -> None:
    checkup = visited(reached, at)
    known = f"Does mail arrive? (tl-doctor {checkup.token} plain)"
    message = arrives(reached, NORA.writes(known, "I read your mail, and I need help."), at=at + timedelta(hours=1))
    assert message and message.conversation.person.name == "Nora Adeyemi"
    seen_at = checkup.seen_at
    checkup.refresh_from_db()
    assert checkup.seen_at == seen_at


def test_our_own_mail_that_comes_a_second_time_bothers_nobody(reached: Mailbox, mirror: Mirror, at: datetime) -> None:
    visited(reached, at)
    again = mirror.sent[0].raw.replace(b"MIME-Version", b"X-Relay: another road\r\nMIME-Version")
    assert arrives(reached, again, at=at + timedelta(minutes=1)) is None
    assert not InboundEmail.objects.set_aside().exists()


def test_a_wrong_password_is_said_with_what_to_do_and_nothing_is_sent(reached: Mailbox, mirror: Mirror, at: datetime) -> None:
    mirror.fails = {
        "in": "imap.gmail.com refused the user name or the password of help: “[AUTHENTICATIONFAILED] Invalid credentials (Failure)”."
    }
    checkup = visited(reached, at)
    (step,) = (step for step in checkup.steps if step["worked"] is False)
    assert "less secure apps" in step["meaning"]
    assert "OAuth2" in step["fix"]
    assert checkup.ended_at and checkup.sent_at is None and not mirror.sent
    assert [step["name"] for step in checkup.steps if step["way"] == "out"] == ["connect", "sign in"], (
        "the other way is tried all the same"
    )


def test_what_cannot_be_sent_says_why(reached: Mailbox, mirror: Mirror, at: datetime) -> None:
    mirror.refuses = {"plain": WrongSetting("smtp.touchline.example refused mail: “530 5.7.1 Authentication required”.")}
    checkup = visited(reached, at)
    assert checkup.ended_at and checkup.sent_at is None
    assert checkup.steps[-1]["worked"] is False
    assert "Give user name and password for sending" in checkup.steps[-1]["fix"]


def test_a_step_that_hangs_is_the_last(reached: Mailbox, mirror: Mirror, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    never = threading.Event()

    def hangs(_told: Any, *, way: str) -> Iterator[Step]:
        yield Step("resolve", True, "It is there.")
        never.wait(30)

    monkeypatch.setattr(mirror, "check", hangs)
    monkeypatch.setattr(doctor_look, "STEP_SECONDS", 0.2)
    steps = list(doctor_look.look(reached, at))
    never.set()
    assert [step["worked"] for step in steps if step["way"] == "in"] == [True, False]
    assert "took longer than" in [step["words"] for step in steps if step["way"] == "in"][-1]


def test_a_visit_that_is_going_on_is_not_begun_twice_and_five_are_kept(reached: Mailbox, kay: Teammate, at: datetime) -> None:
    first = Checkup.begin(reached, by=kay, at=at)
    assert Checkup.begin(reached, by=kay, at=at + timedelta(seconds=5)) == first
    for day in range(1, 8):
        visited(reached, at + timedelta(days=day), minutes=1)
    assert Checkup.objects.of(reached).count() == Checkup.KEPT


def test_a_visit_that_breaks_off_is_over(reached: Mailbox, mirror: Mirror, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_told: Any, *, way: str) -> Iterator[Step]:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(mirror, "check", breaks)
    checkup = visited(reached, at, minutes=1)
    assert checkup.ended_at and checkup.due_at is None
    assert "a bug of ours" in checkup.trouble


def test_a_mailbox_that_can_only_be_looked_at_is(support: Mailbox, at: datetime, settings: Any) -> None:
    settings.MAIL_IN = None
    checkup = visited(support, at, minutes=1)
    assert checkup.ended_at
    assert [(step["way"], step["worked"]) for step in checkup.steps if step["way"] != "domain"] == [
        ("in", False),
        ("out", False),
    ]


def test_what_the_dns_says_is_told_and_nothing_is_wrong_for_certain(
    reached: Mailbox, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"touchline.example": [b"google-site-verification=1", b"v=spf1 include:_spf.google.com ~all"]}
    monkeypatch.setattr(names, "mail_servers", lambda _domain: ["mx1.touchline.example", "mx2.touchline.example"])
    monkeypatch.setattr(names, "texts", lambda name: known.get(name, []))
    checkup = visited(reached, at)
    steps = told(checkup, at)
    assert steps["domain mx"] == (None, "Mail for touchline.example goes to mx1.touchline.example, mx2.touchline.example.")
    assert steps["domain spf"] == (
        None,
        "Who may send as touchline.example (SPF): “v=spf1 include:_spf.google.com ~all”.",
    )
    assert steps["domain dmarc"][0] is None and "forged in its name (DMARC)" in steps["domain dmarc"][1]
    assert checkup.was_well(at)


def test_without_a_network_the_dns_is_passed_over(reached: Mailbox, at: datetime) -> None:
    checkup = visited(reached, at)
    assert told(checkup, at)["domain dns"][1].startswith("We could not look: ")
    assert checkup.was_well(at)


def test_a_certificate_that_ends_soon_is_told(
    reached: Mailbox, mirror: Mirror, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(_told: Any, *, way: str) -> Iterator[Step]:
        yield Step("tls", True, "Encrypted.", at + timedelta(days=9 if way == "in" else 90))

    monkeypatch.setattr(mirror, "check", check)
    steps = {(step["way"], step["name"]): step for step in doctor_look.look(reached, at)}
    assert steps["in", "certificate"]["words"] == "The certificate of the server is good for 9 days more."
    assert "renew it in time" in steps["in", "certificate"]["fix"]
    assert ("out", "certificate") not in steps


def test_a_secret_that_no_key_opens_is_not_taken_for_a_wrong_password(reached: Mailbox, at: datetime, settings: Any) -> None:
    reached.be_reached({"imap_password": "hunter2"}, at=at)
    settings.SECRET_KEY = "another key, as long as it ought to be"
    (step,) = (step for step in doctor_look.look(Mailbox.objects.get(), at) if step["way"] == "in")
    assert step["worked"] is False
    assert "The imap password of support@touchline.example cannot be opened" in step["words"]
    assert "secret.key" in step["fix"]
