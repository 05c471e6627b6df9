"""`tierwise templates [NAME]`: project files to start from, by industry."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console

from tierwise.cli.commands import summary
from tierwise.cli.format import console, table
from tierwise.cli.options import json_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import say, tell
from tierwise.config.project import Words
from tierwise.registry import build_models
from tierwise.templates.loader import Template, template
from tierwise.templates.loader import templates as all_templates


@click.command(
    "templates",
    help=summary("templates", "`tierwise init --template NAME` writes it.", "tierwise init --template 名称 可写入。"),
)
@click.argument("name", required=False)
@json_option
def templates(name: str | None, as_json: bool) -> None:
    """Print the list, or one template with its file."""
    chosen = {name: template(name)} if name else all_templates()
    if as_json:
        print_json({key: _json(found) for key, found in chosen.items()})
    elif name:
        _show(console(), chosen[name])
    else:
        headings = (
            ("Template", "模板"),
            ("For", "行业"),
            ("What it does", "用途"),
            ("Models", "模型"),
            ("Tables", "数据表"),
        )
        rows = [
            [key, tell(t.about.title.text), tell(t.about.about.text), ", ".join(t.project.models), ", ".join(t.tables)]
            for key, t in chosen.items()
        ]
        console().print(table("", [(say(*words), False) for words in headings], rows))


def _show(screen: Console, found: Template) -> None:
    about = found.about
    screen.print(f"[bold]{tell(about.title.text)}[/bold] ({found.name})")
    screen.print(f"  {tell(about.about.text)}", markup=False)
    screen.print(f"[bold]{say('Goals to set and measure', '可设定并衡量的目标')}[/bold]")
    for goal in about.goals:
        screen.print(f"  {tell(goal.text)}", markup=False)
    rows = [
        [model, tier, _tier_name(found, model, tier), tell(text.text)]
        for model, tiers in about.actions.items()
        for tier, text in tiers.items()
    ]
    headings = (("Model", "模型"), ("Tier", "层级代码"), ("Name", "层级"), ("Action", "动作"))
    screen.print(table("", [(say(*words), False) for words in headings], rows))
    for note in about.notes:
        screen.print(f"  {tell(note.text)}", markup=False)
    screen.print(f"[bold]{say('File', '文件')}[/bold]")
    click.echo(found.text)


def _tier_name(found: Template, model: str, tier: str) -> str:
    """The name of a tier where the project file says it; models say the others once they are fitted."""
    settings = found.project.models[model] or {}
    named = settings.get("names", {}).get(tier) or next(
        (rule["name"] for rule in (*settings.get("rules", ()), *settings.get("groups", ())) if rule["key"] == tier),
        None,
    )
    return tell(Words.model_validate(named).text) if isinstance(named, dict) else named or "–"


def _json(found: Template) -> dict[str, Any]:
    about = found.about
    return {
        "title": tell(about.title.text),
        "about": tell(about.about.text),
        "goals": [tell(goal.text) for goal in about.goals],
        "actions": {
            model: {tier: tell(text.text) for tier, text in tiers.items()} for model, tiers in about.actions.items()
        },
        "notes": [tell(note.text) for note in about.notes],
        "tables": list(found.tables),
        "models": {model.instance: model.spec.model_dump(mode="json") for model in build_models(found.document)},
    }
