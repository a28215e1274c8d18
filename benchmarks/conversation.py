"""What opening a conversation of twenty messages costs the server, beside its bare queries.

    python -m benchmarks.conversation [--messages 20]

CPU time of one process, medians of 50. The page is asked of Django's own handler, with every middleware, as a signed-in
teammate; the floor is the conversation, its person, its messages, attachments and participants, fetched with one SQL query each and
nothing made of them.
"""

import argparse
from datetime import UTC, datetime

from benchmarks.desk import make_desk, median_cpu, table
from benchmarks.rows import fill, signed_in

FLOOR = (
    "SELECT * FROM desk_conversation c JOIN desk_person p ON p.id = c.person_id WHERE c.number = %s",
    "SELECT m.* FROM desk_message m JOIN desk_conversation c ON c.id = m.conversation_id WHERE c.number = %s ORDER BY m.at, m.id",
    "SELECT a.* FROM desk_attachment a JOIN desk_conversation c ON c.id = a.conversation_id WHERE c.number = %s",
    "SELECT t.* FROM desk_participant t JOIN desk_conversation c ON c.id = t.conversation_id WHERE c.number = %s",
)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--messages", type=int, default=20)
    asked.add_argument("--conversations", type=int, default=2_000, help="how many there are beside it")
    told = asked.parse_args()
    make_desk()
    from django.db import connection

    fill(told.conversations, messages=told.messages, now=datetime.now(UTC))
    client = signed_in()

    def page() -> None:
        answer = client.get("/conversations/21/")
        assert answer.status_code == 200, answer.status_code

    def bare() -> None:
        with connection.cursor() as cursor:
            counts = []
            for query in FLOOR:
                cursor.execute(query, [21])
                counts.append(len(cursor.fetchall()))
        assert counts[:2] == [1, told.messages]

    print(f"a conversation of {told.messages} messages, among {told.conversations:,}\n")
    table(
        [("the whole page", median_cpu(page) * 1000), ("floor: the bare queries", median_cpu(bare) * 1000)],
        unit="CPU ms",
        digits=3,
    )


if __name__ == "__main__":
    main()
