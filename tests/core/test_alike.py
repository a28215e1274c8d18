"""Two mails of the same thing are known by their words, and two of different things are not, in six languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.alike import measured, strangers
from tests.core.alike_pairs import PAIRS
from touchline.core.alike import ALIKE, Usual, alike, words
from touchline.core.mail.public_mail import PUBLIC_DOMAINS, organization_of


def test_what_is_proposed_is_right_and_most_of_what_is_back_is_proposed() -> None:
    usual = Usual({text for pair in PAIRS for text in (pair.first, pair.second)})
    right, wrong, missed, among = measured(ALIKE, usual, strangers())
    assert (len(PAIRS), len({pair.language for pair in PAIRS})) == (60, 6)
    assert (wrong, among) == (0, 0)
    assert right >= 28
    assert missed <= 2


def test_the_very_words_that_both_have_are_given() -> None:
    said = alike("My invoices are printed with the wrong VAT.", "INVOICES of this week: the wrong VAT, printed in colour.").words
    assert set(said) >= {"INVOICES", "printed", "wrong"}
    assert alike("ラベルが白紙になります", "また白紙のラベルが出ます").words[0] in ("ラベルが", "白紙", "ラベル")


def test_forms_of_a_word_are_one_and_marks_do_not_matter() -> None:
    assert alike("Etiketten", "Versandetiketten").share > 0.5
    assert alike("réinitialisation", "reinitialisation").share == 1
    assert alike("invoice", "voyage").share == 0


def test_what_every_mail_says_weighs_little() -> None:
    greeting = "Good morning dear team of the shop"
    usual = Usual([f"{greeting} {thing}" for thing in ("printer", "calendar", "invoice", "newsletter", "password", "export")])
    assert alike(f"{greeting} printer", f"{greeting} calendar", usual).share < ALIKE
    assert alike(f"{greeting} printer", f"{greeting} printers", usual).share > ALIKE


@pytest.mark.parametrize(("one", "other"), [("", ""), ("", "password"), ("?!", "..."), ("a b c", "a b c")])
def test_nothing_said_is_like_nothing(one: str, other: str) -> None:
    assert alike(one, other) == (0.0, ())


@given(st.text(max_size=300), st.text(max_size=300))
def test_it_is_a_share_and_the_same_either_way_round(one: str, other: str) -> None:
    found = alike(one, other)
    assert 0 <= found.share <= 1 + 1e-9
    assert found.share == pytest.approx(alike(other, one).share)
    assert alike(one, one).share == pytest.approx(1 if list(words(one)) else 0)


def test_people_of_one_domain_are_of_one_organization_and_of_a_public_one_of_none() -> None:
    assert organization_of("Nora@Bakery.example") == "bakery.example"
    assert organization_of("nora@gmail.com") == organization_of("nora@GMX.de.") == ""
    assert organization_of("nora@localhost") == organization_of("nora") == ""
    assert len(PUBLIC_DOMAINS) > 200
    assert all(domain == domain.lower() and "." in domain for domain in PUBLIC_DOMAINS)
