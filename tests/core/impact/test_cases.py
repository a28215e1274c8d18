"""The worked cases that come with IMPACT.md: a ledger and its account each."""

import json
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from touchline.core.impact.events import in_utc
from touchline.core.impact.ledger import read, write
from touchline.core.impact.report import report

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("name", ["golden", "edges"])
def test_a_worked_case_gives_its_account(name):
    expected = json.loads((CASES / f"{name}.json").read_text())
    with (CASES / f"{name}.jsonl").open("rb") as lines:
        events = read(lines)
    account = report(
        events,
        from_=date.fromisoformat(expected["from"]),
        to=date.fromisoformat(expected["to"]),
        as_of=in_utc(expected["as_of"]),
        tz=ZoneInfo(expected["tz"]),
    )
    assert list(account) == list(expected)
    same(account, expected)


@pytest.mark.parametrize("name", ["golden", "edges"])
def test_a_worked_case_can_be_written_and_read_again(name):
    with (CASES / f"{name}.jsonl").open("rb") as lines:
        events = read(lines)
    assert read([write(event) for event in events]) == events


def same(account, expected, where="account"):
    """Equal in every figure to 1e-9, and in everything else exactly."""
    assert type(account) is type(expected), where
    if isinstance(expected, dict):
        assert account.keys() == expected.keys(), where
        for key, value in expected.items():
            same(account[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(account) == len(expected), where
        for place, (a, b) in enumerate(zip(account, expected, strict=True)):
            same(a, b, f"{where}[{place}]")
    elif isinstance(expected, float):
        assert account == pytest.approx(expected, rel=0, abs=1e-9), where
    else:
        assert account == expected, where
