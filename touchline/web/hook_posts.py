"""What a sending service posts, taken in whole and cut into its fields without changing a byte of them.

Django's own reading is made for forms that people fill in: it decodes every field as text, drops files whose names it does not like,
and refuses fields larger than DATA_UPLOAD_MAX_MEMORY_SIZE. A mail may be in any charset, is large, and must not lose a file.
"""

import json
from email import message_from_string
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, QueryDict

MOST_FIELDS = 1000


class Unreadable(ValueError):
    """It is not in the shape that its headers say."""


class Posted(HttpRequest):
    """A post as django-anymail reads one. `fields` are those of a form as bytes; files are in FILES."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__()
        self.method = request.method
        self.META = request.META
        self.path = request.path
        self.content_type = request.content_type
        self.content_params = request.content_params
        self._body = request.read()  # the shell has bounded it (web/body.py)
        self.fields: dict[str, bytes] = {}
        form = QueryDict(mutable=True)
        if self.content_type == "multipart/form-data":
            self._read_parts(str((self.content_params or {}).get("boundary", "")).encode("latin-1", "replace"))
        elif self.content_type == "application/x-www-form-urlencoded":
            self._read_pairs()
        for name, value in self.fields.items():
            form[name] = value.decode("utf-8", "replace")
        self.POST = form  # type: ignore[assignment]  # a form is not changed by those who read it

    def told(self) -> Any:
        """What it says as JSON. Raises ValueError where it is none."""
        return json.loads(self._body)

    def _read_pairs(self) -> None:
        pairs = self._body.split(b"&", MOST_FIELDS + 1)
        if len(pairs) > MOST_FIELDS:
            raise Unreadable("It has more fields than any we know.")
        for pair in pairs:
            name, _equals, value = pair.replace(b"+", b" ").partition(b"=")
            self.fields[unquote_to_bytes(name).decode("utf-8", "replace")] = unquote_to_bytes(value)

    def _read_parts(self, boundary: bytes) -> None:
        """RFC 7578: what stands between two boundaries, to the last byte before the line end that belongs to the boundary."""
        line = b"\r\n--" + boundary
        parts = (b"\r\n" + self._body).split(line, MOST_FIELDS + 2)[1:]
        if not boundary or not parts or len(parts) > MOST_FIELDS or not parts[-1].startswith(b"--"):
            raise Unreadable("It ends before its last field, or has more fields than any we know.")
        for part in parts[:-1]:
            head, _blank, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
            about = message_from_string(head.decode("utf-8", "replace"))
            name = str(about.get_param("name", "", "Content-Disposition"))
            filename = about.get_filename()
            if filename is None:
                self.fields[name] = content
            else:
                self.FILES.appendlist(name, SimpleUploadedFile(_kept_name(filename), content, about.get_content_type()))


def _kept_name(filename: str) -> str:
    """A name that Django lets a file have; the mail's own reader makes it a good one later."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    return last if last not in ("", ".", "..") else "file"
