"""A scheme as JSON and back, exactly: a run keeps the scheme that made its labels."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tierwise.contracts.nearest import Curve, Nearest
from tierwise.contracts.scheme import Condition, Op, Rule, Scheme, Score, Tier
from tierwise.language import Text


def _value_to(value: Any) -> Any:
    """Decimals become {"decimal": "1.50"}: a JSON number would lose that they are exact."""
    return {"decimal": str(value)} if isinstance(value, Decimal) else value


def _value_from(value: Any) -> Any:
    return Decimal(value["decimal"]) if isinstance(value, dict) else value


def _text_to(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh-CN": text.zh}


def tier_to_json(tier: Tier) -> dict[str, Any]:
    """One tier as JSON."""
    texts = {name: _text_to(getattr(tier, name)) for name in ("name", "meaning", "action")}
    return {"key": tier.key, "rank": tier.rank, **texts}


def _condition_to(condition: Condition) -> list[Any]:
    """Column, operator, value; and true where unknown values meet it too."""
    plain = [condition.column, str(condition.op), _value_to(condition.value)]
    return [*plain, True] if condition.or_null else plain


def _condition_from(data: list[Any]) -> Condition:
    column, op, value, *more = data
    return Condition(column, Op(op), _value_from(value), bool(more))


def scheme_to_json(scheme: Scheme) -> dict[str, Any]:
    """A scheme as JSON-serialisable data."""
    return {
        "inputs": list(scheme.inputs),
        "tiers": [tier_to_json(tier) for tier in scheme.tiers],
        "rules": [
            {"tier": rule.tier, "when": [_condition_to(condition) for condition in rule.when]} for rule in scheme.rules
        ],
        "otherwise": scheme.otherwise,
        "scores": [
            {
                "name": score.name,
                "column": score.column,
                "label": _text_to(score.label),
                "bins": score.bins,
                "ascending": score.ascending,
                "within": list(score.within),
                "cuts": [[list(key), [_value_to(cut) for cut in cuts]] for key, cuts in sorted(score.cuts.items())],
            }
            for score in scheme.scores
        ],
        "total": {column: str(weight) for column, weight in scheme.total.items()},
        **({"nearest": _nearest_to(scheme.nearest)} if scheme.nearest else {}),
    }


def _nearest_to(nearest: Nearest) -> dict[str, Any]:
    return {
        "name": nearest.name,
        "curves": [
            {"column": curve.column, "label": _text_to(curve.label), "knots": [list(knot) for knot in curve.knots]}
            for curve in nearest.curves
        ],
        "centres": [list(centre) for centre in nearest.centres],
    }


def _nearest_from(data: Mapping[str, Any]) -> Nearest:
    curves = tuple(
        Curve(curve["column"], Text.of(curve["label"]), tuple((value, level) for value, level in curve["knots"]))
        for curve in data["curves"]
    )
    return Nearest(data["name"], curves, tuple(tuple(centre) for centre in data["centres"]))


def scheme_from_json(data: Mapping[str, Any]) -> Scheme:
    """The scheme that `scheme_to_json` wrote."""
    return Scheme(
        inputs=tuple(data["inputs"]),
        tiers=tuple(_tier_from(tier) for tier in data["tiers"]),
        rules=tuple(
            Rule(rule["tier"], tuple(_condition_from(condition) for condition in rule["when"]))
            for rule in data["rules"]
        ),
        otherwise=data["otherwise"],
        scores=tuple(_score_from(score) for score in data["scores"]),
        total={column: Decimal(weight) for column, weight in data["total"].items()},
        nearest=_nearest_from(data["nearest"]) if "nearest" in data else None,
    )


def _tier_from(data: Mapping[str, Any]) -> Tier:
    texts = (Text.of(data[name]) for name in ("meaning", "action"))
    return Tier(data["key"], Text.of(data["name"]), data["rank"], *texts)


def _score_from(data: Mapping[str, Any]) -> Score:
    cuts = {tuple(key): tuple(_value_from(cut) for cut in found) for key, found in data["cuts"]}
    return Score(
        data["name"],
        data["column"],
        Text.of(data["label"]),
        data["bins"],
        cuts,
        data["ascending"],
        tuple(data["within"]),
    )
