"""What the page of a month of people helped costs the server, in a desk of many spells, beside its bare rows.

    python -m benchmarks.people_helped [--spells 1000000] [--years 5]

CPU time of one process, medians of 20; on PostgreSQL where TOUCHLINE_DATABASE_URL says so (without the server's own time). The
page is asked of Django's own handler as a signed-in teammate; the floor fetches the same spells with one SQL query.
"""

import argparse
import random
import time
from datetime import UTC, datetime, timedelta

from benchmarks.desk import make_desk, median_cpu, table
from benchmarks.rows import signed_in

FLOOR = """
SELECT blocker_id, person_id, began_at, began_by_id, ended_at, returned_source, confirmed_at, observed_at, asked_random_at,
check_in_yes_at, took_part, answers FROM desk_spell WHERE began_at >= %s AND began_at < %s
"""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--spells", type=int, default=1_000_000)
    asked.add_argument("--years", type=int, default=5)
    told = asked.parse_args()
    make_desk()
    from django.db import connection

    now = datetime.now(UTC)
    began = time.perf_counter()
    fill(told.spells, now - timedelta(days=365 * told.years), now)
    print(f"{told.spells:,} spells over {told.years} years, written in {time.perf_counter() - began:.0f} s", flush=True)
    client = signed_in("kay@team.example")
    to = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    from_ = (to - timedelta(days=1)).replace(day=1)

    def page(address: str):  # type: ignore[no-untyped-def]
        def ask() -> None:
            answer = client.get(address)
            assert answer.status_code == 200, answer.status_code

        return ask

    def bare() -> int:
        with connection.cursor() as cursor:
            cursor.execute(FLOOR, [from_, to])
            return len(cursor.fetchall())

    month = f"{from_:%Y-%m}"
    print(f"{bare():,} of them in the month\n", flush=True)
    rows = [
        ("the page of a month", median_cpu(page(f"/people-helped/?month={month}"), times=20, warm=3) * 1000),
        ("the same by topic", median_cpu(page(f"/people-helped/?month={month}&by=topic"), times=5, warm=1) * 1000),
        ("the first hundred of its people", median_cpu(page(f"/people-helped/who/?from={from_:%Y-%m-%d}&to={to:%Y-%m-%d}&how="), times=5) * 1000),
        ("Today", median_cpu(page("/"), times=20, warm=3) * 1000),
        ("floor: the bare rows", median_cpu(bare, times=20, warm=3) * 1000),
    ]  # fmt: skip
    table(rows, unit="CPU ms", digits=1)


def fill(spells: int, begin: datetime, now: datetime) -> None:
    """Blockers that were moved once each, spread over the time: an eighth came back, a third was confirmed."""
    from touchline.desk.models import Blocker, Mailbox, Person, Spell, Teammate
    from touchline.desk.models.row import free_ids

    chance = random.Random(7)
    mailbox = Mailbox.open(address="support@touchline.example", name="Support", at=begin)
    team = [
        Teammate.join(name=name, email=f"{name.lower()}@team.example", password=None, at=begin)
        for name in ("Kay", "Sam", "Mo", "Ravi")
    ]
    people = [Person(name=f"Person {n}", first_heard_at=begin, last_heard_at=now) for n in range(max(10, spells // 8))]
    made = [now - (now - begin) * chance.random() for _ in people]
    for start in range(0, len(people), 10_000):
        some = people[start : start + 10_000]
        for person, id in zip(some, free_ids(Person, made[start : start + 10_000]), strict=True):
            person.pk = id
        Person.objects.bulk_create(some, batch_size=2_000)
    hands = [[str(teammate.pk) for teammate in chance.sample(team, k=count)] for count in (1, 1, 1, 2, 2, 3)]
    for start in range(0, spells, 10_000):
        size = min(10_000, spells - start)
        times = [begin + (now - begin) * chance.random() for _ in range(size)]
        blockers, rows = [], []
        for id, spell_id, at in zip(free_ids(Blocker, times), free_ids(Spell, times), times, strict=True):
            person, back, told = chance.choice(people), chance.random() < 0.12, chance.random() < 0.35
            ended = min(now, at + timedelta(hours=300 * chance.random())) if back else None
            blockers.append(Blocker(pk=id, person=person, mailbox=mailbox, words="something", raised_at=at, moved_at=at))
            rows.append(
                Spell(
                    id=spell_id, blocker_id=id, person=person, began_at=at, began_by=team[0], ended_at=ended,
                    returned_source="message" if back else "", confirmed_at=at + timedelta(hours=9) if told and not back else None,
                    took_part=chance.choice(hands),
                )
            )  # fmt: skip
        Blocker.objects.bulk_create(blockers, batch_size=1_000)
        Spell.objects.bulk_create(rows, batch_size=1_000)


if __name__ == "__main__":
    main()
