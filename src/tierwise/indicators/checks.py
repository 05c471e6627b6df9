"""Whether indicators that are asked for exist, are used rightly, and can be computed from this data."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from tierwise.contracts.indicators import IndicatorRef
from tierwise.errors import ErrorKind, Family, Place, Problem
from tierwise.indicators.catalogue import CATALOGUE
from tierwise.indicators.concepts import CONCEPTS
from tierwise.indicators.declaration import Available, Windows
from tierwise.language import Text

UNKNOWN = ErrorKind(
    "indicator.unknown",
    Family.CONFIG,
    what=Text("there is no indicator {name}", "没有名为 {name} 的指标"),
    cause=Text("a setting names it; {nearest}", "配置中引用了它；{nearest}"),
    cure=Text("use one of: {known}", "可用的指标：{known}"),
)
NOT_MEASURABLE = ErrorKind(
    "indicator.not_measurable",
    Family.CONFIG,
    what=Text("{name} cannot be measured", "“{name}”无法直接量化"),
    cause=Text("{why}", "{why}"),
    cure=Text("use a proxy that can: {proxies}", "请改用可量化的替代指标：{proxies}"),
)
BAD_WINDOW = ErrorKind(
    "indicator.bad_window",
    Family.CONFIG,
    what=Text("{name} {problem}", "{name}{problem}"),
    cause=Text("window_days is {given}", "window_days 为 {given}"),
    cure=Text("{cure}", "{cure}"),
)
BAD_PARAMETER = ErrorKind(
    "indicator.bad_parameter",
    Family.CONFIG,
    what=Text("{name}: {problem}", "{name}：{problem}"),
    cause=Text("its parameters are: {known}", "它的参数：{known}"),
    cure=Text("correct the parameters", "请更正参数"),
)
MISSING_DATA = ErrorKind(
    "indicator.missing_data",
    Family.DATA,
    what=Text("{name} cannot be computed: {table}.{column} is missing", "无法计算 {name}：缺少 {table}.{column}"),
    cause=Text("a model or setting asks for this indicator", "有模型或配置用到该指标"),
    cure=Text(
        "map a column to {table}.{column}, or choose another indicator", "请映射 {table}.{column}，或换用其他指标"
    ),
)


def problems_of(
    refs: Sequence[IndicatorRef], available: Available | None = None, place: Place | None = None
) -> list[Problem]:
    """Every problem with indicators that are asked for; without `available`, the data is not looked at."""
    found: list[Problem] = []
    for ref in sorted(set(refs)):
        if ref.name not in CATALOGUE:
            found.append(_unknown(ref.name, place))
            continue
        found += [*_window_problems(ref, place), *_parameter_problems(ref, place)]
        if available is not None:
            found += [
                MISSING_DATA.problem(place, name=ref.name, table=table, column=column)
                for table, column in CATALOGUE[ref.name].missing(available)
            ]
    return found


def runnable(
    needs: Mapping[str, Sequence[IndicatorRef]], available: Available
) -> tuple[tuple[str, ...], dict[str, list[Problem]]]:
    """Split models, by what they need, into those this data can carry and the problems of the others.

    Only missing data keeps a model back; names and windows that are wrong are errors of the settings.
    """
    missing = {
        instance: [problem for problem in problems_of(refs, available) if problem.kind is MISSING_DATA]
        for instance, refs in needs.items()
    }
    return tuple(name for name, found in missing.items() if not found), {
        n: found for n, found in missing.items() if found
    }


def _unknown(name: str, place: Place | None) -> Problem:
    concept = next((c for key, c in CONCEPTS.items() if name.strip().lower() == key or name in c.aliases), None)
    if concept is not None:
        proxies = Text.same(", ".join(concept.proxies))
        return NOT_MEASURABLE.problem(place, name=concept.label, why=concept.why, proxies=proxies)
    by_label = {text: found.name for found in CATALOGUE.values() for text in (found.label.en, found.label.zh)}
    close = difflib.get_close_matches(name, [*CATALOGUE, *by_label], n=1, cutoff=0.6)
    best = by_label.get(close[0], close[0]) if close else ""
    nearest = (
        Text(f"did you mean {best}?", f"是否想写 {best}？")
        if best
        else Text("nothing is called alike", "没有相近的名称")
    )
    return UNKNOWN.problem(place, name=name, nearest=nearest, known=", ".join(CATALOGUE))


def _window_problems(ref: IndicatorRef, place: Place | None) -> list[Problem]:
    windows = CATALOGUE[ref.name].windows
    if windows is Windows.REQUIRED and ref.window_days is None:
        problem, cure = Text("needs a window", "必须给出时间窗口"), Text("set window_days", "请设置 window_days")
    elif windows is Windows.NEVER and ref.window_days is not None:
        problem, cure = Text("has no window", "没有时间窗口"), Text("leave window_days out", "请去掉 window_days")
    elif ref.window_days is not None and ref.window_days < 1:
        problem, cure = (
            Text("needs a window of at least one day", "的时间窗口至少为一天"),
            Text("set window_days", "请设置 window_days"),
        )
    else:
        return []
    return [BAD_WINDOW.problem(place, name=ref.name, problem=problem, given=ref.window_days, cure=cure)]


def _parameter_problems(ref: IndicatorRef, place: Place | None) -> list[Problem]:
    parameters = CATALOGUE[ref.name].parameters
    known, given = {p.name: p for p in parameters}, dict(ref.parameters)
    problems = [Text(f"there is no parameter {name}", f"没有参数 {name}") for name in given if name not in known]
    problems += [
        Text(f"the parameter {p.name} is needed", f"必须给出参数 {p.name}")
        for p in parameters
        if not given.get(p.name, p.default or "").strip() and p.default is None
    ]
    shown = Text(
        "; ".join(f"{p.name} ({p.label.en})" for p in parameters) or "none",
        "；".join(f"{p.name}（{p.label.zh}）" for p in parameters) or "无",
    )
    return [BAD_PARAMETER.problem(place, name=ref.name, problem=problem, known=shown) for problem in problems]
