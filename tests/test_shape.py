"""The shape of the house: who may look at whom (ARCHITECTURE.md, "Five parts"), read off every import."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "touchline"

# A part, what of ours it may import, and whether it may know Django. Of `web`, work starts the shell and knows nothing else.
PARTS = {
    "core": ((), False),
    "channels": (("core",), False),
    "importers": (("core",), False),
    "desk": (("core", "channels", "importers"), True),
    "web": (("desk", "core"), True),
    "work": (("desk", "core", "channels", "importers", "asgi"), True),
}
DJANGO = {"django", "allauth", "anymail", "django_htmx", "django_prose_editor", "js_asset", "csp", "whitenoise"}


def files() -> list[Path]:
    return sorted(file for part in PARTS for file in (HOUSE / part).rglob("*.py"))


def imports(source: str, name: str) -> Iterator[tuple[int, str]]:
    """Every module that a source imports, wherever in it, with its line; a relative one begins with a dot."""
    for node in ast.walk(ast.parse(source, name)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            # `from touchline import desk` looks at desk, and `from touchline.work import worker` at worker.
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def strays(part: str, source: str, name: str = "<source>") -> list[str]:
    """What a source in `part` imports and may not, as `name:line module`."""
    inward, knows_django = PARTS[part]
    found = []
    for line, module in imports(source, name):
        top, _, rest = module.partition(".")
        if module.startswith("."):
            fine = False
        elif top in DJANGO:
            fine = knows_django
        elif top == "touchline":
            other = rest.partition(".")[0]
            # `import touchline` is for its version.
            fine = other in ("", part, *inward)
        else:
            fine = True
        if not fine:
            found.append(f"{name}:{line} {module}")
    return found


def test_imports_point_inward() -> None:
    found = [
        stray
        for file in files()
        for stray in strays(file.relative_to(HOUSE).parts[0], file.read_text(), str(file.relative_to(ROOT)))
    ]
    assert not found, "These look outward, or are not absolute:\n" + "\n".join(found)


def test_there_is_something_to_look_at() -> None:
    assert len(files()) > 20


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("core", "import django"),
        ("core", "from django.utils import timezone"),
        ("core", "from touchline.desk.models import Person"),
        ("core", "from touchline import desk"),
        ("channels", "import touchline.desk"),
        ("channels", "from touchline.work.environment import Sorry"),
        ("desk", "from touchline.web import access"),
        ("desk", "from touchline.work.environment import Sorry"),
        ("web", "from touchline.work import worker"),
        ("web", "from touchline.channels.email import send"),
        ("web", "from . import access"),
        ("core", "def late():\n    import touchline.desk"),
    ],
)
def test_a_stray_is_seen(part: str, line: str) -> None:
    assert strays(part, line)


@pytest.mark.parametrize(
    ("part", "line"),
    [("core", "import email"), ("desk", "from django.db import models"), ("work", "from touchline.desk import live")],
)
def test_what_is_allowed_is_no_stray(part: str, line: str) -> None:
    assert not strays(part, line)


def test_what_we_import_is_installed_for_those_who_run_us() -> None:
    pinned = {name.lower().replace("_", "-") for name in pins(ROOT / "requirements.lock")}
    provides = packages_distributions()
    tops = {module.partition(".")[0] for file in HOUSE.rglob("*.py") for _, module in imports(file.read_text(), str(file))}
    strangers = tops - set(sys.stdlib_module_names) - {"touchline"}
    assert strangers
    lacking = {top for top in strangers if not {name.lower().replace("_", "-") for name in provides.get(top, [])} & pinned}
    assert not lacking, "Add these to requirements.in and lock them."


def test_both_lock_files_pin_the_same_versions() -> None:
    ours, development = pins(ROOT / "requirements.lock"), pins(ROOT / "requirements-dev.lock")
    differing = {name: (version, development.get(name)) for name, version in ours.items() if development.get(name) != version}
    assert ours and not differing


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.read_text(), re.MULTILINE))
