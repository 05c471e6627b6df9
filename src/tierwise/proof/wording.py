"""Conditions, customers and findings in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tierwise.contracts.mece import Claim
from tierwise.contracts.rule_forms import Alternative
from tierwise.contracts.scheme import Condition, Op, Value
from tierwise.language import Text
from tierwise.proof.encoding import OTHER
from tierwise.proof.prover import Gap, Overlap

_SIGNS = {Op.GE: "≥", Op.LE: "≤", Op.NE: "≠"}
_ANYBODY = Text("everybody", "所有客户")


def plain_number(value: Value) -> str:
    """A value as people write it: no trailing zeros, words as they are."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def joined(parts: list[Text], en: str = ", ", zh: str = "、") -> Text:
    """Texts one after the other."""
    return Text(en.join(part.en for part in parts), zh.join(part.zh for part in parts))


def value_text(value: Value) -> Text:
    """One value of one customer."""
    if value is None:
        return Text("unknown", "未知")
    if isinstance(value, str) and value.startswith(OTHER):
        return Text("any other", "其他任意值")
    return Text.same(plain_number(value) if not isinstance(value, str) else f"'{value}'")


def condition_text(condition: Condition, claim: Claim) -> Text:
    """One condition, its column called as the author calls it."""
    name = claim.words.get(condition.column, condition.column)
    if condition.op is Op.NULL:
        return Text(f"{name} unknown", f"{name} 未知")
    if condition.op is Op.NOT_NULL:
        return Text(f"{name} known", f"{name} 已知")
    plain = f"{name} {_SIGNS.get(condition.op, str(condition.op))} {value_text(condition.value).en}"
    return Text(f"{plain} or unknown", f"{plain} 或未知") if condition.or_null else Text.same(plain)


def region_text(region: Alternative, claim: Claim) -> Text:
    """Conditions that must all hold."""
    if not region:
        return _ANYBODY
    parts = [condition_text(condition, claim) for condition in region]
    if len(parts) > 1:
        parts = [Text(f"({p.en})", f"（{p.zh}）") if c.or_null else p for c, p in zip(region, parts, strict=True)]
    return joined(parts, " and ", " 且 ")


def example_text(example: Mapping[str, Value], region: Alternative, claim: Claim) -> Text:
    """A customer by those of her values that matter in the region; all where the region has scores."""
    tested = {condition.column for condition in region}
    matter = [c for c in claim.columns if c in tested] if tested <= set(claim.columns) else list(claim.columns)
    parts = [_assignment(claim.words.get(column, column), example[column]) for column in matter]
    return joined(parts) if parts else _ANYBODY


def _assignment(name: str, value: Value) -> Text:
    shown = value_text(value)
    sign = " " if value is None else " = "
    return Text(f"{name}{sign}{shown.en}", f"{name}{sign}{shown.zh}")


def overlap_text(overlap: Overlap, claim: Claim) -> Text:
    """Which rules overlap, and for whom."""
    first, second = claim.rules[overlap.first], claim.rules[overlap.second]
    return Text(
        "{first} and {second} both take a customer with {example}",
        "“{first}”与“{second}”同时包含这样的客户：{example}",
    ).fill(first=first.name, second=second.name, example=example_text(overlap.example, overlap.region, claim))


def gap_text(gap: Gap, claim: Claim) -> Text:
    """Whom no rule takes."""
    return Text("no rule takes a customer with {example}", "没有规则包含这样的客户：{example}").fill(
        example=example_text(gap.example, gap.region, claim)
    )
