"""Asks a spam filter of one's own about a mail: rspamd by HTTP, SpamAssassin by spamd's protocol.

Both want the bytes as they came and answer within moments. Neither has to be right: what it says decides only where a mail
waits, and a filter that is away decides nothing.
"""

import json
import re
import socket
import time
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

SECONDS = 5.0
LARGEST = 1024 * 1024
"""Bytes of the largest mail that is asked about. Spam is small, and filters read no further themselves."""
LONGEST_ANSWER = 256 * 1024
PORTS = {"rspamd": 11333, "spamd": 783}
_SPAM = ("reject", "add header", "rewrite subject")
"""Those actions of rspamd that say it is spam. Greylisting and `soft reject` only ask to wait."""


class NoAnswer(Exception):
    """The filter could not be asked, or its answer not be read: why, as a sentence."""


class Verdict(NamedTuple):
    spam: bool
    words: str
    """What it said, with its score, for those who wonder why."""


class Filter(NamedTuple):
    """Where a filter is. `kind` is rspamd or spamd."""

    kind: str
    host: str
    port: int
    password: str = ""

    @classmethod
    def at(cls, url: str) -> "Filter":
        """From `rspamd://host:port/?password=…` or `spamd://host:port`. Raises ValueError where it is neither."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/") or parts.username:
            raise ValueError("is no address such as rspamd://127.0.0.1:11333 or spamd://127.0.0.1:783")
        password = parse_qs(parts.query).get("password", [""])[0]
        if set(password) & set("\r\n"):
            raise ValueError("has a line break in its password")
        return cls(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme], password)

    def ask(self, raw: bytes, *, mail_from: str = "", recipient: str = "", seconds: float = SECONDS) -> Verdict:
        """Whether it takes this mail for spam. Raises NoAnswer, after so many seconds at the latest."""
        if self.kind == "rspamd":
            return self._ask_rspamd(raw, mail_from, recipient, seconds)
        else:
            return self._ask_spamd(raw, seconds)

    def _ask_rspamd(self, raw: bytes, mail_from: str, recipient: str, seconds: float) -> Verdict:
        told = {"From": mail_from, "Rcpt": recipient, "Password": self.password}
        lines = [
            "POST /checkv2 HTTP/1.1",
            f"Host: {self.host}",
            "Connection: close",
            f"Content-Length: {len(raw)}",
            *(
                f"{name}: {quote(value, safe='@+.-_=!*/') if name != 'Password' else value}"
                for name, value in told.items()
                if value
            ),
        ]
        answer = self._exchange("\r\n".join(lines).encode() + b"\r\n\r\n" + raw, seconds)
        head, _blank, body = answer.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/1\.[01] (\d{3})", head)
        if status is None or status[1] != b"200":
            raise NoAnswer(f"rspamd at {self.host}:{self.port} answered {_first_line(head)}.")
        try:
            said = json.loads(body)
            action = str(said["action"])
            score, most = float(said.get("score", 0)), float(said.get("required_score", 0))
        except (ValueError, KeyError, TypeError, AttributeError) as trouble:
            raise NoAnswer(f"What rspamd at {self.host}:{self.port} answered could not be read.") from trouble
        return Verdict(action in _SPAM, f"rspamd: {action}, {score:g} of {most:g}")

    def _ask_spamd(self, raw: bytes, seconds: float) -> Verdict:
        asked = f"SYMBOLS SPAMC/1.5\r\nContent-length: {len(raw)}\r\n\r\n".encode() + raw
        answer = self._exchange(asked, seconds)
        status = re.match(rb"SPAMD/[\d.]+ (\d+) ", answer)
        said = re.search(rb"(?im)^Spam: *(true|yes|false|no) *; *(-?[\d.]+) */ *(-?[\d.]+)", answer[:4_000])
        if status is None or status[1] != b"0" or said is None:
            raise NoAnswer(f"SpamAssassin at {self.host}:{self.port} answered {_first_line(answer)}.")
        score, most = (each.decode() for each in said.group(2, 3))
        return Verdict(said[1].lower() in (b"true", b"yes"), f"SpamAssassin: {score} of {most}")

    def _exchange(self, asked: bytes, seconds: float) -> bytes:
        """Say it all, and hear all that is answered until the other side is done."""
        until = time.monotonic() + seconds
        answer = bytearray()
        try:
            with socket.create_connection((self.host, self.port), timeout=seconds) as line:
                line.settimeout(_left(until))
                line.sendall(asked)
                if self.kind == "spamd":
                    line.shutdown(socket.SHUT_WR)
                while len(answer) <= LONGEST_ANSWER:
                    line.settimeout(_left(until))
                    more = line.recv(65_536)
                    if not more:
                        return bytes(answer)
                    answer += more
        except TimeoutError as trouble:
            raise NoAnswer(f"{self.kind} at {self.host}:{self.port} did not answer within {seconds:g} seconds.") from trouble
        except OSError as trouble:
            raise NoAnswer(
                f"{self.kind} at {self.host}:{self.port} could not be reached ({trouble.strerror or trouble})."
            ) from trouble
        raise NoAnswer(f"{self.kind} at {self.host}:{self.port} would not stop answering.")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _first_line(answer: bytes) -> str:
    line = answer[:200].split(b"\n")[0].decode("ascii", "replace").strip()
    return f"“{line}”" if line else "nothing"
