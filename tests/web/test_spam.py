"""The place where spam waits, the rules for senders, and conversations that are spam, merged or left by somebody."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from selectolax.lexbor import LexborHTMLParser

from tests.cast import ILSE, NORA, TOMAS, Writer, says, sent
from touchline.desk.models import Activity, Conversation, InboundEmail, Mailbox, Participant, SenderRule, Teammate
from touchline.desk.spam import Asked

MINUTE = timedelta(minutes=1)
SPAMMER = Writer("Lottery", "win@mail.lottery.example")
MARKED = {"X-Spam-Flag": "YES"}


@pytest.fixture
def spam(support: Mailbox, at: datetime) -> InboundEmail:
    inbound = support.receive(SPAMMER.writes("You <b>won", "Call us", headers=MARKED), at=at, via="imap")
    inbound.file(at)
    return inbound


def words_of(response: object) -> str:
    body = LexborHTMLParser(response.content).body  # type: ignore[attr-defined]
    assert body
    return " ".join(body.text(separator=" ").split())


def test_the_page_says_who_wrote_it_and_why_it_is_spam(as_sam: Client, spam: InboundEmail) -> None:
    words = words_of(as_sam.get("/spam/"))
    assert "You <b>won" in words and "win@mail.lottery.example" in words and "X-Spam-Flag" in words
    assert "You &lt;b&gt;won" in as_sam.get("/spam/").content.decode()
    one = words_of(as_sam.get(f"/set-aside/{spam.pk}/"))
    assert "Why it is spam: The mail server marked it" in one and "Block all of mail.lottery.example" in one
    assert b"Spam" in as_sam.get("/").content  # its place is there while something is in it


def test_not_spam_leads_to_its_conversation_and_allows_the_sender(as_kay: Client, kay: Teammate, spam: InboundEmail) -> None:
    response = as_kay.post(f"/spam/{spam.pk}/not-spam/", {"allow": "yes"})
    conversation = Conversation.objects.get()
    assert response.headers["Location"] == f"/conversations/{conversation.number}/"
    rule = SenderRule.objects.get()
    assert (rule.pattern, rule.kind, rule.by) == (SPAMMER.address, "allow", kay)
    assert as_kay.post(f"/spam/{spam.pk}/not-spam/").status_code == 404  # it is no spam any more


def test_deleting_all_on_the_page_can_be_undone(as_kay: Client, support: Mailbox, spam: InboundEmail, at: datetime) -> None:
    other = support.receive(SPAMMER.writes("Again", "Call", headers=MARKED), at=at, via="imap")
    other.file(at)
    page = as_kay.post("/spam/delete/", {"mail": f"{spam.pk} {other.pk}"}, follow=True)
    assert "2 mails are deleted" in words_of(page)
    assert not InboundEmail.objects.all().spam()
    assert f"{other.pk} {spam.pk}" in page.content.decode()  # what the key for undo names
    as_kay.post("/spam/bring-back/", {"mail": f"{spam.pk} {other.pk}"})
    assert InboundEmail.objects.all().spam().count() == 2


@pytest.mark.parametrize("mail", ["", "x", "-1", "9" * 30, "1 2 3"])
def test_deleting_what_is_not_there_deletes_nothing(as_kay: Client, spam: InboundEmail, mail: str) -> None:
    assert as_kay.post("/spam/delete/", {"mail": mail}).status_code == 302
    assert InboundEmail.objects.all().spam().count() == 1


def test_a_mail_in_a_conversation_cannot_be_deleted_from_here(as_kay: Client, support: Mailbox, at: datetime) -> None:
    inbound = support.receive(NORA.writes("Hello", "Hi"), at=at, via="smtp")
    inbound.file(at)
    as_kay.post("/spam/delete/", {"mail": inbound.pk})
    assert not InboundEmail.objects.get().is_deleted


@pytest.mark.parametrize(("what", "pattern"), [("", SPAMMER.address), ("domain", "mail.lottery.example")])
def test_a_sender_or_a_domain_is_blocked_and_that_is_undone(as_kay: Client, spam: InboundEmail, what: str, pattern: str) -> None:
    page = as_kay.post(f"/spam/{spam.pk}/block/", {"what": what}, follow=True)
    assert f"What comes from {pattern} is spam from now on." in words_of(page)
    rule = SenderRule.objects.get()
    assert (rule.pattern, rule.kind) == (pattern, "block")
    as_kay.post(f"/settings/senders/{rule.pk}/remove/")
    assert not SenderRule.objects.exists()


def test_a_domain_where_everybody_has_an_address_is_not_offered(as_kay: Client, support: Mailbox, at: datetime) -> None:
    inbound = support.receive(Writer("", "win@gmail.com").writes("You won", "Call", headers=MARKED), at=at, via="imap")
    inbound.file(at)
    assert "Block all of" not in words_of(as_kay.get(f"/set-aside/{inbound.pk}/"))
    as_kay.post(f"/spam/{inbound.pk}/block/", {"what": "domain"})
    assert not SenderRule.objects.exists()


def test_rules_are_made_and_removed_on_their_page(as_sam: Client, sam: Teammate) -> None:
    as_sam.post("/settings/senders/", {"pattern": "@Lottery.example", "kind": "block"})
    rule = SenderRule.objects.get()
    assert "lottery.example" in words_of(as_sam.get("/settings/senders/")).replace(" ", "")
    refused = as_sam.post("/settings/senders/", {"pattern": "gmail.com", "kind": "block"})
    assert refused.status_code == 422 and "Everybody may have an address at gmail.com" in words_of(refused)
    page = as_sam.post(f"/settings/senders/{rule.pk}/remove/", follow=True)
    assert "holds no longer" in words_of(page)
    as_sam.post("/settings/senders/say/", {"pattern": rule.pattern, "kind": rule.kind, "mailbox": ""})
    assert SenderRule.objects.get().pattern == "lottery.example"


def test_a_person_always_writes_through_this_sender(as_kay: Client, support: Mailbox, at: datetime) -> None:
    shop = Writer("Lantern shop", "no-reply@shop.example")
    headers = {"Auto-Submitted": "auto-generated", "Reply-To": NORA.from_}
    inbound = support.receive(shop.writes("Contact form", "My lamp is dark.", headers=headers), at=at, via="imap")
    inbound.file(at)
    assert "A person always writes through this sender" in words_of(as_kay.get(f"/set-aside/{inbound.pk}/"))
    as_kay.post(f"/set-aside/{inbound.pk}/again/", {"by_a_person": "always"})
    assert Conversation.objects.get().person.called == NORA.name
    assert SenderRule.objects.get().kind == "person"


# Conversations


def test_a_conversation_is_spam_by_one_item_of_its_menu(as_kay: Client, nora_cannot_sign_in: Conversation, at: datetime) -> None:
    number = nora_cannot_sign_in.number
    assert f"Spam, and block {NORA.address}" in words_of(as_kay.get(f"/conversations/{number}/"))
    as_kay.post(f"/conversations/{number}/spam/", {"block": NORA.address})
    assert "I can’t sign in" in words_of(as_kay.get("/spam/"))
    assert "I can’t sign in" not in words_of(as_kay.get("/everything/"))
    page = words_of(as_kay.get(f"/conversations/{number}/"))
    assert f"Kay Doyle said that this is spam, and blocked {NORA.address}" in page
    as_kay.post(f"/activities/{Activity.objects.get().pk}/undo/")
    assert "I can’t sign in" in words_of(as_kay.get("/waiting/"))


def test_what_cannot_be_blocked_is_not_found(as_kay: Client, nora_cannot_sign_in: Conversation) -> None:
    assert as_kay.post(f"/conversations/{nora_cannot_sign_in.number}/spam/", {"block": "gmail.com"}).status_code == 404
    nora_cannot_sign_in.refresh_from_db()
    assert nora_cannot_sign_in.spam_at is None


def test_merging_shows_the_other_one_first_and_leads_on_to_it(
    as_kay: Client, nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime
) -> None:
    again = says(support, NORA.writes("Still locked out", "Please help"), at=at + MINUTE).conversation
    page = words_of(as_kay.get(f"/conversations/{again.number}/merge/"))
    assert "I can’t sign in" in page
    page = words_of(as_kay.get(f"/conversations/{again.number}/merge/?into={nora_cannot_sign_in.number}"))
    assert "It would go on in this one" in page and "with somebody else" not in page
    response = as_kay.post(f"/conversations/{again.number}/merge/", {"into": nora_cannot_sign_in.number})
    assert response.headers["Location"] == f"/conversations/{nora_cannot_sign_in.number}/"
    moved = as_kay.get(f"/conversations/{again.number}/")
    assert moved.headers["Location"] == f"/conversations/{nora_cannot_sign_in.number}/"
    story = words_of(as_kay.get(f"/conversations/{nora_cannot_sign_in.number}/"))
    assert "Please help" in story and f"merged number {again.number} (Still locked out) into this" in story
    # An action from a page that is still open there does its work here.
    as_kay.post(f"/conversations/{again.number}/take/")
    assert Conversation.objects.get(pk=nora_cannot_sign_in.pk).assignee


@pytest.mark.parametrize("into", ["", "0", "77", "x", "9" * 25, "same"])
def test_merging_into_what_is_not_there_is_refused_in_words(as_kay: Client, nora_cannot_sign_in: Conversation, into: str) -> None:
    number = nora_cannot_sign_in.number
    response = as_kay.post(f"/conversations/{number}/merge/", {"into": str(number) if into == "same" else into})
    assert response.status_code == (422 if into else 200)
    assert not Activity.objects.exists()


def test_whoever_is_taken_out_gets_nothing_more(
    as_kay: Client, nora_cannot_sign_in: Conversation, kay: Teammate, support: Mailbox, at: datetime
) -> None:
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    says(support, NORA.writes("Re: it", "Ilse too.", answers=ours, cc=f"{ILSE.from_}, {TOMAS.from_}"), at=at + MINUTE)
    number = nora_cannot_sign_in.number
    ilse = Participant.objects.get(email=ILSE.address)
    assert "Also get what we write" in words_of(as_kay.get(f"/conversations/{number}/"))
    as_kay.post(f"/conversations/{number}/participants/{ilse.pk}/remove/")
    page = words_of(as_kay.get(f"/conversations/{number}/"))
    assert f"took {ILSE.address} out" in page and "came in here with an address we did not know" not in page
    as_kay.post(f"/activities/{Activity.objects.get(kind='removed').pk}/undo/")
    assert Participant.objects.recipients().filter(email=ILSE.address)


# What a mailbox makes of what comes in


def test_owners_say_what_comes_into_a_mailbox(as_kay: Client, support: Mailbox, at: datetime) -> None:
    headers = {
        "Received": "from a.example by mx.touchline.example; now",
        "Authentication-Results": "mx.touchline.example; spf=pass",
    }
    says(support, NORA.writes("Hello", "Hi", headers=headers), at=at)
    page = words_of(as_kay.get(f"/settings/mailboxes/{support.pk}/"))
    assert "The newest mail names mx.touchline.example" in page
    as_kay.post(
        f"/settings/mailboxes/{support.pk}/what-comes-in/", {"fed_by_group": "on", "trusted_server": " MX.touchline.example. "}
    )
    support.refresh_from_db()
    assert (support.fed_by_group, support.trusted_server) == (True, "mx.touchline.example")
    wrong = as_kay.post(f"/settings/mailboxes/{support.pk}/what-comes-in/", {"trusted_server": "two words"})
    assert wrong.status_code == 422 and "It is a name such as mx.example.org" in words_of(wrong)
    support.refresh_from_db()
    assert support.trusted_server == "mx.touchline.example"


def test_only_owners_may(as_sam: Client, support: Mailbox) -> None:
    assert as_sam.post(f"/settings/mailboxes/{support.pk}/what-comes-in/", {"fed_by_group": "on"}).status_code == 404


def test_a_warning_stands_over_the_words_and_the_verdict_about_them(as_kay: Client, support: Mailbox, at: datetime) -> None:
    raw = NORA.writes("Hello", "Please pay", headers={"Reply-To": "x@thief.example"})
    number = says(support, raw, at=at).conversation.number
    page = words_of(as_kay.get(f"/conversations/{number}/"))
    assert page.index("An answer would go to x@thief.example") < page.index("Please pay")
    assert "Whether it is really from bakery.example is not known." in page


def test_until_when_somebody_is_away_stands_beside_them(as_kay: Client, nora_cannot_sign_in: Conversation, at: datetime) -> None:
    nora_cannot_sign_in.person.addresses.update(away_until=datetime.now().date() + timedelta(days=3))
    for page in (f"/conversations/{nora_cannot_sign_in.number}/", f"/people/{nora_cannot_sign_in.person.pk}/"):
        assert "says their mail program" in words_of(as_kay.get(page))
    nora_cannot_sign_in.person.addresses.update(away_until=datetime.now().date() - timedelta(days=3))
    assert "says their mail program" not in words_of(as_kay.get(f"/conversations/{nora_cannot_sign_in.number}/"))


def test_a_filter_that_is_away_is_told_on_every_page(as_kay: Client, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    away = Asked()
    away.trouble, away.since = "rspamd at 127.0.0.1:11333 could not be reached (Connection refused).", at
    monkeypatch.setattr("touchline.web.banners.filter_asked", away)
    assert "mail is taken as no spam until it does. rspamd at 127.0.0.1:11333 could not be reached" in words_of(
        as_kay.get("/people/")
    )
