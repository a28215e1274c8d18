"""What every test shares: which database it runs on is said at the top of each run."""

import os

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# A loaded machine is slow, not wrong; and a run of the whole is the same every time.
hypothesis_settings.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.register_profile("ci", parent=hypothesis_settings.get_profile("desk"), derandomize=True)
hypothesis_settings.load_profile("ci" if "CI" in os.environ else "desk")


pytest_plugins = ["tests.cast"]


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}"
