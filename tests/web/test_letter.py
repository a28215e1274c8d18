"""One's own letter, before it is written, and whether it comes by mail."""

from datetime import timedelta

from django.test import Client

from tests.cast import NORA
from tests.web.helped import HOUR, NOON, SetClock, helped, it_is, page, text
from touchline.desk.models import Mailbox, Teammate

__all__ = ["it_is"]


def test_this_week_so_far_and_the_one_before(
    as_kay: Client, as_sam: Client, kay: Teammate, support: Mailbox, it_is: SetClock
) -> None:
    helped(support, NORA, by=kay, at=NOON - HOUR)
    it_is(NOON)
    assert "You took part in helping 1 person this week." in text(page(as_kay, "/settings/me/letter/"))
    assert "There is nothing to tell yet." in text(page(as_sam, "/settings/me/letter/"))
    assert "There is nothing to tell yet." in text(page(as_kay, "/settings/me/letter/?week=2026-02-23"))


def test_only_a_monday_that_was(as_kay: Client, it_is: SetClock) -> None:
    it_is(NOON)
    for week in ("2026-03-03", "2026-03-09", "soon", "0001-01-01"):
        assert as_kay.get("/settings/me/letter/", {"week": week}).status_code == 404


def test_kay_wants_none(as_kay: Client, kay: Teammate, it_is: SetClock) -> None:
    it_is(NOON + timedelta(days=1))
    as_kay.post("/settings/me/", {"name": kay.name, "email": kay.email, "theme": "", "single_keys": "on"})
    kay.refresh_from_db()
    assert (kay.wants_letter, kay.single_keys) == (False, True)
    as_kay.post("/settings/me/", {"name": kay.name, "email": kay.email, "theme": "", "wants_letter": "on"})
    kay.refresh_from_db()
    assert (kay.wants_letter, kay.single_keys) == (True, False)
