"""Which models there are: those in the folder `models/`, and those of other packages by entry point."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache
from importlib.metadata import entry_points
from typing import Any

import tierwise.models
from tierwise.config.document import Document
from tierwise.config.validation import nearest, parse_settings
from tierwise.contracts.model import TierModel
from tierwise.contracts.stacking import in_order
from tierwise.errors import ErrorKind, Family, Place, Problem, TierwiseError, raise_all
from tierwise.indicators.checks import problems_of
from tierwise.indicators.domains import domains_of
from tierwise.language import Text

ENTRY_POINTS = "tierwise.models"

UNKNOWN_MODEL = ErrorKind(
    "config.unknown_model",
    Family.CONFIG,
    what=Text("there is no model {name}", "没有名为 {name} 的模型"),
    cause=Text("the models are: {known}", "现有模型：{known}"),
    cure=Text("{nearest}", "{nearest}"),
)

BAD_NAME = ErrorKind(
    "config.bad_model_name",
    Family.CONFIG,
    what=Text("{name} cannot be the name of a model", "{name} 不能用作模型名称"),
    cause=Text("the name becomes a table and a folder", "该名称会用作表名和文件夹名"),
    cure=Text(
        "use small letters a to z, digits and _, a letter first, at most 40; tiers may be named in any script",
        "请用小写字母 a–z、数字和下划线，以字母开头，最多 40 个字符；层级名称不受此限",
    ),
)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@cache
def models() -> dict[str, type[TierModel[Any]]]:
    """Every model by name."""
    modules = [
        importlib.import_module(f"{tierwise.models.__name__}.{found.name}")
        for found in pkgutil.iter_modules(tierwise.models.__path__)
    ]
    own = [value for module in modules for value in vars(module).values() if _is_model(value, module.__name__)]
    others = [point.load() for point in entry_points(group=ENTRY_POINTS)]
    return {model.name: model for model in (*own, *others)}


def known_model(name: str) -> type[TierModel[Any]]:
    """Return the model called `name`; raises `config.unknown_model`."""
    known = models()
    if name not in known:
        raise UNKNOWN_MODEL.error(name=name, known=", ".join(sorted(known)), nearest=nearest(name, list(known)))
    return known[name]


def _is_model(value: object, module: str) -> bool:
    return isinstance(value, type) and issubclass(value, TierModel) and value.__module__ == module


def build_models(document: Document, proved: bool = True) -> list[TierModel[Any]]:
    """Return the models a document's `models` section names; raises with every problem found.

    Each key is a model, or any name whose settings say `model: NAME`, so that one model can be run twice. With
    `proved` false, rules that fail their proof are let through, for those who want to look into it.
    """
    problems: list[Problem] = []
    built: list[TierModel[Any]] = []
    known = models()
    for instance, settings in (document.data.get("models") or {}).items():
        if not _NAME.fullmatch(str(instance)):
            problems.append(BAD_NAME.problem(document.place(("models", instance)), name=instance))
            continue
        name = str((settings or {}).get("model", instance))
        if name not in known:
            place = document.place(("models", instance))
            problems.append(
                UNKNOWN_MODEL.problem(
                    place, name=name, known=", ".join(sorted(known)), nearest=nearest(name, list(known))
                )
            )
            continue
        plain = {key: value for key, value in (settings or {}).items() if key != "model"}
        view = Document({"models": {instance: plain}}, document.source, document.lines)
        spec = parse_settings(known[name].spec_type, view, ("models", instance), problems, hint=name)
        if spec is not None:
            built.append(known[name](spec, instance))
            problems += _problems(built[-1], document.place(("models", instance)), proved)
    raise_all(problems)
    in_order(built, Place(file=document.source))
    return built


def _problems(model: TierModel[Any], place: Place, proved: bool) -> list[Problem]:
    """What is wrong with the indicators that a model asks for, else with the rules that it claims to part customers."""
    found = problems_of(model.needs(), place=place)
    if found or not proved:
        return found
    try:
        require_proved(model, place)
    except TierwiseError as error:
        return list(error.problems)
    return []


def require_proved(model: TierModel[Any], place: Place | None = None) -> None:
    """Refuse a model whose rules should be exclusive and exhaustive and are not; raises `personas.not_mece`."""
    claim = model.claim()
    if claim is not None:
        from tierwise.proof import require_mece

        require_mece(claim, domains_of(model.needs()), model.instance, place)
