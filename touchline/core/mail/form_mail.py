"""What somebody wrote in the contact form, as a mail: it comes in, is kept, read and answered like any other."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from touchline.core.mail.compose import Outgoing, compose
from touchline.core.mail.email import Attachment, Correspondent

FORM_HEADER = "X-Touchline-Form"
"""For whoever reads the bytes later. It proves nothing, since anyone can write it: that a mail came by the form is known from the way it came."""

ROBOT_HEADER = "X-Touchline-Robot"
"""Why no person seems to have written it, in a sentence. It counts only in a mail that came by the form."""
LONGEST_SUBJECT = 70


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody told the form. `writer` is who they say they are; nobody has checked it. `subject` may be empty."""

    writer: Correspondent
    words: str
    subject: str = ""
    files: tuple[Attachment, ...] = ()

    def digest(self) -> str:
        """The same for the same words and files of the same writer, so that sending twice is seen to be once."""
        whole = hashlib.sha256()
        told = [self.writer.name, self.writer.address.lower(), self.subject, self.words.replace("\r\n", "\n")]
        pieces = [piece.encode("utf-8", "replace") for piece in (*told, *(file.name for file in self.files))]
        for piece in (*pieces, *(file.data for file in self.files)):
            whole.update(hashlib.sha256(piece).digest())
        return whole.hexdigest()


def as_mail(written: Written, *, to: Correspondent, form: str, message_id: str, at: datetime, robot: str = "") -> bytes:
    """The bytes of a mail from them to us. `robot` is why no person seems to have written it.

    Raises CannotBeAddressed for an address that no answer could reach.
    """
    mail = compose(
        Outgoing(
            from_=written.writer,
            to=(to,),
            subject=written.subject or first_words(written.words),
            text=written.words,
            message_id=message_id,
            date=at,
            attachments=written.files,
        )
    )
    marks = f"{FORM_HEADER}: {form}\r\n" + (f"{ROBOT_HEADER}: {robot}\r\n" if robot else "")
    return marks.encode("ascii") + mail


def first_words(words: str) -> str:
    """What their words begin with, on one line, ending at a word: it stands for the subject that they did not give."""
    line = next((line.strip() for line in words.splitlines() if line.strip()), "")
    if len(line) <= LONGEST_SUBJECT:
        return line
    else:
        return (
            line[: LONGEST_SUBJECT + 1].rpartition(" ")[0].rstrip(" ,;:–-") + "…"
            if " " in line[:LONGEST_SUBJECT]
            else line[:LONGEST_SUBJECT]
        )


_LINK = re.compile(r"(?i)(?:https?://|www\.)\S+|\[/?url[^\]]*\]")


def looks_like_a_robots(written: Written, *, trap: str) -> str:
    """Why no person seems to have written this, as a sentence; "" where one may have. When in doubt, one has."""
    if trap.strip():
        return "Something filled in the field of the contact form that people do not see."
    elif len(_LINK.findall(written.words)) > 1 and not re.search(r"\w", _LINK.sub(" ", written.words)):
        return "Its words, written in the contact form, are nothing but links."
    else:
        return ""
