"""`tierwise init`: write a project file to start from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import yaml

from tierwise.cli.commands import summary
from tierwise.cli.format import console
from tierwise.cli.results import show_mapping
from tierwise.cli.speech import say
from tierwise.config.project import FILE_NAME
from tierwise.contracts.tables import TABLES
from tierwise.errors import ErrorKind, Family, Place
from tierwise.ingestion import preview
from tierwise.job import Job, Source
from tierwise.language import Text
from tierwise.registry import known_model
from tierwise.snapshots.workspace import Workspace
from tierwise.templates.loader import template

EXISTS = ErrorKind(
    "config.project_exists",
    Family.USAGE,
    what=Text("there is a project file already", "项目文件已存在"),
    cause=Text("init never overwrites what you have edited", "init 不会覆盖你编辑过的文件"),
    cure=Text("edit it, or remove it first", "请直接编辑，或先删除它"),
)


@click.command(
    "init",
    help=summary(
        "init",
        "Name data files as TABLE=FILE, e.g. orders=orders.csv.",
        "用 表=文件 指定数据，例如 orders=orders.csv。",
    ),
)
@click.argument("sources", nargs=-1, metavar="[TABLE=FILE]...")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help=say("folder of the project [default: here]", "项目目录 [默认：当前目录]"),
)
@click.option("--timezone", help=say("IANA zone of the business", "业务所在时区"))
@click.option(
    "--template",
    "template_name",
    help=say(
        "start from an industry's template: `tierwise templates` lists them", "使用行业模板：tierwise templates 可列出"
    ),
)
def init(sources: tuple[str, ...], folder: Path, timezone: str | None, template_name: str | None) -> None:
    """Guess the columns of the files named and write everything down with comments."""
    file = folder / FILE_NAME
    if file.exists():
        raise EXISTS.error(Place(file=str(file)))
    screen = console()
    chosen = template(template_name) if template_name else None
    blocks = {}
    for given in sources or ("orders=orders.csv",):
        table, _, location = given.partition("=")
        if table not in TABLES or not location:
            raise click.UsageError(
                say(
                    f"{given!r}: write TABLE=FILE with TABLE one of {', '.join(TABLES)}",
                    f"{given!r}：请写成 表=文件，表可为 {'、'.join(TABLES)}",
                )
            )
        columns: dict[str, str] = {}
        if sources:
            job = Job(Workspace(folder), [Source(table, str(Path(location).resolve()))], [])
            mapping = preview(job)[0].mapping
            show_mapping(screen, table, mapping.to_json())
            columns = {m.field: m.columns[0] for m in mapping.matches if len(m.columns) == 1}
        path = str(Path(location).resolve()) if folder.resolve() != Path.cwd() else location
        blocks[table] = {"location": path, "columns": columns}
    folder.mkdir(parents=True, exist_ok=True)
    if chosen is not None:
        text = with_timezone(
            chosen.with_sources(_yaml({"sources": blocks}) + "\n") if sources else chosen.text, timezone
        )
    else:
        text = project_text(blocks, timezone)
    file.write_text(text, encoding="utf-8")
    screen.print(say(f"Wrote {file}. Next: tierwise run", f"已写入 {file}。下一步：tierwise run"), markup=False)


def with_timezone(text: str, timezone: str | None) -> str:
    """The text of a project file with another time zone, where one is given."""
    return re.sub(r"^timezone:.*$", f"timezone: {timezone}", text, count=1, flags=re.MULTILINE) if timezone else text


def project_text(
    sources: Mapping[str, Mapping[str, object]], timezone: str | None, further: Sequence[str] = (), currency: str = ""
) -> str:
    """The project file: the sources given, three models with their shipped settings, and `further` ones by name."""
    chosen = {name: known_model(name) for name in ("rfm", "lifecycle", "pyramid")}
    specs = {name: model.spec_type().model_dump(mode="json", exclude={"names"}) for name, model in chosen.items()}
    lines = [
        "# Tierwise project · 分层有道项目文件",
        "version: 1",
        f"timezone: {timezone}"
        if timezone
        else "# timezone: Asia/Shanghai   # zone of timestamps with an offset · 业务时区",
        f"currency: {currency}"
        if currency
        else "# currency: CNY            # of amounts whose file names none; the one to use where there are several · 币种",
        "",
        _yaml({"sources": sources}),
        "# Shipped defaults; change what you like · 默认设置，可自由修改",
        _yaml({"models": {**specs, **{name: {} for name in further}}}),
    ]
    return "\n".join(lines)


def _yaml(data: object) -> str:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
