"""The claim behind a scheme: what its rules say when their order is forgotten."""

from __future__ import annotations

from tierwise.contracts.mece import Claim, NamedRule
from tierwise.contracts.scheme import Scheme
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

NOT_RULES = ErrorKind(
    "proof.not_rules",
    Family.USAGE,
    what=Text("{model} has no rules to prove", "{model} 没有可证明的规则"),
    cause=Text(
        "its tiers follow from nearest centres, which part customers by construction",
        "其分层按最近中心得出，天然互斥且完备",
    ),
    cure=Text("choose a model of rules", "请选择以规则分层的模型"),
)


def claim_of(scheme: Scheme, model: str) -> Claim:
    """One rule per tier, all its alternatives together, in the order of first mention; raises `proof.not_rules`.

    The tiers of a scheme are ordered by first match, and what is left has a tier: `overlap_settled` and
    `rest_settled` are set. The proof says how much depends on that.
    """
    if scheme.nearest is not None:
        raise NOT_RULES.error(model=model)
    keys = dict.fromkeys(rule.tier for rule in scheme.rules)
    rules = tuple(
        NamedRule(key, scheme.tier(key).name, tuple(rule.when for rule in scheme.rules if rule.tier == key))
        for key in keys
    )
    return Claim(scheme.inputs, rules, scheme.scores, scheme.total, overlap_settled=True, rest_settled=True)
