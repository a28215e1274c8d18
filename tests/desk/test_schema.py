"""What every table must obey, so that the same models run on one file and on many machines (docs/scale.md)."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation

from touchline.desk.models import Counter, EventKey, Message
from touchline.desk.models.row import Row, new_id

DESK = list(apps.get_app_config("desk").get_models())
HOUSE = Path(__file__).resolve().parents[2] / "touchline"
BIG = {
    "Message",
    "Attachment",
    "OutcomeEvent",
    "Conversation",
    "Delivery",
    "Blocker",
    "InboundEmail",
    "Spell",
    "Activity",
    "Participant",
}
BELOW_A_CONVERSATION = {
    "CameBackLink",
    "CheckIn",
    "Message",
    "Attachment",
    "Draft",
    "Delivery",
    "Activity",
    "Participant",
    "Presence",
    "ConversationBlocker",
}
NOT_ROWS = {Counter, EventKey}  # small tables whose key is a name
RAW_SQL_IN = {
    "desk/archive_insert",
    "desk/counts",
}  # the import, and what every page counts; search and the hot lists may, where they say why
FEATURES_OF_ONE_DATABASE = ("ArrayField", "HStoreField", "RangeField", "CIText", "SearchVectorField", "GeneratedField")


@pytest.mark.parametrize("model", DESK, ids=lambda model: model.__name__)
def test_the_key_is_one_time_ordered_number_of_63_bits(model: type[models.Model]) -> None:
    if model in NOT_ROWS:
        assert isinstance(model._meta.pk, models.CharField)
    else:
        assert issubclass(model, Row)
        key = model._meta.pk
        assert isinstance(key, models.BigIntegerField) and key.default is new_id and key.name == "id"


def unique(model: type[models.Model]) -> list[str]:
    """Everything of a model that must be unique beside its key."""
    fields = [field.name for field in model._meta.local_fields if field.unique and not field.primary_key]
    constraints = [one.name for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    return fields + constraints + [str(one) for one in model._meta.unique_together]


@pytest.mark.parametrize("model", [model for model in DESK if model.__name__ in BIG], ids=lambda model: model.__name__)
def test_nothing_but_the_key_is_unique_on_a_big_table(model: type[models.Model]) -> None:
    allowed = ["undoes"] if model.__name__ == "Activity" else []  # an activity is undone once, within its own conversation
    assert unique(model) == allowed


def test_those_are_all_the_big_tables() -> None:
    """A new noun has to be put on one side or the other."""
    small = {
        "Acknowledgement", "Address", "Alias", "ApiToken", "AskRule", "CameBackLink", "CheckIn", "Checkup", "ContactForm", "ConversationBlocker", "Counter", "Desk", "Draft", "EventKey", "ExternalId", "FormPost", "InboundKey", "KeptFigures", "Letter",
        "Mailbox", "MessageKey", "MilestoneSeen", "Notice", "Person", "Presence", "ProductEvent", "ProductRule", "SenderRule", "SharedBlocker", "Signature", "Teammate",
        "Topic", "Webhook", "WebhookCall", "WriteOnce", "WriteOnceMail",
    }  # fmt: skip
    assert {model.__name__ for model in DESK} == BIG | small


@pytest.mark.parametrize("name", sorted(BELOW_A_CONVERSATION))
def test_what_is_below_a_conversation_names_it(name: str) -> None:
    field = apps.get_model("desk", name)._meta.get_field("conversation")
    assert isinstance(field, models.ForeignKey) and field.column == "conversation_id" and not field.null


def test_whatever_points_below_a_conversation_is_below_it_too() -> None:
    """A row that belongs to a message belongs to its conversation: one key finds, moves or archives all of it."""
    below = {apps.get_model("desk", name) for name in BELOW_A_CONVERSATION}
    elsewhere = {"InboundEmail", "MessageKey"}  # they are looked up before we know any conversation
    for model in set(DESK) - below:
        pointing = [field.name for field in model._meta.local_fields if field.related_model in below]
        assert not pointing or model.__name__ in elsewhere, (model, pointing)


@pytest.mark.parametrize("model", DESK, ids=lambda model: model.__name__)
def test_nothing_leaves_the_desk_and_no_column_names_a_tenant(model: type[models.Model]) -> None:
    for field in model._meta.local_fields:
        assert not re.search("tenant|workspace|account|site", field.name)
        if field.related_model:
            assert field.related_model._meta.app_label == "desk"  # type: ignore[union-attr]


@pytest.mark.parametrize("model", DESK, ids=lambda model: model.__name__)
def test_every_field_is_of_a_kind_that_both_databases_have(model: type[models.Model]) -> None:
    for field in model._meta.local_fields:
        assert not any(name in type(field).__name__ for name in FEATURES_OF_ONE_DATABASE)
        assert not isinstance(field, models.BinaryField)  # bytes are files, named by what they hold


def operations() -> list[tuple[str, Operation]]:
    loader = MigrationExecutor(connection).loader
    return [
        (f"{app}.{name}", op)
        for (app, name), migration in loader.disk_migrations.items()
        if app == "desk"
        for op in migration.operations
    ]


def test_migrations_hold_no_sql_of_our_own(db: None) -> None:
    assert [(name, type(op).__name__) for name, op in operations() if type(op).__name__ == "RunSQL"] == []


def test_the_migrations_make_what_the_models_say(db: None) -> None:
    call_command("makemigrations", "desk", check=True, dry_run=True, verbosity=0)


def raw_sql(source: str) -> list[int]:
    """The lines on which a source speaks SQL itself: a cursor, `.raw(`, `RawSQL`, `.extra(`, a hand-written `RunSQL`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            of_objects = isinstance(node.func, ast.Attribute) and "objects" in ast.dump(node.func.value)
            if called in ("cursor", "RawSQL", "RunSQL", "extra", "executemany") or (called == "raw" and of_objects):
                found.append(node.lineno)
    return found


def test_sql_of_our_own_is_seen() -> None:
    for line in ("connection.cursor()", "Message.objects.raw('SELECT 1')", "x.extra(where=[])", "RawSQL('now()', [])"):
        assert raw_sql(line), line
    assert not raw_sql("inbound.raw()")


def test_no_sql_of_our_own_where_the_nouns_are() -> None:
    found = {
        f"{file.relative_to(HOUSE)}:{line}"
        for part in ("desk", "web", "work")
        for file in (HOUSE / part).rglob("*.py")
        if not any(str(file.relative_to(HOUSE)).startswith(allowed) for allowed in RAW_SQL_IN)
        for line in raw_sql(file.read_text())
    }
    assert found == set()


@pytest.mark.django_db(transaction=True)
def test_the_first_migration_can_be_undone_and_made_again() -> None:
    executor = MigrationExecutor(connection)
    newest = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "desk"]
    first = min(key for key in executor.loader.disk_migrations if key[0] == "desk")
    try:
        executor.migrate([first])
        assert "desk_message" in connection.introspection.table_names()
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(newest)
    assert not Message.objects.exists()


def lists() -> list[tuple[str, Any]]:
    from datetime import UTC, datetime

    from touchline.desk.models import Conversation, Delivery, InboundEmail

    at = datetime(2026, 3, 2, tzinfo=UTC)
    return [
        ("waiting", Conversation.objects.waiting().longest_first()[:50]),
        ("came back", Conversation.objects.came_back().order_by("came_back_at", "id")[:50]),
        ("everything", Conversation.objects.newest_first()[:50]),
        ("due", InboundEmail.objects.due(at)[:50]),
        ("deliveries", Delivery.objects.due(at)[:50]),
    ]


@pytest.mark.parametrize("place", range(5))
def test_a_hot_list_walks_an_index(db: None, place: int) -> None:
    name, rows = lists()[place]
    if connection.vendor == "postgresql":  # which would rightly read an empty table from end to end
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = rows.explain()
    assert "INDEX" in plan.upper(), (name, plan)
    assert not re.search(r"Seq Scan|SCAN desk_\w+$|USE TEMP B-TREE FOR ORDER BY(?! LAST)", plan, re.MULTILINE), (name, plan)
