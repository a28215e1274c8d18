"""What is told of a conversation, in whole sentences: who did what, how a reply fares, who is here, who will get it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup, escape

from touchline.core.impact.spells import Evidence, Horizons
from touchline.core.mail.email import Correspondent
from touchline.core.mail.recipients import Recipient, Recipients, Warn, Why
from touchline.desk.models import Activity, Blocker, Delivery, Message
from touchline.desk.models.conversation_writing import correspondents
from touchline.web.jinja import ahead, clock

# Rows of a list


def waiting() -> str:
    return _("Waiting")


def wrote_again() -> str:
    return _("Wrote again")


def answered() -> str:
    return _("Answered")


def closed() -> str:
    return _("Closed")


def archived() -> str:
    return _("From the archive")


def someone() -> str:
    return _("Someone")


def no_subject() -> str:
    return _("(no subject)")


def with_whom(name: str) -> str:
    return _("with %(name)s") % {"name": name}


def came_back(stood: timedelta | None) -> str:
    """“Came back after 9 days”; `stood` is how long the blocker had been out of the way."""
    if stood is None:
        return _("Came back")
    elif stood >= timedelta(days=1):
        return ngettext("Came back after %(count)d day", "Came back after %(count)d days", stood.days) % {"count": stood.days}
    elif stood >= timedelta(hours=1):
        hours = stood // timedelta(hours=1)
        return ngettext("Came back after %(count)d hour", "Came back after %(count)d hours", hours) % {"count": hours}
    else:
        return _("Came back within the hour")


# Who is here


def writing(names: Sequence[str]) -> str:
    """“Kay is writing”, beside a row."""
    return ngettext("%(names)s is writing", "%(names)s are writing", len(names)) % {"names": together(names)}


def here(reading: Sequence[str], writing: Sequence[str]) -> str:
    """“Sam is reading this. Kay is writing.”"""
    told = []
    if reading:
        told.append(
            ngettext("%(names)s is reading this.", "%(names)s are reading this.", len(reading)) % {"names": together(reading)}
        )
    if writing:
        told.append(ngettext("%(names)s is writing.", "%(names)s are writing.", len(writing)) % {"names": together(writing)})
    return " ".join(told)


def together(names: Sequence[str]) -> str:
    """“Nora”, “Nora and Ilse”, “Nora, Ilse and Tomás”."""
    if len(names) < 2:
        return "".join(names)
    else:
        return _("%(some)s and %(last)s") % {"some": ", ".join(names[:-1]), "last": names[-1]}


# What was done


def activity(told: Activity, at: datetime) -> Markup:
    """One line of the conversation's story: “Kay took this today 08:20”."""
    who = told.by.name if told.by else _("The desk")
    facts = {"who": who, "when": clock(told.at, at), "about": told.about}
    return Markup(escape(_activity_words(told))) % facts  # noqa: S704 (the sentence is ours and escaped; facts are escaped by %)


def _activity_words(told: Activity) -> str:
    kind = Activity.Kind(told.kind)
    sentences = {
        Activity.Kind.TOOK: _("%(who)s took this, %(when)s"),
        Activity.Kind.GAVE: _("%(who)s gave this to %(about)s, %(when)s"),
        Activity.Kind.LET_GO: _("%(who)s let go of this, %(when)s"),
        Activity.Kind.CLOSED: _("%(who)s closed this, nothing to answer, %(when)s"),
        Activity.Kind.OPENED: _("%(who)s opened this again, %(when)s"),
        Activity.Kind.MOVED: _("%(who)s moved the blocker, %(when)s"),
        Activity.Kind.WORKS: _("%(who)s read it as: it works, %(when)s"),
        Activity.Kind.BACK: _("%(who)s read it as: it is back, %(when)s"),
        Activity.Kind.BACK_HERE: _("%(who)s said that it is back here: “%(about)s”, %(when)s"),
        Activity.Kind.SAME_AS: _("%(who)s said that it is as with %(about)s, %(when)s"),
        Activity.Kind.NOT_BACK: _("%(who)s said that it is something else than “%(about)s”, %(when)s"),
        Activity.Kind.NEW: _("%(who)s read it as: something new is in the way, %(when)s"),
        Activity.Kind.THANKS: _("%(who)s read it as: just a thank-you, %(when)s"),
        Activity.Kind.WITHDRAWN: _("%(who)s said that nothing stood in the way (%(about)s), %(when)s"),
        Activity.Kind.NAMED: _("%(who)s said what is in the way: “%(about)s”, %(when)s"),
        Activity.Kind.ADDED: _("%(who)s added %(about)s, %(when)s"),
        Activity.Kind.REMOVED: _("%(who)s took %(about)s out: nothing goes to them, %(when)s"),
        Activity.Kind.MERGED: _("%(who)s merged number %(about)s into this, %(when)s"),
        Activity.Kind.BROUGHT: _("%(who)s forwarded it here, %(when)s"),
        Activity.Kind.BOUNCED: _("What we wrote did not arrive: %(about)s, %(when)s"),
        Activity.Kind.COULD_NOT_SEND: _("What we wrote could not be sent: %(about)s, %(when)s"),
        Activity.Kind.HELD: _(
            "Somebody wrote before it left, so what %(about)s had written was not sent: it is in their box again, %(when)s"
        ),
        Activity.Kind.SHARED: _("%(who)s said that others have this too: “%(about)s”, %(when)s"),
        Activity.Kind.UNSHARED: _("%(who)s said that this is not “%(about)s” after all, %(when)s"),
        Activity.Kind.UNDONE: _("%(who)s undid something (%(about)s), %(when)s"),
    }
    if told.by is None and kind is Activity.Kind.WORKS:
        return _("%(about)s answered our question: it works, %(when)s")
    elif told.by is None and kind is Activity.Kind.BACK:
        return _("%(about)s answered our question: not yet, %(when)s")
    elif kind is Activity.Kind.SPAM and told.about:
        return _("%(who)s said that this is spam, and blocked %(about)s, %(when)s")
    elif kind is Activity.Kind.SPAM:
        return _("%(who)s said that this is spam, %(when)s")
    elif kind is Activity.Kind.MOVED and told.message_id:
        return _("%(who)s moved the blocker with this reply, %(when)s")
    elif kind is Activity.Kind.WORKS and not told.message_id:
        return _("%(who)s was told that it works, %(when)s")
    elif kind is Activity.Kind.BACK and not told.message_id:
        return _("%(who)s was told that it is back, %(when)s")
    else:
        return sentences[kind]


def done(told: Activity, person: str) -> str:
    """What the one who did it is told."""
    sentences = {
        Activity.Kind.TOOK: _("This is with you."),
        Activity.Kind.GAVE: _("This is with %(about)s."),
        Activity.Kind.LET_GO: _("This is with nobody now."),
        Activity.Kind.CLOSED: _("Closed. It opens again when %(person)s writes."),
        Activity.Kind.OPENED: _("Opened again."),
        Activity.Kind.MOVED: _("Moved."),
        Activity.Kind.WORKS: _("%(person)s says that it works."),
        Activity.Kind.BACK: _("It is back in the way."),
        Activity.Kind.BACK_HERE: _("It is back in the way: “%(about)s”."),
        Activity.Kind.SAME_AS: _("The same is in the way of a colleague: %(about)s."),
        Activity.Kind.NOT_BACK: _("It is something else."),
        Activity.Kind.NEW: _("Something new is in the way."),
        Activity.Kind.THANKS: _("A thank-you from %(person)s, kept."),
        Activity.Kind.WITHDRAWN: _("Nothing stood in the way. Closed."),
        Activity.Kind.NAMED: _("Renamed."),
        Activity.Kind.SHARED: _("Put with the others in whose way it stands: “%(about)s”."),
        Activity.Kind.UNSHARED: _("It is something of its own again."),
        Activity.Kind.ADDED: _("%(about)s gets what we write from now on."),
        Activity.Kind.REMOVED: _("Nothing of what we write here goes to %(about)s."),
        Activity.Kind.MERGED: _("Number %(about)s goes on here."),
        Activity.Kind.SPAM: _("It is among the spam, and counted nowhere."),
    }
    return sentences[Activity.Kind(told.kind)] % {"about": told.about, "person": person}


def means(outcome: str) -> str:
    """What a message turned out to mean, told at its foot; nothing where nobody was asked."""
    told = {
        Message.Outcome.WORKS: _("It works."),
        Message.Outcome.BACK: _("It is back."),
        Message.Outcome.NEW: _("Something new."),
        Message.Outcome.THANKS: _("A thank-you."),
    }
    return told[Message.Outcome(outcome)] if outcome in told else ""


# How a reply fares


class Sent(NamedTuple):
    """How a reply of ours fares. `act` is what can be done: take_back, later, again, set_up, or nothing."""

    words: Markup
    act: str = ""
    failed: bool = False


def sent(delivery: Delivery, at: datetime) -> Sent:
    """What became of a reply: still in the hand, on its way, sent, or in trouble with the reason."""
    reason = {"reason": delivery.trouble}
    if delivery.send_at and delivery.can_be_taken_back and delivery.send_at > at:
        when = ahead(delivery.send_at, at)
        if delivery.unless_they_write:
            return Sent(_told(_("Leaves %(when)s, unless somebody writes here first."), when=when), "later")
        else:
            return Sent(_told(_("Leaves %(when)s."), when=when), "later")
    elif delivery.can_be_taken_back:
        return Sent(Markup(escape(_("Leaves in a few seconds."))), "take_back")  # noqa: S704
    elif delivery.sent_at and delivery.refused:
        whom = "; ".join(f"{who}: {why}" for who, why in delivery.refused.items())
        words = _told(_("Sent %(when)s, but it did not arrive everywhere. %(whom)s"), when=clock(delivery.sent_at, at), whom=whom)
        return Sent(words, failed=True)
    elif delivery.sent_at:
        return Sent(_told(_("Sent %(when)s"), when=clock(delivery.sent_at, at)))
    elif delivery.gave_up_at:
        return Sent(_told(_("Could not be sent: %(reason)s"), **reason), "again", failed=True)
    elif delivery.waits_for_setup and not settings.DEMO:
        words = _told(_("Kept here: sending is not set up for %(address)s."), address=delivery.mailbox.address)
        return Sent(words, "set_up")
    elif delivery.trouble and delivery.is_being_sent:
        return Sent(_told(_("Could not be sent yet: %(reason)s We are trying again."), **reason), failed=True)
    elif delivery.trouble and delivery.due_at:
        words = _told(_("Could not be sent yet: %(reason)s We try again %(when)s."), when=clock(delivery.due_at, at), **reason)
        return Sent(words, "again", failed=True)
    elif delivery.trouble:
        return Sent(_told("%(reason)s", **reason))
    else:
        return Sent(Markup(escape(_("On its way."))))  # noqa: S704


def _told(sentence: str, **facts: object) -> Markup:
    return Markup(escape(sentence)) % facts  # noqa: S704 (escaped, and % escapes the facts)


# Who gets it


def will_get(who: Recipients, *, passes_on: bool = False) -> list[str]:
    """“To Nora Adeyemi <nora@example.org>, copied: …”, “unseen: …”, “from support@example.org”."""
    told = []
    if who.to and who.cc:
        told.append(_("To %(to)s, copied: %(cc)s") % {"to": listed(who.to), "cc": listed(who.cc)})
    elif who.to:
        told.append(_("To %(to)s") % {"to": listed(who.to)})
    elif who.cc:
        told.append(_("Copied: %(cc)s") % {"cc": listed(who.cc)})
    elif not who.bcc:
        return [_("It goes to nobody yet.") if passes_on else _("There is no address here that a reply could go to.")]
    if who.bcc:
        told.append(_("Unseen: %(bcc)s") % {"bcc": listed(who.bcc)})
    return [*told, _("From %(address)s") % {"address": who.from_}]


def why_they_get_it(why: Why) -> str:
    """Why somebody gets it, or does not."""
    return {
        Why.WROTE: _("They wrote what you answer."),
        Why.ASKED_FOR: _("Whoever wrote asked for answers there."),
        Why.WITH_THEM: _("The conversation is with them."),
        Why.TAKES_PART: _("They take part."),
        Why.CHOSEN: _("You chose them."),
        Why.NOT_ADDED: _("They came in here unasked, or were taken out."),
        Why.ELSEWHERE: _("They asked for answers at another address."),
        Why.SAME_PERSON: _("The same person gets it at another address."),
        Why.NOBODY_READS: _("Nobody reads what comes there."),
        Why.NOT_THE_ONE: _("Only the one you answer gets it."),
        Why.TAKEN_OUT: _("They take part, and you took them out of this one."),
        Why.HAS_IT: _("They have it already."),
    }[why]


def worth_a_look(warning: Warn) -> str:
    return {
        Warn.BOUNCES: _("Mail to this address came back."),
        Warn.NOBODY_READS: _("This address says that nobody reads it."),
        Warn.OUTSIDE: _("Takes no part here, and nobody who does writes from there."),
        Warn.NEVER_WROTE: _("Takes no part here yet."),
    }[warning]


def many_get_it(count: int) -> str:
    return ngettext("It goes to %(count)d address.", "It goes to %(count)d addresses.", count) % {"count": count}


class Got(NamedTuple):
    """How it went with one of those whom a message of ours is for."""

    place: str
    who: str
    state: str
    failed: bool = False


def got(message: Message, delivery: Delivery | None) -> list[Got]:
    """For each recipient of a message of ours: sent, refused, or waiting."""
    places = ((_("To"), "to"), (_("Copy"), "cc"), (_("Unseen copy"), "bcc"))
    return [
        Got(label, listed([one]), *_fate(one.address, delivery))
        for label, place in places
        for one in correspondents(message.addressed.get(place))
    ]


def _fate(address: str, delivery: Delivery | None) -> tuple[str, bool]:
    if delivery is None:
        return _("sent before this desk"), False
    missed = {who.lower(): why for who, why in delivery.refused.items()}
    reason = missed.get(address.lower(), "")
    if address.lower() in delivery.still_to:
        return (_("not yet: %(reason)s") % {"reason": reason}, True) if reason else (_("on its way"), False)
    elif reason:
        return _("did not arrive: %(reason)s") % {"reason": reason}, True
    elif delivery.sent_at or delivery.still_to:
        return _("sent"), False
    elif delivery.gave_up_at:
        return _("not sent"), True
    else:
        return _("on its way"), False


def listed(many: Sequence[Correspondent | Recipient]) -> str:
    return ", ".join(f"{one.name} <{one.address}>" if one.name else one.address for one in many)


# How it went before


class Fared(NamedTuple):
    """How a blocker fared: the kind of its mark, the word, and what stands beside it."""

    kind: str
    state: str
    beside: Markup


def fared(blocker: Blocker, at: datetime, horizons: Horizons) -> Fared:
    """How it went with a blocker, and how we know. Its `spells` are read ahead by whoever shows many."""
    last = max((row.as_value() for row in blocker.spells.all()), key=lambda spell: spell.began_at, default=None)
    if last is None:
        return Fared("early", _("In the way"), _told(_("since %(when)s"), when=clock(blocker.raised_at or at, at)))
    elif not last.stands(at):
        return Fared("back", _("Came back"), clock(last.ended_at or at, at))
    else:
        evidence = last.evidence(at, horizons)
        since = clock(last.confirmed_at or last.observed_at or last.began_at, at)
        if evidence is Evidence.CONFIRMED:
            return Fared("helped", _("Helped"), _told(_("said that it worked, %(when)s"), when=since))
        elif evidence is Evidence.OBSERVED:
            return Fared("helped", _("Helped"), _told(_("we saw them get there, %(when)s"), when=since))
        elif evidence is Evidence.HELD:
            return Fared("helped", _("Helped"), _told(_("has held since %(when)s"), when=clock(last.began_at, at)))
        else:
            return Fared("early", _("Moved"), _told(_("%(when)s, too early to say"), when=clock(last.began_at, at)))
