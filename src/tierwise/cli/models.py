"""`tierwise models [NAME]`: which models there are; one model's method card and settings."""

from __future__ import annotations

from typing import Any

import click

from tierwise.cli.commands import summary
from tierwise.cli.format import console, table
from tierwise.cli.options import json_option
from tierwise.cli.results import print_json
from tierwise.cli.speech import lang, say
from tierwise.contracts.model import MethodCard, TierModel
from tierwise.language import Lang
from tierwise.registry import known_model
from tierwise.registry import models as all_models

CARD_LINES = {
    "question": ("Question", "回答的问题"),
    "data": ("Data", "所需数据"),
    "minimum": ("Minimum", "最低要求"),
    "fit": ("Fits", "适用"),
    "strengths": ("Strengths", "优点"),
    "limits": ("Limits", "局限"),
    "difficulty": ("Difficulty", "难度"),
}


@click.command("models", help=summary("models"))
@click.argument("name", required=False)
@json_option
def models(name: str | None, as_json: bool) -> None:
    """Print the list of models or one method card."""
    chosen = {name: known_model(name)} if name else all_models()
    if as_json:
        print_json(
            {
                key: {**card_json(model.card), "settings": model.spec_type.model_json_schema()}
                for key, model in chosen.items()
            }
        )
    elif name:
        _show_one(name, chosen[name])
    else:
        headings = [
            (say("Model", "模型"), False),
            (say("Question", "回答的问题"), False),
            (say("Difficulty", "难度"), False),
        ]
        rows = [[key, m.card.question.to(lang()), m.card.difficulty.to(lang())] for key, m in sorted(chosen.items())]
        console().print(table("", headings, rows))


def card_json(card: MethodCard) -> dict[str, Any]:
    """A method card in the language of this process."""
    lines = {line: getattr(card, line).to(lang()) for line in CARD_LINES}
    return {"title": card.title.to(lang()), **lines, "reference": card.reference}


def _show_one(name: str, model: type[TierModel[Any]]) -> None:
    screen = console()
    screen.print(f"[bold]{model.card.title.to(lang())}[/bold] ({name})")
    for line, words in CARD_LINES.items():
        screen.print(f"  [bold]{say(*words)}[/bold]: {getattr(model.card, line).to(lang())}")
    screen.print(f"  [dim]{model.card.reference}[/dim]", markup=True)
    schema = model.spec_type.model_json_schema()
    rows = [
        [key, _shown(item.get("default")), _description(item.get("description", ""))]
        for key, item in schema["properties"].items()
    ]
    headings = [(say("Setting", "设置"), False), (say("Default", "默认值"), False), (say("Meaning", "含义"), False)]
    screen.print(table("", headings, rows))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items()) or "–"
    return "–" if value is None or value == {} else str(value)


def _description(text: str) -> str:
    """Settings are described as `english · 中文`."""
    english, _, chinese = text.partition(" · ")
    return chinese if chinese and lang() is Lang.ZH else english
