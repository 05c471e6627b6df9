"""The advisor's out-of-time figures on the retail file and on the demo shop, as docs/advisor.md quotes them.

python -m benchmarks.advisor [retail|demo]
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tierwise.advisor.advice import Advice, Question, ask_again
from tierwise.advisor.asking import advise_on_files
from tierwise.advisor.backtest import Estimate, Figures
from tierwise.advisor.goals import BUSINESSES, GOALS, METRIC_NAMES, Metric
from tierwise.contracts.tables import TABLES
from tierwise.datasets import simulate_shop
from tierwise.pipeline import Job, Resources, Source
from tierwise.registry import models
from tierwise.snapshots.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
DEMO_CUSTOMERS, DEMO_SEED = 5000, 7
ASKED = (("repurchase", "ecommerce"), ("churn", "ecommerce"), ("key_accounts", "b2b"), ("lifetime_value", "retail"))


def retail_file() -> Path:
    """Where the retail orders are."""
    shared = Path(os.environ.get("TIERWISE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    return shared / "retail" / "online_retail_2010_2011.parquet"


def advice_on(dataset: str, scratch: Path) -> Advice:
    """Advise on `retail` or `demo`, for the first goal asked."""
    if dataset == "retail":
        sources = [Source("orders", str(retail_file()))]
    else:
        simulate_shop(scratch / "shop", DEMO_CUSTOMERS, seed=DEMO_SEED)
        sources = [
            Source(name, str(scratch / "shop" / f"{name}.parquet"))
            for name in TABLES
            if (scratch / "shop" / f"{name}.parquet").exists()
        ]
    every = [model(model.spec_type()) for model in models().values()]
    job = Job(Workspace(scratch / "workspace"), sources, every, timezone="Asia/Shanghai")
    return advise_on_files(job, Resources(), Question(GOALS[ASKED[0][0]], BUSINESSES[ASKED[0][1]]), scratch)


def report(found: Advice) -> Iterator[str]:
    """The lines of a dataset: what was compared, the figures, and the first places by goal."""
    history, people = found.history, found.trial.population
    yield (
        f"{history.customers:,} customers, {history.orders:,} orders, {history.first} to {history.last}; split "
        f"{found.period.split}, horizon {found.period.horizon_days} days: {people['buyers']:,} of "
        f"{people['customers']:,} bought again, {people['left_active']:,} of {people['active']:,} active ones left"
    )
    yield ""
    yield f"{'':<17}" + "".join(f"{METRIC_NAMES[metric].en:>21}" for metric in Metric)
    yield _row("spend alone", found.trial.baseline)
    tested = {each.instance: each.tested for each in found.candidates if each.tested}
    for name, figures in sorted(tested.items(), key=lambda item: -item[1].observed[Metric.GINI]):
        yield _row(name, figures)
    for goal, business in ASKED:
        yield ""
        yield from _places(ask_again(found, Question(GOALS[goal], BUSINESSES[business])))


def _row(name: str, figures: Figures) -> str:
    return f"{name:<17}" + "".join(f"{_figure(figures.estimate(metric), metric):>21}" for metric in Metric)


def _figure(found: Estimate, metric: Metric, sign: str = "") -> str:
    if found.value is None:
        return "–"
    digits = 1 if metric is Metric.TOP_SHARE else 2
    value, low, high = (round(x, digits) + 0.0 for x in (found.value, found.low, found.high))
    return f"{value:{sign}.{digits}f} ({low:.{digits}f} … {high:.{digits}f})"


def _places(found: Advice) -> Iterator[str]:
    goal, business = found.question.goal, found.question.business
    yield f"--goal {goal.name} --business {business.name}: {found.verdict.en}"
    for each in [each for each in found.candidates if each.tested and each.sufficiency.enough][:4]:
        gain = each.tested.minus(found.trial.baseline, goal.metric)
        marks = ", ".join(
            word for word, true in (("level with the best", each.level_with_best), ("sure", each.beats_spend)) if true
        )
        yield (
            f"  {each.place} {each.instance:<16} {METRIC_NAMES[goal.metric].en} less spend alone "
            f"{_figure(gain, goal.metric, '+')}{'  ' + marks if marks else ''}"
        )


def main() -> None:
    for dataset in sys.argv[1:] or ("retail", "demo"):
        with tempfile.TemporaryDirectory() as scratch:
            print(f"== {dataset}")
            print("\n".join(report(advice_on(dataset, Path(scratch)))))


if __name__ == "__main__":
    main()
