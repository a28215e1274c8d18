"""A whole Touchline for tests, as its users run it: `touchline up` in a process of its own, with a data folder that goes away."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from smtplib import LMTP, SMTP
from typing import NamedTuple

from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[1]
SUPPORT = "support@touchline.example"


class Teammate(NamedTuple):
    """Someone who signs in."""

    address: str
    password: str
    name: str


KAY = Teammate("kay@touchline.example", "the harbour is quiet", "Kay")
SAM = Teammate("sam@touchline.example", "a lantern in every window", "Sam")


@dataclass
class House:
    """`start()` it, talk to `url` and to the mail door, `stop()` or `kill()` it, and start it again on the same data."""

    data: Path
    port: int = field(default_factory=free_port)
    door: int = field(default_factory=free_port)
    told: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("TOUCHLINE_", "DJANGO_"))}
        ports = {"TOUCHLINE_PORT": str(self.port), "TOUCHLINE_MAIL_IN": f"127.0.0.1:{self.door}"}
        return plain | ports | {"TOUCHLINE_DATA": str(self.data)} | self.told

    def start(self, *arguments: str) -> "House":
        """Up and healthy."""
        command = [sys.executable, "-m", "touchline", "up", *arguments]
        self.said = open(self.data.parent / f"{self.data.name}.said", "a+")  # noqa: SIM115  closed in stop
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=self.said, stderr=subprocess.STDOUT)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process.poll() is None, f"touchline up ended:\n{self.output()}"
            with (
                suppress(urllib.error.URLError, ConnectionError, TimeoutError),
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer,
            ):
                if answer.status == 200:
                    return self
            time.sleep(0.05)
        self.kill()
        raise AssertionError(f"touchline up was not healthy in a minute:\n{self.output()}")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
        self.said.close()

    def kill(self) -> None:
        """As a power cut would end it."""
        self.process.kill()
        self.process.wait()

    def output(self) -> str:
        self.said.flush()
        return Path(self.said.name).read_text()

    def setup_link(self) -> str:
        found = re.findall(r"http://\S+#\S+", self.output())
        assert found, f"no setup link was printed:\n{self.output()}"
        return str(found[-1])

    def command(self, *arguments: str, told: bytes = b"", code: int = 0) -> str:
        """Run a `touchline` command on the same data, and give what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "touchline", *arguments], cwd=ROOT, env=self.environment, input=told, capture_output=True
        )
        assert done.returncode == code, f"{arguments} ended with {done.returncode}: {done.stderr.decode()}"
        return done.stdout.decode()

    def set_up(self) -> None:
        """Kay, Sam and the support mailbox, by the command line."""
        self.command("migrate")
        for who, role in ((KAY, ["--owner"]), (SAM, [])):
            self.command("teammate", "add", who.address, "--name", who.name, *role, told=f"{who.password}\n".encode())
        self.command("mailbox", "add", SUPPORT, "--name", "Support")

    def sends_through(self, port: int) -> None:
        self.command("mailbox", "add", SUPPORT, "--smtp-host", "127.0.0.1", "--smtp-port", str(port), "--smtp-security", "none")

    def deliver(self, raw: bytes, *, sender: str = "nora@honey.example", to: str = SUPPORT, lmtp: bool = False) -> None:
        """Hand a mail to the door, as a mail server would."""
        with (LMTP if lmtp else SMTP)("127.0.0.1", self.door) as door:
            door.sendmail(sender, [to], raw)


def mail(
    words: str,
    *,
    subject: str,
    sender: str = "Nora Adeyemi <nora@honey.example>",
    to: str = SUPPORT,
    answers: str = "",
    id: str = "",
) -> bytes:
    """A mail as Nora's own program would write it."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = id or f"<{time.time_ns()}@honey.example>"
    if answers:
        message["In-Reply-To"] = message["References"] = answers
    message.set_content(words)
    return message.as_bytes()
