"""Whatever comes in, it is kept, it is filed or set aside with a reason, and the database takes what was made of it."""

from datetime import datetime
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.cast import NORA
from touchline.desk.models import InboundEmail, Mailbox

OWN = sorted((Path(__file__).parents[1] / "mail").rglob("*.eml"))
ODD = st.sampled_from(
    [
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
        b"=00",
        b"=?utf-8?q?=00=ED=A0=80?=",
        b"\r",
        b"\n\n",
        b"A" * 400,
        b"&#0;",
        "\U0001f642".encode(),
    ]
)
NORAS = NORA.writes("I can’t sign in", "Good morning", cc="ilse@garden.example", attached={"screen.png": b"\x89PNG"})


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A mail in which a few places were overwritten with what should not be there."""
    raw = draw(st.sampled_from([NORAS, *(file.read_bytes()[:20_000] for file in OWN)]))
    for place in draw(st.lists(st.integers(0, max(0, len(raw) - 1)), max_size=4)):
        raw = raw[:place] + draw(ODD) + raw[place + draw(st.integers(0, 3)) :]
    return raw


@given(raw=st.one_of(st.binary(max_size=300), mangled()))
@example(
    raw=b"From: Nora\x00 <nora@bakery.example>\r\nSubject: =?utf-8?q?a=00b?=\r\nMessage-ID: <a\x00b@x>\r\n\r\nHi\x00 there \xed\xa0\x80"
)
@example(raw=b"From: %s@bakery.example\r\n\r\nHi" % (b"n" * 400))
@example(
    raw=b'From: "%s" <nora@bakery.example>\r\nMessage-ID: <%s@x>\r\nSubject: %s\r\n\r\nHi'
    % (b"N" * 5000, b"i" * 5000, b"s" * 5000)
)
@example(raw=b"From: nora@bakery.example\r\nContent-Type: %s; name=%s\r\n\r\nHi" % (b"x/" + b"y" * 900, b"z" * 900))
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_comes_in_has_its_place(support: Mailbox, at: datetime, raw: bytes) -> None:
    inbound = support.receive(raw, at=at, via="smtp")
    assert inbound.raw() == raw
    message = inbound.file(at)
    again = InboundEmail.objects.get(pk=inbound.pk)
    assert again.filed_at == at and again.due_at is None
    assert again.message == message
    assert message or again.trouble


def test_every_mail_we_know_has_its_place(support: Mailbox, at: datetime) -> None:
    for file in OWN:
        inbound = support.receive(file.read_bytes(), at=at, via="smtp")
        message = inbound.file(at)
        assert message or inbound.trouble, file.name
