"""Industry templates, to take into the settings file of a project: models, goals and actions; sources stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tierwise.language import Text
from tierwise.templates.loader import template, templates
from tierwise_console.runs.settings_file import section_of, with_model, with_section
from tierwise_console.runs.tier_names import title_of

SECTION = "template"


@dataclass(frozen=True, slots=True)
class Industry:
    """One template in its own words, with the titles of its models."""

    name: str
    title: Text
    about: Text
    models: Sequence[Text]
    goals: Sequence[Text]


def industries() -> list[Industry]:
    """Every template, by name."""
    found = []
    for name, each in templates().items():
        models = [title_of(model, model) for model in each.document.data["models"]]
        goals = [goal.text for goal in each.about.goals]
        found.append(Industry(name, each.about.title.text, each.about.about.text, models, goals))
    return found


def with_template(text: str, name: str) -> str:
    """A settings file with the words and models of a template; models that it does not name stay, and so does all else.

    Raises `config.unknown_template`.
    """
    chosen = template(name)
    text = with_section(text, SECTION, section_of(chosen.text, SECTION))
    for model, settings in chosen.document.data["models"].items():
        text = with_model(text, model, settings or {})
    return text
