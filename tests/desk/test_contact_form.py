"""A contact form at work by itself: what is sent at once from two places, and where a page may be."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from tests.cast import AT
from touchline.core.mail.email import Correspondent
from touchline.core.mail.form_mail import Written
from touchline.desk.models import ContactForm, InboundEmail, Mailbox, TooMuch
from touchline.desk.models.contact_form import origin_of


def at_once(many: int, form: ContactForm, *, words: str) -> list[object]:
    def take(number: int) -> object:
        try:
            return form.take(Written(Correspondent("", "ilse@garden.example"), words % number), at=AT, network="192.0.2.7").pk
        except TooMuch as trouble:
            return trouble
        finally:
            connections.close_all()

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(take, [n if "%d" in words else () for n in range(many)]))


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_time_are_one_mail():
    form = ContactForm.of(Mailbox.open(address="support@touchline.example", name="Support", at=AT))
    form.open(AT)
    kept = at_once(4, form, words="It is so.")
    assert len(set(kept)) == 1
    assert InboundEmail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_flood_at_the_same_time_is_held_to_the_same_count(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(ContactForm.MOST_LATELY, "writer", 3)
    form = ContactForm.of(Mailbox.open(address="support@touchline.example", name="Support", at=AT))
    form.open(AT)
    assert sum(isinstance(each, TooMuch) for each in at_once(6, form, words="It is so, %d.")) == 3
    assert InboundEmail.objects.count() == 3


@pytest.mark.parametrize(
    ("page", "origin"),
    [
        ("https://shop.example.org", "https://shop.example.org"),
        ("https://Shop.example.org/help?x=1#y", "https://shop.example.org"),
        ("shop.example.org:8443/help", "https://shop.example.org:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://*.example.org", "https://*.example.org"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_a_page_is_known_by_its_origin(page: str, origin: str):
    assert origin_of(page) == origin


@pytest.mark.parametrize(
    "page",
    [
        "",
        "javascript:alert(1)",
        "*",
        "https://",
        "https://a b",
        "https://a;script-src *",
        "'self'",
        "data:x",
        "ftp://a.example",
        "https://a:99999",
    ],
)
def test_what_is_no_page_is_refused(page: str):
    with pytest.raises(ValidationError):
        origin_of(page)
