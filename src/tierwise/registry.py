"""Which models there are: those in the folder `models/`, and those of other packages by entry point.

A model is imported when it is asked for: a command about one model does not wait for the libraries of the others, and a
model whose module fails to import harms nobody who did not ask for it.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import warnings
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import tierwise.models
from tierwise.config.document import Document
from tierwise.config.validation import nearest, parse_rest, parse_settings
from tierwise.contracts.model import MethodCard, TierModel
from tierwise.contracts.stacking import in_order
from tierwise.errors import ErrorKind, Family, Place, Problem, TierwiseError, TierwiseWarning, raise_all
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

BROKEN_MODEL = ErrorKind(
    "model.broken",
    Family.RESOURCE,
    what=Text("the model {name} cannot be loaded: {message}", "无法加载模型 {name}：{message}"),
    cause=Text("its module fails when it is imported", "导入其模块时出错"),
    cure=Text(
        "mend or reinstall the package that brings it; all other models work without it",
        "请修复或重新安装提供该模型的软件包；其他模型不受影响",
    ),
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
def model_names() -> tuple[str, ...]:
    """The names of all models, those that fail to import included; imports none."""
    own = {found.name for found in pkgutil.iter_modules(tierwise.models.__path__)}
    return tuple(sorted(own | set(_others())))


@cache
def _others() -> dict[str, EntryPoint]:
    """The models of other packages; an entry point has the name of its model."""
    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


@cache
def models() -> dict[str, type[TierModel[Any]]]:
    """Every model by name; warns of those that fail to import and leaves them out."""
    found = {}
    for name in model_names():
        try:
            found[name] = known_model(name)
        except TierwiseError as error:
            warnings.warn(TierwiseWarning(error.problems[0]), stacklevel=2)
    return found


@cache
def known_model(name: str) -> type[TierModel[Any]]:
    """Import the model called `name` and return it; raises `config.unknown_model` or `model.broken`."""
    if name not in model_names():
        raise TierwiseError([_unknown(name)])
    other = _others().get(name)
    module = other.module if other else f"{tierwise.models.__name__}.{name}"
    try:
        found: type[TierModel[Any]] = other.load() if other else _model_in(module)
    except Exception as error:  # whatever the author of a model let happen while it is imported
        raise BROKEN_MODEL.error(Place(file=module), name=name, message=f"{type(error).__name__}: {error}") from error
    return found


def card_of(name: str) -> MethodCard | None:
    """The method card of a model of a run; None where the package that brought it is gone or broken by now."""
    try:
        return known_model(name).card
    except TierwiseError:
        return None


def _unknown(name: str, place: Place | None = None) -> Problem:
    known = model_names()
    return UNKNOWN_MODEL.problem(place, name=name, known=", ".join(known), nearest=nearest(name, known))


def _model_in(name: str) -> type[TierModel[Any]]:
    """The model that a module of the folder `models/` defines."""
    for value in vars(importlib.import_module(name)).values():
        if isinstance(value, type) and issubclass(value, TierModel) and value.__module__ == name:
            return value
    raise LookupError("the module defines no model")


def build_models(document: Document, proved: bool = True) -> list[TierModel[Any]]:
    """Return the models a document's `models` section names; raises with every problem found.

    Each key is a model, or any name whose settings say `model: NAME`, so that one model can be run twice. With
    `proved` false, rules that fail their proof are let through, for those who want to look into it.
    """
    built = build_each(document, proved)
    in_order(built, Place(file=document.source))
    return built


def build_each(document: Document, proved: bool = True) -> list[TierModel[Any]]:
    """As `build_models`, each model by itself: those that it builds on may stand elsewhere."""
    problems: list[Problem] = []
    built: list[TierModel[Any]] = []
    for instance, settings in (document.data.get("models") or {}).items():
        if not _NAME.fullmatch(str(instance)):
            problems.append(BAD_NAME.problem(document.place(("models", instance)), name=instance))
            continue
        name = str((settings or {}).get("model", instance))
        model = _asked_for(name, document.place(("models", instance)), problems)
        if model is None:
            continue
        plain = {key: value for key, value in (settings or {}).items() if key != "model"}
        view = Document({"models": {instance: plain}}, document.source, document.lines)
        spec = parse_settings(model.spec_type, view, ("models", instance), problems, hint=name)
        if spec is not None:
            built.append(model(spec, instance))
            problems += _problems(built[-1], document, proved)
        elif (rest := parse_rest(model.spec_type, view, ("models", instance))) is not None:
            problems += _indicator_problems(model(rest, instance), document)
    raise_all(problems)
    return built


def _asked_for(name: str, place: Place, problems: list[Problem]) -> type[TierModel[Any]] | None:
    """The model that a document names, or None and one problem more."""
    if name not in model_names():
        problems.append(_unknown(name, place))
        return None
    try:
        return known_model(name)
    except TierwiseError as error:
        problems += error.problems
        return None


def _problems(model: TierModel[Any], document: Document, proved: bool) -> list[Problem]:
    """What is wrong with the indicators that a model asks for, else with the rules that it claims to part customers."""
    found = _indicator_problems(model, document)
    if found or not proved:
        return found
    try:
        require_proved(model, document.place(("models", model.instance)))
    except TierwiseError as error:
        return list(error.problems)
    return []


def _indicator_problems(model: TierModel[Any], document: Document) -> list[Problem]:
    path = ("models", model.instance)
    return [
        problem
        for ref in sorted(set(model.needs()))
        for problem in problems_of([ref], place=document.place_of(ref.name, path))
    ]


def require_proved(model: TierModel[Any], place: Place | None = None) -> None:
    """Refuse a model whose rules should be exclusive and exhaustive and are not; raises `personas.not_mece`."""
    claim = model.claim()
    if claim is not None:
        from tierwise.proof import require_mece

        require_mece(claim, domains_of(model.needs()), model.instance, place)
