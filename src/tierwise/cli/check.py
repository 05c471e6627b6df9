"""`tierwise check`: is the project file right, and is every run whole?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click

from tierwise.cli.commands import summary
from tierwise.cli.options import find_workspace, json_option, workspace_option
from tierwise.cli.projects import load_job
from tierwise.cli.results import print_json
from tierwise.cli.speech import lang, tell
from tierwise.config.project import FILE_NAME
from tierwise.errors import Place, Problem, TierwiseError, raise_all
from tierwise.language import Text
from tierwise.privacy.erasure import UNFINISHED
from tierwise.privacy.journal import pending
from tierwise.snapshots.runs import Run
from tierwise.snapshots.workspace import Workspace

_NOTHING = Text(
    "There is nothing to check here yet: no project file and no run.",
    "这里还没有可检查的内容：没有项目文件，也没有运行结果。",
)


@click.command("check", help=summary("check"))
@workspace_option
@json_option
def check(workspace: Path | None, as_json: bool) -> None:
    """Report all problems together; exit code 0 means that there are none."""
    place = find_workspace(workspace)
    problems: list[Problem] = []
    sound: list[str] = []
    for name, told, look in _looks(place):
        try:
            look()
        except TierwiseError as error:
            problems += error.problems
            continue
        sound.append(name)
        if not as_json:
            click.echo(told.to(lang()))
    problems += [UNFINISHED.problem(Place(file=str(place.root)), name=journal.id) for journal in pending(place)]
    if as_json:
        print_json({"sound": sound, "problems": [{"code": p.kind.code, "what": tell(p.what)} for p in problems]})
    elif not sound and not problems:
        click.echo(_NOTHING.to(lang()))
    raise_all(problems)


def _looks(place: Workspace) -> Iterator[tuple[str, Text, Callable[[], object]]]:
    """What is looked at, one by one: its name, what is said of it where it is sound, and how to look."""
    if (place.root / FILE_NAME).is_file():
        told = Text(f"{FILE_NAME}: sound", f"{FILE_NAME}：正确")
        yield FILE_NAME, told, partial(load_job, place.root, (), None, (None, None, None, None, None))
    for name in place.names():
        yield name, Text(f"run {name}: whole", f"运行 {name}：完整"), Run(place.runs / name).verify
