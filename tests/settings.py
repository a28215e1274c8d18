"""The settings of the tests: ours, with a data folder of their own, and nothing of what this machine was told."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Processes that share a run have their folders in that of the one that began it, which takes them all away at its end.
_home = Path(tempfile.mkdtemp(prefix="touchline-tests-", dir=os.environ.get("TEST_HOME")))
os.environ.setdefault("TEST_HOME", str(_home))
atexit.register(shutil.rmtree, _home, ignore_errors=True)

for _name in [name for name in os.environ if name.startswith("TOUCHLINE_")]:
    del os.environ[_name]
os.environ["TOUCHLINE_DATA"] = str(_home)
os.environ["TOUCHLINE_VERIFY_DKIM"] = "no"  # no test asks the network
os.environ["TOUCHLINE_SECRET_KEY"] = "a key that is only good for tests, and known to everyone"
if "TEST_DATABASE_URL" in os.environ:
    os.environ["TOUCHLINE_DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

from touchline.settings import *  # noqa: E402, F403
from touchline.settings import DATABASES, TOLD  # noqa: E402

# Whoever starts a server in a test says what it is told.
for _name in [name for name in os.environ if name.startswith("TOUCHLINE_")]:
    del os.environ[_name]

if TOLD.database_url["ENGINE"].endswith("postgresql"):
    # The template has a schema of ours and no `public`, so that nothing can lean on `public` being there.
    DATABASES["default"]["TEST"] = {"TEMPLATE": TOLD.database_url["NAME"]}
    # Tests start and end hundreds of threads; what those still hold at their end would be missing from a pool for good.
    del DATABASES["default"]["OPTIONS"]["pool"]
else:
    # A file as in real life, since the one in memory takes its locks otherwise; but nobody mourns these bytes.
    DATABASES["default"]["TEST"] = {"NAME": str(_home / "tests.sqlite3")}
    _options = DATABASES["default"]["OPTIONS"]
    _options["init_command"] = _options["init_command"].replace("synchronous=FULL", "synchronous=OFF")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
