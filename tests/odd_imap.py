"""An IMAP server that keeps to the letter of the RFC and to nobody's habits: what real ones do to a client, all in one place."""

import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class OddImap:
    """One account with a folder of mails, by UID. It speaks up in between, answers in any order, and lies about sizes where told to."""

    mails: dict[int, bytes | None]
    """None: it can hand over only the headers of this one, and says NIL."""
    names: tuple[str, ...] = ("INBOX",)
    before: str = "IMAP4rev1 LOGIN"
    after: str = "IMAP4rev1 ID ENABLE UTF8=ACCEPT UIDPLUS MOVE"
    """What it can do before and after somebody has signed in."""
    sizes: dict[int, int] = field(default_factory=dict)
    """What it says instead of the true size."""
    gone: set[int] = field(default_factory=set)
    """Mails that are found, and then are there no more."""
    said: list[str] = field(default_factory=list)

    def start(self) -> "OddImap":
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True, name="odd imap").start()
        return self

    def stop(self) -> None:
        self._server.close()

    def told(self, **other: object) -> dict[str, object]:
        told = {"host": "127.0.0.1", "port": self.port, "security": "none", "username": "kay", "password": "x"}
        return told | other

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                wire, _ = self._server.accept()
                threading.Thread(target=self._speak, args=(wire,), daemon=True).start()

    def _speak(self, wire: socket.socket) -> None:
        with suppress(OSError), wire, wire.makefile("rwb") as line:
            line.write(b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Ahoy\r\n")
            line.flush()
            signed_in = False
            while said := line.readline():
                tag, _, command = said.decode().rstrip("\r\n").partition(" ")
                self.said.append(command)
                signed_in = signed_in or command.startswith("LOGIN ")
                line.write(b"* OK still here\r\n* 17 EXISTS\r\n* 0 RECENT\r\n")
                for answer in self._answers(command, signed_in):
                    line.write(answer)
                line.write(f"{tag} OK done\r\n".encode())
                line.flush()

    def _answers(self, command: str, signed_in: bool) -> list[bytes]:
        verb = command.upper()
        if verb == "CAPABILITY":
            return [f"* CAPABILITY {self.after if signed_in else self.before}\r\n".encode()]
        elif verb.startswith("ID "):
            return [b'* ID ("name" "odd")\r\n']
        elif verb.startswith("ENABLE"):
            return [b"* ENABLED UTF8=ACCEPT\r\n"]
        elif verb.startswith("LIST"):
            return [f'* LIST ({flags_of(name)}) "/" "{name}"\r\n'.encode() for name in self.names]
        elif verb.startswith(("SELECT", "EXAMINE")):
            last = max(self.mails, default=0)
            lines = (
                f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT {last + 1}] x\r\n* OK [READ-WRITE] x\r\n"
            )
            return [lines.encode()]
        elif verb.startswith("UID SEARCH"):
            return [f"* SEARCH {' '.join(map(str, self._found(verb)))}\r\n".encode()]
        elif verb.startswith("UID FETCH"):
            return self._fetched(verb)
        else:
            return []

    def _found(self, verb: str) -> list[int]:
        uids = sorted(self.mails)
        if verb.endswith(" 1"):
            return uids[:1]
        elif verb.endswith(" *"):
            return uids[-1:]
        ends = re.search(r"UID (\d+):(\d+)", verb.removeprefix("UID SEARCH"))
        return [uid for uid in reversed(uids) if not ends or int(ends[1]) <= uid <= int(ends[2])]

    def _fetched(self, verb: str) -> list[bytes]:
        uids = {int(uid) for uid in re.findall(r"\d+", verb.split()[2])}
        answers = [b"* 3 FETCH (FLAGS (\\Seen))\r\n", b"* 9 FETCH (UID 4711 FLAGS ())\r\n"]  # nobody asked for these
        for number, uid in reversed(list(enumerate(sorted(self.mails), start=1))):
            raw = self.mails[uid]
            if uid not in uids or uid in self.gone:
                continue
            elif "RFC822.SIZE" in verb:
                size = self.sizes.get(uid, len(raw or b""))
                facts = f'INTERNALDATE " 2-Jan-2026 03:04:05 +0100" UID {uid} RFC822.SIZE {size}'
                answers.append(f"* {number} FETCH ({facts})\r\n".encode())
            elif "HEADER" in verb:
                answers.append(b"* %d FETCH (BODY[HEADER]<0> {12}\r\nSubject: x\r\n UID %d)\r\n" % (number, uid))
            elif raw is None:
                answers.append(b"* %d FETCH (UID %d BODY[] NIL)\r\n" % (number, uid))
            else:
                answers.append(b"* %d FETCH (FLAGS () BODY[] {%d}\r\n%s UID %d)\r\n" % (number, len(raw), raw, uid))
        return answers


def flags_of(name: str) -> str:
    return "\\HasNoChildren \\Junk" if "Spam" in name else "\\HasNoChildren"
