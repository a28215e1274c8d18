"""A stranger's HTML can be shown without running, loading, covering or deceiving anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.mail.safe_html import html_as_text, safe_html, safe_words

HARM = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '<a href="javascript:alert(1)">x</a>', "<svg/onload=alert(1)>", "<iframe src=//x></iframe>", "<object data=x></object>", "<form action=x><input></form>",
        "<base href=//x>", "<meta http-equiv=refresh content=0>", "<link rel=stylesheet href=//x>", "<math><mtext><script>x</script></mtext></math>", '<p style="position:fixed;top:0">x</p>',
        '<p style="background:url(//x)">x</p>', '<p style="width:expression(alert(1))">x</p>', '<p style="b\\61ckground:u\\72l(//x)">x</p>', "<style>@import '//x'</style>", "<template><script>x</script></template>",
        "<noscript><p title='</noscript><script>x</script>'>", "<video src=//x></video>", '<a href="&#106;avascript:x">y</a>', "<textarea></textarea><script>x</script>", "<!--><script>x</script>-->",
        '<img srcset="//x 1x">', '<td background="//x">', '<a href="data:text/html,x">x</a>', "<button formaction=x>x</button>", '<div onclick="x" id="y" class="z" name="w">x</div>']  # fmt: skip


@pytest.mark.parametrize("harm", HARM)
def test_nothing_harmful_is_left(harm):
    shown = safe_html(f"<p>Words</p>{harm}").html.lower()
    assert "words" in shown
    for trace in ("<script", "onerror", "onload", "onclick", "javascript:", "<svg", "<iframe", "<object", "<form", "<input", "<base", "<meta", "<link", "position", "url(", "expression", "@import",
                  "srcset", "background=", "data:", "formaction", 'id="', 'class="', 'name="', "<video", "//x"):  # fmt: skip
        assert trace not in shown


@given(
    st.lists(
        st.sampled_from(
            [
                *HARM,
                "<",
                ">",
                '"',
                "'",
                "<p>",
                "</p>",
                "<b",
                "=",
                "<!--",
                "-->",
                "<![CDATA[",
                "\x00",
                "&lt;script&gt;",
                "<table>",
                "</td>",
            ]
        )
        | st.text(max_size=5),
        max_size=20,
    )
)
def test_nothing_harmful_is_left_in_any_order(pieces):
    shown = safe_html("".join(pieces), remote=True).html.lower()
    assert "<script" not in shown and "<iframe" not in shown and "<svg" not in shown
    assert safe_html(shown, remote=True).html.lower().count("<img") <= shown.count("<img")


def test_looks_are_kept():
    page = '<table border="1"><tr><td style="color:red;font-size:12px" align="left"><b>It</b> is <a href="https://lantern.example/x">here</a></td></tr></table>'
    shown = safe_html(page).html
    assert 'style="color:red;font-size:12px"' in shown and 'href="https://lantern.example/x"' in shown
    assert 'target="_blank"' in shown and 'rel="noopener noreferrer nofollow"' in shown


def test_images_of_the_mail_are_shown_and_those_from_elsewhere_wait():
    page = '<img src="cid:Lamp@x"><img src="cid:unknown"><img src="https://shop.example/a.png" alt="a > b"><img src="//shop.example/b.png"><img src="https://spy.example/p.gif" width="1" height="1">'
    shown = safe_html(page, images={"lamp@x": "/files/17"})
    assert '<img src="/files/17">' in shown.html and "shop.example" not in shown.html and "spy.example" not in shown.html
    assert shown.remote == 2
    loaded = safe_html(page, images={"lamp@x": "/files/17"}, remote=True)
    assert "https://shop.example/a.png" in loaded.html and "spy.example" not in loaded.html and loaded.remote == 0


def test_a_link_that_lies_is_found_out():
    shown = safe_html(
        '<a href="https://evil.example/x">https://www.bank.example/login</a> <a href="https://www.bank.example/">bank.example</a>'
    ).html
    assert "</a> [evil.example]" in shown and shown.count("[") == 1


@pytest.mark.parametrize(
    "page",
    ["<blockquote>" * 20_000 + "x", "<b><i>" * 60_000, "<div" * 150_000, "<" * 500_000, "".join(f"<font size={i}>" for i in range(300)) + "<p>x" * 60_000, "&nbsp;" * 200_000, "\u200c\u00a0" * 150_000,
     "<img " * 30_000 + ">", "<p style='" + "color:red;" * 50_000 + "'>x"],
    ids=["quotes", "formatting", "torn-tags", "angles", "fonts", "padding", "more-padding", "images", "style"],
)  # fmt: skip
def test_hostile_html_is_made_safe_in_bounded_time(page, within):
    with within(seconds_per_megabyte=4, at_least=2.5):
        safe_html(page)
        html_as_text(page)


def test_of_our_editors_words_what_it_can_write_is_kept():
    page = '<h1>Hi</h1><p>a <strong>b</strong> <s>c</s><br></p><ul><li><p>d</p></li></ul><blockquote><p>e</p></blockquote><pre><code>f</code></pre><hr><p><a href="https://x.example">g</a></p>'
    kept = safe_words(page)
    for tag in (
        "<h1>",
        "<strong>",
        "<s>",
        "<br>",
        "<ul>",
        "<li>",
        "<blockquote>",
        "<pre><code>",
        "<hr>",
        'href="https://x.example"',
    ):
        assert tag in kept


def test_of_our_editors_images_only_files_of_ours_are_kept():
    page = '<img src="/files/a-1.png"><img src="cid:one"><img src="/files/../x"><img src="//x/y"><img src="https://x.example/y"><img src="data:image/png;base64,x"><div style="x" onclick="y">z</div>'
    assert safe_words(page, images={"one": "/files/9"}) == '<img src="/files/a-1.png"><img src="/files/9">z'


def test_html_becomes_text_that_can_be_read():
    page = (
        "<html><head><title>t</title><style>p{}</style></head><body><p>Hello&nbsp;<b>Nora</b>,</p><p>two<br>lines</p><ul><li>one</li><li>two <a href='https://x.example/a'>words</a></li></ul>"
        "<blockquote>quoted<blockquote>twice</blockquote></blockquote><pre>a\n  b</pre><div style='display:none'>hidden</div><a href='mailto:kay@desk.example'>kay@desk.example</a></body></html>"
    )
    assert (
        html_as_text(page)
        == "Hello Nora,\n\ntwo\nlines\n\n- one\n- two words <https://x.example/a>\n\n> quoted\n>\n>> twice\n\na\n  b\n\nkay@desk.example"
    )


@given(st.text(max_size=300))
def test_any_text_is_some_html(text):
    html_as_text(text)
    safe_html(text)
    safe_words(text)


def test_of_our_files_only_those_that_may_stand_there_do() -> None:
    html = '<p><img src="/files/7"><img src="/files/8"><img src="/files/7?inline"><img src="cid:one"></p>'
    assert safe_words(html, pictures={"/files/7"}) == '<p><img src="/files/7"></p>'
    assert safe_words(html, pictures=()) == "<p></p>"


@pytest.mark.parametrize("address", ["/settings/", "//evil.example/", "settings", "#top", "?x=1", " /settings/"])
def test_no_link_of_a_stranger_leads_to_a_page_of_ours(address):
    assert "href" not in safe_html(f'<a href="{address}">look</a>').html
    assert "href" not in safe_words(f'<a href="{address}">look</a>')


@pytest.mark.parametrize("address", ["https://honey.example/x", "mailto:nora@honey.example", "tel:+353123"])
def test_links_that_lead_out_are_kept(address):
    assert f'href="{address}"' in safe_html(f'<a href="{address}">look</a>').html
