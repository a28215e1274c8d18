"""The small elements in a real browser, on pages made for it: under the policy of the real ones, and with the real parts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jinja2
import pytest
from django.template import engines
from playwright.sync_api import Browser, Page, Route

from touchline.web import assets

pytestmark = pytest.mark.browser

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"
DESK = "http://desk.example"

HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Desk</title><link rel="stylesheet" href="/assets/x/app.css">
<meta name="htmx-config" content='{"allowEval":false,"includeIndicatorStyles":false}'><script src="/assets/x/htmx.js" defer></script>
<script src="/assets/x/app.js" type="module"></script></head><body class="desk" data-page="conversation"><main class="desk__main">"""
FOOT = """</main><p id="said" role="status"></p><hot-keys data-title="Keys on this page" data-close="Close"></hot-keys></body></html>"""

REPLY = """{% from "parts/reply_box.html" import reply_box %}
{{ reply_box("/write", '<input type="hidden" name="csrfmiddlewaretoken" value="t">'|safe, 3, 1, "",
   boxes=[{"kind": "reply", "key": "a", "words": words, "html": html, "kept": [], "error": "", "shown": true, "who": none, "passed": none, "resends": none, "beneath": none, "times": {"choices": [], "own": "", "unless": true}},
          {"kind": "note", "key": "b", "words": "", "html": "", "kept": [], "error": "", "shown": false, "who": none, "passed": none, "resends": none, "beneath": none, "times": {"choices": [], "own": "", "unless": true}}],
   save="/draft", upload="/upload", target="main") }}"""
ROWS = """{% from "parts/row.html" import row %}{% from "parts/button.html" import act %}
<row-list class="list" data-place="waiting" data-also-keys='{"J": "Next"}'><ul class="rows">
{{ row("/c/1", "Ilse", "2 h", "The invoice", id=1) }}{{ row("/c/2", "Nora", "48 min", "I can’t sign in", chosen=true, id=2) }}
{{ row("/c/3", "Tomás", "31 min", "The brake pads", id=3) }}</ul></row-list>
{{ act("It’s moved", "/moved", "", key="m") }}<label>Find <input name="q"></label><a href="/today" data-key="g t">Today</a>"""


class Desk:
    """What the page asks for is answered from here; what it posts is kept in `posted`."""

    def __init__(self) -> None:
        self.body = ""
        self.fragment = ""
        self.posted: list[tuple[str, dict[str, list[str]]]] = []
        self.away = False

    def show(self, source: str, **context: Any) -> None:
        real = engines["jinja2"].env
        env = real.overlay(loader=jinja2.ChoiceLoader([jinja2.DictLoader({"this.html": source}), real.loader]))
        self.body = env.get_template("this.html").render(context)

    def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/assets/"):
            asset = assets.all_assets()[Path(path).name]
            route.fulfill(body=asset.body, content_type=asset.content_type)
        elif path == "/live":
            route.fulfill(status=200, content_type="text/event-stream", body='data: {"topic": "list", "id": "0"}\n\n')
        elif path == "/fragment":
            route.fulfill(body=self.fragment, content_type="text/html")
        elif self.away:
            route.abort()
        elif path == "/upload":
            route.fulfill(json={"id": "7", "name": "prices.csv", "size": "2 KB"})
        elif route.request.method == "POST":
            self.posted.append((path, {**parse_qs(route.request.post_data or ""), "raw": [route.request.post_data or ""]}))
            route.fulfill(body="", headers={"HX-Push-Url": "false"})
        else:
            route.fulfill(body=HEAD + self.body + FOOT, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    def posts_to(self, path: str) -> list[dict[str, list[str]]]:
        return [fields for where, fields in self.posted if where == path]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def page(browser: Browser, desk: Desk) -> Iterator[Page]:
    """A page on which any error of a script, and any breach of the policy, fails the test."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    wrong: list[str] = []
    # A cross-fade that a second page cuts short is reported by the browser as an error; it is none of ours.
    page.on("pageerror", lambda error: wrong.append(str(error)) if "Transition was" not in str(error) else None)
    page.on("console", lambda line: wrong.append(line.text) if "Security Policy" in line.text else None)
    page.route("**/*", desk.answer)
    yield page
    page.context.close()
    assert wrong == []


def words_of(page: Page) -> str:
    return page.eval_on_selector("textarea", "area => area.value")


def sent_to(page: Page, desk: Desk, path: str) -> str:
    """The first body posted there, as it came; the policy forbids Playwright to wait inside the page."""
    for _ in range(50):
        if desk.posts_to(path):
            return desk.posts_to(path)[0]["raw"][0]
        page.wait_for_timeout(20)
    raise AssertionError(f"nothing was sent to {path}")


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


def test_kay_writes_with_markdown_habits_and_sends_with_the_keyboard_alone(page, desk):
    desk.show(REPLY, words="Good morning Nora,\n\nthe codes", html="")
    page.goto(DESK)
    page.keyboard.press("r")
    page.wait_for_selector(".ProseMirror")
    page.keyboard.type(" went to your **old** phone.")
    page.keyboard.press("Enter")
    page.keyboard.type("- ask for a new one")
    assert words_of(page) == (
        "<p>Good morning Nora,</p><p>the codes went to your <strong>old</strong> phone.</p><ul><li><p>ask for a new one</p></li></ul>"
    )
    page.keyboard.press("Control+Shift+Enter")
    sent = sent_to(page, desk, "/write")
    assert 'name="then"\r\n\r\nmoved' in sent
    assert 'name="words_are"\r\n\r\nhtml' in sent
    assert 'name="seen"\r\n\r\n3' in sent


def test_a_draft_with_its_looks_comes_back_in_the_editor(page, desk):
    desk.show(REPLY, words="an old phone", html="<p>an <strong>old</strong> phone</p>")
    page.goto(DESK)
    page.wait_for_selector(".ProseMirror strong")
    assert words_of(page) == "<p>an <strong>old</strong> phone</p>"


def test_a_note_says_so_and_has_one_button_to_keep_it(page, desk):
    desk.show(REPLY, words="", html="")
    page.goto(DESK)
    page.keyboard.press("n")
    page.wait_for_selector(".ProseMirror:focus")
    assert page.is_visible("text=Only the team sees a note.")
    assert not page.is_visible("text=Send, blocker moved")
    page.keyboard.type("Her codes go to the old number.")
    page.keyboard.press("Control+Enter")
    assert 'name="then"\r\n\r\nnote' in sent_to(page, desk, "/write")


def test_a_draft_keeps_itself_a_second_after_the_last_key(page, desk):
    desk.show(REPLY, words="", html="")
    page.goto(DESK)
    page.keyboard.press("r")
    page.wait_for_selector(".ProseMirror:focus")
    page.keyboard.type("If it doesn’t arrive")
    page.wait_for_selector("text=Kept")
    assert desk.posts_to("/draft")[-1]["words"] == ["<p>If it doesn’t arrive</p>"]


def test_no_word_is_lost_while_the_desk_cannot_be_reached(page, desk):
    desk.show(REPLY, words="", html="")
    page.goto(DESK)
    desk.away = True
    page.keyboard.press("r")
    page.wait_for_selector(".ProseMirror:focus")
    page.keyboard.type("Ask for a new code")
    page.wait_for_selector("text=Kept on this computer")
    page.goto("about:blank")
    desk.away = False
    page.goto(DESK)
    page.wait_for_selector(".ProseMirror >> text=Ask for a new code")
    page.wait_for_selector("kept-draft >> text=Kept")
    assert desk.posts_to("/draft")[-1]["words"] == ["<p>Ask for a new code</p>"]


def test_a_file_goes_ahead_is_listed_and_can_be_taken_away(page, desk):
    desk.show(REPLY, words="", html="")
    page.goto(DESK)
    page.set_input_files("[type=file]", {"name": "prices.csv", "mimeType": "text/csv", "buffer": b"1,2"})
    page.wait_for_selector(".attachment >> text=2 KB")
    assert page.eval_on_selector("[name=upload]", "field => field.value") == "7"
    page.click("[aria-label='Remove: prices.csv']")
    assert page.query_selector("[name=upload]") is None


def test_a_file_that_cannot_be_added_is_said_to_be_missing(page, desk):
    desk.show(REPLY, words="", html="")
    page.goto(DESK)
    desk.away = True
    page.set_input_files("[type=file]", {"name": "prices.csv", "mimeType": "text/csv", "buffer": b"1,2"})
    page.wait_for_selector(".attachment--failed >> text=could not be added")
    assert page.query_selector("[name=upload]") is None


def test_a_link_never_runs_a_script(page, desk):
    desk.show(REPLY, words="here", html="")
    page.goto(DESK)
    page.keyboard.press("r")
    page.wait_for_selector(".ProseMirror:focus")
    page.keyboard.press("Control+a")
    for typed in ("javascript:alert(1)", "lantern.example"):
        page.click("[data-tool=link]")
        page.fill(".editor__link input", typed)
        page.keyboard.press("Enter")
        assert "javascript:" not in words_of(page)
    assert 'href="https://lantern.example"' in words_of(page)


def test_j_and_k_go_along_the_list_and_escape_comes_back_to_it(page, desk):
    desk.show(ROWS)
    page.goto(DESK)
    page.keyboard.press("j")
    assert focused(page) == "Tomás"
    page.keyboard.press("k")
    page.keyboard.press("k")
    assert focused(page) == "Ilse"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    assert focused(page) == "Nora"


def test_a_key_presses_its_button_but_not_while_typing_nor_with_a_modifier(page, desk):
    desk.show(ROWS)
    page.goto(DESK)
    page.focus("[name=q]")
    page.keyboard.type("mm")
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+m")
    page.wait_for_timeout(100)
    assert desk.posts_to("/moved") == []
    page.keyboard.press("m")
    page.wait_for_url("**/moved")
    assert len(desk.posts_to("/moved")) == 1


def test_escape_shuts_what_is_open_and_goes_nowhere(page, desk):
    desk.show(
        '{% from "parts/menu.html" import menu %}<a href="/waiting" data-key="Escape">Back</a><button popovertarget="who">Who</button>'
        '<div id="who" popover>Nora</div>{% call menu("More") %}<button class="menu__item">This is spam</button>{% endcall %}'
    )
    page.goto(DESK)
    page.click("text=Who")
    page.keyboard.press("Escape")
    assert not page.is_visible("#who")
    page.click("text=More")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert not page.is_visible("text=This is spam")
    assert focused(page) == "More"
    page.click("text=More")
    page.mouse.click(900, 700)
    assert not page.is_visible("text=This is spam")
    assert page.url == DESK + "/"
    page.keyboard.press("Escape")
    page.wait_for_url("**/waiting")


def test_single_letters_can_be_switched_off(page, desk):
    desk.show(ROWS)
    page.goto(DESK)
    page.eval_on_selector("hot-keys", "keys => (keys.dataset.off = '')")
    for key in ("m", "j", "?"):
        page.keyboard.press(key)
    page.wait_for_timeout(100)
    assert desk.posts_to("/moved") == []
    assert page.query_selector("dialog") is None
    assert page.evaluate("document.activeElement === document.body")


def test_two_keys_after_each_other_go_to_a_place(page, desk):
    desk.show(ROWS)
    page.goto(DESK)
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/today")


def test_the_sheet_of_keys_is_made_from_the_page(page, desk):
    desk.show(ROWS)
    page.goto(DESK)
    page.keyboard.press("?")
    lines = page.eval_on_selector_all("dialog .keys__line", "lines => lines.map((line) => line.textContent.trim())")
    assert lines == ["It’s movedM", "TodayG T", "NextJ"]
    page.keyboard.press("Escape")
    assert page.query_selector("dialog") is None


def test_the_theme_is_kept_for_the_server_to_write_into_the_page(page, desk):
    desk.show(
        '<theme-switch data-label="Light or dark" data-system="As my device" data-light="Light" data-dark="Dark"></theme-switch>'
    )
    page.goto(DESK)
    page.select_option("theme-switch select", "dark")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    assert "theme=dark" in page.evaluate("document.cookie")
    page.select_option("theme-switch select", "system")
    assert "theme" not in page.evaluate("document.cookie")


def test_what_changed_is_offered_at_the_edge_without_reloading(page, desk):
    desk.fragment = '<a href="/waiting">One more is waiting</a>'
    desk.show(
        '<live-part data-on="list" data-fragment="/fragment" role="status" hidden></live-part><live-stream data-src="/live"></live-stream>'
    )
    page.goto(DESK)
    page.wait_for_selector("live-part >> text=One more is waiting")
    desk.fragment = ""
    page.evaluate("document.dispatchEvent(new CustomEvent('live', { detail: { topic: 'list', id: '0' } }))")
    page.wait_for_selector("live-part", state="hidden")


def test_a_page_that_was_hidden_looks_for_what_it_missed_once_it_hears_again(page, desk):
    desk.show('<live-stream data-src="/live"></live-stream>')
    page.goto(DESK)
    page.wait_for_timeout(200)  # it has heard what there is to hear
    page.evaluate("document.addEventListener('live', (event) => (document.title += ` ${event.detail.topic}`))")
    page.eval_on_selector("live-stream", "stream => { stream.close(); stream.open(true) }")
    page.wait_for_timeout(200)
    assert page.title() == "Desk * list"


def test_a_page_that_cannot_hear_asks_every_thirty_seconds(page, desk):
    desk.show('<live-stream data-src="/nothing"></live-stream>')
    page.clock.install()
    page.goto(DESK)
    page.evaluate("document.addEventListener('live', (event) => (document.title += ` ${event.detail.topic}`))")
    page.wait_for_timeout(200)
    page.clock.run_for(31_000)
    assert page.title() == "Desk *"


def test_the_offer_to_undo_goes_quietly_but_never_from_under_the_hand(page, desk):
    desk.show('{% from "parts/toast.html" import toast %}{{ toast("Sent to Nora.", "", undo="/undo", seconds=1) }}')
    page.goto(DESK)
    assert page.inner_text("#said") == "Sent to Nora."
    page.focus("undo-toast button")
    page.wait_for_timeout(1600)
    assert page.is_visible("undo-toast button")
    page.evaluate("document.activeElement.blur()")
    page.wait_for_selector("undo-toast", state="detached", timeout=3000)


def test_times_stay_true_while_the_page_is_open(page, desk):
    desk.show('<near-time data-now="now" data-minutes="# min" data-hours="# h"></near-time><time data-near></time>')
    page.goto(DESK)
    for seconds, words in ((10, "now"), (12 * 60 + 5, "12 min"), (3 * 3600 + 5, "3 h"), (13 * 3600, "as it was")):
        page.eval_on_selector(
            "time",
            f"time => {{ time.dateTime = new Date(Date.now() - {seconds * 1000}).toISOString(); time.textContent = 'as it was' }}",
        )
        page.eval_on_selector("near-time", "near => near.tell()")
        assert page.inner_text("time") == words
