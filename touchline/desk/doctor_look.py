"""What the doctor of a mailbox can try without writing to anyone: each step of how mail comes in and goes out, and what the DNS says.

A step is a dict of `way` (domain, in, out, back), `name`, `worked` (None: it only informs, or is not known yet), `words`, and where it
went wrong `meaning` and `fix`.
"""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from touchline.channels import NotNow, Step, Way, names
from touchline.channels.wire import Server, resolve_and_connect, shown
from touchline.core.mail.remedies import remedy
from touchline.desk.keys import WHERE_THE_KEY_BELONGS, every_secret
from touchline.desk.models.mailbox import Mailbox

STEP_SECONDS = 20.0
"""Seconds that any one step may take."""

ENDS_SOON = timedelta(days=14)


def look(mailbox: Mailbox, at: datetime) -> Iterator[dict[str, Any]]:
    """Try everything that changes nothing outside. Each way ends with the first step that went wrong."""
    yield from _come_in(mailbox, at)
    yield from _go_out(mailbox, at)
    yield from _domain(mailbox)


def _come_in(mailbox: Mailbox, at: datetime) -> Iterator[dict[str, Any]]:
    if mailbox.can_fetch:
        yield from _tried(mailbox, "in", at)
    elif settings.MAIL_IN:
        yield from _door(*settings.MAIL_IN)
    elif not mailbox.hook_sender:
        yield step("in", "settings", False, _("Mail does not come in: no IMAP server is given, and the mail door is shut."))


def _door(host: str, port: int) -> Iterator[dict[str, Any]]:
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        list(resolve_and_connect(Server(host=host, port=port, security="none", username="", password="")))
    except NotNow as trouble:
        words = _("Mail is to come in at the mail door, %(door)s, which does not answer: %(trouble)s")
        yield step("in", "door", False, words % {"door": shown, "trouble": trouble}, _("Is `touchline up` running?"))
    else:
        words = _("Mail comes in at the mail door, %(door)s, which is open.")
        yield step("in", "door", True, words % {"door": shown})


def _go_out(mailbox: Mailbox, at: datetime) -> Iterator[dict[str, Any]]:
    if settings.DEMO:
        yield step("out", "settings", None, _("The demo desk mails nobody."))
    elif mailbox.can_send:
        yield from _tried(mailbox, "out", at)
    else:
        words = _("Sending is not set up: replies are kept here until it is.")
        yield step("out", "settings", False, words, _("Give an SMTP server in the settings of this mailbox."))


def _tried(mailbox: Mailbox, way: Way, at: datetime) -> Iterator[dict[str, Any]]:
    prefix = "imap" if way == "in" else "smtp"
    lost = [secret for secret in every_secret(of=mailbox) if secret.field.startswith((prefix, "oauth")) and not secret.opens()]
    if lost:
        words = _("The %(secret)s cannot be opened: the key it was locked with is gone.")
        yield step(way, "settings", False, words % {"secret": lost[0].name}, WHERE_THE_KEY_BELONGS)
        return
    try:
        told = mailbox.told_in() if way == "in" else mailbox.told_out()
    except NotNow as trouble:
        yield step(way, "sign in", False, str(trouble))
    else:
        for tried in within(mailbox.how.check(told, way=way)):
            yield step(way, tried.name, tried.worked, tried.words)
            if tried.ends_at and tried.ends_at - at < ENDS_SOON:
                yield _ends_soon(way, tried.ends_at, at)


def _ends_soon(way: str, ends_at: datetime, at: datetime) -> dict[str, Any]:
    days = (ends_at - at).days
    words = ngettext(
        "The certificate of the server is good for %(count)d day more.",
        "The certificate of the server is good for %(count)d days more.",
        days,
    )
    fix = _("Ask whoever runs the mail server to renew it in time: from then on nothing goes through.")
    return step(way, "certificate", None, words % {"count": days}, fix)


def _domain(mailbox: Mailbox) -> Iterator[dict[str, Any]]:
    """What the DNS says of the address, to know: nothing here is wrong for certain."""
    domain = mailbox.address.rpartition("@")[2]
    try:
        yield _where_mail_goes(domain, names.mail_servers(domain))
        yield _who_may_send(domain, [text for text in names.texts(domain) if text.lower().startswith(b"v=spf1")])
        yield _what_of_forged(domain, [text for text in names.texts(f"_dmarc.{domain}") if text.lower().startswith(b"v=dmarc1")])
    except names.NoAnswer as trouble:
        yield step("domain", "dns", None, _("We could not look: %(trouble)s") % {"trouble": trouble})


def _where_mail_goes(domain: str, servers: list[str]) -> dict[str, Any]:
    told = {"domain": domain, "servers": ", ".join(servers)}
    if "" in servers:
        return step(
            "domain", "mx", None, _("%(domain)s says that it takes no mail at all (a null MX record).") % told, _ask_domain()
        )
    elif servers:
        return step("domain", "mx", None, _("Mail for %(domain)s goes to %(servers)s.") % told)
    else:
        words = _("The DNS names no server that takes mail for %(domain)s (an MX record), so people outside cannot write there.")
        return step("domain", "mx", None, words % told, _ask_domain())


def _who_may_send(domain: str, found: list[bytes]) -> dict[str, Any]:
    if found:
        words = _("Who may send as %(domain)s (SPF): “%(record)s”.") % {"domain": domain, "record": shown(found[0])}
        return step("domain", "spf", None, words)
    else:
        words = _("%(domain)s does not say who may send for it (SPF), so others may take your replies for spam.")
        fix = _(
            "Whoever sends your mail tells which record to add, and which one for DKIM, whose name cannot be guessed from here."
        )
        return step("domain", "spf", None, words % {"domain": domain}, fix)


def _what_of_forged(domain: str, found: list[bytes]) -> dict[str, Any]:
    if found:
        words = _("What others are to do with forged mail (DMARC): “%(record)s”.") % {"record": shown(found[0])}
        return step("domain", "dmarc", None, words)
    else:
        words = _("%(domain)s does not say what others are to do with mail that is forged in its name (DMARC).")
        fix = _("Once SPF and DKIM are there: a TXT record _dmarc.%(domain)s with “v=DMARC1; p=none” to begin with.")
        return step("domain", "dmarc", None, words % {"domain": domain}, fix % {"domain": domain})


def _ask_domain() -> str:
    return _("Ask whoever looks after the domain.")


def step(way: str, name: str, worked: bool | None, words: str, fix: str = "") -> dict[str, Any]:
    """A step; where it went wrong and nobody said what to do, what is known of such words."""
    known = remedy(words) if worked is False and not fix else None
    return {
        "way": way,
        "name": name,
        "worked": worked,
        "words": words,
        "meaning": known.means if known else "",
        "fix": known.fix if known else fix,
    }


def within(steps: Iterator[Step]) -> Iterator[Step]:
    """The same steps; one that takes too long is said to, and is the last."""
    done: SimpleQueue[Step | BaseException | None] = SimpleQueue()

    def walk() -> None:
        try:
            for one in steps:
                done.put(one)
            done.put(None)
        except BaseException as trouble:  # it belongs to whoever waits for the step
            done.put(trouble)
        finally:
            connections.close_all()

    threading.Thread(target=walk, name="doctor", daemon=True).start()
    try:
        while one := done.get(timeout=STEP_SECONDS):
            if isinstance(one, BaseException):
                raise one
            yield one
    except Empty:
        yield Step("connect", False, _too_long())


def _too_long() -> str:
    words = _("The next step took longer than %(seconds)d seconds. Is something in between not letting us through?")
    return words % {"seconds": STEP_SECONDS}
