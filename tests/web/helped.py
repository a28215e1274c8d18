"""What the tests of the account share: a clock that stands, people who were helped, and a page as it reads."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from tests.cast import Writer, says, sent
from touchline.desk.models import Conversation, Mailbox, Message, Teammate
from touchline.web import request as asking

SetClock = Callable[[datetime], None]
NOON = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def it_is(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Set the clock that requests read."""

    def set_clock(at: datetime) -> None:
        class Clock(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
                return at

        monkeypatch.setattr(asking, "datetime", Clock)

    return set_clock


def helped(mailbox: Mailbox, whom: Writer, *, by: Teammate, at: datetime) -> Message:
    """Someone writes, and is answered a minute later: what stood in their way is moved."""
    conversation = says(mailbox, whom.writes(f"A question of {whom.name}", "How?", at=at - MINUTE), at=at - MINUTE).conversation
    return sent(conversation, "Like this.", by=by, at=at, moved=True)


def it_works(answer: Message, whom: Writer, words: str, *, by: Teammate, at: datetime) -> Message:
    message = says(answer.conversation.mailbox, whom.writes("Re: it", words, answers=answer, at=at), at=at)
    answer.conversation.it_works(message, by=by, at=at)
    Conversation.objects.get(pk=answer.conversation_id).nothing_to_answer(by=by, at=at)
    return message


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<main") : html.index("</main>")]).split()).replace("&#39;", "'")


def page(client: Client, address: str = "/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()
