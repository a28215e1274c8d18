"""The first five minutes: a link that no stranger can use."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from touchline.desk.models import Desk, LinkNotGood, Mailbox, Teammate

HOUR = timedelta(hours=1)


def set_up(desk: Desk, token: str, *, at: datetime, email: str = "kay@touchline.example") -> None:
    desk.set_up(
        token,
        desk_name="Ours",
        time_zone="Europe/Dublin",
        name="Kay",
        email=email,
        password="a pass of Kay",
        address="help@touchline.example",
        at=at,
    )


def test_there_is_one_desk(db: None) -> None:
    assert Desk.get() == Desk.get()
    assert Desk.objects.count() == 1


def test_only_the_hash_of_the_link_is_kept(desk: Desk, at: datetime) -> None:
    token = desk.new_link(at)
    assert token and len(token) >= 32
    desk.refresh_from_db()
    assert token not in desk.link_hash and len(desk.link_hash) == 64


def test_with_the_link_the_first_teammate_moves_in(desk: Desk, at: datetime) -> None:
    token = desk.new_link(at)
    assert token
    set_up(desk, token, at=at + 23 * HOUR)
    kay = Teammate.objects.get()
    assert kay.is_owner and kay.check_password("a pass of Kay")
    assert Mailbox.objects.get().address == "help@touchline.example"
    assert (Desk.get().name, Desk.get().time_zone) == ("Ours", "Europe/Dublin")


def test_a_link_is_good_for_a_day(desk: Desk, at: datetime) -> None:
    token = desk.new_link(at)
    assert token
    desk.check_link(token, at + 24 * HOUR - timedelta(seconds=1))
    with pytest.raises(LinkNotGood):
        set_up(desk, token, at=at + 24 * HOUR)
    assert not Teammate.objects.exists()


def test_a_new_link_ends_the_old_one(desk: Desk, at: datetime) -> None:
    old, new = desk.new_link(at), desk.new_link(at)
    assert old and new and old != new
    with pytest.raises(LinkNotGood):
        set_up(desk, old, at=at)
    set_up(desk, new, at=at)


def test_a_guess_is_no_link(desk: Desk, at: datetime) -> None:
    for guess in ("", "x", "0" * 32):
        with pytest.raises(LinkNotGood):
            set_up(desk, guess, at=at)
    desk.new_link(at)
    with pytest.raises(LinkNotGood):
        set_up(desk, "", at=at)


def test_a_link_is_used_once(desk: Desk, at: datetime) -> None:
    token = desk.new_link(at)
    assert token
    set_up(desk, token, at=at)
    with pytest.raises(LinkNotGood):
        set_up(desk, token, at=at, email="mallory@elsewhere.example")
    assert Teammate.objects.count() == 1


def test_once_someone_is_here_there_is_no_link(desk: Desk, at: datetime) -> None:
    token = desk.new_link(at)
    assert token
    kay = Teammate.join(name="Kay", email="kay@touchline.example", password="a pass of Kay", at=at)
    with pytest.raises(LinkNotGood):
        set_up(desk, token, at=at, email="mallory@elsewhere.example")
    assert desk.new_link(at) is None
    Teammate.objects.filter(pk=kay.pk).update(deactivated_at=at)  # nor when they have all left
    assert desk.new_link(at) is None


def test_where_the_setup_fails_nothing_is_half_done_and_the_link_still_good(desk: Desk, at: datetime) -> None:
    token = desk.new_link(at)
    assert token
    with pytest.raises(ValidationError):
        set_up(desk, token, at=at, email="no address")
    assert not Teammate.objects.exists() and not Mailbox.objects.exists()
    set_up(desk, token, at=at)
