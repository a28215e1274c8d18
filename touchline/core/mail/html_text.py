"""A stranger's HTML as lines of text, each with what the markup says of it.

One walk serves two: `html_as_text` reads the lines, `fresh_words` also their marks. What cannot be seen is not read, so a
hidden preheader never becomes an excerpt.
"""

import html as html_module
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

LONGEST_HTML = 2_000_000  # characters that are read; the rest is in the raw mail
MOST_TAGS = 40_000  # that are read as such; beyond them only words are
DEEPEST_HTML = 200  # elements within elements; beyond it tags are dropped and their words kept


def tags(names: str) -> frozenset[str]:
    """Names of elements, written with blanks between them."""
    return frozenset(names.split())


class Mark(Enum):
    """What a line is known to be, by its client's markup or by its words."""

    WORDS = "words"
    QUOTED = "quoted"  # what someone else said before
    ATTRIBUTION = "attribution"  # "On Monday Kay wrote:"
    CUT = "cut"  # from here on everything is past
    RULE = "rule"  # a rule as clients draw it above the past, and people above what they please: only headers below it tell
    SIGNATURE = "signature"


@dataclass(slots=True)
class Line:
    """A line of text. `depth` counts the quotes it stands in; `sure` says that markup, not a guess, gave its mark. `ruled`: it is
    the first below a rule that may be a client's.
    """

    text: str
    depth: int = 0
    mark: Mark = Mark.WORDS
    sure: bool = False
    ruled: bool = False


def html_as_text(html: str) -> str:
    """The words of an HTML document: links as `words <address>`, list items after `- `, quotes after `> `."""
    return text_of(html_lines(html))


def text_of(lines: list[Line]) -> str:
    """Lines as one text, quotes marked with `>`, at most one empty line between paragraphs, none at the ends."""
    out: list[str] = []
    for line in lines:
        prefix = ">" * min(line.depth, 20)
        text = f"{prefix} {line.text}".rstrip() if prefix else line.text.rstrip()
        if text or (out and out[-1]):
            out.append(text)
    while out and not out[-1]:
        out.pop()
    return "\n".join(out)


_BLOCK = tags(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr "
    "html legend li main menu nav ol option p pre section summary table tbody tfoot thead tr ul"
)
_PARAGRAPH = tags("p h1 h2 h3 h4 h5 h6 ul ol table pre blockquote dl figure")
_UNSEEN = tags("head style script noscript template title meta link svg math object embed iframe select textarea")
_HIDDEN = re.compile(
    r"(?i)display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|$|!)|(?:max-height|line-height)\s*:\s*0(?:px)?\s*(?:;|$|!).*overflow\s*:\s*hidden"
)
_NO_MARGIN = re.compile(r"(?i)margin(?:-top|-bottom)?\s*:\s*0")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u034f]|[\u200c\u200d](?=[ \t\u00a0\u2007]|$)")
_BLANKS = re.compile(r"[ \t\n\r\f]+")

# What the markup says of an element: QUOTED, ATTRIBUTION and SIGNATURE hold for what is inside, CUT for everything from there on.
Marker = Callable[[str, dict[str, str | None]], Mark | None]


def html_lines(html: str, marker: Marker | None = None) -> list[Line]:
    """The visible lines of a document, in order; `marker` says what its elements are. Bounded in depth and size, never raises."""
    html, beyond = _first_tags(shallow(html[:LONGEST_HTML]))
    body = LexborHTMLParser(html).body
    walk = _Walk(marker)
    waiting: list[LexborNode | None] = [body] if body is not None else []
    while waiting:
        node = waiting.pop()
        if node is None:
            walk.leave()
            continue
        if (after := node.next) is not None and node is not body:
            waiting.append(after)
        tag = node.tag or ""
        if tag == "-text":
            walk.say(node.text_content or "")
        elif tag == "-comment":
            walk.comment(node.comment_content or "")
        elif tag not in _UNSEEN and walk.enter(tag, node.attributes):
            waiting.append(None)
            if (child := node.first_child) is not None:
                waiting.append(child)
    walk.flush()
    for line in beyond.split("\n"):
        walk.say(line)
        walk.flush()
    return walk.lines


def _first_tags(html: str) -> tuple[str, str]:
    """The document up to more tags than anyone writes; and the words beyond, which are read without."""
    if html.count("<") <= MOST_TAGS:
        return html, ""
    end = next(islice(re.finditer("<", html), MOST_TAGS, None)).start()
    return html[:end], html_module.unescape(re.sub(r"<[^<>]*>?", " ", html[end:]))


@dataclass(slots=True)
class _Open:
    """An open element: how things stood before it."""

    tag: str
    depth: int
    mark: Mark
    sure: bool
    preformatted: bool
    link: str
    link_from: int


class _Walk:
    def __init__(self, marker: Marker | None) -> None:
        self.lines: list[Line] = []
        self.marker = marker
        self.open: list[_Open] = []
        self.said: list[str] = []
        self.depth, self.mark, self.sure, self.preformatted, self.past = 0, Mark.WORDS, False, False, False
        self.gap = False
        self.ruled = False

    def enter(self, tag: str, attributes: dict[str, str | None]) -> bool:
        """Go into an element; False where it has nothing to see."""
        style = attributes.get("style") or ""
        if "hidden" in attributes or (style and _HIDDEN.search(style)):
            return False
        if tag == "br":
            self.flush(breaks=True)
            return False
        if tag == "img":
            alt = attributes.get("alt") or ""
            if alt and len(alt) <= 4 and not alt.isascii():
                self.said.append(alt)  # an emoji sent as a picture
            return False
        mark = self.marker(tag, attributes) if self.marker else None
        if tag in _BLOCK or mark:
            self.flush()
        self.open.append(_Open(tag, self.depth, self.mark, self.sure, self.preformatted, "", 0))
        if tag in _PARAGRAPH and not (style and _NO_MARGIN.search(style)) and "MsoNormal" not in (attributes.get("class") or ""):
            self.gap = True
        if tag in ("pre", "xmp", "listing") or (
            style and "white-space" in style and re.search(r"white-space\s*:\s*(?:pre|break-spaces)", style)
        ):
            self.preformatted = True
        elif tag == "li":
            self.said.append("- ")
        elif tag in ("td", "th"):
            self.said.append(" ")
        elif tag == "a":
            self.open[-1].link, self.open[-1].link_from = attributes.get("href") or "", len(self.said)
        elif tag == "hr":
            self.said.append("-" * 8)
        quoted = mark is Mark.QUOTED or (tag == "blockquote" and not _is_indent(attributes))
        if mark is Mark.CUT:
            self.past = True
        elif mark is Mark.RULE:
            self.ruled = True
        elif mark and self.mark is not Mark.QUOTED:
            self.mark, self.sure = mark, True
        if quoted:
            self.depth += 1
            self.mark, self.sure = Mark.QUOTED, self.sure if self.mark is Mark.QUOTED else mark is Mark.QUOTED
        return True

    def leave(self) -> None:
        was = self.open.pop()
        if was.link:
            words = _one_line("".join(self.said[was.link_from :]))
            address = was.link.strip()
            bare = re.sub(r"^(?:mailto:|https?://)", "", address).rstrip("/")
            if words and re.match(r"(?:https?://|mailto:)", address) and bare not in words.rstrip("/") and len(address) < 2_000:
                self.said.append(f" <{address.removeprefix('mailto:')}>")
        if was.tag in _BLOCK or (was.depth, was.mark, was.sure) != (self.depth, self.mark, self.sure):
            self.flush()
            self.gap = self.gap or (was.tag in _PARAGRAPH and was.tag != "p")
        self.depth, self.mark, self.sure, self.preformatted = was.depth, was.mark, was.sure, was.preformatted

    def say(self, text: str) -> None:
        if self.preformatted and "\n" in text:
            first, *others = text.replace("\r", "").split("\n")
            self.said.append(first)
            for other in others:
                self.flush(breaks=True)
                self.said.append(other)
        else:
            self.said.append(text)

    def comment(self, text: str) -> None:
        # Samsung's mail app says where the past begins, in a comment.
        if self.marker and text.strip() == "originalMessage":
            self.flush()
            self.past = True

    def flush(self, *, breaks: bool = False) -> None:
        """End the line. With `breaks` an empty one counts too."""
        if not self.said and not breaks:
            return
        text = "".join(self.said)
        text = text.replace("\xa0", " ").rstrip() if self.preformatted else _one_line(text)
        if not text.isascii():
            text = _INVISIBLE.sub("", text).rstrip()
        self.said.clear()
        mark, sure = (Mark.CUT, True) if self.past else (self.mark, self.sure)
        if text:
            if self.gap and self.lines:
                self.lines.append(Line("", min(self.depth, self.lines[-1].depth), mark, sure))
            self.gap = False
            self.lines.append(Line(text, self.depth, mark, sure, self.ruled))
            self.ruled = False
        elif breaks:
            self.lines.append(Line("", self.depth, mark, sure))


def _one_line(text: str) -> str:
    return _BLANKS.sub(" ", text).replace("\xa0", " ").strip()


def _is_indent(attributes: dict[str, str | None]) -> bool:
    """Gmail's and Outlook's "increase indent" is a blockquote too, but holds the writer's own words."""
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "border:none" in style and "40px" in style and not attributes.get("type") and not attributes.get("class")


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})")
# A tag with more attributes than anyone writes: parsers look for each among all before it. Values count as one, quoted or not.
_ENDLESS_TAG = re.compile(r"""(</?[a-zA-Z][^\s/>]{0,40})(?:=\s*(?:"[^"]*"|'[^']*'|[^\s"'>][^\s>]*)|\s+|[^>=\s]|=){1000,}+""")
_CLOSE_THEMSELVES = tags(
    "br hr img input meta link area base col embed param source track wbr p li dd dt td th tr tbody thead tfoot option html head body"
)
_FORMATTING = tags("a b big code em font i nobr s small strike strong tt u")
_MOST_COPIES = 200_000


def shallow(html: str) -> str:
    """The same document with tags dropped that lie too deep: parsers take quadratic time over thousands of nested elements.

    Open formatting is counted apart, since every block inside it gets a copy of it. Tags with attributes without end lose them.
    """
    html = _ENDLESS_TAG.sub(r"\1", html)
    tags = html.count("<")
    if tags <= 40:
        return html
    most_formatting = max(3, min(DEEPEST_HTML, _MOST_COPIES // tags))
    out: list[str] = []
    kept = 0
    depth = {True: 0, False: 0}
    dropped = {True: 0, False: 0}
    for tag in _TAG.finditer(html):
        name = tag[2].lower()
        if name in _CLOSE_THEMSELVES:
            continue
        formatting = name in _FORMATTING
        if tag[1]:
            drop = dropped[formatting] > 0
            if drop:
                dropped[formatting] -= 1
            else:
                depth[formatting] = max(0, depth[formatting] - 1)
        else:
            drop = depth[formatting] >= (most_formatting if formatting else DEEPEST_HTML)
            if drop:
                dropped[formatting] += 1
            else:
                depth[formatting] += 1
        if drop and tag.start() >= kept:
            end = html.find(">", tag.end())
            out.append(html[kept : tag.start()])
            kept = len(html) if end < 0 else end + 1
    return "".join(out) + html[kept:] if out else html
