"""`touchline impact`: what it prints, and what it says when it cannot."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cast import sent
from touchline.work.environment import Sorry
from touchline.work.impact_command import main

CASES = Path(__file__).parents[1] / "core" / "impact" / "cases"
EDGES = ["--events", str(CASES / "edges.jsonl"), "--from", "2026-03-22", "--to", "2026-04-12", "--tz", "America/New_York"]
AS_OF = ["--as-of", "2026-04-22T06:00:00Z"]
MARCH = ["--from", "2026-03-01", "--to", "2026-04-01"]
APRIL = ["--from", "2026-04-01", "--to", "2026-05-01"]


def account(capsys, *argv):
    assert main([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["golden", "edges"])
def test_a_worked_case_is_printed_from_its_file(capsys, name):
    expected = json.loads((CASES / f"{name}.json").read_text())
    told = [f"--{option.replace('_', '-')}={expected[option]}" for option in ("from", "to", "as_of", "tz")]
    printed = account(capsys, "--events", str(CASES / f"{name}.jsonl"), *told)
    assert list(printed) == list(expected)
    for part in ("from", "to", "as_of", "tz", "people_helped", "came_back", "by_day", "took_part"):
        assert printed[part] == expected[part]
    for part in ("held_curve", "check_ins"):
        for figure, value in flat(expected[part]):
            assert dict(flat(printed[part]))[figure] == pytest.approx(value, abs=1e-9)


def flat(said, name=""):
    if isinstance(said, dict):
        return [pair for key, value in said.items() for pair in flat(value, f"{name}.{key}")]
    return [(name, said)]


def test_from_a_file_everyone_is_named_so_that_anyone_can_check(capsys):
    assert set(account(capsys, *EDGES, *AS_OF, "--teammate", "kay")["took_part"]) == {"kay", "mo", "ravi", "sam"}


@pytest.fixture
def nora_was_helped(nora_cannot_sign_in, kay, sam, at):
    """Late on the last evening of March in New York, which is April in Dublin. Sam asked, and Kay moved it."""
    late = datetime(2026, 4, 1, 1, tzinfo=UTC)
    sent(nora_cannot_sign_in, "Which tablet is it?", by=sam, at=at)
    sent(nora_cannot_sign_in, "Try again now.", by=kay, at=late, moved=True)


def test_from_the_desk_only_the_teammate_who_is_named(capsys, nora_was_helped, kay, sam):
    assert "took_part" not in account(capsys, *APRIL)
    assert account(capsys, *APRIL, "--teammate", "Sam@Touchline.example")["took_part"] == {str(sam.pk): 1}
    assert account(capsys, *APRIL, "--teammate", kay.email)["took_part"] == {str(kay.pk): 1}
    assert main([*APRIL, "--teammate", kay.email]) == 0
    assert "  kay@touchline.example had a hand in helping one person\n" in capsys.readouterr().out
    with pytest.raises(Sorry, match=r"No teammate has the address 'nora@bakery.example'"):
        main([*APRIL, "--teammate", "nora@bakery.example"])


def test_the_desk_has_days_of_its_own(capsys, nora_was_helped):
    assert account(capsys, *APRIL)["tz"] == "Europe/Dublin"
    assert account(capsys, *APRIL)["people_helped"]["total"] == 1
    assert account(capsys, *MARCH)["people_helped"]["total"] == 0
    assert account(capsys, *MARCH, "--tz", "America/New_York")["people_helped"]["total"] == 1


def test_the_desk_has_horizons_of_its_own(capsys, nora_was_helped, desk):
    later = ["--as-of", "2026-04-09T12:00:00Z"]
    assert account(capsys, *APRIL, *later)["people_helped"]["early"] == 1
    desk.choose(
        name=desk.name, time_zone=desk.time_zone, hours=timedelta(hours=1), days=timedelta(days=1), weeks=timedelta(days=7)
    )
    known = account(capsys, *APRIL, *later)
    assert known["people_helped"]["held"] == 1
    assert known["held_curve"]["weeks"]["at_risk"] == 1


def test_what_is_printed_of_the_desk_names_nobody(capsys, nora_was_helped, kay):
    printed = json.dumps(account(capsys, *APRIL, "--teammate", kay.email)).lower()
    assert not any(name in printed for name in ("nora", "kay", "sam", "@", "sign in"))


def test_an_instant_is_known_in_utc_and_is_now_when_none_is_told(capsys):
    assert account(capsys, *EDGES, "--as-of", "2026-04-22T08:00:00+02:00")["as_of"] == "2026-04-22T06:00:00Z"
    known = datetime.fromisoformat(account(capsys, *EDGES)["as_of"])
    assert abs((datetime.now(UTC) - known).total_seconds()) < 60


def test_for_people_it_is_a_sentence_first(capsys):
    assert main([*EDGES, *AS_OF]) == 0
    said = capsys.readouterr().out
    assert said.startswith("From 22 March 2026 to 11 April 2026 we helped 15 people.\n")
    assert "     6  said that it worked" in said
    assert "Nobody came back." in said
    assert "days    97 % had not come back (between 78 % and 100 %; 28 spells seen that long)" in said
    assert "Of 10 check-ins at random, 2 heard that it works, 0 that it does not, 8 have no answer." in said
    assert "  kay had a hand in helping 12 people\n  mo had" in said
    assert "As known on 22 April 2026 at 02:00. Days and times are those of America/New_York." in said
    assert main([*EDGES[:2], "--from", "2026-03-22", "--to", "2026-03-22", "--tz", "UTC"]) == 0
    assert "nothing to count" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--events", "/nowhere/ledger.jsonl", *MARCH, "--tz", "UTC"], "/nowhere/ledger.jsonl cannot be read: No such file"),
        (["--events", "/", *MARCH, "--tz", "UTC"], "/ cannot be read: Is a directory"),
        ([*EDGES, "--to", "2026-03-21"], "ends on 2026-03-21, before it begins on 2026-03-22"),
        ([*EDGES, "--from", "22 March"], "--from is '22 March', and that is not a day such as 2026-01-31"),
        ([*EDGES, "--to", "2026-02-30"], "--to is '2026-02-30', and that is not a day"),
        ([*EDGES, "--tz", "Dublin"], "no time zone called 'Dublin'"),
        ([*EDGES, "--tz", "Europe"], "no time zone called 'Europe'"),
        ([*EDGES, "--tz", "../etc/passwd"], "no time zone called"),
        ([*EDGES, "--tz", ""], "no time zone called"),
        ([*EDGES, "--as-of", "2026-04-22T06:00:00"], "has no zone"),
        ([*EDGES, "--as-of", "now"], "'now' is not a time"),
        ([*EDGES, "--from", "0001-01-01", "--tz", "Asia/Tokyo"], "ends of the calendar"),
        ([*EDGES, "--frm", "x"], "--frm"),
        (["--events", "x"], "--from, --to"),
        (["--events", "x", *MARCH], "add --tz"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence_and_nothing_is_printed(capsys, argv, sentence):
    with pytest.raises(Sorry, match=None) as sorry:
        main([*argv, "--json"])
    assert sentence in str(sorry.value) and "\n" not in str(sorry.value)
    assert sorry.value.exit_code == 2
    assert capsys.readouterr() == ("", "")


def test_a_bad_line_is_named_by_the_command_itself(tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    ledger.write_text((CASES / "edges.jsonl").read_text() + '{"kind": "moved"}\n')
    run = [sys.executable, "-m", "touchline", "impact", *EDGES, "--events", str(ledger), "--json"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{ledger}, line 227: An event of kind `moved` needs `at`, and it is missing.\n"


def test_a_ledger_in_a_file_needs_no_django():
    look = "import sys; from touchline.work.impact_command import main; main(sys.argv[1:]); assert 'django' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", look, *EDGES, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_option_is_documented(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    page = (Path(__file__).parents[2] / "docs" / "impact.md").read_text()
    assert options == set(re.findall(r"--[a-z][a-z-]*", page))
