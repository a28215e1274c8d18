"""A desk of many conversations, made in bulk for the benchmarks; what it says is made up, and its shape is a real desk's."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

WAITING = 20
"""One of so many conversations waits."""


def fill(conversations: int, *, messages: int, now: datetime) -> list[int]:
    """Conversations of three years with one person each of a fifth as many, all closed but those that wait. Their ids, the newest last."""
    from django.db import transaction

    from touchline.desk.models import Address, Conversation, Mailbox, Message, Participant, Person, Teammate, new_id

    chance = random.Random(1)
    words = [f"word{number}" for number in range(500)]
    mailbox = Mailbox.open(address="help@touchline.example", name="Help", at=now)
    team = [Teammate.join(name=name, email=f"{name.lower()}@touchline.example", password=None, at=now) for name in ("Kay", "Sam")]
    count = max(20, conversations // 5)
    people = [Person(id=new_id(now), name=f"Person {number}", first_heard_at=now, last_heard_at=now) for number in range(count)]
    ids = []
    with transaction.atomic():
        Person.objects.bulk_create(people)
        Address.objects.bulk_create(
            Address(email=f"person{place}@far.example", person=person) for place, person in enumerate(people)
        )
        for first in range(0, conversations, 5000):
            made = []
            said: list[Message] = []
            taking_part = []
            for number in range(first, min(first + 5000, conversations)):
                at = now - timedelta(days=1000) * (1 - number / conversations)
                waits = number % WAITING == 0
                person = people[chance.randrange(count)]
                subject = " ".join(chance.sample(words, 6))
                conversation = Conversation(
                    id=new_id(at), number=number + 1, mailbox=mailbox, person=person, subject=subject, started_at=at, latest_at=at
                )
                conversation.waiting_since, conversation.closed_at = (at, None) if waits else (None, at)
                conversation.assignee = team[number % 2] if waits and number % 3 == 0 else None
                made.append(conversation)
                ids.append(conversation.pk)
                taking_part.append(
                    Participant(conversation=conversation, name=person.name, email="it", joined_at=at, recipient_since=at)
                )
                said += [
                    _message(conversation, place, at + timedelta(minutes=place), team, chance, words) for place in range(messages)
                ]
                if said:
                    conversation.latest_message, conversation.latest_words = said[-1].pk, said[-1].excerpt
            Conversation.objects.bulk_create(made)
            Participant.objects.bulk_create(taking_part)
            Message.objects.bulk_create(said)
    return ids


def _message(conversation, place: int, at: datetime, team: Sequence, chance: random.Random, words: Sequence[str]):  # type: ignore[no-untyped-def,type-arg]
    from touchline.desk.models import Message, new_id

    text = "\n\n".join(" ".join(chance.sample(words, 60)) for _paragraph in range(3))
    by_us = place % 2 == 1
    return Message(
        id=new_id(at),
        conversation=conversation,
        kind="ours" if by_us else "theirs",
        at=at,
        person=None if by_us else conversation.person,
        teammate=team[place % 4 // 2] if by_us else None,
        name=team[place % 4 // 2].name if by_us else conversation.person.name,
        text=text,
        rest="> " + text.replace("\n", "\n> ") if place else "",
        html=f"<p>{text}</p>" if by_us else "",
        message_id=f"{conversation.number}.{place}@far.example",
    )


def signed_in(by: str = "kay@touchline.example"):  # type: ignore[no-untyped-def]
    """A browser in which a teammate is signed in, without a network."""
    from django.test import Client

    from touchline.desk.models import Teammate

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(Teammate.objects.get(email=by), backend="django.contrib.auth.backends.ModelBackend")
    return client
