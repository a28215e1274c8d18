"""What the stories of check-ins share: a team that asks, a blocker that was moved, and the link in the mail."""

import re
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from tests.cast import Post, sent
from touchline.desk.models import AskRule, CheckIn, Conversation, Message, Teammate
from touchline.work.chores import go_on_with_check_ins, send_deliveries

DAY = timedelta(days=1)
SOON = timedelta(minutes=30)


def the_team_asks(**how: Any) -> AskRule:
    """Of everyone, after days, unless `how` says otherwise."""
    rule: AskRule = AskRule.objects.create(**how)
    return rule


def moved(conversation: Conversation, *, by: Teammate, at: datetime) -> list[CheckIn]:
    """A teammate answers and says that it is moved; what is planned then."""
    sent(conversation, "I have given you a new password.", by=by, at=at, moved=True)
    blocker = conversation.blocker
    assert blocker and blocker.moved_at
    return list(CheckIn.objects.planned(blocker))


def work(at: datetime) -> None:
    """The worker does what is due of check-ins, and sends what is to leave."""
    go_on_with_check_ins(at)
    send_deliveries(at)


def asked(conversation: Conversation, *, by: Teammate, at: datetime) -> tuple[CheckIn, datetime]:
    """Moved by `by`, and asked of three days later: the check-in, and when it left."""
    (planned,) = moved(conversation, by=by, at=at)
    assert planned.due_at
    then = planned.due_at
    work(then)
    planned.refresh_from_db()
    assert planned.asked_at == then
    return planned, then


def the_message(check_in: CheckIn) -> Message:
    """The one that asks."""
    return Message.objects.get(pk=check_in.message_id or 0)


def last_mail(post: Post) -> EmailMessage:
    return message_from_bytes(post.sent[-1].raw, policy=default)


def words_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body
    return str(body.get_content()).replace("\r\n", "\n")


def link_in(words: str) -> str:
    """The path of the one link in it."""
    found = set(re.findall(r"/check-in/[0-9a-f]{32}/", words))
    assert len(found) == 1, words
    return str(found.pop())
