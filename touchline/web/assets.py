"""What a browser needs beside the page: styles, small elements, the font. Read once, sent with a content hash.

The parts in `static/` are served as they are written; only the many files of a kind are joined, so that a page needs few
requests: `app.css` is its own table of contents with every `@import` filled in, `app.js` all of `static/js/*.js`. What an
address holds never changes, because its hash is part of it, so a browser may keep it for a year.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers

STATIC = Path(__file__).parent / "static"

# Names on the page, and the files of installed packages that they are. The editor is fetched when someone starts to write.
FROM_PACKAGES = {
    "htmx.js": ("django_htmx", "static/django_htmx/htmx-2.min.js"),
    "editor.js": ("django_prose_editor", "static/django_prose_editor/editor.js"),
}


class NoSuchAsset(Exception):
    """A template or a style asks for a file that is not there."""


@dataclass(frozen=True)
class Asset:
    """One file as it is sent. `digest` is the first 12 hex digits of the SHA-256 of its bytes."""

    name: str
    body: bytes
    packed: bytes | None
    content_type: str
    digest: str


def asset(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    """Send one asset. An address from before an upgrade gets today's file, to be asked for again next time."""
    found = all_assets().get(name)
    if not found:
        raise Http404(f"There is no asset called {name}.")
    etag = f'"{found.digest}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    elif found.packed and "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(found.packed, content_type=found.content_type)
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(found.body, content_type=found.content_type)
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=31536000, immutable" if digest == found.digest else "no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def asset_url(name: str) -> str:
    """The address of an asset, with the hash of what it holds."""
    found = all_assets().get(name)
    if not found:
        raise NoSuchAsset(f"There is no asset called {name}; there are {', '.join(sorted(all_assets()))}.")
    return reverse("asset", args=[found.digest, name])


def all_assets() -> Mapping[str, Asset]:
    """Every asset by its name. Read at the first question, and while developing again after each change."""
    return _read(_newest() if settings.DEBUG else 0)


@lru_cache(maxsize=1)
def _read(_newest: int) -> Mapping[str, Asset]:
    kept: dict[str, Asset] = {}
    for path in sorted([*STATIC.glob("font/*"), *STATIC.glob("img/*")]):
        kept[path.name] = _asset(path.name, path.read_bytes())
    for name, (package, inside) in FROM_PACKAGES.items():
        kept[name] = _asset(name, _without_map(files(package).joinpath(inside).read_bytes()))
    kept["embed.js"] = _asset(
        "embed.js", (STATIC / "embed/embed.js").read_bytes()
    )  # for pages of others, which load nothing else of ours
    kept["app.js"] = _asset("app.js", joined_scripts(STATIC / "js").encode())
    kept["app.css"] = _asset("app.css", joined_styles(STATIC / "css/app.css", kept).encode())
    return kept


def joined_styles(contents: Path, assets: Mapping[str, Asset]) -> str:
    """The table of contents with every `@import url(…) layer(…)` filled in, and every `url(…)` pointing at its asset."""

    def filled_in(line: re.Match[str]) -> str:
        part = (contents.parent / line["path"]).read_text()
        return f"@layer {line['layer']} {{\n{part}}}\n"

    def pointed(link: re.Match[str]) -> str:
        found = assets.get(Path(link["path"]).name)
        if not found:
            raise NoSuchAsset(f"A style asks for {link['path']}, which is not in static/.")
        return f'url("../{found.digest}/{found.name}")'

    whole = re.sub(r'@import url\("(?P<path>[^"]+)"\) layer\((?P<layer>\w+)\);\n', filled_in, contents.read_text())
    return re.sub(r'url\("(?P<path>[^"]+)"\)', pointed, whole)


def joined_scripts(folder: Path) -> str:
    """Every small element in one module, each in a block of its own so that their names do not meet."""
    return "".join(f"// {path.name}\n{{\n{path.read_text()}}}\n" for path in sorted(folder.glob("*.js")))


def _asset(name: str, body: bytes) -> Asset:
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    text = content_type.startswith("text/") or content_type in {"image/svg+xml", "application/javascript"}
    return Asset(
        name=name,
        body=body,
        packed=gzip.compress(body, 9, mtime=0) if text else None,
        content_type=f"{content_type}; charset=utf-8" if text else content_type,
        digest=hashlib.sha256(body).hexdigest()[:12],
    )


def _without_map(script: bytes) -> bytes:
    """Their source map lies elsewhere and is three times their size; nobody who works here wants it fetched."""
    return re.sub(rb"\n//# sourceMappingURL=\S+\s*$", b"\n", script)


def _newest() -> int:
    return max(path.stat().st_mtime_ns for path in STATIC.rglob("*"))
