"""The conversations of an archive: closed ones, that grow with every mail, and whose person is whoever asked first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from touchline.core.mail.belonging import plain_subject
from touchline.core.mail.email import Correspondent
from touchline.desk.archive_insert import insert
from touchline.desk.archive_people import People
from touchline.desk.archive_plan import Plan, Story
from touchline.desk.archive_rows import Mail
from touchline.desk.models.activity import Activity
from touchline.desk.models.blocker import ConversationBlocker
from touchline.desk.models.conversation import Conversation
from touchline.desk.models.draft import Draft
from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.message import Attachment, Message
from touchline.desk.models.participant import Participant
from touchline.desk.models.row import Counter, free_ids


class Conversations:
    def __init__(self, mailbox: Mailbox, plan: Plan, people: People, *, at: datetime) -> None:
        self.mailbox = mailbox
        self.plan = plan
        self.people = people
        self.at = at
        self.homes: dict[int, list[int]] = {}
        """The conversations of each thread, the oldest first; more than one where they were taken for several until now."""
        self._untouched: set[int] = set()
        """Of the conversations at hand: those that are as an import left them."""
        self._told: set[int] = set()
        """The threads of which the plan knows what the database has."""

    def is_at_home(self, thread: int, conversation: int) -> None:
        homes = self.homes.setdefault(thread, [])
        if conversation not in homes:
            homes.append(conversation)
            homes.sort()

    def with_(self, mails: Sequence[Mail]) -> dict[int, Conversation]:
        """The conversation of each thread, as it is once these are in it; made where there is none."""
        by_thread: dict[int, list[Mail]] = {}
        for mail in mails:
            by_thread.setdefault(mail.thread, []).append(mail)
        here = self._here(by_thread.keys() & self.homes.keys())
        new = self._begin(sorted(by_thread.keys() - self.homes.keys(), key=lambda thread: by_thread[thread][0].id))
        for thread, conversation in (here | new).items():
            self._take_in(conversation, by_thread[thread], self.plan.story(thread))
        insert(Conversation, new.values())
        Conversation.objects.bulk_update(
            here.values(), ["person", "subject", "started_at", "closed_at", "latest_message", "latest_at", "latest_words"]
        )
        self._take_part(here | new, by_thread)
        return here | new

    def _here(self, threads: Iterable[int]) -> dict[int, Conversation]:
        """Where these threads are already. What was taken for several conversations until now becomes one, unless somebody works on it."""
        found = Conversation.objects.select_for_update().in_bulk({id for thread in threads for id in self.homes[thread]})
        self._untouched = _untouched(found.values())
        here = {}
        for thread in threads:
            first, *others = self.homes[thread] = [id for id in self.homes[thread] if id in found]
            if others and {first, *others} <= self._untouched:
                _become_one(found[first], [found[other] for other in others])
                self.homes[thread] = [first]
            here[thread] = found[first]
        untold = {conversation.pk: thread for thread, conversation in here.items() if thread not in self._told}
        for message in Message.objects.filter(conversation__in=untold).said():
            asked = (
                (message.at, Correspondent(message.name, message.email)) if message.is_theirs and not message.automatic else None
            )
            self.plan.tell(untold[message.conversation_id], Story((message.at, message.subject), asked))
        self._told.update(here)
        return here

    def _begin(self, threads: Sequence[int]) -> dict[int, Conversation]:
        stories = [self.plan.story(thread) for thread in threads]
        number = Counter.take("conversation", len(threads)) if threads else 0
        new = {}
        for place, (thread, story, id) in enumerate(
            zip(threads, stories, free_ids(Conversation, [story.began[0] for story in stories]), strict=True)
        ):
            assert story.person
            new[thread] = Conversation(
                id=id,
                number=number + place,
                mailbox=self.mailbox,
                person_id=self.people.id_of(story.person[1].address),
                subject=_subject(story),
                started_at=story.began[0],
                latest_at=story.began[0],
                imported_at=self.at,
            )
            self.homes[thread] = [id]
            self._untouched.add(id)
            self._told.add(thread)
        return new

    def _take_in(self, conversation: Conversation, mails: Sequence[Mail], story: Story) -> None:
        """It holds these, too. Whoever works on it finds it as they left it; an untouched one is as if all had come at once."""
        last = max(mails, key=lambda mail: (mail.at, mail.id))
        if last.at > conversation.latest_at or not conversation.latest_message:
            conversation.latest_at = last.at
            conversation.latest_message = last.id
            conversation.latest_words = " ".join(last.words.new.split())[:200]
        if conversation.pk in self._untouched:
            conversation.started_at, conversation.subject = story.began[0], _subject(story)
            conversation.closed_at = conversation.latest_at
            if story.asked and self.people.knows(story.asked[1].address):
                conversation.person_id = self.people.id_of(story.asked[1].address)

    def _take_part(self, conversations: Mapping[int, Conversation], by_thread: Mapping[int, Sequence[Mail]]) -> None:
        """Whoever wrote is shown; only the person whom it is with gets what we write, until a teammate adds somebody."""
        here: dict[int, dict[str, Participant]] = {conversation.pk: {} for conversation in conversations.values()}
        for one in Participant.objects.filter(conversation__in=here):
            here[one.conversation_id][one.email.lower()] = one
        new: list[Participant] = []
        changed: list[Participant] = []
        for thread, conversation in conversations.items():
            those_here = here[conversation.pk]
            came = {
                mail.email.sender.address: (mail.at, mail.email.sender) for mail in reversed(by_thread[thread]) if mail.is_theirs
            }
            story = self.plan.story(thread)
            about = (story.asked if those_here else story.person) if conversation.pk in self._untouched else None
            if about:
                came.setdefault(about[1].address, about)
            for at, who in came.values():
                if who.address in those_here:
                    one = those_here[who.address]
                    if at < one.joined_at:
                        one.joined_at = at
                        changed.append(one)
                else:
                    one = Participant(conversation=conversation, name=who.name[:200], email=who.address, joined_at=at)
                    those_here[who.address] = one
                    new.append(one)
            for one in those_here.values() if about else ():
                since = one.joined_at if about and one.email.lower() == about[1].address else None
                if one.recipient_since != since:
                    one.recipient_since = since
                    changed.append(one)
        insert(Participant, new)
        Participant.objects.bulk_update(set(changed) - set(new), ["joined_at", "recipient_since"])


def _subject(story: Story) -> str:
    return plain_subject(story.began[1]) or story.began[1]


def _untouched(conversations: Iterable[Conversation]) -> set[int]:
    """Those that are as an import left them: nobody wrote since, or did anything with them."""
    closed = {
        each.pk for each in conversations if each.imported_at and each.closed_at == each.latest_at and each.assignee_id is None
    }
    for noun in (ConversationBlocker, Activity, Draft):
        closed -= set(noun.objects.filter(conversation__in=closed).values_list("conversation_id", flat=True))
    return closed


def _become_one(conversation: Conversation, others: Sequence[Conversation]) -> None:
    """All that is in the others is in this one from now on, and they are gone."""
    last = max((conversation, *others), key=lambda each: (each.latest_at, each.latest_message))
    conversation.latest_at, conversation.latest_message, conversation.latest_words = (
        last.latest_at,
        last.latest_message,
        last.latest_words,
    )
    conversation.closed_at = conversation.latest_at
    Message.objects.filter(conversation__in=others).update(conversation=conversation)
    Attachment.objects.filter(conversation__in=others).update(conversation=conversation)
    here = {one.email: one for one in conversation.participants.all()}
    for one in Participant.objects.filter(conversation__in=others).order_by("id"):
        if one.email in here:
            here[one.email].joined_at = min(one.joined_at, here[one.email].joined_at)
        else:
            here[one.email] = one
        one.conversation = conversation
    Participant.objects.bulk_update(here.values(), ["conversation", "joined_at"])
    Conversation.objects.filter(pk__in=[other.pk for other in others]).delete()
