"""A product states what people went on to do: kept once, the same answer for everyone, and seen within the spells of whom it is about."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import ILSE, NORA, Writer, says
from tests.web.helped import HOUR, NOON, SetClock, helped, it_is, page, text
from touchline.core.impact.events import Kind
from touchline.desk.models import (
    ApiToken,
    Blocker,
    Conversation,
    Desk,
    ExternalId,
    Mailbox,
    OutcomeEvent,
    Person,
    ProductEvent,
    ProductRule,
    Spell,
    Teammate,
)
from touchline.work.chores import look_at_product_events

__all__ = ["it_is"]

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def nothing_was_counted_yet() -> None:
    cache.clear()


@pytest.fixture
def shop(kay: Teammate) -> tuple[ApiToken, str]:
    return ApiToken.make(name="The shop", events=["shop.published", "order.came"], by=kay, at=NOON - 30 * DAY)


@pytest.fixture
def published(kay: Teammate) -> ProductRule:
    return ProductRule.say("shop.published", topic="", words="published her shop", within_days=30, by=kay, at=NOON - 30 * DAY)


class Product:
    """The product's own program, as it posts."""

    def __init__(self, token: str) -> None:
        self.token = token

    def states(
        self, *, whom: Writer = NORA, at: datetime = NOON, key: str = "1", event: str = "shop.published", **more: Any
    ) -> Any:
        told = {"event": event, "person": {"email": whom.address}, "at": at.isoformat(), "key": key, **more}
        return self.posts(json.dumps(told))

    def posts(self, raw: str) -> Any:
        return Client().post(
            "/api/signals/product-event", raw, content_type="application/json", headers={"Authorization": f"Bearer {self.token}"}
        )


@pytest.fixture
def product(shop: tuple[ApiToken, str], it_is: SetClock) -> Product:
    it_is(NOON)
    return Product(shop[1])


def observed() -> list[tuple[str, datetime]]:
    return list(OutcomeEvent.objects.filter(kind=Kind.OBSERVED).values_list("event", "at"))


def test_nora_publishes_her_shop_after_kay_moved_what_was_in_her_way(
    product: Product, published: ProductRule, kay: Teammate, support: Mailbox
) -> None:
    helped(support, NORA, by=kay, at=NOON - 2 * DAY)
    answer = product.states(at=NOON - HOUR)
    assert (answer.status_code, answer.json()) == (202, {"kept": "1"})
    assert not observed()  # whom it is about is looked up afterwards
    assert look_at_product_events(NOON) == 1
    assert observed() == [("shop.published", NOON - HOUR)]
    assert Spell.objects.get().observed_at == NOON - HOUR
    kept = ProductEvent.objects.get()
    assert (kept.blocker, kept.words, kept.email) == (Blocker.objects.get(), "published her shop", "")


def test_the_same_again_changes_nothing(product: Product, published: ProductRule, kay: Teammate, support: Mailbox) -> None:
    helped(support, NORA, by=kay, at=NOON - 2 * DAY)
    first, second = product.states(), product.states()
    assert first.content == second.content
    look_at_product_events(NOON)
    assert product.states().status_code == 202
    look_at_product_events(NOON + HOUR)
    assert len(observed()) == ProductEvent.objects.count() == 1


def test_a_key_that_came_with_something_else_is_told(product: Product) -> None:
    product.states()
    answer = product.states(whom=ILSE)
    assert (answer.status_code, answer.json()["field"]) == (409, "key")
    assert ProductEvent.objects.count() == 1


def test_the_answer_never_tells_whether_we_know_them(
    product: Product, published: ProductRule, kay: Teammate, support: Mailbox
) -> None:
    helped(support, NORA, by=kay, at=NOON - DAY)
    product.states(key="warm")
    known, unknown = product.states(key="same"), product.states(whom=ILSE, key="other")
    assert (known.status_code, known.json().keys()) == (unknown.status_code, unknown.json().keys())
    asked = []
    for whom, key in ((NORA, "a"), (ILSE, "b")):
        with CaptureQueriesContext(connection) as queries:
            product.states(whom=whom, key=key)
        asked.append([query["sql"].split()[0] for query in queries])
    assert asked[0] == asked[1]  # the same work is done for either
    assert all("desk_address" not in query["sql"] for query in queries)


def test_a_token_states_only_what_it_names(product: Product) -> None:
    answer = product.states(event="account.closed")
    assert (answer.status_code, answer.json()) == (
        403,
        {"error": "This token may not state account.closed.", "field": "event"},
    )
    assert not ProductEvent.objects.exists()


def test_no_token_a_wrong_one_and_a_revoked_one(product: Product, shop: tuple[ApiToken, str]) -> None:
    for words in ("", "tl_wrong", shop[0].digest):
        answer = Product(words).states()
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    shop[0].revoke(at=NOON)
    assert product.states().status_code == 401
    assert not ProductEvent.objects.exists()


def test_who_guesses_tokens_is_made_to_wait(product: Product) -> None:
    tried = [Product(f"tl_{guess}").states().status_code for guess in range(31)]
    assert tried == [401] * 30 + [429]
    assert product.states().status_code == 202  # who has a good one does not wait for those who guess


def test_a_flood_is_told_to_come_again(product: Product, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "api": "2/m/key"}
    answers = [product.states(key=str(number)) for number in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[-1]["Retry-After"] == "60"


def test_what_cannot_be_read_is_said_in_a_sentence(product: Product) -> None:
    answer = product.states(at=NOON + HOUR)
    assert (answer.status_code, answer.json()) == (422, {"error": "`at` is in the future. Is the clock right?", "field": "at"})
    assert product.posts("{").status_code == 422
    assert product.posts(" " * 20_000).status_code == 413
    assert Client().get("/api/signals/product-event").status_code == 405


def test_an_event_before_it_was_moved_or_after_it_came_back_shows_nothing(
    product: Product, published: ProductRule, kay: Teammate, support: Mailbox
) -> None:
    reply = helped(support, NORA, by=kay, at=NOON - 3 * DAY)
    back = says(support, NORA.writes("Re: it", "It is back", answers=reply, at=NOON - DAY), at=NOON - DAY)
    reply.conversation.it_is_back(back, by=kay, at=NOON - DAY)
    for number, at in enumerate((NOON - 4 * DAY, NOON - HOUR)):
        product.states(at=at, key=str(number))
    look_at_product_events(NOON)
    assert not observed()
    product.states(at=NOON - 2 * DAY, key="within")
    look_at_product_events(NOON)
    assert observed() == [("shop.published", NOON - 2 * DAY)]


def test_a_rule_made_later_looks_at_what_came_before(
    product: Product, as_kay: Client, kay: Teammate, support: Mailbox, desk: Desk
) -> None:
    helped(support, NORA, by=kay, at=NOON - 2 * DAY)
    product.states(event="order.came", at=NOON - HOUR)
    look_at_product_events(NOON)
    assert not observed()
    said = text(page(as_kay, "/settings/what-they-do/"))
    assert "Came, and no rule says what it shows order.came 1 in 90 days" in said
    told = {"event": "order.came", "topic": "", "words": "got the first order", "within_days": "30"}
    assert as_kay.post("/settings/what-they-do/say/", told).status_code == 302
    look_at_product_events(NOON)
    assert observed() == [("order.came", NOON - HOUR)]
    said = text(page(as_kay, "/settings/what-they-do/"))
    assert "no rule says" not in said
    assert "order.came · “got the first order” Whatever it was about · within 30 days" in said


def test_a_topics_own_rule(product: Product, kay: Teammate, support: Mailbox) -> None:
    ProductRule.say("shop.published", topic="dns", words="published her shop", within_days=30, by=kay, at=NOON - 30 * DAY)
    helped(support, NORA, by=kay, at=NOON - 2 * DAY)
    product.states()
    look_at_product_events(NOON)
    assert not observed()
    Blocker.objects.update(topic="dns")
    ProductEvent.objects.all().look_again(NOON)
    look_at_product_events(NOON)
    assert len(observed()) == 1


def test_she_writes_from_an_address_we_did_not_know_and_is_joined(
    product: Product, published: ProductRule, kay: Teammate, support: Mailbox
) -> None:
    helped(support, NORA, by=kay, at=NOON - 2 * DAY)
    at_home = Writer("Nora Adeyemi", "nora@home.example")
    product.states(whom=at_home, at=NOON - HOUR)
    look_at_product_events(NOON)
    assert ProductEvent.objects.get().person is None
    says(support, at_home.writes("Another thing", "The till is stuck.", at=NOON + HOUR), at=NOON + HOUR)
    look_at_product_events(NOON + HOUR)
    record = Person.objects.get(addresses__email=at_home.address)
    assert ProductEvent.objects.get().person == record
    assert not observed()  # nothing of this record was moved
    OutcomeEvent.join(record, Person.objects.get(addresses__email=NORA.address), by=kay, at=NOON + 2 * HOUR)
    look_at_product_events(NOON + 2 * HOUR)
    assert observed() == [("shop.published", NOON - HOUR)]


def test_by_what_the_product_calls_her(product: Product, published: ProductRule, kay: Teammate, support: Mailbox) -> None:
    helped(support, NORA, by=kay, at=NOON - 2 * DAY)
    product.states(key="early", at=NOON - 2 * HOUR, person={"external_id": "n-17"})
    look_at_product_events(NOON)
    assert not observed()
    product.states(key="both", at=NOON - HOUR, person={"external_id": "n-17", "email": NORA.address})
    look_at_product_events(NOON)
    look_at_product_events(NOON)
    assert ExternalId.objects.get().value == "n-17"
    assert sorted(at for _event, at in observed()) == [NOON - 2 * HOUR, NOON - HOUR]


def test_of_whom_we_never_heard_we_keep_no_address(product: Product, kay: Teammate) -> None:
    product.states(whom=ILSE)
    ProductEvent.forget_the_unknown(NOON + 89 * DAY)
    assert ProductEvent.objects.get().email == ILSE.address
    ProductEvent.forget_the_unknown(NOON + 90 * DAY)
    assert ProductEvent.objects.get().email == ""


def test_a_token_is_shown_once_and_kept_as_a_hash(as_kay: Client, kay: Teammate, it_is: SetClock) -> None:
    it_is(NOON)
    answer = as_kay.post("/settings/what-they-do/tokens/", {"name": "The shop", "events": "shop.published, order.came"})
    words = answer.content.decode().partition("<code>")[2].partition("</code>")[0]
    token = ApiToken.objects.get()
    assert words.startswith("tl_")
    assert token.events == ["order.came", "shop.published"]
    assert ApiToken.known(words, at=NOON) == token
    assert words not in page(as_kay, "/settings/what-they-do/")
    assert not ApiToken.objects.filter(digest__contains=words).exists()
    as_kay.post(f"/settings/what-they-do/tokens/{token.pk}/revoke/")
    assert ApiToken.known(words, at=NOON) is None


def test_a_rule_is_put_away_and_brought_back(as_kay: Client, published: ProductRule) -> None:
    as_kay.post(f"/settings/what-they-do/{published.pk}/put-away/")
    assert not ProductRule.objects.standing().exists()
    as_kay.post(f"/settings/what-they-do/{published.pk}/put-away/", {"again": "1"})
    assert ProductRule.objects.standing().exists()


def test_an_event_that_is_no_name_is_told(as_kay: Client, kay: Teammate) -> None:
    answer = as_kay.post("/settings/what-they-do/say/", {"event": "Shop!", "words": "went on", "within_days": "30"})
    assert answer.status_code == 422
    assert "is no name of an event" in answer.content.decode()


def test_it_is_for_who_looks_after_the_desk(as_sam: Client) -> None:
    assert as_sam.get("/settings/what-they-do/").status_code == 404


def test_the_conversation_stays_where_it_is(product: Product, published: ProductRule, kay: Teammate, support: Mailbox) -> None:
    helped(support, NORA, by=kay, at=NOON - 2 * DAY)
    before = Conversation.objects.values().get()
    product.states()
    look_at_product_events(NOON)
    assert Conversation.objects.values().get() == before
