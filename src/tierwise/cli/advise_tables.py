"""What `tierwise advise` shows without data: models and methods side by side, and what to settle before."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from tierwise.advisor.goals import Goal
from tierwise.advisor.methods import METHODS, seven_cards
from tierwise.advisor.preparation import preparation
from tierwise.cli.format import table
from tierwise.cli.models import card_json
from tierwise.cli.speech import say, tell
from tierwise.registry import models


def show_steps(screen: Console, goal: Goal) -> None:
    """Print what to settle for a goal, in order."""
    for number, stage in enumerate(preparation(goal), start=1):
        screen.print(f"[bold]{number} {tell(stage.title)}[/bold]")
        for point in stage.points:
            screen.print(f"  {tell(point)}", markup=False)


def steps_json(goal: Goal) -> dict[str, Any]:
    """The same as data."""
    stages = [{"title": tell(s.title), "points": [tell(point) for point in s.points]} for s in preparation(goal)]
    return {"goal": goal.name, "steps": stages}


def show_tables(screen: Console) -> None:
    """Print the seven models and the eight methods side by side with what each is good for."""
    words = (("Model", "模型"), ("How it works", "回答的问题"), ("Fits", "适用"), ("Pros", "优点"), ("Cons", "缺点"))
    headings = [(say(*each), False) for each in (*words, ("Difficulty", "难度"))]
    rows = [
        [tell(text) for text in (c.title, c.question, c.fit, c.strengths, c.limits, c.difficulty)]
        for c in seven_cards(models()).values()
    ]
    screen.print(table(say("Seven models", "七种分层模型"), headings, rows))
    words = (
        ("Method", "方法"),
        ("Scenario", "适用场景"),
        ("Strength", "优势"),
        ("Limit", "局限"),
        ("Here", "对应模型"),
    )
    rows = [
        [*(tell(text) for text in (m.label, m.scenario, m.strength, m.limit)), ", ".join(m.models) or "–"]
        for m in METHODS
    ]
    screen.print(table(say("Eight methods", "八种分析方法"), [(say(*each), False) for each in words], rows))


def tables_json() -> dict[str, Any]:
    """The two tables as data."""
    return {
        "models": {name: card_json(card) for name, card in seven_cards(models()).items()},
        "methods": {
            m.name: {
                "label": tell(m.label), "scenario": tell(m.scenario), "strength": tell(m.strength),
                "limit": tell(m.limit), "models": list(m.models),
            }
            for m in METHODS
        },
    }  # fmt: skip
