"""A very large mail, and very many: memory stays within bounds, pages stay usable, and all of it is there."""

import http.cookiejar
import re
import smtplib
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.faults.conftest import LONG, TALLIES, Tally
from tests.faults.houses import asked, letter, subjects, waits
from tests.house import KAY, SUPPORT, House
from tests.servers import Dovecot

MEGABYTES = 49 if LONG else 24
MEMORY = 12
"""How many times the size of a mail it may take to have it, beside what the desk takes anyhow."""
BACKLOG = 10_000 if LONG else 200


def test_a_very_large_mail_takes_a_bounded_memory_by_the_door_and_by_imap(house: House, dovecot: Dovecot, tmp_path: Path) -> None:
    box = by_imap(house, dovecot, tmp_path)
    house.start()
    house.deliver(letter(0))
    assert subjects(house, 1)
    before = most_memory(house)
    roads: list[Callable[[bytes], object]] = [house.deliver, partial(dovecot.deliver, box)]
    for number, bring in enumerate(roads, 1):
        bring(large(number))
        waits(house, f"SELECT count(*) <> {1 + number} FROM desk_message", seconds=180)
    assert sorted(subjects(house)) == ["Number 0", "Number 1", "Number 2"]
    took = (most_memory(house) - before) / MEGABYTES
    assert took < MEMORY, f"{took:.1f} times its size"
    assert asked(house, "SELECT count(*) FROM desk_attachment") == 2
    TALLIES.append(Tally(f"a mail of {MEGABYTES} MB; memory {took:.1f} times its size", 2))


def test_a_backlog_comes_in_whole_while_pages_stay_usable(house: House, dovecot: Dovecot, tmp_path: Path) -> None:
    box = by_imap(house, dovecot, tmp_path)
    with dovecot.client(box) as client:
        for number in range(BACKLOG):
            client.append("INBOX", letter(number), [])
    house.start()
    began = time.monotonic()
    sender = threading.Thread(target=deliver_all, args=(house, range(BACKLOG, 2 * BACKLOG)))
    sender.start()
    browser = signed_in(house)
    pages: list[float] = []
    while asked(house, f"SELECT count(*) < {2 * BACKLOG} FROM desk_message"):
        asked_at = time.monotonic()
        assert "Waiting for us" in browser.open(f"{house.url}/waiting/", timeout=30).read().decode()
        pages.append(time.monotonic() - asked_at)
        assert time.monotonic() - began < (3600 if LONG else 240), house.output()[-2000:]
        time.sleep(0.5)
    sender.join()
    rate = 2 * BACKLOG / (time.monotonic() - began)
    assert sorted(subjects(house)) == sorted(f"Number {number}" for number in range(2 * BACKLOG))
    waits(house, "SELECT count(*) FROM desk_inboundemail WHERE due_at IS NOT NULL OR message_id IS NULL")
    assert not dovecot.unseen(box)
    usual = sorted(pages)[len(pages) // 2]
    assert usual < 3, f"a page took {usual:.1f} s"
    assert "Traceback" not in house.output()
    TALLIES.append(Tally(f"a backlog; {rate:.0f} mails/s, a page in {usual:.2f} s", 2 * BACKLOG))


def by_imap(house: House, dovecot: Dovecot, tmp_path: Path) -> str:
    box = f"much{time.time_ns()}"
    (tmp_path / "password").write_text(dovecot.password)
    imap = ["--imap-host", "127.0.0.1", "--imap-port", str(dovecot.port), "--imap-security", "none", "--imap-username", box]
    house.command("mailbox", "add", SUPPORT, *imap, "--imap-password-file", str(tmp_path / "password"))
    return box


def large(number: int) -> bytes:
    head, _, body = letter(number).partition(b"\n\n")
    line = b"VG91Y2hsaW5lIGtlZXBzIGl0LCB3aG9sZSwgYXMgaXQgY2FtZSwgd2hhdGV2ZXIgaXRzIHNpemU" + b"\r\n"
    head = re.sub(rb"(?m)^(Content-|MIME-).*\n?", b"", head).rstrip(b"\n")
    parts = (
        b'\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\n' + body + b"\n--b\n"
        b"Content-Type: application/octet-stream; name=big.bin\nContent-Transfer-Encoding: base64\n\n"
    )
    return head + parts + line * (MEGABYTES * 1024**2 // len(line)) + b"\n--b--\n"


def most_memory(house: House) -> float:
    """Megabytes that it has had at once, at most."""
    status = Path(f"/proc/{house.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def deliver_all(house: House, numbers: range) -> None:
    with smtplib.SMTP("127.0.0.1", house.door, timeout=120) as door:
        for number in numbers:
            door.sendmail(f"p{number}@far.example", [SUPPORT], letter(number))


def signed_in(house: House) -> urllib.request.OpenerDirector:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = browser.open(f"{house.url}/sign-in/").read().decode()
    (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page))
    told = {"csrfmiddlewaretoken": token, "login": KAY.address, "password": KAY.password}
    request = urllib.request.Request(
        f"{house.url}/sign-in/", urllib.parse.urlencode(told).encode(), {"Referer": f"{house.url}/sign-in/"}
    )
    browser.open(request)
    return browser
