"""Being told at once when mail comes: one thread for each mailbox whose server tells us, so that nobody waits for our next look."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from django.db import close_old_connections, connection

from touchline.channels import CannotWatch, NotNow, Watching
from touchline.desk import live
from touchline.desk.models import Mailbox
from touchline.work.trouble import logged

log = structlog.get_logger()

MOST = 50
"""Mailboxes that are watched at a time; the others are asked every half minute, as ever."""
EVERY = 60.0
"""Seconds between two looks at which mailboxes want watching, where nothing told us that one has changed."""
PAUSES = (5.0, 15.0, 60.0, 300.0)
"""Seconds before a line that broke is made anew; the last goes on."""
HELD = 120.0
"""Seconds after which a line is taken to be a good one, so that pauses begin anew."""
TOLD_NOBODY = 3600.0
"""Seconds before a server that tells nobody is tried again."""


class Watchers:
    """Watches every mailbox that wants it, until stopped. What a mailbox is told anew begins anew."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._changed = threading.Event()
        self._watching: dict[int, Watcher] = {}
        self._thread = threading.Thread(target=self._keep, name="watch mailboxes", daemon=True)

    def start(self) -> None:
        self._stop_listening = live.listen(self._heard)
        self._thread.start()

    def stop(self) -> None:
        self._stop_listening()
        self._stop.set()
        self._changed.set()
        self._thread.join(5)
        for watcher in self._watching.values():
            watcher.stop()
        for watcher in self._watching.values():
            watcher.thread.join(2)

    def _heard(self, topic: str, _id: int) -> None:
        if topic == "mailbox":
            self._changed.set()

    def _keep(self) -> None:
        while not self._stop.is_set():
            self._changed.clear()
            try:
                self._look()
            except Exception as trouble:
                log.error("could not see which mailboxes to watch", **logged(trouble))
            finally:
                close_old_connections()
            self._changed.wait(EVERY)
        connection.close()

    def _look(self) -> None:
        wanted = {mailbox.pk: mailbox for mailbox in Mailbox.objects.open().watchable()[:MOST]}
        for id, watcher in list(self._watching.items()):
            if id not in wanted or told(wanted[id]) != watcher.told or not watcher.thread.is_alive():
                watcher.stop()
                del self._watching[id]
        for id, mailbox in wanted.items():
            if id not in self._watching and not self._stop.is_set():
                self._watching[id] = Watcher(mailbox)
                self._watching[id].thread.start()


def told(mailbox: Mailbox) -> Mapping[str, Any]:
    """What it would take another line for."""
    return {name: value for name, value in mailbox.told_in().items() if name != "token"} | {"signed_in": not mailbox.must_sign_in}


class Watcher:
    """Watches one mailbox, and makes the line anew where it breaks, after pauses that grow."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.told = told(mailbox)
        self.thread = threading.Thread(target=self._keep_watching, name=f"watch {mailbox.address}", daemon=True)
        self._stop = threading.Event()
        self._watching: Watching | None = None

    def stop(self) -> None:
        self._stop.set()
        watching = self._watching
        if watching:
            watching.stop()

    def _keep_watching(self) -> None:
        broken = 0
        try:
            while not self._stop.is_set():
                began = datetime.now(UTC)
                pause = self._watch()
                broken = 0 if (datetime.now(UTC) - began).total_seconds() > HELD else broken
                self._stop.wait(pause or PAUSES[min(broken, len(PAUSES) - 1)])
                broken += 1
        finally:
            connection.close()

    def _watch(self) -> float:
        """Watch until the line breaks or we are stopped. How long to pause, where that does not depend on how often it broke."""
        try:
            self._watching = self.mailbox.how.watch(self.mailbox.told_in(), tell=self._tell)
            if not self._stop.is_set():
                self._watching.run()
        except CannotWatch:
            return TOLD_NOBODY
        except NotNow as trouble:
            log.info("the line on which we are told of mail broke", mailbox=self.mailbox.address, trouble=str(trouble))
        except Exception:
            log.exception("could not watch a mailbox", mailbox=self.mailbox.address)
        finally:
            if self.mailbox.pk in Mailbox.watched:
                Mailbox.watched.discard(self.mailbox.pk)
                if not self._stop.is_set():
                    self._ask()
        return 0

    def _tell(self) -> None:
        Mailbox.watched.add(self.mailbox.pk)
        self._ask()

    def _ask(self) -> None:
        """Have it asked at once, or as soon as the database takes it: nobody tells us of the same mail twice."""
        said = False
        while not self._stop.is_set():
            try:
                self.mailbox.mail_has_come(datetime.now(UTC))
                return
            except Exception as trouble:
                if not said:
                    log.error("could not make a mailbox due", mailbox=self.mailbox.address, **logged(trouble))
                said = True
            finally:
                close_old_connections()
            self._stop.wait(PAUSES[0])
