"""The spam filter of one's own, where there is one: asked about what comes in, and never waited for in vain twice."""

import threading
from datetime import datetime, timedelta

import structlog
from django.conf import settings

from touchline.channels.spam_check import LARGEST, Filter, NoAnswer

log = structlog.get_logger()

REST = timedelta(minutes=1)
"""For so long a filter that did not answer is not asked again, so that a backlog does not wait for it mail by mail."""


class Asked:
    """How the filter fared when it was last asked. There is one a process."""

    def __init__(self) -> None:
        self.trouble = ""
        self.since: datetime | None = None
        self._again_at: datetime | None = None
        self._lock = threading.Lock()

    def about(self, raw: bytes, *, mail_from: str, recipient: str, at: datetime) -> str:
        """What the filter said, where it takes this mail for spam; "" where it does not, was not asked, or did not answer."""
        if not settings.SPAM_CHECK or len(raw) > LARGEST or (self._again_at and at < self._again_at):
            return ""
        try:
            verdict = Filter.at(settings.SPAM_CHECK).ask(raw, mail_from=mail_from, recipient=recipient)
        except NoAnswer as trouble:
            self._failed(str(trouble), at)
            return ""
        with self._lock:
            self.trouble, self.since, self._again_at = "", None, None
        return verdict.words if verdict.spam else ""

    def _failed(self, trouble: str, at: datetime) -> None:
        with self._lock:
            first = not self.trouble
            self.trouble, self.since, self._again_at = trouble, self.since or at, at + REST
        if first:
            log.warning("the spam filter does not answer; mail is taken as no spam", trouble=trouble)


filter_asked = Asked()
