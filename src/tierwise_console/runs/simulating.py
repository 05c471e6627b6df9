"""What if a model had other settings: who would move, before anything is changed; and whether its rules part everyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tierwise.config.document import Document
from tierwise.contracts.scheme import Tier
from tierwise.language import Text
from tierwise.proof.wording import example_text, region_text
from tierwise.questions import prove_model, simulate
from tierwise.registry import build_models
from tierwise_console.runs.label_differences import reading
from tierwise_console.runs.published import run_if_there, workspace


@dataclass(frozen=True, slots=True)
class TierChangeLine:
    """One tier: customers now and under the other settings, and its net sales then. None: there is no such tier."""

    tier: Tier
    before: int | None
    after: int | None
    revenue: Decimal | None

    @property
    def change(self) -> int:
        """How many customers more."""
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True, slots=True)
class Simulation:
    """Customers who would move, and each tier before and after."""

    moved: int
    stayed: int
    tiers: tuple[TierChangeLine, ...]


def simulate_settings(instance: str, settings: Mapping[str, Any]) -> Simulation | None:
    """Who would move if a model of the current run had these settings; None where no run has it.

    Raises every problem that the settings have.
    """
    document = Document({"models": {instance: dict(settings)}}, "tierwise.yaml")
    model = build_models(document)[0]
    run = run_if_there()
    if run is None or instance not in run.manifest.models:
        return None
    with reading() as engine:
        _, found = simulate(engine, workspace(), run, model)
    before = {tier.key: tier for tier in found.before}
    after = {tier.key: tier for tier in found.after}
    sizes: dict[str, list[Any]] = {key: [0, 0, Decimal(0)] for key in (*after, *before)}
    for flow in found.flows:
        if flow.before:
            sizes[flow.before][0] += flow.customers
        if flow.after:
            sizes[flow.after][1] += flow.customers
            sizes[flow.after][2] += flow.revenue
    lines = tuple(
        TierChangeLine(
            after.get(key) or before[key],
            size[0] if key in before else None,
            size[1] if key in after else None,
            size[2] if key in after else None,
        )
        for key, size in sizes.items()
    )
    return Simulation(found.moved, found.stayed, lines)


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One overlap or gap in words: the rules, an example of a customer, and where."""

    rules: Text
    example: Text
    where: Text


@dataclass(frozen=True, slots=True)
class ProofShown:
    """The proof of a model's rules: whether every customer meets exactly one, else where not."""

    holds: bool
    claimed: bool
    rules: int
    overlaps: tuple[ProofLine, ...]
    gaps: tuple[ProofLine, ...]
    overlap_settled: bool
    rest_settled: bool


def proof_of(instance: str, settings: Mapping[str, Any]) -> ProofShown | None:
    """The proof of a model with these settings; None where its rules are not known before a run."""
    model = build_models(Document({"models": {instance: dict(settings)}}, "tierwise.yaml"), proved=False)[0]
    run = run_if_there()
    claimed = model.claim() is not None
    if not claimed:
        return None
    found = prove_model(model, run)
    claim, proof = found.claim, found.proof
    none = Text.same("–")
    overlaps = tuple(
        ProofLine(
            Text(
                f"{claim.rules[o.first].name.en} + {claim.rules[o.second].name.en}",
                f"{claim.rules[o.first].name.zh} + {claim.rules[o.second].name.zh}",
            ),
            example_text(o.example, o.region, claim),
            region_text(o.region, claim),
        )
        for o in proof.overlaps
    )
    gaps = tuple(
        ProofLine(none, example_text(g.example, g.region, claim), region_text(g.region, claim)) for g in proof.gaps
    )
    return ProofShown(proof.holds, claimed, len(claim.rules), overlaps, gaps, claim.overlap_settled, claim.rest_settled)
