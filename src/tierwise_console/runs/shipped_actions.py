"""What the models and the project's template suggest to do for each tier."""

from __future__ import annotations

from dataclasses import dataclass

from tierwise.config.project import project_of
from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise_console.runs.published import run_if_there
from tierwise_console.runs.settings_file import document_of, read_settings


@dataclass(frozen=True, slots=True)
class ShippedAction:
    """One suggested action; `key` stays the same from run to run."""

    model: str
    tier: str
    action: Text
    key: str


def shipped_actions() -> list[ShippedAction]:
    """The actions of every tier of the current run: the model's own, and the template's where it has another."""
    run = run_if_there()
    if run is None:
        return []
    template = _template()
    found = []
    for model in run.manifest.models:
        for tier in run.scheme(model).tiers:
            if tier.action.en or tier.action.zh:
                found.append(ShippedAction(model, tier.key, tier.action, f"model:{model}:{tier.key}"))
            own = template.get(model, {}).get(tier.key)
            if own is not None and own != tier.action:
                found.append(ShippedAction(model, tier.key, own, f"template:{model}:{tier.key}"))
    return found


def _template() -> dict[str, dict[str, Text]]:
    """The actions that the settings file took from an industry template; none where it cannot be read."""
    try:
        template = project_of(document_of(read_settings().text)).template
    except TierwiseError:
        return {}
    actions = template.actions if template else {}
    return {model: {tier: words.text for tier, words in tiers.items()} for model, tiers in actions.items()}
