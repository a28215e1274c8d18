"""What people went on to do is brought back to those who took part, and stays with the person."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.cast import ILSE, NORA, Writer, says, sent
from tests.web.helped import MINUTE, NOON, SetClock, helped, it_is, page, text
from touchline.core.signals.product_event import read
from touchline.desk.models import ApiToken, Mailbox, MilestoneSeen, Person, ProductEvent, ProductRule, Teammate
from touchline.work.chores import look_at_product_events

__all__ = ["it_is"]

DAY = timedelta(days=1)


@pytest.fixture
def token(kay: Teammate) -> ApiToken:
    ProductRule.say("shop.published", topic="", words="published her shop", within_days=60, by=kay, at=NOON - 30 * DAY)
    return ApiToken.make(name="The shop", events=["shop.published"], by=kay, at=NOON - 30 * DAY)[0]


def publishes(whom: Writer, token: ApiToken, *, days_ago: int = 1) -> ProductEvent:
    at = NOON - days_ago * DAY
    raw = (
        f'{{"event": "shop.published", "person": {{"email": "{whom.address}"}}, "at": "{at.isoformat()}", "key": "{whom.name}"}}'
    )
    event = ProductEvent.state(read(raw.encode(), at=NOON), token=token, at=NOON)
    look_at_product_events(NOON)
    return ProductEvent.objects.get(pk=event.pk)


@pytest.fixture
def nora_published(token: ApiToken, kay: Teammate, sam: Teammate, support: Mailbox) -> ProductEvent:
    """Sam asked, Kay moved it; eleven days later Nora published her shop."""
    then = NOON - 12 * DAY
    talk = says(support, NORA.writes("The DNS of my shop", "It does not resolve.", at=then), at=then).conversation
    sent(talk, "Which registrar?", by=sam, at=then + MINUTE)
    sent(talk, "It is set now.", by=kay, at=then + 2 * MINUTE, moved=True)
    return publishes(NORA, token)


def test_kay_reads_what_nora_did_after_she_and_sam_moved_her_blocker(
    as_kay: Client, nora_published: ProductEvent, it_is: SetClock
) -> None:
    it_is(NOON)
    said = text(page(as_kay))
    assert "Nora Adeyemi published her shop, 10 days after you and Sam moved “The DNS of my shop”." in said


def test_sam_reads_it_from_where_he_stands(as_sam: Client, nora_published: ProductEvent, it_is: SetClock) -> None:
    it_is(NOON)
    assert "after you and Kay moved" in text(page(as_sam))


def test_who_took_no_part_is_not_brought_it(
    as_sam: Client, token: ApiToken, kay: Teammate, support: Mailbox, it_is: SetClock
) -> None:
    helped(support, ILSE, by=kay, at=NOON - 3 * DAY)
    publishes(ILSE, token)
    it_is(NOON)
    assert "published her shop" not in text(page(as_sam))


def test_once_seen_it_is_put_away_for_one_and_stays_with_the_person(
    as_kay: Client, as_sam: Client, nora_published: ProductEvent, it_is: SetClock
) -> None:
    it_is(NOON)
    as_kay.post(f"/milestones/{nora_published.pk}/put-away/")
    as_kay.post(f"/milestones/{nora_published.pk}/put-away/")
    assert MilestoneSeen.objects.count() == 1
    assert "published her shop" not in text(page(as_kay))
    assert "published her shop" in text(page(as_sam))
    nora = Person.objects.get(addresses__email=NORA.address)
    assert "What they went on to do Nora Adeyemi published her shop" in text(page(as_kay, f"/people/{nora.pk}/"))
    as_kay.post(f"/milestones/{nora_published.pk}/put-away/", {"again": "1"})
    assert "published her shop" in text(page(as_kay))


def test_after_a_month_it_is_not_brought_back(as_kay: Client, nora_published: ProductEvent, it_is: SetClock) -> None:
    it_is(NOON + 29 * DAY)
    assert "published her shop" not in text(page(as_kay))


def test_what_shows_nothing_is_no_card(as_kay: Client, token: ApiToken, support: Mailbox, it_is: SetClock) -> None:
    says(support, ILSE.writes("A question", "How?", at=NOON - 3 * DAY), at=NOON - 3 * DAY)
    other = publishes(ILSE, token)
    it_is(NOON)
    assert "published" not in text(page(as_kay))
    assert as_kay.post(f"/milestones/{other.pk}/put-away/").status_code == 404
