"""Every channel keeps the contract: what it asks, what it promises, and that its troubles are sentences."""

from typing import Any

import pytest

from tests.servers import free_port
from touchline.channels import CHANNELS, Channel, NotNow, Reply, WrongSetting

every_channel = pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS.keys())
both_ways = pytest.mark.parametrize("way", ["in", "out"])


def told(channel: Channel, way: str) -> dict[str, Any]:
    """What a hasty administrator would tell: every ask answered, and nobody at the other end."""
    answers: dict[str, Any] = {ask.name: ask.default or "something" for ask in channel.asks if ask.way == way}
    return answers | {"host": "127.0.0.1", "port": free_port(), "password": "a-quiet-harbour"}


def a_sentence(words: str) -> bool:
    return (
        (words[0].isupper() or words.startswith("127.0.0.1"))
        and words.endswith((".", "?"))
        and "\n" not in words
        and "a-quiet-harbour" not in words
    )


@every_channel
def test_its_kind_is_its_line(channel: Channel) -> None:
    assert CHANNELS[channel.kind] is channel
    assert len(channel.kind) <= 20


@every_channel
@both_ways
def test_it_asks_each_thing_once_and_in_words(channel: Channel, way: str) -> None:
    asks = [ask for ask in channel.asks if ask.way == way]
    assert len({ask.name for ask in asks}) == len(asks) > 0
    for ask in asks:
        assert ask.words
        assert (ask.kind == "choice") == bool(ask.choices)
        assert not ask.choices or ask.default in dict(ask.choices)


@every_channel
@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"From: Nora <nora@lantern.example>\r\n\r\nHello\r\n"])
def test_the_same_bytes_always_give_the_same_email(channel: Channel, raw: bytes) -> None:
    assert channel.understand(raw) == channel.understand(raw)


@every_channel
def test_nothing_told_is_a_setting_to_change(channel: Channel) -> None:
    with pytest.raises(WrongSetting) as trouble:
        list(channel.fetch({}, since=""))
    assert str(trouble.value) == "No mail server is set up here yet."
    with pytest.raises(WrongSetting):
        channel.send({}, Reply(envelope_from="", recipients=("nora@lantern.example",), raw=b""))
    for way in ("in", "out"):
        assert [step.worked for step in channel.check({}, way=way)] == [False]


@every_channel
def test_nobody_at_the_other_end_is_a_sentence(channel: Channel) -> None:
    with pytest.raises(NotNow) as trouble:
        list(channel.fetch(told(channel, "in"), since=""))
    assert a_sentence(str(trouble.value))
    with pytest.raises(NotNow) as trouble:
        channel.send(told(channel, "out"), Reply(envelope_from="", recipients=("nora@lantern.example",), raw=b""))
    assert a_sentence(str(trouble.value))


@every_channel
@both_ways
def test_a_check_ends_with_the_first_step_that_does_not_work(channel: Channel, way: Any) -> None:
    steps = list(channel.check(told(channel, way), way=way))
    assert [step.worked for step in steps] == [True] * (len(steps) - 1) + [False]
    assert all(a_sentence(step.words) for step in steps)
