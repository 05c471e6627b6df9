"""Turn settings into typed specs; report every mistake at once, with its place and the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from tierwise.config.document import Document, Path_
from tierwise.errors import ErrorKind, Family, Problem
from tierwise.language import Text

BAD_SETTING = ErrorKind(
    "config.bad_setting",
    Family.CONFIG,
    what=Text("{setting}: {problem}", "{setting}：{problem}"),
    cause=Text("the value given is {given}", "当前值为 {given}"),
    cure=Text(
        "correct it; `tierwise models {hint}` lists settings and defaults",
        "请更正；tierwise models {hint} 可查看各项设置与默认值",
    ),
)
UNKNOWN_SETTING = ErrorKind(
    "config.unknown_setting",
    Family.CONFIG,
    what=Text("there is no setting {setting}", "没有名为 {setting} 的设置"),
    cause=Text("valid here: {known}", "此处可用：{known}"),
    cure=Text("{nearest}", "{nearest}"),
)

Spec = TypeVar("Spec", bound=BaseModel)

_MESSAGES = {
    "missing": Text("is required", "必填"),
    "literal_error": Text("must be one of {expected}", "须为 {expected} 之一"),
    "greater_than_equal": Text("must be at least {ge}", "不得小于 {ge}"),
    "greater_than": Text("must be above {gt}", "须大于 {gt}"),
    "less_than_equal": Text("must be at most {le}", "不得大于 {le}"),
    "less_than": Text("must be below {lt}", "须小于 {lt}"),
    "int_parsing": Text("must be a whole number", "须为整数"),
    "int_type": Text("must be a whole number", "须为整数"),
    "int_from_float": Text("must be a whole number", "须为整数"),
    "decimal_parsing": Text("must be a number", "须为数字"),
    "decimal_type": Text("must be a number", "须为数字"),
    "dict_type": Text("must be settings, each as name: value", "须为若干“名称: 值”形式的设置"),
    "model_type": Text("must be settings, each as name: value", "须为若干“名称: 值”形式的设置"),
    "model_attributes_type": Text("must be settings, each as name: value", "须为若干“名称: 值”形式的设置"),
    "list_type": Text("must be a list", "须为列表"),
    "tuple_type": Text("must be a list", "须为列表"),
    "string_type": Text("must be a text", "须为文字"),
    "bool_type": Text("must be true or false", "须为 true 或 false"),
    "finite_number": Text("must be a finite number", "须为有限数字"),
    "bool_parsing": Text("must be true or false", "须为 true 或 false"),
    "date_from_datetime_parsing": Text("must be a date like 2026-10-31", "须为日期，如 2026-10-31"),
    "date_parsing": Text("must be a date like 2026-10-31", "须为日期，如 2026-10-31"),
}


def nearest(name: str, known: Sequence[str]) -> Text:
    """Advice on a name that is not known."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return Text(f"did you mean {close[0]}?", f"是否想写 {close[0]}？")
    return Text("remove it, or use one of the names above", "请删除，或改用上述名称之一")


def parse_settings(
    spec: type[Spec], document: Document, path: Path_, problems: list[Problem], hint: str = ""
) -> Spec | None:
    """Return the settings at `path` as a spec, or None after adding every problem found to `problems`."""
    data = _at(document, path)
    try:
        return spec.model_validate(data)
    except ValidationError as error:
        found = _unique(error)
        problems += [_problem(spec, document, path, item, hint) for item in (*found, *_behind(spec, data, found))]
        return None


def parse_rest(spec: type[Spec], document: Document, path: Path_) -> Spec | None:
    """The settings at `path` as a spec, those left out that are wrong; None where the others do not stand without."""
    data = _at(document, path)
    try:
        return spec.model_validate(data)
    except ValidationError as error:
        wrong = {item["loc"][0] for item in _unique(error) if item["loc"]}
        if not wrong or not isinstance(data, dict):
            return None
    try:
        return spec.model_validate({name: value for name, value in data.items() if name not in wrong})
    except ValidationError:
        return None


def _at(document: Document, path: Path_) -> Any:
    data: Any = document.data
    for part in path:
        data = data[part]
    return {} if data is None else data


def _behind(spec: type[BaseModel], data: Any, found: Sequence[Any]) -> list[Any]:
    """What is wrong with settings as a whole, which nobody looks at while there are names that mean nothing.

    A name that is nearly right is taken for the one that it is near to. Nothing is said where a value is wrong, too:
    what it should have been is not known.
    """
    if any(item["type"] != "extra_forbidden" or len(item["loc"]) != 1 for item in found):
        return []
    known, read = sorted(spec.model_fields), dict(data)
    for item in found:
        name = item["loc"][0]
        close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
        value = read.pop(name)
        if close:
            read.setdefault(close[0], value)
    try:
        spec.model_validate(read)
    except ValidationError as error:
        return [item for item in _unique(error) if item["loc"] == ()]
    return []


def _unique(error: ValidationError) -> list[Any]:
    """One item per setting: a union reports each of its branches, of which the first says enough."""
    seen: set[tuple[Any, ...]] = set()
    kept = []
    for item in error.errors(include_url=False):
        settings = tuple(part for part in item["loc"] if not _is_branch(part))
        if settings not in seen:
            seen.add(settings)
            kept.append({**item, "loc": settings})
    return kept


def _is_branch(part: Any) -> bool:
    """Whether a part of a location names a branch of a union (a type) and not a setting."""
    return isinstance(part, str) and (
        part in ("int", "str", "decimal", "constrained-int") or "[" in part or part[:1].isupper()
    )


def _settings_at(spec: type[BaseModel], path: Sequence[Any]) -> set[str]:
    """The names of the settings that a spec has at a path; empty where they are the user's own."""
    path = [part for part in path if not isinstance(part, int)]  # a place in a list
    if not path:
        return set(spec.model_fields)
    here = spec.model_fields.get(str(path[0]))
    inner = _specs_in(here.annotation) if here else []
    return {name for found in inner for name in _settings_at(found, path[1:])}


def _specs_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in _specs_in(argument)]


def _problem(spec: type[BaseModel], document: Document, path: Path_, item: Any, hint: str) -> Problem:
    where = (*path, *item["loc"])
    place = document.place(where)
    if item["type"] == "extra_forbidden":
        known = sorted(_settings_at(spec, item["loc"][:-1]))
        return UNKNOWN_SETTING.problem(
            place, setting=item["loc"][-1], known=", ".join(known), nearest=nearest(str(item["loc"][-1]), known)
        )
    context = item.get("ctx", {})
    if item["type"] == "tierwise":
        message = Text(context["en"], context["zh"])
    elif item["type"] in _MESSAGES:
        message = _MESSAGES[item["type"]].fill(**context)
    else:
        message = Text(item["msg"], f"取值无效（{item['msg']}）")
    setting = ".".join(str(part) for part in where)
    return BAD_SETTING.problem(place, setting=setting, problem=message, given=repr(item["input"])[:80], hint=hint)
