"""`touchline keys`: a key is replaced while the desk is stopped, and nothing that was locked or signed is lost."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.house import SUPPORT, House
from touchline.core.mail.belonging import conversation_of, sign_message_id
from touchline.desk.keys import signing_keys

PASSWORDS = ("hunter2-comes-in", "hunter3-goes-out")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a mailbox whose server is not there, to be copied."""
    house = House(tmp_path_factory.mktemp("house") / "data")
    house.command("migrate")
    for way, password in zip(("imap", "smtp"), PASSWORDS, strict=True):
        house.command(
            *("mailbox", "add", SUPPORT, f"--{way}-host", "127.0.0.1", f"--{way}-port", "9", f"--{way}-security", "none"),
            *(f"--{way}-username", "support", f"--{way}-password-file", "-"),
            told=f"{password}\n".encode(),
        )
    return house.data


@pytest.fixture
def house(tmp_path: Path, prepared: Path) -> House:
    """Set up, and not running."""
    return House(Path(shutil.copytree(prepared, tmp_path / "data")))


def at_rest(house: House) -> list[str]:
    with closing(sqlite3.connect(house.data / "touchline.sqlite3")) as database:
        return list(database.execute("select imap_password, smtp_password from desk_mailbox").fetchone())


def keys_of(house: House) -> list[str]:
    return (house.data / "secret.key").read_text().split()


def test_a_new_key_locks_everything_and_the_old_one_may_go(house: House) -> None:
    before, old = at_rest(house), keys_of(house)
    assert "Secrets that are locked with the new key now: 2." in house.command("keys", "rotate")
    assert keys_of(house)[1:] == old
    assert (house.data / "secret.key").stat().st_mode & 0o777 == 0o600
    assert not set(before) & set(at_rest(house))
    (house.data / "secret.key").write_text(keys_of(house)[0])
    assert "Secrets that they open: 2." in house.command("keys", "list")


def test_ids_that_were_signed_before_are_still_ours(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "SECRET_KEY", keys_of(house)[0])
    signed = sign_message_id(7, unique="1", domain="touchline.example", key=signing_keys()[0])
    house.command("keys", "rotate")
    first, *others = keys_of(house)
    monkeypatch.setattr(settings, "SECRET_KEY", first)
    monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", others)
    assert conversation_of(signed, keys=signing_keys()) == 7


def test_a_key_that_is_set_is_replaced_by_setting_another(house: House) -> None:
    old, new = keys_of(house)[0], "n" * 50
    (house.data / "old.keys").write_text(f"{old}\n")
    house.told = {"TOUCHLINE_SECRET_KEY": new, "TOUCHLINE_OLD_SECRET_KEYS_FILE": str(house.data / "old.keys")}
    assert "Secrets that are locked with the key that you set now: 2." in house.command("keys", "rotate")
    house.told = {"TOUCHLINE_SECRET_KEY": new}
    assert "Secrets that they open: 2." in house.command("keys", "list")


def test_a_lost_key_is_said_with_what_to_do(house: House) -> None:
    house.told = {"TOUCHLINE_SECRET_KEY": "n" * 50}
    said = house.command("keys", "rotate", code=1)
    assert f"The imap password of {SUPPORT} cannot be opened" in said
    assert "TOUCHLINE_OLD_SECRET_KEYS" in said
    assert f"  NOT  The imap password of {SUPPORT} cannot be opened" in house.command("check", code=1)
    house.told = {}
    assert "Secrets that they open: 2." in house.command("keys", "list"), "nothing was made worse"


def test_a_desk_that_is_running_is_not_left_with_a_key_it_does_not_know(house: House) -> None:
    house.start()
    try:
        before = keys_of(house)
        house.command("keys", "rotate", code=1)
        assert keys_of(house) == before
    finally:
        house.stop()


def test_no_secret_is_anywhere_in_the_clear(house: House) -> None:
    house.start()  # it fetches, and the server is not there
    said = [house.command("check", "--json", code=1), house.command("check", SUPPORT, code=1), house.command("mailbox", "list")]
    said.append(house.output())
    house.stop()
    said += [house.command("keys", "rotate"), house.command("keys", "list")]
    for password in (*PASSWORDS, *keys_of(house)):
        assert all(password not in each for each in said)
        for file in house.data.rglob("*"):
            if file.is_file() and file.name != "secret.key":
                assert password.encode() not in file.read_bytes(), file
