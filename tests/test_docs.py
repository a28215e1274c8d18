"""What is written for those who run the desk says what is so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from touchline.__main__ import COMMANDS
from touchline.core.impact.events import Kind
from touchline.work.environment import SETTINGS, Setting

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented_as_it_is(setting: Setting) -> None:
    default = f"`{setting.default}`" if setting.default else ""
    assert f"| `{setting.name}` | {default} | {setting.means} |" in (ROOT / "docs/settings.md").read_text()


def test_no_page_speaks_of_a_setting_that_is_not() -> None:
    known = {name for setting in SETTINGS for name in (setting.name, setting.name + "_FILE" if setting.secret else setting.name)}
    spoken = {(page.name, name) for page in PAGES for name in re.findall(r"\bTOUCHLINE_[A-Z_]+", page.read_text())}
    assert {found for found in spoken if found[1] not in known} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_as_it_is(name: str) -> None:
    assert f"| `{name}` | {COMMANDS[name].help} |" in (ROOT / "docs/install.md").read_text()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_needs_no_database_for_it(name: str, tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TOUCHLINE_DATA": str(tmp_path / "none")}
    done = subprocess.run(
        [sys.executable, "-m", "touchline", name, "--help"], capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() and not done.stderr


def test_every_kind_of_event_is_documented() -> None:
    page = (ROOT / "IMPACT.md").read_text()
    assert list(Kind)
    assert [kind for kind in Kind if f"| `{kind.value}` |" not in page] == []


def test_every_link_between_pages_leads_somewhere() -> None:
    links = [
        (page, target)
        for page in PAGES
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
        if "://" not in target
    ]
    assert [f"{page.name}: {target}" for page, target in links if not (page.parent / target).exists()] == []
