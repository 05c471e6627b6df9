"""`tierwise check`: is the project file right, and is every run whole?"""

from __future__ import annotations

from pathlib import Path

import click

from tierwise.cli.commands import summary
from tierwise.cli.options import find_workspace, json_option, workspace_option
from tierwise.cli.projects import load_job
from tierwise.cli.results import print_json
from tierwise.cli.speech import lang, say, tell
from tierwise.config.project import FILE_NAME
from tierwise.errors import Place, Problem, TierwiseError, raise_all
from tierwise.privacy.erasure import UNFINISHED
from tierwise.privacy.journal import pending
from tierwise.snapshots.runs import Run


@click.command("check", help=summary("check"))
@workspace_option
@json_option
def check(workspace: Path | None, as_json: bool) -> None:
    """Report all problems together; exit code 0 means that there are none."""
    place = find_workspace(workspace)
    problems: list[Problem] = []
    sound: list[str] = []
    if (place.root / FILE_NAME).is_file():
        try:
            load_job(place.root, (), None, (None, None, None, None, None))
            sound.append(FILE_NAME)
            if not as_json:
                click.echo(say(f"{FILE_NAME}: sound", f"{FILE_NAME}：正确"))
        except TierwiseError as error:
            problems += error.problems
    for journal in pending(place):
        problems.append(UNFINISHED.problem(Place(file=str(place.root)), name=journal.id))
    for name in place.names():
        try:
            Run(place.runs / name).verify()
            sound.append(name)
            if not as_json:
                click.echo(say(f"run {name}: whole", f"运行 {name}：完整"))
        except TierwiseError as error:
            problems += error.problems
            click.echo(error.problems[0].what.to(lang()), err=True)
    if as_json:
        print_json({"sound": sound, "problems": [{"code": p.kind.code, "what": tell(p.what)} for p in problems]})
    raise_all(problems)
