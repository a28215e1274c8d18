"""`touchline teammate`: who works here, said at a terminal."""

import io
import sys

import pytest

from touchline.desk.models import Desk, Teammate
from touchline.work import teammate_command
from touchline.work.environment import Sorry


def told(*words: str, piped: str = "", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(piped))
    assert teammate_command.main(list(words)) == 0


def refused(*words: str, piped: str = "", monkeypatch: pytest.MonkeyPatch) -> str:
    with pytest.raises(Sorry) as sorry:
        told(*words, piped=piped, monkeypatch=monkeypatch)
    assert sorry.value.exit_code == 2
    return str(sorry.value)


def test_a_teammate_comes_with_the_password_that_is_piped_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    told("add", "Sam@Touchline.example", "--name", "Sam", piped="the tide is out\n", monkeypatch=monkeypatch)
    sam = Teammate.objects.here().get()
    assert (sam.email, sam.name, sam.is_owner) == ("sam@touchline.example", "Sam", False)
    assert sam.check_password("the tide is out")


def test_without_one_a_password_is_made_and_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told("add", "sam@touchline.example", "--name", "Sam", "--owner", monkeypatch=monkeypatch)
    said = capsys.readouterr().out
    password = said.partition("Their password is ")[2].partition(" ")[0]
    sam = Teammate.objects.here().get()
    assert sam.is_owner
    assert sam.check_password(password)


def test_nobody_is_added_twice_whatever_the_capitals(kay: Teammate, monkeypatch: pytest.MonkeyPatch) -> None:
    said = refused("add", "KAY@touchline.example", "--name", "Kay", monkeypatch=monkeypatch)
    assert said == "KAY@touchline.example is a teammate already."


def test_a_weak_password_is_refused_and_nobody_is_added(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    said = refused("add", "sam@touchline.example", "--name", "Sam", piped="password\n", monkeypatch=monkeypatch)
    assert said.endswith("Nothing was changed.")
    assert not Teammate.objects.here().exists()


def test_no_address_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "valid email address" in refused(
        "add", "sam at touchline", "--name", "Sam", piped="the tide is out\n", monkeypatch=monkeypatch
    )
    assert not Teammate.objects.here().exists()


def test_a_forgotten_password_is_set_anew(kay: Teammate, monkeypatch: pytest.MonkeyPatch) -> None:
    told("password", "Kay@touchline.example", piped="the tide is out\n", monkeypatch=monkeypatch)
    kay.refresh_from_db()
    assert kay.check_password("the tide is out")


def test_a_teammate_leaves_and_their_name_stays(kay: Teammate, sam: Teammate, monkeypatch: pytest.MonkeyPatch) -> None:
    told("deactivate", sam.email, monkeypatch=monkeypatch)
    sam.refresh_from_db()
    assert (sam.is_active, sam.name) == (False, "Sam Okoro")


def test_the_only_owner_cannot_leave(kay: Teammate, sam: Teammate, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Kay Doyle is the only owner." in refused("deactivate", kay.email, monkeypatch=monkeypatch)
    kay.refresh_from_db()
    assert kay.is_active


def test_all_are_listed_with_who_left(
    kay: Teammate, sam: Teammate, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told("deactivate", sam.email, monkeypatch=monkeypatch)
    capsys.readouterr()
    told("list", monkeypatch=monkeypatch)
    assert capsys.readouterr().out.splitlines() == [
        "Kay Doyle  kay@touchline.example  owner",
        "Sam Okoro  sam@touchline.example  teammate  (left)",
    ]


def test_someone_who_is_not_here_is_said_to_be_unknown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "There is no teammate nora@bakery.example." in refused("password", "nora@bakery.example", monkeypatch=monkeypatch)
