"""What a file really is, by its first bytes rather than by its name or by what the mail says (MAIL.md, rule 81)."""

import re

_BEGINS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"MSCF", "application/vnd.ms-cab-compressed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),  # .doc, .xls, .ppt, .msg, .msi of old
    (b"\x7fELF", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/x-executable"),  # Java classes, and programs of macOS
    (b"\xcf\xfa\xed\xfe", "application/x-executable"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut"),
    (b"ITSF", "application/vnd.ms-htmlhelp"),
    (b"{\\rtf", "application/rtf"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/x-matroska"),
    (b"x\x9f\x3e\x22", "application/ms-tnef"),
    (b"BEGIN:VCALENDAR", "text/calendar"),
    (b"BEGIN:VCARD", "text/vcard"),
    (b"%!PS", "application/postscript"),
    (b"#!", "text/x-shellscript"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_OFFICE = ((b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"), (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
           (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"), (b"META-INF/MANIFEST.MF", "application/java-archive"),
           (b"AndroidManifest.xml", "application/vnd.android.package-archive"))  # fmt: skip
# Anything a browser or a mail program might run scripts from.
_MARKUP = re.compile(rb"(?i)(?:<!--.{0,500}?-->\s*|<\?xml[^>]{0,300}>\s*)*<(!doctype\s+html|html|head|body|script|iframe|svg|math|object|embed)\b", re.DOTALL)  # fmt: skip


def really(data: bytes) -> str:
    """The content type that the bytes themselves tell; "" where they tell none that is common.

    A type may be one for a whole family: `application/x-ole-storage` for old Office files, `application/zip` for what is made of
    zip and names nothing better, `application/x-msdownload` for whatever Windows runs.
    """
    if data.startswith(b"MZ") and len(data) > 64:
        return "application/x-msdownload"
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data)
    if data.startswith(b"RIFF"):
        return _RIFF.get(data[8:12], "")
    if data[4:8] == b"ftyp":
        return (
            "image/heic"
            if data[8:12] in (b"heic", b"heix", b"mif1", b"heif")
            else "image/avif"
            if data[8:12] == b"avif"
            else "video/mp4"
        )
    for start, kind in _BEGINS:
        if data.startswith(start) and (len(start) > 2 or len(data) > 16):
            return kind
    head = data[:2_000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if markup := _MARKUP.match(head):
        return "image/svg+xml" if markup[1].lower() == b"svg" else "text/html"
    return ""


def _zipped(data: bytes) -> str:
    """Office files, OpenDocument, EPUB and Java name themselves among their first entries or in the list at the end."""
    if data[30:38] == b"mimetype":
        declared = re.match(rb"[a-z0-9.+-]{3,60}/[a-z0-9.+-]{3,90}", data[38:200])
        return declared[0].partition(b"PK")[0].decode("ascii") if declared else "application/zip"
    named = data[:4_000] + data[-20_000:]
    return next((kind for word, kind in _OFFICE if word in named), "application/zip")
