"""Files that are not what their name says, and files that run (MAIL.md, rule 81)."""

from enum import StrEnum
from typing import NamedTuple

from touchline.core.mail.true_type import really


class Odd(StrEnum):
    RUNS = "runs"
    """Opening it runs what somebody else wrote."""
    OTHERWISE = "otherwise"
    """Its bytes are of another kind than its name says."""


class OddFile(NamedTuple):
    """`kind` is what its bytes are, as a content type; "" where only the name is known to be odd."""

    odd: Odd
    kind: str


def odd_file(name: str, data: bytes) -> OddFile | None:
    """What somebody should know of a file before they open it; None where there is nothing to say."""
    ending = name.rpartition(".")[2].strip().lower() if "." in name else ""
    kind = really(data)
    if kind in _PROGRAMS or ending in _RUN:
        return OddFile(Odd.RUNS, kind if kind in _PROGRAMS else "")
    expected = _KINDS.get(ending)
    if expected and kind and not any(kind == each or (each.endswith("/") and kind.startswith(each)) for each in expected):
        return OddFile(Odd.OTHERWISE, kind)
    return None


_PROGRAMS = frozenset(
    {
        "application/x-msdownload",
        "application/x-executable",
        "application/x-ms-shortcut",
        "application/vnd.ms-htmlhelp",
        "application/vnd.android.package-archive",
        "application/java-archive",
        "text/x-shellscript",
    }
)

# What Windows, macOS or Linux runs when it is opened, Office files that carry macros among them.
_ENDINGS = """
ade adp apk app appx bat chm cmd com command cpl dll dmg docm dotm exe gadget hta inf ins isp iso img jar job js jse lnk mde msc msi msp
mst osx pif pkg potm ppam ppsm pptm ps1 ps1xml ps2 psc1 reg rgs run scf scr sct sh shb shs url vb vbe vbs vbscript vhd vhdx ws wsc wsf
wsh xlam xll xlsm xltm
"""
_RUN = frozenset(_ENDINGS.split())

_OOXML = "application/vnd.openxmlformats-officedocument."
_OLD_OFFICE = ("application/x-ole-storage", "application/rtf", f"{_OOXML}wordprocessingml.document", f"{_OOXML}spreadsheetml.sheet",
               f"{_OOXML}presentationml.presentation")  # fmt: skip
_PICTURE = ("image/",)
_ZIP = ("application/zip", "application/vnd.", "application/epub", "application/x-")
_KINDS: dict[str, tuple[str, ...]] = {
    "pdf": ("application/pdf",),
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "heic", "avif"), _PICTURE),
    **dict.fromkeys(("doc", "xls", "ppt", "dot", "xlt", "pps"), _OLD_OFFICE),
    **dict.fromkeys(
        ("docx", "xlsx", "pptx", "odt", "ods", "odp"), ("application/zip", "application/vnd.", "application/x-ole-storage")
    ),
    "rtf": ("application/rtf",),
    "zip": _ZIP,
    **dict.fromkeys(("txt", "csv", "log", "md", "json"), ("text/x-", "text/calendar", "text/vcard")),
    **dict.fromkeys(("mp3", "wav", "ogg", "flac", "m4a"), ("audio/", "video/")),
    **dict.fromkeys(("mp4", "mov", "avi", "mkv", "webm"), ("video/", "audio/")),
    "ics": ("text/calendar",),
    "vcf": ("text/vcard",),
}
