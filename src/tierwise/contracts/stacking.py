"""Models that build on the labels of others: what they name, and in which order models must be computed.

A stacked model is handed the indicator table with one further column per model it names: `NAME_tier`, the key of the
tier that the customer has there. Its scheme reads that column like any other.
"""

from __future__ import annotations

import difflib
from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from tierwise.contracts.model import Spec, TierModel
from tierwise.contracts.scheme import Scheme
from tierwise.errors import ErrorKind, Family, Place, raise_all
from tierwise.language import Text

NO_SUCH_INPUT = ErrorKind(
    "config.no_such_input_model",
    Family.CONFIG,
    what=Text("{model} builds on {wanted}, which is not computed", "{model} 以 {wanted} 为基础，但没有计算它"),
    cause=Text("the models of this project are: {known}", "本项目的模型：{known}"),
    cure=Text("add {wanted} under `models`, or name one of these", "请在 models 下添加 {wanted}，或改用上述模型"),
)
CIRCLE = ErrorKind(
    "config.models_in_a_circle",
    Family.CONFIG,
    what=Text("models build on each other in a circle: {circle}", "模型互相依赖成环：{circle}"),
    cause=Text("none of them can be computed first", "没有一个可以先计算"),
    cure=Text("let one of them do without the other", "请去掉其中一个依赖"),
)
NO_SUCH_TIER = ErrorKind(
    "config.no_such_input_tier",
    Family.CONFIG,
    what=Text(
        "{model} names the tier {tier} of {other}, which has none of that name",
        "{model} 引用了 {other} 的层级 {tier}，但该层级不存在",
    ),
    cause=Text("the tiers of {other} are: {known}", "{other} 的层级：{known}"),
    cure=Text("{nearest}", "{nearest}"),
)


class StackedModel(TierModel[Spec]):
    """A model that reads the labels of other models of the same run."""

    @abstractmethod
    def needs_models(self) -> Mapping[str, frozenset[str]]:
        """The instances whose labels it reads, each with the tier keys that it names."""


def tier_column(instance: str) -> str:
    """The column in which a stacked model finds the tier key of another model."""
    return f"{instance}_tier"


def models_needed(model: TierModel[Any]) -> Mapping[str, frozenset[str]]:
    """What a model needs of others; nothing, for most."""
    return model.needs_models() if isinstance(model, StackedModel) else {}


def in_order(
    models: Sequence[TierModel[Any]], place: Place | None = None, computed: Collection[str] = ()
) -> list[TierModel[Any]]:
    """The models so that each comes after those it builds on, otherwise in their own order.

    `computed` names models that are there besides and need no place in the order. Raises
    `config.no_such_input_model` (all at once) or `config.models_in_a_circle`.
    """
    by_name = {model.instance: model for model in models}
    known = dict.fromkeys((*by_name, *computed))
    raise_all(
        [
            NO_SUCH_INPUT.problem(place, model=model.instance, wanted=wanted, known=", ".join(known))
            for model in models
            for wanted in models_needed(model)
            if wanted not in known
        ]
    )
    sorter = TopologicalSorter({model.instance: tuple(models_needed(model)) for model in models})
    try:
        return [by_name[name] for name in sorter.static_order() if name in by_name]
    except CycleError as error:
        raise CIRCLE.error(place, circle=" → ".join(error.args[1])) from error


def check_named_tiers(model: TierModel[Any], schemes: Mapping[str, Scheme]) -> None:
    """Raise `config.no_such_input_tier` for each tier that a model names and the other one does not have."""
    problems = []
    for other, named in models_needed(model).items():
        keys = [tier.key for tier in schemes[other].tiers]
        for tier in sorted(named.difference(keys)):
            close = difflib.get_close_matches(tier, keys, n=1)
            nearest = Text("name one of these", "请改用上述层级")
            if close:
                nearest = Text(f"did you mean {close[0]}?", f"是否想写 {close[0]}？")
            problems.append(
                NO_SUCH_TIER.problem(
                    model=model.instance, tier=tier, other=other, known=", ".join(keys), nearest=nearest
                )
            )
    raise_all(problems)
