"""HTML made harmless: a stranger's, to be shown in a sandboxed frame, and that of our own editor.

nh3 keeps what is on a list and drops the rest; what needs a decision of ours (styles, images, links that lie) is decided
here. `html_as_text` is re-exported: whoever shows HTML needs its words too.
"""

import html as html_module
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

import nh3

from touchline.core.mail.html_text import LONGEST_HTML, html_as_text, shallow, tags

__all__ = ["SafeHtml", "html_as_text", "safe_html", "safe_words"]

_NO_IMAGES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """HTML that can be shown, and how many images from elsewhere it would load if it were let."""

    html: str
    remote: int


_TAGS = set(
    tags(
        "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption "
        "figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q rp rt ruby s samp section small span strike "
        "strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
    )
)
_GONE_WITH_CONTENT = set(
    tags("script style title head template noscript iframe object svg math textarea select xmp noembed noframes")
)
_EVERYWHERE = {"align", "bgcolor", "dir", "height", "lang", "style", "title", "valign", "width"}
_ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": {"href"},
    "col": {"span"},
    "colgroup": {"span"},
    "font": {"color", "face", "size"},
    "img": {"alt", "src", "border"},
    "ol": {"start", "type", "reversed"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan", "nowrap"},
    "th": {"colspan", "rowspan", "nowrap", "scope"},
}
_STYLES = re.compile(
    r"(?:background-color|background|border(?:-(?:top|right|bottom|left|block|inline|spacing|collapse|radius))?(?:-(?:color|style|width))?|border-collapse"
    r"|clear|color|direction|display|float|font(?:-(?:family|size|style|variant|weight))?|height|letter-spacing|line-height|list-style(?:-type)?"
    r"|margin(?:-(?:top|right|bottom|left))?|max-height|max-width|min-height|min-width|padding(?:-(?:top|right|bottom|left))?|table-layout"
    r"|text-(?:align|decoration|indent|transform)|unicode-bidi|vertical-align|visibility|white-space|width|word-(?:break|spacing|wrap)|overflow-wrap)\Z"
)
_STYLE_VALUE = re.compile(r"""[\w\s#%.,'"!+/()-]{1,200}\Z""")
_STYLE_FORBIDDEN = re.compile(
    r"(?i)url|expression|import|behaviou?r|javascript|image|attr\(|var\(|env\(|paint|element\(|-moz-binding"
)
_LEADS_OUT = re.compile(r"(?i)\s*(?:https?://|mailto:|tel:|cid:)")  # never to a page of ours
_REMOTE = re.compile(r"(?i)\s*(?:https?:)?//")
_IMG = re.compile(r'<img(?:\s+[\w-]+(?:="[^"]*")?)*\s*>')
_LINK = re.compile(r'(<a\s[^<>]*?href="(https?://[^"]{1,4000})"[^<>]*>)([^<]{4,300})(</a>)')
_LOOKS_LIKE_ADDRESS = re.compile(r"(?i)\s*(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,24})(?:[/:?#]\S*)?\s*\Z")


def safe_html(html: str, *, images: Mapping[str, str] = _NO_IMAGES, remote: bool = False) -> SafeHtml:
    """A stranger's HTML without anything that runs, loads, submits, covers or deceives.

    `images` are addresses of ours by content id. Images from elsewhere are left out and counted unless `remote`; those too
    small to be seen (trackers) are never loaded. A link whose words name another host than it leads to says so.
    """
    known = _by_content_id(images)

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return _safe_style(value)
        if tag == "img" and name == "src":
            return _source(value, known)
        if name == "href":
            return value if _LEADS_OUT.match(value) else None
        return value

    cleaned = nh3.clean(
        _bounded(html),
        tags=_TAGS,
        clean_content_tags=_GONE_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    left_out = 0

    def image(found: re.Match[str]) -> str:
        nonlocal left_out
        source = re.search(r' src="([^"]*)"', found[0])
        if not source or not _REMOTE.match(source[1]):
            return found[0]
        if re.search(r' (?:width|height)="\s*[01](?:px)?\s*"', found[0]) or re.search(
            r'style="[^"]*(?:width|height):\s*[01](?:px)?\s*(?:;|")', found[0]
        ):
            return ""
        if remote:
            return found[0]
        left_out += 1
        return found[0].replace(source[0], "", 1)

    cleaned = _IMG.sub(image, cleaned) if "<img" in cleaned else cleaned
    return SafeHtml(_LINK.sub(_honest, cleaned) if "<a " in cleaned else cleaned, left_out)


# Newsletters pad their previews with hundreds of these, and each costs the parser as much as a word.
# The white space between them must be none of them: a few dozen could be split in more ways than there are seconds.
_PADDING = re.compile(
    r"(?:(?:&(?:nbsp|zwnj|zwj|shy|#\d{2,4});|[\u00a0\u00ad\u034f\u200b-\u200d\u2007\ufeff])[ \t\r\n\f]*+){40,}+"
)


# To write such a sign, nh3 takes time by the length of the text it stands in: where they are many, texts are cut.
MOST_SIGNS = 20_000
_LONG_WORDS = re.compile(r"[^<>]{4000,4200}?(?=[&\s\u00a0])")


def _bounded(html: str) -> str:
    html = shallow(html[:LONGEST_HTML].replace("\x00", ""))
    html = _PADDING.sub("\u00a0", html)
    if html.count("&") + html.count("\u00a0") > MOST_SIGNS:
        html = _LONG_WORDS.sub(r"\g<0><wbr>", html)
    return html


def _by_content_id(images: Mapping[str, str]) -> dict[str, str]:
    return {content_id.strip("<>").lower(): address for content_id, address in images.items()}


def _source(value: str, images: Mapping[str, str]) -> str | None:
    value = value.strip()
    if value.lower().startswith("cid:"):
        content_id = re.sub(r"%([0-9A-Fa-f]{2})", lambda hexed: chr(int(hexed[1], 16)), value[4:]).strip("<>").lower()
        return images.get(content_id) or images.get(value[4:].strip("<>").lower())
    return value if _REMOTE.match(value) else None


def _safe_style(style: str) -> str | None:
    """The declarations that can do nothing but dress: no address, no place of its own on the page."""
    kept: list[str] = []
    if "\\" in style or "/*" in style:
        return None  # escapes and comments hide words from whoever reads them
    for declaration in html_module.unescape(style).split(";")[:60]:
        name, colon, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if colon and _STYLES.match(name) and _STYLE_VALUE.match(value) and not _STYLE_FORBIDDEN.search(value):
            kept.append(f"{name}:{value}")
    return ";".join(kept) or None


def _honest(link: re.Match[str]) -> str:
    named = _LOOKS_LIKE_ADDRESS.match(html_module.unescape(link[3]))
    try:
        host = (urlsplit(html_module.unescape(link[2])).hostname or "").lower()
    except ValueError:
        return link[0]
    if not named or not host or host.removeprefix("www.") == named[1].lower().removeprefix("www."):
        return link[0]
    return f"{link[0]} [{html_module.escape(host)}]"


_WORDS_TAGS = set(tags("p br strong b em i u s a ul ol li blockquote code pre h1 h2 h3 img hr"))
_OUR_FILES = re.compile(r"/files/[A-Za-z0-9][A-Za-z0-9._/-]{0,300}\Z")


def safe_words(html: str, *, images: Mapping[str, str] = _NO_IMAGES, pictures: Collection[str] | None = None) -> str:
    """HTML of our own editor, kept to what the editor can write. Images are files of ours, or `cid:` of `images`; others go.

    `pictures` are the addresses of the files of ours that may stand in it; without it, all that look like one.
    """
    known = _by_content_id(images)
    ours = set(known.values())

    def our_file(address: str) -> bool:
        looks_like_one = bool(_OUR_FILES.match(address)) and ".." not in address
        return looks_like_one if pictures is None else address in pictures

    def attribute(tag: str, name: str, value: str) -> str | None:
        if tag == "img" and name == "src":
            if value.lower().startswith("cid:"):
                return _source(value, known)
            return value if value in ours or our_file(value) else None
        if name == "href":
            return value if _LEADS_OUT.match(value) else None
        if name in ("width", "height"):
            return value if re.fullmatch(r"\d{1,4}", value) else None
        return value

    cleaned = nh3.clean(
        _bounded(html),
        tags=_WORDS_TAGS,
        clean_content_tags=_GONE_WITH_CONTENT,
        attributes={"a": {"href"}, "img": {"src", "alt", "width", "height"}, "ol": {"start"}},
        attribute_filter=attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
    )
    return _IMG.sub(lambda found: found[0] if ' src="' in found[0] else "", cleaned)
