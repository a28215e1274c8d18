"""Who a mail is from and to, as people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.mail.addresses import address_of, correspondents_of, first_of


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("Nora Quinn <nora@lantern.example>", "Nora Quinn", "nora@lantern.example"),
        ("nora@lantern.example (Nora Quinn)", "Nora Quinn", "nora@lantern.example"),
        ('"Quinn, Nora" <Nora@Lantern.Example>', "Quinn, Nora", "nora@lantern.example"),
        ("Quinn, Nora <nora@lantern.example>", "Quinn, Nora", "nora@lantern.example"),
        ("Nora<nora@lantern.example>", "Nora", "nora@lantern.example"),
        ("Nora <> nora@lantern.example", "Nora", "nora@lantern.example"),
        ("nora @ lantern.example", "", "nora@lantern.example"),
        ("<nora@lantern.example.>", "", "nora@lantern.example"),
        ("<mailto:nora@lantern.example>", "", "nora@lantern.example"),
        ("<@relay.example:nora@lantern.example>", "", "nora@lantern.example"),
        ("Pete(chap) <pete(his account)@silly.example(his host)>", "Pete", "pete@silly.example"),
        ("=?utf-8?Q?J=C3=BCrgen_M=C3=BCller=2C_GmbH?= <jm@lantern.example>", "Jürgen Müller, GmbH", "jm@lantern.example"),
        ("=?utf-8?Q?Nora_=3Cnora=40lantern.example=3E?=", "Nora", "nora@lantern.example"),
        ("Ilse <ilse@xn--bcher-kva.example>", "Ilse", "ilse@bücher.example"),
        ("Tomás <tomás@lantern.example>", "Tomás", "tomás@lantern.example"),
        ('"a b"@lantern.example', "", '"a b"@lantern.example'),
        ("Nora <nora@[192.0.2.1]>", "Nora", "nora@[192.0.2.1]"),
        ("'nora@lantern.example' <nora@lantern.example>", "", "nora@lantern.example"),
        ("not an address at all", "not an address at all", ""),
    ],
)
def test_a_sender_is_read(written, name, address):
    found = first_of([written])
    assert (found.name, found.address) == (name, address)


def test_everyone_in_a_list_is_found():
    written = (
        "Team: nora@lantern.example, Ilse <ilse@lantern.example>; , Quinn, Tom <tom@lantern.example>; undisclosed-recipients:;"
    )
    assert [one.address for one in correspondents_of([written])] == [
        "nora@lantern.example",
        "ilse@lantern.example",
        "tom@lantern.example",
    ]


def test_semicolons_part_addresses_as_commas_do():
    assert [one.address for one in correspondents_of(["a@x.example; b@x.example"])] == ["a@x.example", "b@x.example"]


def test_the_first_usable_one_of_two_writes():
    assert first_of(["Nora <nora>, Ilse <ilse@lantern.example>"]).address == "ilse@lantern.example"


@given(st.text(max_size=200))
def test_an_address_has_one_form(text):
    address = address_of(text)
    assert address == address.lower()
    assert address_of(address) == address


@given(st.text(max_size=300))
def test_any_text_can_stand_in_an_address_header(text):
    for one in correspondents_of([text]):
        assert "@" in one.address
        assert not any(ord(letter) < 32 for letter in one.name + one.address)
