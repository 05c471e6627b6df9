"""The process that works for `core_process`: the core alone, without Django or a database."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from tierwise.errors import Problem, TierwiseError
from tierwise.language import Text
from tierwise_console.runs.fencing import fenced


class Telling:
    """An observer that tells the parent, a line of JSON each."""

    def stage(self, name: str, label: Text) -> None:
        """Tell of a stage that begins."""
        tell({"kind": "stage", "name": name, "en": label.en, "zh": label.zh})

    def detail(self, label: Text) -> None:
        """Tell what the stage does."""
        tell({"kind": "detail", "en": label.en, "zh": label.zh})


def tell(data: dict[str, Any]) -> None:
    """Write one line to the parent."""
    from tierwise.snapshots.files import encode

    sys.stdout.write(json.dumps(data, ensure_ascii=False, default=encode) + "\n")
    sys.stdout.flush()


def end_with_parent() -> None:
    """The parent holds our input open; its end means that the parent is gone, and nobody waits for us."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGKILL)


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem as the parent reads it."""
    texts = {name: [text.en, text.zh] for name in ("what", "cause", "cure") if (text := getattr(problem, name))}
    place = {name: getattr(problem.place, name) for name in ("file", "line", "row", "column", "value")}
    return {"code": problem.kind.code, "family": int(problem.kind.family), "place": place, **texts}


def _fence(request: dict[str, Any]) -> AbstractContextManager[None]:
    """The fence of the workspace, for tasks that change it in the name of a claim."""
    claim = request.pop("claim", None)
    return fenced(Path(request["workspace"]), **claim, told=Telling().detail) if claim else nullcontext()


def main() -> None:
    """Read one request, do it, tell the result."""
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=end_with_parent, daemon=True).start()
    from tierwise_console.runs.tasks import TASKS

    try:
        with _fence(request):
            tell({"result": TASKS[request.pop("task")](request, Telling())})
    except TierwiseError as error:
        tell({"problems": [problem_json(problem) for problem in error.problems]})
    sys.stdout.flush()
    os._exit(0)  # engines' own threads need no long farewell, and everything lasting is on disk


if __name__ == "__main__":
    main()
