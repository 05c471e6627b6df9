"""What if a model had other settings: who would move, before anything is changed; and whether its rules part everyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from tierwise.config.document import Document
from tierwise.config.project import FILE_NAME
from tierwise.contracts.scheme import Tier
from tierwise.evaluation.migration import Migration
from tierwise.language import Text
from tierwise.proof.wording import example_text, region_text
from tierwise.questions import prove_model
from tierwise.registry import build_each
from tierwise.simulation import changed_models, simulate
from tierwise_console.runs.label_differences import reading
from tierwise_console.runs.published import run_if_there, workspace
from tierwise_console.runs.tier_names import title_of


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
    """Customers who would move, and each tier before and after; then the same of each model that builds on this one."""

    title: Text
    moved: int
    stayed: int
    tiers: tuple[TierChangeLine, ...]
    others: tuple[Simulation, ...] = ()


def simulate_settings(instance: str, settings: Mapping[str, Any]) -> Simulation | None:
    """Who would move if a model of the current run had these settings; None where no run has it.

    Raises every problem that the settings have.
    """
    run = run_if_there()
    if run is None or instance not in run.manifest.models:
        build_each(Document({"models": {instance: dict(settings)}}, FILE_NAME))
        return None
    document = Document({"models": {**run.settings(), instance: dict(settings)}}, FILE_NAME)
    models = changed_models(run, document, [instance])
    with reading() as engine:
        found = simulate(engine, workspace(), run, models)
    changes = {
        name: _simulation(title_of(run.manifest.models[name].model, name), each.migration)
        for name, each in found.items()
    }
    return replace(changes.pop(instance), others=tuple(changes.values()))


def _simulation(title: Text, migration: Migration) -> Simulation:
    before = {tier.key: tier for tier in migration.before}
    after = {tier.key: tier for tier in migration.after}
    sizes: dict[str, list[Any]] = {key: [0, 0, Decimal(0)] for key in (*after, *before)}
    for flow in migration.flows:
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
    return Simulation(title, migration.moved, migration.stayed, lines)


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
    model = build_each(Document({"models": {instance: dict(settings)}}, FILE_NAME), proved=False)[0]
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
