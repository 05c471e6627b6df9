"""A model that claims exclusive and exhaustive rules is refused where they are not."""

from __future__ import annotations

from collections.abc import Mapping

from tierwise.contracts.mece import Claim, Domain
from tierwise.errors import ErrorKind, Family, Place, Problem, raise_all
from tierwise.language import Text
from tierwise.proof.prover import prove
from tierwise.proof.soundness import check_claim
from tierwise.proof.wording import gap_text, overlap_text, region_text

NOT_MECE = ErrorKind(
    "personas.not_mece",
    Family.CONFIG,
    what=Text("{model}: {finding}", "{model}：{finding}"),
    cause=Text("{cause}", "{cause}"),
    cure=Text("{cure}", "{cure}"),
)
_OVERLAP_CURE = Text(
    "tighten one of the two rules, or set `overlap: precedence` so that the earlier one wins",
    "请收紧其中一条规则，或设置 overlap: precedence，让靠前的规则优先",
)
_GAP_CURE = Text(
    "widen a rule, or set `rest` to the persona that takes whoever is left", "请放宽某条规则，或用 rest 指定兜底人群"
)


def require_mece(claim: Claim, domains: Mapping[str, Domain], model: str, place: Place | None = None) -> None:
    """Raise `personas.not_mece` with every overlap and every gap that the author has not settled.

    Raises `proof.misfit` first where rules and domains do not fit each other.
    """
    check_claim(claim, domains, place)
    if claim.overlap_settled and claim.rest_settled:
        return
    proof = prove(claim, domains)
    problems: list[Problem] = []
    for overlap in () if claim.overlap_settled else proof.overlaps:
        cause = Text("both rules hold where {region}", "两条规则都成立的范围：{region}").fill(
            region=region_text(overlap.region, claim)
        )
        finding = overlap_text(overlap, claim)
        problems.append(NOT_MECE.problem(place, model=model, finding=finding, cause=cause, cure=_OVERLAP_CURE))
    for gap in () if claim.rest_settled else proof.gaps:
        cause = Text("no rule holds where {region}", "没有规则成立的范围：{region}").fill(
            region=region_text(gap.region, claim)
        )
        finding = gap_text(gap, claim)
        problems.append(NOT_MECE.problem(place, model=model, finding=finding, cause=cause, cure=_GAP_CURE))
    raise_all(problems)
