"""What a browser needs beside the page: joined, stamped with what it holds, and kept for a year."""

import gzip
import re
from pathlib import Path

import pytest
from django.http import Http404
from django.test import RequestFactory

from touchline.web import assets

WEB = Path(assets.__file__).parent


def ask(name: str, digest: str = "", **headers: str):
    digest = digest or assets.all_assets()[name].digest
    return assets.asset(RequestFactory().get("/", headers=headers), digest, name)


def test_the_styles_are_one_file_with_every_import_filled_in_its_layer():
    css = assets.all_assets()["app.css"].body.decode()
    assert "@import" not in css
    for part in WEB.glob("static/css/parts/*.css"):
        assert f"@layer parts {{\n{part.read_text()}}}" in css, f"{part.name} is missing from app.css"
    assert css.index("@layer tokens, base, parts, pages, helpers;") < css.index("@layer tokens {")


def test_every_asset_that_a_style_points_at_is_there_under_its_digest():
    css = assets.all_assets()["app.css"].body.decode()
    pointed = re.findall(r'url\("\.\./(\w+)/([\w.-]+)"\)', css)
    assert ("atkinson-hyperlegible-next.woff2") in [name for _digest, name in pointed]
    assert all(assets.all_assets()[name].digest == digest for digest, name in pointed)


def test_a_style_that_points_nowhere_is_refused(tmp_path):
    (tmp_path / "app.css").write_text('@import url("a.css") layer(base);\n')
    (tmp_path / "a.css").write_text('p { background: url("../img/none.png") }')
    with pytest.raises(assets.NoSuchAsset, match=r"none\.png"):
        assets.joined_styles(tmp_path / "app.css", {})


def test_the_small_elements_are_one_module_whose_names_do_not_meet(tmp_path):
    (tmp_path / "one.js").write_text("const a = 1;\n")
    (tmp_path / "two.js").write_text("const a = 2;\n")
    assert assets.joined_scripts(tmp_path) == "// one.js\n{\nconst a = 1;\n}\n// two.js\n{\nconst a = 2;\n}\n"


def test_every_element_that_a_template_uses_is_defined_once_and_every_one_defined_is_used():
    defined = re.findall(r'customElements\.define\("([\w-]+)"', assets.all_assets()["app.js"].body.decode())
    templates = "".join(path.read_text() for path in WEB.glob("templates/**/*.html"))
    used = set(re.findall(r"<([a-z]+-[a-z]+)\b", templates))
    assert sorted(defined) == sorted(used)


def test_an_asset_may_be_kept_for_a_year_under_the_address_of_what_it_holds():
    answer = ask("app.css")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer.content == assets.all_assets()["app.css"].body


def test_a_page_from_before_an_upgrade_gets_todays_asset_and_asks_again():
    answer = ask("app.js", digest="000000000000")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-cache"


def test_a_browser_that_takes_gzip_gets_it_and_one_that_has_it_gets_nothing():
    packed = ask("app.js", **{"Accept-Encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert packed["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.content) == assets.all_assets()["app.js"].body
    again = ask("app.js", **{"If-None-Match": packed["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_not_an_asset_is_not_found():
    with pytest.raises(Http404):
        ask("tokens.css", digest="000000000000")
    with pytest.raises(assets.NoSuchAsset, match=r"There is no asset called nothing\.js"):
        assets.asset_url("nothing.js")


def test_the_first_page_needs_little():
    """What every page fetches, packed, is under 80 KB; the editor is no part of it."""
    every = assets.all_assets()
    first = [every[name] for name in ("app.css", "app.js", "htmx.js", "atkinson-hyperlegible-next.woff2")]
    assert sum(len(each.packed or each.body) for each in first) < 80_000
    assert "editor.js" in every


def test_nothing_asks_for_a_source_map():
    assert all(b"sourceMappingURL" not in each.body for each in assets.all_assets().values())


def test_no_template_has_a_style_or_a_script_in_it():
    for template in WEB.glob("templates/**/*.html"):
        html = template.read_text()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*src=)", html), template.name
