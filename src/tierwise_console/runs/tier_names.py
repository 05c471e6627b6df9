"""Names of models and tiers of the current run, in the language of the reader."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tierwise.contracts.scheme import Tier
from tierwise.errors import TierwiseError
from tierwise.language import Lang, Text
from tierwise.registry import known_model
from tierwise.snapshots.runs import Run
from tierwise_console.runs.published import run_if_there

FIRST = ("rfm", "lifecycle", "pyramid")


@dataclass(frozen=True, slots=True)
class ModelNames:
    """A model of a run: its title, and its tiers in rank order."""

    model: str
    title: Text
    tiers: tuple[Tier, ...]

    def tier(self, key: str, lang: Lang) -> str:
        """The name of a tier; its key where the run does not know it any more."""
        return next((tier.name.to(lang) for tier in self.tiers if tier.key == key), key)


def model_names() -> dict[str, ModelNames]:
    """The models of the current run, the best known first; none where there is no run."""
    run = run_if_there()
    return {} if run is None else _names(run)


@lru_cache(maxsize=4)
def _names(run: Run) -> dict[str, ModelNames]:
    names = list(run.manifest.models)
    ordered = [name for name in FIRST if name in names] + [name for name in names if name not in FIRST]
    return {
        name: ModelNames(name, title_of(run.manifest.models[name].model, name), run.scheme(name).tiers)
        for name in ordered
    }


def title_of(model: str, instance: str) -> Text:
    """The title of a model's card, and the instance where it has a name of its own."""
    try:
        title = known_model(model).card.title
    except TierwiseError:
        return Text.same(instance)
    return title if model == instance else Text(f"{title.en} ({instance})", f"{title.zh}（{instance}）")
