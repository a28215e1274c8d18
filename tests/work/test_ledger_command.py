"""`touchline ledger`: what is written out gives the same account, anywhere, and says nothing of who anybody is."""

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.cast import AT, ILSE, NORA, Writer
from tests.core.impact.test_cases import same
from tests.web.helped import helped, it_works
from touchline.core.impact.events import Kind
from touchline.desk import ledger
from touchline.desk.models import Blocker, Delivery, EventKey, Mailbox, OutcomeEvent, Person, Spell, Teammate
from touchline.work.environment import Sorry
from touchline.work.impact_command import main as impact
from touchline.work.ledger_command import main

ASKED = ["--from", "2026-03-01", "--to", "2026-05-01", "--as-of", "2026-05-01T00:00:00Z", "--tz", "Europe/Dublin", "--json"]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("touchline.work.environment.django", lambda: None)
    monkeypatch.setattr("touchline.work.database.pending", list)


@pytest.fixture
def story(support: Mailbox, kay: Teammate, sam: Teammate) -> None:
    """Nora said that it works, from two addresses; something of Ilse's was undone, and seen by a program with a telling key."""
    answer = helped(support, NORA, by=kay, at=AT)
    it_works(answer, NORA, "It works.", by=kay, at=AT + DAY)
    helped(support, Writer("N. Adeyemi", "n@mill.example"), by=sam, at=AT + DAY)
    other, nora = (Person.objects.get(addresses__email=email) for email in ("n@mill.example", NORA.address))
    OutcomeEvent.join(other, nora, by=kay, at=AT + 2 * DAY)
    seen = helped(support, ILSE, by=sam, at=AT + DAY)
    blocker = seen.conversation.blocker
    for key in ("ilse@garden.example signed in", "seen:again"):
        OutcomeEvent.record(Kind.OBSERVED, key=key, at=AT + 2 * DAY, blocker=blocker, event="signed_in")
    OutcomeEvent.retract("ilse@garden.example signed in", by=kay, at=AT + 3 * DAY)


def account(capsys: Any, *more: str) -> dict[str, Any]:
    capsys.readouterr()
    assert impact([*ASKED, *more]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def without_hands(told: dict[str, Any]) -> dict[str, Any]:
    return {name: figures for name, figures in told.items() if name != "took_part"}


def test_what_is_written_out_gives_the_same_account(story: None, tmp_path: Path, capsys: Any) -> None:
    for name in ("ledger.jsonl", "ledger.jsonl.gz"):
        assert main(["export", str(tmp_path / name)]) == 0
    packed = gzip.decompress((tmp_path / "ledger.jsonl.gz").read_bytes())
    assert packed == (tmp_path / "ledger.jsonl").read_bytes()
    told = account(capsys)
    assert told["people_helped"]["total"] == 2 and told["people_helped"]["confirmed"] == 1
    assert without_hands(account(capsys, "--events", str(tmp_path / "ledger.jsonl"))) == told


def test_it_says_nothing_of_who_anybody_is(story: None, kay: Teammate, capsys: Any) -> None:
    main(["export"])
    written = capsys.readouterr().out
    for word in ("Nora", "Ilse", "Kay", "Sam", "@", "example", "question", "touchline"):
        assert word.lower() not in written.lower()
    assert str(kay.pk) in written


def test_a_new_desk_takes_it_in_and_counts_the_same(
    story: None, tmp_path: Path, capsys: Any, kay: Teammate, sam: Teammate
) -> None:
    file = str(tmp_path / "ledger.jsonl")
    main(["export", file])
    theirs = [account(capsys), account(capsys, "--teammate", kay.email), account(capsys, "--teammate", sam.email)]
    spells = sorted((spell.person, spell.began_at, spell.confirmed_at) for spell in map(Spell.as_value, Spell.objects.all()))
    as_if_new()
    assert main(["import", file]) == 0
    assert (
        sorted((spell.person, spell.began_at, spell.confirmed_at) for spell in map(Spell.as_value, Spell.objects.all())) == spells
    )
    ours = [account(capsys), account(capsys, "--teammate", kay.email), account(capsys, "--teammate", sam.email)]
    assert ours == theirs
    main(["export", str(tmp_path / "again.jsonl")])
    assert (tmp_path / "again.jsonl").read_bytes() == Path(file).read_bytes()


def as_if_new() -> None:
    """The desk as it would be on another machine: no ledger, and nobody whom it names but the team."""
    with transaction.atomic():
        Spell.objects.all().delete()
        OutcomeEvent.objects.all().delete()
        EventKey.objects.all().delete()
        Delivery.objects.update(blocker=None)
        Blocker.objects.all().delete()
        Person.objects.update(joined_into=None)


def test_a_ledger_of_others_is_taken_in_under_no_name(db: None, tmp_path: Path, capsys: Any) -> None:
    file = Path(__file__).parent.parent / "core/impact/cases/golden.jsonl"
    expected = json.loads(file.with_suffix(".json").read_text())
    main(["import", str(file)])
    asked = ["--from", expected["from"], "--to", expected["to"], "--as-of", expected["as_of"], "--tz", expected["tz"], "--json"]
    capsys.readouterr()
    impact(asked)
    same(json.loads(capsys.readouterr().out), without_hands(expected))
    assert {person.name for person in Person.objects.all()} == {"A person from an imported ledger"}
    assert not Teammate.objects.here().exists()
    assert not Mailbox.objects.open().exists()


def test_the_same_again_changes_nothing_and_what_came_since_is_added(db: None, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "ledger.jsonl"
    lines = [
        '{"at": "2026-03-02T09:00:00Z", "kind": "raised", "blocker": "b", "person": "nora"}',
        '{"at": "2026-03-02T10:00:00Z", "kind": "moved", "blocker": "b", "by": "kay", "id": "m"}',
    ]
    file.write_text("\n".join(lines) + "\n")
    main(["import", str(file)])
    main(["import", str(file)])
    assert capsys.readouterr().out.splitlines() == ["2 events were taken in.", "All of it is here already."]
    lines.append('{"at": "2026-03-05T10:00:00Z", "kind": "retracted", "event": "m", "by": "kay", "id": "r"}')
    file.write_text("\n".join(lines) + "\n")
    assert Spell.objects.count() == 1
    main(["import", str(file)])
    assert capsys.readouterr().out == "1 event was taken in.\n"
    assert Spell.objects.count() == 0
    assert list(OutcomeEvent.objects.order_by("order").values_list("kind", flat=True)) == ["raised", "moved", "retracted"]


def test_two_ledgers_are_not_mixed(story: None, tmp_path: Path) -> None:
    file = Path(__file__).parent.parent / "core/impact/cases/golden.jsonl"
    before = OutcomeEvent.objects.count()
    with pytest.raises(Sorry, match="a ledger of its own"):
        main(["import", str(file)])
    assert OutcomeEvent.objects.count() == before


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"at": "2026-03-02T10:00:00Z", "kind": "moved", "blocker": "b"}', "line 2: An event of kind `moved` needs `by`"),
        ("nonsense", "line 2: This is not JSON"),
        ('{"at": "2026-03-02T10:00:00", "kind": "moved", "blocker": "b", "by": "kay"}', "line 2: The time"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_taken_in(db: None, tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "ledger.jsonl"
    file.write_text('{"at": "2026-03-02T09:00:00Z", "kind": "raised", "blocker": "b", "person": "nora"}\n' + line + "\n")
    with pytest.raises(Sorry, match=reason.replace("`", ".")):
        main(["import", str(file)])
    assert not OutcomeEvent.objects.exists()
    assert not Person.objects.exists()


def test_a_file_that_is_not_there_or_cut_off(db: None, tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(b'{"at": "2026-03-02T09:00:00Z", "kind": "moved", "blocker": "b", "by": "n"}\n' * 40)[:-9])
    for name in (str(cut), str(tmp_path / "none.jsonl")):
        with pytest.raises(Sorry, match="cannot be read"):
            main(["import", name])


def test_only_what_some_days_are_worked_out_from(
    story: None, support: Mailbox, kay: Teammate, tmp_path: Path, capsys: Any
) -> None:
    later = helped(support, Writer("Tomás", "t@harbour.example"), by=kay, at=AT + 90 * DAY).conversation.blocker
    assert later
    main(["export", str(tmp_path / "some.jsonl"), "--from", "2026-03-01", "--to", "2026-05-01"])
    assert f'"blocker":"{later.pk}"' not in (tmp_path / "some.jsonl").read_text()
    assert without_hands(account(capsys, "--events", str(tmp_path / "some.jsonl"))) == account(capsys)
    with pytest.raises(Sorry, match="turn --from and --to around"):
        main(["export", "--from", "2026-05-01", "--to", "2026-03-01"])


def test_every_id_is_our_own_words_and_numbers_or_a_digest() -> None:
    for key in ("raised:1234", "retracted:moved:1234", "observed:12:34", "line:7:0123456789abcdef"):
        assert ledger._opaque(key) == key
    for key in ("nora@bakery.example", "observed:Nora", "raised:12x", "<1@mail.example>", "x" * 80):
        assert ledger._opaque(key).startswith("sha256:")
        assert ledger._opaque(ledger._opaque(key)) == ledger._opaque(key)
