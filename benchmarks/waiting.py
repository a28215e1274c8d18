"""What a request for the list of those who wait costs the server, among 100,000 conversations, beside its bare query.

    python -m benchmarks.waiting [--conversations 100000]

CPU time of one process, medians of 50. The page is asked of Django's own handler, with every middleware, as a signed-in
teammate; the floor is the same fifty rows fetched with one SQL query and nothing made of them.
"""

import argparse
from datetime import UTC, datetime

from benchmarks.desk import make_desk, median_cpu, table
from benchmarks.rows import WAITING, fill, signed_in

FLOOR = """
SELECT c.id, c.number, c.subject, c.waiting_since, c.latest_at, c.latest_message, c.latest_words, p.name
FROM desk_conversation c JOIN desk_person p ON p.id = c.person_id
WHERE c.waiting_since IS NOT NULL ORDER BY c.waiting_since, c.id LIMIT 51
"""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--conversations", type=int, default=100_000)
    told = asked.parse_args()
    make_desk()
    from django.db import connection

    fill(told.conversations, messages=1, now=datetime.now(UTC))
    client = signed_in()

    def page(address: str, **headers: str):  # type: ignore[no-untyped-def]
        def ask() -> None:
            answer = client.get(address, headers=headers)
            assert answer.status_code == 200, answer.status_code
            assert answer.content

        return ask

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(FLOOR)
            assert len(cursor.fetchall()) == 51

    print(f"{told.conversations:,} conversations, {told.conversations // WAITING:,} of them waiting\n")
    rows = [
        ("the whole page", median_cpu(page("/waiting/")) * 1000),
        ("a page that does not exist", median_cpu(page_of_nothing(client)) * 1000),
        ("floor: the bare query", median_cpu(bare) * 1000),
    ]
    table(rows, unit="CPU ms", digits=3)


def page_of_nothing(client):  # type: ignore[no-untyped-def]
    return lambda: client.get("/there-is-nothing-here/")


if __name__ == "__main__":
    main()
