"""What every test shares: which database it runs on is said at the top of each run."""

import gc
import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from touchline.channels import names

# A loaded machine is slow, not wrong; and a run of the whole is the same every time.
hypothesis_settings.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.register_profile("ci", parent=hypothesis_settings.get_profile("desk"), derandomize=True)
hypothesis_settings.load_profile("ci" if "CI" in os.environ else "desk")


pytest_plugins = ["tests.cast", "tests.browser"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The database of the tests; before it is taken away, everyone has let go of it, threads that have ended included."""
    yield
    gc.collect()
    for connection in connections.all():
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()


@pytest.fixture(autouse=True)
def nobody_to_ask_for_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no DNS in here; a test that needs one says what it answers."""

    def silent() -> None:
        raise OSError("there is no DNS in tests")

    monkeypatch.setattr(names, "_resolver", silent)


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}"
