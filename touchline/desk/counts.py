"""Counting many things at once, for what stands around every page."""

import contextlib
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def count_up_to(most: int, **queried: QuerySet[Any]) -> dict[str, int]:
    """How many rows each of these has, by its name, and none counted beyond `most`.

    One question for all of them, since this is asked for every page; Django can only count one query by one. What is counted stays
    the querysets' own: the SQL around them is all that is ours.
    """
    counted = dict.fromkeys(queried, 0)
    asked: dict[str, tuple[str, Sequence[Any]]] = {}
    for name, queryset in queried.items():
        with contextlib.suppress(EmptyResultSet):  # one that can have no rows has no SQL either
            asked[name] = queryset.order_by().values_list("pk")[:most].query.sql_with_params()
    if asked:
        columns = ", ".join(f"(SELECT COUNT(*) FROM ({sql}) AS counted)" for sql, _params in asked.values())  # noqa: S608 (Django's own)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns}", [value for _sql, params in asked.values() for value in params])
            counted |= zip(asked, cursor.fetchone(), strict=True)
    return counted
