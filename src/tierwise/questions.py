"""What can be asked of published runs: why this label, who moved, where models disagree. Nothing here writes a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tierwise.config.document import Document
from tierwise.contracts.explanation import Explanation, explain
from tierwise.contracts.imports import version_from_json
from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.mece import Claim
from tierwise.contracts.model import TierModel
from tierwise.contracts.scheme import Scheme, Tier
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import read_tables, run_plan
from tierwise.errors import ErrorKind, Family, Place
from tierwise.evaluation.disagreement import Disagreement, Pair, disagreement_steps, disagreements_of, pairs_of
from tierwise.evaluation.health import Expected, Health, Rate, health, rates
from tierwise.evaluation.migration import Migration, migration_of, migration_steps
from tierwise.evaluation.movers import Mover, mover_steps, movers_of
from tierwise.evaluation.survival import Curve, curves_of, stay_steps
from tierwise.exports.label_table import LabelledRun
from tierwise.indicators.availability import Availability, availability
from tierwise.indicators.chosen import Advice, alike, check_chosen, pair_steps, same_pair, same_thing_steps
from tierwise.indicators.compile import indicator_steps
from tierwise.indicators.domains import domains_of
from tierwise.language import Text
from tierwise.registry import build_models
from tierwise.snapshots.runs import Run
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace
from tierwise.sql.expressions import literal

if TYPE_CHECKING:
    from tierwise.proof import CustomerCheck, Proof, Repair

NO_CUSTOMER = ErrorKind(
    "customer.unknown",
    Family.DATA,
    what=Text("no customer {customer} in the run {run}", "运行 {run} 中没有客户 {customer}"),
    cause=Text("ids are compared as text, leading zeros included{near}", "编号按文本比较，包含前导零{near}"),
    cure=Text("check the id in the label table (labels.csv)", "请在标签表 labels.csv 中核对编号"),
)

ONE_MODEL = ErrorKind(
    "disagreement.one_model",
    Family.DATA,
    what=Text("a disagreement takes two models", "比较分歧至少需要两个模型"),
    cause=Text("the run has: {models}", "该运行中的模型：{models}"),
    cure=Text("name two of them with --model, or compute another", "用 --model 指定其中两个，或再计算一个模型"),
)
NOT_FITTED = ErrorKind(
    "proof.not_fitted",
    Family.USAGE,
    what=Text("the rules of {model} are not known yet", "{model} 的规则尚未生成"),
    cause=Text("they are learned from data, and there is no run", "其规则需从数据中学习，而目前没有运行结果"),
    cure=Text("compute it first: `tierwise run`", "请先运行 tierwise run"),
)


@dataclass(frozen=True)
class Reason:
    """One model's explanation of one customer; `held` is the tier it keeps from before, in place of the verdict's."""

    model: str
    scheme: Scheme
    explanation: Explanation
    held: Tier | None = None


def explain_customer(engine: Engine, run: Run, customer: str, models: Sequence[str] = ()) -> list[Reason]:
    """Explain a customer's tier in each model of a run; raises `customer.unknown`."""
    engine.attach("indicators", run.indicator_files())
    rows = engine.records("explain", f"SELECT * FROM indicators WHERE customer_id = {literal(customer)}")
    if not rows:
        raise _unknown(engine, run, customer)
    fixed = {item["column"] for item in run.manifest.indicators if not item.get("actionable", True)}
    reasons = []
    for model in models or run.manifest.models:
        scheme = run.scheme(model)
        values = _values(engine, run, model, scheme, rows[0])
        found = explain(scheme, values, fixed)
        reasons.append(Reason(model, scheme, found, _held(engine, run, model, customer, found.verdict.tier)))
    return reasons


def _held(engine: Engine, run: Run, model: str, customer: str, fresh: Tier) -> Tier | None:
    """The tier that margin or minimum stay hold a customer in, where that is another than the rules give."""
    spec = run.manifest.models[model].spec
    if not Decimal(str(spec.get("margin_percent", 0))) and not spec.get("minimum_stay_days", 0):
        return None
    engine.attach(f"labels_of_{model}", run.labels(model))
    sql = f"SELECT tier FROM labels_of_{model} WHERE customer_id = {literal(customer)}"
    tier = run.scheme(model).tier(engine.records("label", sql)[0]["tier"])
    return tier if tier.key != fresh.key else None


def _values(engine: Engine, run: Run, model: str, scheme: Scheme, row: dict[str, Any]) -> dict[str, Any]:
    """The inputs of a scheme for one customer; tiers of other models stand in the label table only."""
    if not set(scheme.inputs) <= set(row):
        engine.attach(f"labels_of_{model}", run.labels(model))
        who = literal(row["customer_id"])
        row = engine.records("label", f"SELECT * FROM labels_of_{model} WHERE customer_id = {who}")[0]
    return {column: row[column] for column in scheme.inputs}


def _unknown(engine: Engine, run: Run, customer: str) -> Exception:
    """Say which ids look alike: most often a zero or a blank was lost."""
    bare = literal("%" + customer.strip().lstrip("0") + "%")
    rows = engine.records("similar", f"SELECT customer_id FROM indicators WHERE customer_id LIKE {bare} LIMIT 3")
    alike = ", ".join(row["customer_id"] for row in rows) if customer.strip() else ""
    near = Text(f"; similar: {alike}", f"；相近的有：{alike}") if alike else Text.same("")
    return NO_CUSTOMER.error(Place(file=str(run.folder)), customer=customer, run=run.name, near=near)


def compare_runs(engine: Engine, before: Run, after: Run, model: str) -> Migration:
    """The migration of one model's tiers between two runs; money is that of the later run."""
    engine.attach("labels_before", before.labels(model))
    engine.attach("labels_after", after.labels(model))
    engine.attach("amounts_after", after.indicator_files())
    run_plan(engine, migration_steps("labels_before", "labels_after", "amounts_after"))
    rows = engine.records("flows", "SELECT * FROM flows")
    return migration_of(rows, before.scheme(model).tiers, after.scheme(model).tiers)


@dataclass(frozen=True)
class Comparison:
    """A migration, its rates and health, and who moved, those worth most first.

    `health` is None where the tiers themselves differ. `movers` are at most MOST_MOVERS; they have no causes where
    the earlier run lacks an indicator of the later scheme.
    """

    migration: Migration
    rates: tuple[Rate, ...]
    health: Health | None
    movers: tuple[Mover, ...]
    replayed: bool


MOST_MOVERS = 20_000


def examine_migration(
    engine: Engine, before: Run, after: Run, model: str, expected: Expected | None = None
) -> Comparison:
    """Compare a model's tiers in two runs: who moved, how surely, whether that is healthy, and what moved them."""
    migration = compare_runs(engine, before, after, model)
    same = {tier.key for tier in migration.before} == {tier.key for tier in migration.after}
    scheme = after.scheme(model)
    engine.attach("inputs_before", before.indicator_files())
    engine.attach("inputs_after", after.indicator_files())
    replayed = set(scheme.inputs) <= set(engine.columns("inputs_before"))
    inputs = scheme.inputs if replayed else ()
    run_plan(engine, mover_steps(inputs, "amounts_after"))
    rows = engine.records("movers", f"SELECT * FROM movers ORDER BY worth DESC, customer_id LIMIT {MOST_MOVERS}")
    found = movers_of(rows, scheme, inputs) if replayed else ()
    return Comparison(migration, rates(migration), health(migration, expected) if same else None, found, replayed)


def tier_survival(engine: Engine, runs: Sequence[Run], model: str, with_first: bool = False) -> dict[str, Curve]:
    """How long customers stay in each tier of a model, over runs of different days in the order of their days."""
    tables = []
    for place, found in enumerate(runs):
        engine.attach(f"labels_of_run_{place}", found.labels(model))
        tables.append((f"labels_of_run_{place}", found.manifest.as_of))
    run_plan(engine, stay_steps(tables, with_first))
    return curves_of(engine.records("stays", "SELECT * FROM stays"))


def history(workspace: Workspace, until: Run, model: str) -> list[Run]:
    """The runs up to one that have a model, one a day (the last written), by their days."""
    by_day = {}
    for name in workspace.names():
        found = Run(workspace.runs / name)
        if found.manifest.as_of <= until.manifest.as_of and model in found.manifest.models:
            by_day[found.manifest.as_of] = found
    return [by_day[day] for day in sorted(by_day)]


def disagreements(
    engine: Engine, run: Run, models: Sequence[str] = (), most: int = 20
) -> tuple[tuple[Disagreement, ...], tuple[Pair, ...]]:
    """The customers about whom models of a run disagree most by value at stake, and how far each two lie apart.

    Raises `disagreement.one_model` where there are not two.
    """
    chosen = list(dict.fromkeys(models or run.manifest.models))
    if len(chosen) < 2:
        raise ONE_MODEL.error(Place(file=str(run.folder)), models=", ".join(run.manifest.models))
    for model in chosen:
        engine.attach(f"labels_of_{model}", run.labels(model))
    engine.attach("amounts_of_run", run.indicator_files())
    run_plan(engine, disagreement_steps(chosen, {m: f"labels_of_{m}" for m in chosen}, "amounts_of_run"))
    ordered = f"SELECT * FROM disagreements ORDER BY at_stake DESC, gap DESC, customer_id LIMIT {most}"
    pairs = engine.records("pairs", "SELECT * FROM disagreement_pairs")[0]
    return disagreements_of(engine.records("disagreements", ordered), chosen), pairs_of(pairs, chosen)


@dataclass(frozen=True)
class Proved:
    """What is known of one model's rules: the claim, its proof, and what the customers of a run say, if asked."""

    model: str
    claim: Claim
    proof: Proof
    check: CustomerCheck | None = None
    repairs: tuple[Repair, ...] = ()


def prove_model(model: TierModel[Any], run: Run | None = None) -> Proved:
    """Prove that the rules of a model part all customers, or say where they do not.

    A model that claims nothing is taken by the scheme it has in `run`, its rules without their order; raises
    `run.no_such_model` or `proof.not_rules` where there is none.
    """
    from tierwise.proof import claim_of, prove

    claim = model.claim()
    if claim is None:
        if run is None:
            raise NOT_FITTED.error(model=model.instance)
        claim = claim_of(run.scheme(model.instance), model.instance)
    return Proved(model.instance, claim, prove(claim, domains_of(model.needs())))


def prove_on_customers(engine: Engine, workspace: Workspace, run: Run, model: TierModel[Any], proved: Proved) -> Proved:
    """Count, over the customers of a run, who meets how many rules, and what each repair would change."""
    from tierwise.proof import check_customers, customer_check, find_words, prove, repairs, with_words

    attach_indicators(engine, workspace, run, model.needs())
    prefix = f"{model.instance}_proof"
    domains = domains_of(model.needs())
    words = find_words(domains, "indicators", prefix)
    run_plan(engine, words.steps)
    domains = with_words(domains, read_tables(engine, words.reads), prefix)
    asked = check_customers(proved.claim, domains, "indicators", prefix)
    run_plan(engine, asked.steps)
    check = customer_check(proved.claim, read_tables(engine, asked.reads), prefix)
    proof = prove(proved.claim, domains)
    return replace(proved, proof=proof, check=check, repairs=repairs(proved.claim, proof, check))


def attach_indicators(engine: Engine, workspace: Workspace, run: Run, refs: Sequence[IndicatorRef]) -> bool:
    """The run's own indicators where they suffice, which is True; else computed anew from the tables it was made from."""
    have = {item["column"] for item in run.manifest.indicators}
    if all(ref.column in have for ref in refs):
        engine.attach("indicators", run.indicator_files())
        return True
    available = attach_tables(engine, workspace, run)
    *steps, last = indicator_steps(refs, run.manifest.as_of, available)
    run_plan(engine, (*steps, replace(last, stored=True)))
    return False


def attach_tables(engine: Engine, workspace: Workspace, run: Run) -> dict[str, frozenset[str]]:
    """Attach the canonical tables that a run was made from; returns the columns of each."""
    return Visible(workspace, version_from_json(run.manifest.version)).attach(engine)


@dataclass(frozen=True)
class ChosenIndicators:
    """What can be measured on the tables of a run, what its models measure, and what is to be said of the choice."""

    availability: tuple[Availability, ...]
    chosen: tuple[IndicatorRef, ...]
    advice: tuple[Advice, ...]


def indicators_of_run(engine: Engine, workspace: Workspace, run: Run) -> ChosenIndicators:
    """Look at the tables a run was made from, and at the indicators that its models read."""
    models = build_models(Document({"models": run.settings()}, run.name), proved=False)
    chosen = tuple(sorted({ref for model in models for ref in model.needs()}))
    found = availability(attach_tables(engine, workspace, run))
    engine.attach("indicators", run.indicator_files())
    steps, name = same_thing_steps(chosen)
    run_plan(engine, steps)
    pairs = alike(chosen, engine.records(name, f"SELECT * FROM {name}")[0])
    same = [advice for pair in pairs for advice in _same_pair(engine, *pair)]
    same.sort(key=lambda advice: -abs(advice.figures["rank_correlation"]))
    return ChosenIndicators(found, chosen, (*check_chosen(chosen), *same))


def _same_pair(engine: Engine, a: IndicatorRef, b: IndicatorRef) -> list[Advice]:
    """The warning of two indicators that say the same of those whom both know; the table `indicators` is attached."""
    steps, name = pair_steps(a, b)
    run_plan(engine, steps)
    return same_pair(a, b, engine.records(name, f"SELECT * FROM {name}")[0])


def labelled(run: Run) -> LabelledRun:
    """What of a run goes into its label table."""
    manifest = run.manifest
    return LabelledRun(
        indicators={item["column"]: Text.of(item["label"]) for item in manifest.indicators},
        indicator_files=run.indicator_files(),
        schemes={name: run.scheme(name) for name in manifest.models},
        labels={name: run.labels(name) for name in manifest.models},
        customers=manifest.totals["customers"],
        as_of=manifest.as_of,
        calculated_at=manifest.calculated_at,
        data_version=manifest.tables,
    )


def with_engine(action: Callable[[Engine], Any], open_engine: Callable[[], DuckDBEngine] = DuckDBEngine) -> Any:
    """Run an action on a fresh embedded engine and close it."""
    engine = open_engine()
    try:
        return action(engine)
    finally:
        engine.close()
