"""Hypothesis strategies: mails built by a grammar that knows every bad habit, and mails of tests/mail/ with pieces moved about."""

import base64
import quopri
from pathlib import Path

from hypothesis import strategies as st

MAILS = Path(__file__).parents[1] / "mail"
KNOWN = sorted((path.read_bytes() for path in MAILS.rglob("*.eml") if path.stat().st_size < 40_000), key=len)

CHARSETS = ["utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1251", "koi8-r", "iso-2022-jp", "iso-2022-kr", "shift_jis", "euc-jp", "gb2312",
            "gb18030", "hz-gb-2312", "big5", "big5-hkscs", "ks_c_5601-1987", "utf-7", "utf-16", "utf-16le", "utf-32", "x-user-defined", "unknown-8bit",
            "macintosh", "cp037", "\"utf-8", "utf-8\\", "", "unicode_escape", "tscii"]  # fmt: skip
WORDS = ["Lamp", "Grüße", "Лампа", "ランプ", "灯", "램프", "מנורה", "مصباح", "λάμπα", "đèn", "🏮", "Nora <nora@lantern.example>", "a,b;c:d", "=?utf-8?q?=C3=A4?=",
         "=?utf-8?b?w6Q", "=?iso-2022-jp?b?GyRCJWklcyVXGyhC?=", "=?x?q?=ff=00=0d=0aBcc:x?=", "\"", "(", "<", ">", "@", "\x00", "\x1b$B%i", "\u202e", "..", "../../x",
         "-- ", "> quoted", "On Monday Kay wrote:", "-----Original Message-----", "begin 644 a.txt", "end", "From: x", "wrote:", "\r", "=", "=3D", "+AGE-", "~{", "A" * 300]  # fmt: skip
HEADERS = ["From", "To", "Cc", "Reply-To", "Sender", "Return-Path", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "Precedence",
           "List-Id", "List-Post", "X-BeenThere", "Received", "Delivered-To", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID",
           "Content-Description", "Content-Location", "MIME-Version", "X-Failed-Recipients", "X-Auto-Response-Suppress", "Mailing-List", "X-Original-From"]  # fmt: skip
VALUES = ["nora@lantern.example", "Nora Quinn <nora@lantern.example>", "Quinn, Nora <nora@lantern.example>", "team: nora@lantern.example, ilse@hof.example;", "<>", "",
          "Nora via Desk <list@desk.example>", "Re: The lamp is dark", "Fwd: x", "[TL-7] x", "Tue, 05 Mar 2024 09:15:00 +0100", "5.3.24", "0", "99999999999999999999",
          "<ours@desk.example>", "ours@desk.example", "<a@b.example> <c@d.example>", "auto-replied", "bulk", "base64", "quoted-printable", "x-uuencode", "8bit",
          "text/plain; charset=utf-8; format=flowed; delsp=yes", "text/html", "text/enriched", "text/calendar; method=REPLY", "message/rfc822", "message/partial; number=1; total=2; id=a",
          "message/external-body; access-type=URL; url=\"http://x.example\"", "message/delivery-status", "multipart/report; report-type=delivery-status; boundary=b",
          "multipart/mixed; boundary=b", "multipart/alternative; boundary=bb", "multipart/related; boundary=\"b b\"; start=\"<x>\"", "multipart/signed; boundary=b",
          "multipart/encrypted; boundary=b", "multipart/digest; boundary=b", "multipart/appledouble; boundary=b", "multipart/", "application/ms-tnef", "application/pkcs7-mime",
          "application/octet-stream; name*0*=utf-8''a%FF; name*2=c; name*1=b", "attachment; filename=\"=?utf-8?q?=2e=2e/x?=\"", "inline; filename*=utf-8'en'%E2%80%AEgpj.exe",
          "attachment; filename=a b c.txt; size=3"]  # fmt: skip
LINES = ["", "--b", "--b--", "--bb", "--bb--", "--b b", "--", "--B", ".", "..", "From nora Tue Mar  5 09:15:00 2024", "Content-Type: text/plain", "Content-Type: multipart/mixed; boundary=b",
         "BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "DTSTART;TZID=Europe/Berlin:20240312T091500", "RRULE:FREQ=DAILY;COUNT=99999999", "END:VEVENT", "begin 644 x", "#86)C", "`", "end",
         "<blockquote type=cite>", "<div class=gmail_quote>", "</div>", "<a href=javascript:x>y</a>", "<img src=cid:x>", "<img src=data:image/png;base64,AAAA>", "<style>", "<!--", "-->",
         "<svg><script>", "Final-Recipient: rfc822; nora@lantern.example", "Action: failed", "Status: 5.1.1", "Reporting-MTA: dns; x.example", "<failure@x.example>:", "-----BEGIN PGP MESSAGE-----",
         "=ybegin line=128 size=1 name=x", "{\\rtf1\\ansi", "Am 5.3.2024 schrieb Kay:", "\u2028", "x " * 200]  # fmt: skip
TYPES = [value for value in VALUES if "/" in value and ";" not in value[:4]]

_text = st.one_of(st.sampled_from(WORDS + VALUES), st.text(max_size=12))


@st.composite
def _bytes_of(draw: st.DrawFn, text: str) -> bytes:
    codec = draw(st.sampled_from(["utf-8", "utf-8", "latin-1", "cp1251", "utf-16", "utf-7", "iso-2022-jp", "gb18030", "cp932"]))
    return text.encode(codec, "replace")


@st.composite
def header(draw: st.DrawFn) -> bytes:
    """One header line, folded or not, in any charset, sometimes without its colon or its name."""
    name = draw(st.sampled_from(HEADERS))
    value = draw(st.one_of(st.sampled_from(VALUES), st.lists(_text, max_size=5).map("".join)))
    colon = draw(st.sampled_from([": ", ": ", ": ", ":", " : ", " ", ":\r\n ", ":\r\n\t"]))
    return draw(_bytes_of(f"{name}{colon}{value}"))


@st.composite
def part(draw: st.DrawFn, depth: int = 0) -> bytes:
    """Headers and a body; a multipart of such, with boundaries that may be missing, doubled or never closed."""
    lines = draw(st.lists(header(), max_size=6 if depth else 10))
    if depth < 4 and draw(st.integers(0, 2)) == 0:
        boundary = draw(st.sampled_from(["b", "bb", "b b", "", "b" * 80]))
        kind = draw(st.sampled_from(["mixed", "alternative", "related", "report", "signed", "encrypted", "digest", "x"]))
        lines.append(f'Content-Type: multipart/{kind}; boundary="{boundary}"'.encode())
        mark = b"--" + boundary.encode()
        body = b"".join(mark + b"\r\n" + draw(part(depth + 1)) + b"\r\n" for _ in range(draw(st.integers(0, 3))))
        body += draw(st.sampled_from([mark + b"--\r\n", mark, b"", mark + b"--\r\nepilogue"]))
    else:
        text = draw(st.lists(st.one_of(st.sampled_from(LINES + WORDS), st.text(max_size=20)), max_size=8).map("\r\n".join))
        body = draw(_bytes_of(text)) * draw(st.sampled_from([1, 1, 1, 1, 50]))
        way = draw(st.sampled_from(["", "", "base64", "quoted-printable"]))
        lines.append(
            f"Content-Type: {draw(st.sampled_from(TYPES))}; charset={draw(st.sampled_from(CHARSETS))}".encode("utf-8", "replace")
        )
        if way:
            lines.append(b"Content-Transfer-Encoding: " + way.encode())
            body = base64.encodebytes(body) if way == "base64" else quopri.encodestring(body)
    draw(st.randoms(use_true_random=False)).shuffle(lines)
    return b"\r\n".join(lines) + draw(st.sampled_from([b"\r\n\r\n", b"\r\n\r\n", b"\n\n", b"\r\n", b"\r\n \r\n"])) + body


@st.composite
def built(draw: st.DrawFn) -> bytes:
    """A mail by the grammar, its lines ended in any way."""
    raw = draw(part())
    ends = draw(st.sampled_from([b"\r\n", b"\r\n", b"\n", b"\r", b"\r\r\n"]))
    return draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf", b"\r\n", b"From nora Tue Mar  5 09:15:00 2024\r\n"])) + raw.replace(
        b"\r\n", ends
    )


_piece = st.one_of(
    st.sampled_from(WORDS + LINES + VALUES).map(lambda words: words.encode("utf-8", "replace")),
    st.sampled_from(CHARSETS).map(str.encode),
    st.binary(max_size=6),
)


@st.composite
def moved_about(draw: st.DrawFn) -> bytes:
    """A mail of tests/mail/ with pieces put in, taken out, doubled, repeated, or another mail's in their place."""
    raw = draw(st.sampled_from(KNOWN))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, 9_999)) * len(raw) // 10_000
        end = min(len(raw), start + draw(st.sampled_from([0, 1, 2, 8, 40, 200, 2_000])))
        if draw(st.booleans()):  # by whole lines
            start, end = raw.rfind(b"\n", 0, start) + 1, raw.find(b"\n", end) + 1 or len(raw)
        chunk = raw[start:end]
        how = draw(st.sampled_from(["put", "take", "double", "repeat", "other", "nest", "ends"]))
        if how == "put":
            chunk = draw(_piece)
        elif how == "take":
            chunk = b""
        elif how == "double":
            chunk *= 2
        elif how == "repeat":
            chunk *= draw(st.sampled_from([20_000, 20_000, 150_000])) // max(1, len(chunk))
        elif how == "other":
            other = draw(st.sampled_from(KNOWN))
            at = draw(st.integers(0, 9_999)) * len(other) // 10_000
            chunk = other[at : at + draw(st.sampled_from([20, 200, 2_000]))]
        elif how == "nest":
            return (
                b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
                + raw
                + b"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
                + raw
            )
        else:
            raw, chunk = raw.replace(b"\r\n", b"\n"), chunk.replace(b"\r\n", b"\n")
        raw = raw[:start] + chunk + raw[end:]
    return raw[:200_000]


any_mail = st.one_of(built(), moved_about(), moved_about(), st.binary(max_size=300))
