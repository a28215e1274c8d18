"""A page or one block of it, and a person's words as they are shown."""

import jinja2
import pytest
from django.http import HttpResponse
from django.template import engines
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from touchline.web import page
from touchline.web.jinja import excerpt, initials, size, tint, words

TEMPLATES = {
    "base.html": "<h1>{% block title %}Desk{% endblock %}</h1>{% block talk %}{% endblock %}{% block foot %}Below {{ at }}{% endblock %}",
    "greet.html": "{% macro greet(name) %}Hello {{ name }}.{% endmacro %}",
    "talk.html": '{% extends "base.html" %}{% from "greet.html" import greet %}{% set who = "Nora" %}'
    "{% block talk %}{{ greet(who) }} {{ words }}{% endblock %}{% block foot %}{{ super() }}, Kay{% endblock %}",
}


@pytest.fixture(autouse=True)
def templates(monkeypatch):
    env = engines["jinja2"].env
    monkeypatch.setattr(env, "loader", jinja2.DictLoader(TEMPLATES))
    monkeypatch.setattr(env, "cache", {})


def shown(block=None, method="GET", **context) -> HttpResponse:
    request = RequestFactory().generic(method, "/talk")
    request.at = "noon"
    return page.render(request, "talk.html", block=block, **{"words": "It works.", **context})


def test_a_page_is_shown_whole():
    assert shown().content.decode() == "<h1>Desk</h1>Hello Nora. It works.Below noon, Kay"


def test_a_block_is_shown_alone_with_what_the_page_imports_and_sets():
    assert shown("talk").content.decode() == "Hello Nora. It works."


def test_a_block_that_is_inherited_or_builds_on_one_is_shown_alone_too():
    assert shown("title").content.decode() == "Desk"
    assert shown("foot").content.decode() == "Below noon, Kay"


def test_what_is_shown_is_escaped_in_a_block_as_in_the_page():
    assert "<b>" not in shown("talk", words="<b>now</b>").content.decode()


def test_a_block_that_is_not_there_is_named():
    with pytest.raises(page.NoSuchBlock, match=r"talk\.html has no block tlak; it has foot, talk, title"):
        shown("tlak")


def test_a_name_that_nobody_gave_is_an_error_and_not_an_empty_place():
    with pytest.raises(jinja2.UndefinedError):
        page.render(RequestFactory().get("/"), "talk.html", block="talk")


def test_the_address_of_an_action_is_no_page_to_come_back_to():
    assert shown("talk", "POST")["HX-Push-Url"] == "false"
    assert "HX-Push-Url" not in shown("talk")


def test_words_are_paragraphs_with_their_line_ends_and_links_that_can_be_followed():
    assert words("Hello,\nI wrote.\r\n\r\n\nSee https://lantern.example/a?b=1&c=2 now") == (
        '<p dir="auto">Hello,<br>I wrote.</p><p dir="auto">See '
        '<a href="https://lantern.example/a?b=1&amp;c=2" rel="noopener noreferrer nofollow" target="_blank">'
        "https://lantern.example/a?b=1&amp;c=2</a> now</p>"
    )


@given(st.text(alphabet=st.sampled_from("ab<>\"&'\n :/.=()javscriptonhemgk@"), max_size=60))
def test_whatever_people_write_only_paragraphs_breaks_and_safe_links_come_out(text):
    tree = LexborHTMLParser(f"<div id='box'>{words(text)}</div>").css_first("#box")
    for node in tree.css("*"):
        assert node.tag in {"div", "p", "br", "a"}
        if node.tag == "a":
            assert set(node.attributes) <= {"href", "rel", "target"}
            assert node.attributes["href"].split(":")[0] in {"http", "https", "mailto"}


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_a_person_always_has_the_same_one_of_twelve_tints(person_id):
    assert tint(person_id) == tint(person_id)
    assert tint(person_id) in {f"tint-{number}" for number in range(1, 13)}


def test_an_excerpt_is_one_line():
    assert excerpt("Where is\n\n the box   with the brake pads?", 20) == "Where is the box wi…"


@pytest.mark.parametrize(
    ("name", "letters"), [("Nora Adeyemi", "NA"), ("Tomás", "T"), ("ilse.brandt@lantern.example", "IE"), ("", "?"), ("  ", "?")]
)
def test_a_face_has_the_first_letters_of_its_name(name, letters):
    assert initials(name) == letters


@pytest.mark.parametrize(("count", "said"), [(1, "1 byte"), (640, "640 bytes"), (640_000, "640 KB"), (2_400_000, "2.4 MB")])
def test_a_size_is_said_for_people(count, said):
    assert size(count) == said
