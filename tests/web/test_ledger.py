"""The ledger's page: for those who look after the desk, and nobody else."""

import gzip
from datetime import timedelta

from django.test import Client

from tests.cast import AT, NORA, TOMAS
from tests.web.helped import helped, it_works, page, text
from touchline.core.impact.ledger import read
from touchline.desk.models import Mailbox, OutcomeEvent, Teammate


def downloaded(client: Client, asked: str = "") -> list[bytes]:
    answer = client.get(f"/settings/ledger/download/{asked}")
    assert answer.status_code == 200
    return gzip.decompress(b"".join(answer.streaming_content)).splitlines()  # type: ignore[attr-defined]


def test_it_is_taken_along_whole(as_kay: Client, kay: Teammate, support: Mailbox) -> None:
    it_works(helped(support, NORA, by=kay, at=AT), NORA, "It works.", by=kay, at=AT + timedelta(days=1))
    assert "since 2 March 2026" in text(page(as_kay, "/settings/ledger/"))
    lines = downloaded(as_kay)
    recorded = [row.as_value() for row in OutcomeEvent.objects.order_by("order")]
    assert [(event.id, event.kind, event.at) for event in read(lines)] == [(event.id, event.kind, event.at) for event in recorded]
    assert b"Nora" not in b"".join(lines) and b"@" not in b"".join(lines)


def test_some_days_of_it(as_kay: Client, kay: Teammate, support: Mailbox) -> None:
    helped(support, NORA, by=kay, at=AT)
    helped(support, TOMAS, by=kay, at=AT + timedelta(days=60))
    assert len(downloaded(as_kay)) == 2 * len(downloaded(as_kay, "?from=2026-03-01&to=2026-04-01")) == 6
    assert as_kay.get("/settings/ledger/download/?from=soon").status_code == 404
    assert as_kay.get("/settings/ledger/download/?from=2026-04-01&to=2026-03-01").status_code == 404


def test_an_empty_ledger_says_so(as_kay: Client) -> None:
    assert "Nothing is in it yet." in text(page(as_kay, "/settings/ledger/"))


def test_nobody_else_finds_it(as_sam: Client, client: Client) -> None:
    for address in ("/settings/ledger/", "/settings/ledger/download/"):
        assert as_sam.get(address).status_code == 404
        assert client.get(address)["Location"].startswith("/sign-in/")
