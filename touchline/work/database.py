"""The database made ready: brought up to this version, refused when a newer version wrote it."""

import argparse
from typing import Any

from touchline.work import environment
from touchline.work.environment import Sorry


def migrate_main(argv: list[str]) -> int:
    """`touchline migrate`."""
    argparse.ArgumentParser("touchline migrate", description="Bring the database up to this version.").parse_args(argv)
    environment.django()
    done = migrate()
    print(f"{done} changes were made to the database." if done else "The database is up to date.")
    return 0


def django_main(argv: list[str]) -> int:
    """`touchline django ...`: Django's own commands."""
    environment.django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["touchline django", *argv])
    return 0


def migrate() -> int:
    """Apply what is missing and return how many migrations that were."""
    missing = pending()
    if missing:
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
    return len(missing)


def pending() -> list[str]:
    """The migrations that the database lacks. Raises `Sorry` when it has some of ours that this version does not know."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    reach()
    executor = MigrationExecutor(connection)
    unknown = sorted(
        name
        for app, name in executor.loader.applied_migrations
        if app == "desk" and (app, name) not in executor.loader.disk_migrations
    )
    if unknown:
        raise Sorry(
            f"This database was written by a newer Touchline (it has {unknown[-1]}). Start that version, or restore a backup."
        )
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def reach() -> None:
    """Raise the reason at once where the database cannot be reached; the pool would try for a while, and then tell less."""
    from django.db import connections

    database: Any = connections["default"]
    if database.vendor == "postgresql":
        with database.wrap_database_errors:
            database.Database.connect(**database.get_connection_params()).close()


def ready() -> None:
    """Start Django with a database that can be used: a new one is made, one of an older version is refused with what to do."""
    environment.django()
    from django.db import connection

    missing = pending()
    if missing and not connection.introspection.table_names():
        migrate()
    elif missing:
        raise Sorry("The database is of an older version. Run `bin/touchline migrate` (or start the desk) first.")
