"""Other addresses of a mailbox, on its page and by the command line."""

import pytest
from django.test import Client

from tests.cast import SUPPORT
from touchline.desk.models import Alias, Mailbox
from touchline.work.environment import Sorry
from touchline.work.mailbox_command import main


def test_an_owner_adds_an_address_and_takes_it_away(support: Mailbox, as_kay: Client) -> None:
    page = f"/settings/mailboxes/{support.pk}/"
    assert as_kay.post(f"{page}addresses/", {"address": "Hello@Touchline.example"})["Location"] == page
    alias = Alias.objects.get()
    assert alias.address == "hello@touchline.example"
    assert "hello@touchline.example" in as_kay.get(page).content.decode()
    as_kay.post(f"{page}addresses/{alias.pk}/remove/")
    assert not Alias.objects.exists()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("hello", "We couldn’t read this address"),
        ("", "Please fill this in."),
        (SUPPORT.upper(), "This is the address of a mailbox."),
        ("hello@touchline.example", "This is another address of a mailbox already."),
    ],
)
def test_what_cannot_be_one_is_said(support: Mailbox, as_kay: Client, address: str, words: str) -> None:
    Alias.add(support, "hello@touchline.example")
    response = as_kay.post(f"/settings/mailboxes/{support.pk}/addresses/", {"address": address})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Alias.objects.count() == 1


def test_only_owners_change_it_and_only_the_mailboxs_own(support: Mailbox, as_kay: Client, as_sam: Client) -> None:
    alias = Alias.add(support, "hello@touchline.example")
    page = f"/settings/mailboxes/{support.pk}/"
    assert as_sam.post(f"{page}addresses/", {"address": "x@touchline.example"}).status_code == 404
    assert as_sam.post(f"{page}addresses/{alias.pk}/remove/").status_code == 404
    assert as_kay.post(f"{page}addresses/1/remove/").status_code == 404
    seen = as_sam.get(page).content.decode()
    assert alias.address in seen and "addresses/" not in seen
    assert Alias.objects.get() == alias


def test_the_command_adds_them_once(
    support: Mailbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("touchline.work.database.ready", lambda: None)
    for _ in range(2):
        main(["add", SUPPORT, "--alias", "hello@touchline.example", "--alias", "hilfe@touchline.example"])
    assert sorted(map(str, support.aliases.all())) == ["hello@touchline.example", "hilfe@touchline.example"]
    with pytest.raises(Sorry, match="Nothing was changed"):
        main(["add", SUPPORT, "--name", "Changed", "--alias", "no address"])
    support.refresh_from_db()
    assert support.name == "Touchline support"
