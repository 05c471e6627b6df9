"""What each library does in `benchmarks.clv_bench`: one task per process, the result as one line of JSON.

Runs under our Python or the peers' own: nothing but numpy is imported before the library is chosen. Reading
the file and importing are not timed; fitting, and for `value` spend and 12 monthly discounted periods, are.

    python benchmarks/clv_workers.py LIBRARY TASK FILE.npz REPEATS
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

DAYS_PER_MONTH = 30.0
MONTHLY_RATE = 0.01
Data = dict[str, Any]


def tierwise(task: str, data: Data) -> Callable[[], dict[str, float]]:
    from tierwise.clv.bg_nbd import BGNBD
    from tierwise.clv.discount import Discount
    from tierwise.clv.gamma_gamma import GammaGamma
    from tierwise.clv.intervals import bootstrap
    from tierwise.clv.pareto_nbd import ParetoNBD
    from tierwise.clv.summary import Summary
    from tierwise.clv.value import customer_value

    discount = Discount.monthly(MONTHLY_RATE, days_per_month=DAYS_PER_MONTH)

    def summary() -> Summary:
        return Summary(data["x"], data["t_x"], data["age"], mean_spend=data["spend"])

    def value() -> dict[str, float]:
        customers = summary()
        merged = customers.compress()
        counts, spend = BGNBD(prior=None).fit(merged.summary), GammaGamma(prior=None).fit(customers)
        horizon = 12 * DAYS_PER_MONTH
        found = customer_value(counts, spend, customers, horizon_days=horizon, discount=discount, compressed=merged)
        return {"total": float(found.sum()), **counts.parameters_}

    def pareto() -> dict[str, float]:
        return ParetoNBD(prior=None).fit(summary()).parameters_

    def refits() -> dict[str, float]:
        customers = summary()
        drawn = bootstrap(BGNBD(prior=None).fit(customers), customers, draws=200)
        return {"sd_ln_r": float(drawn[:, 0].std())}

    return {"value": value, "pareto": pareto, "refits": refits}[task]


def lifetimes(task: str, data: Data) -> Callable[[], dict[str, float]]:
    import pandas as pd
    from lifetimes import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter

    table = pd.DataFrame(data)

    def value() -> dict[str, float]:
        counts = BetaGeoFitter(penalizer_coef=0.0).fit(table.x, table.t_x, table.age)
        buyers = table[table.x > 0]
        spend = GammaGammaFitter(penalizer_coef=0.0).fit(buyers.x, buyers.spend)
        found = spend.customer_lifetime_value(
            counts, table.x, table.t_x, table.age, table.spend, time=12, discount_rate=MONTHLY_RATE, freq="D"
        )
        return {"total": float(found.sum()), **dict(counts.params_)}

    def pareto() -> dict[str, float]:
        return dict(ParetoNBDFitter(penalizer_coef=0.0).fit(table.x, table.t_x, table.age).params_)

    return {"value": value, "pareto": pareto}[task]


def pymc_marketing(task: str, data: Data) -> Callable[[], dict[str, float]]:
    import pandas as pd
    from pymc_marketing import clv

    table = pd.DataFrame(
        {
            "customer_id": np.arange(data["x"].size),
            "frequency": data["x"],
            "recency": data["t_x"],
            "T": data["age"],
            "monetary_value": data["spend"],
        }
    )

    def value() -> dict[str, float]:
        counts = clv.BetaGeoModel(data=table)
        counts.fit(method="map", progressbar=False)
        spend = clv.GammaGammaModel(data=table[table.frequency > 0])
        spend.fit(method="map", progressbar=False)
        found = spend.expected_customer_lifetime_value(
            transaction_model=counts, data=table, future_t=12, discount_rate=MONTHLY_RATE, time_unit="D"
        )
        return {"total": float(found.sum()), **{k: float(v) for k, v in counts.fit_summary().items()}}

    return {"value": value}[task]


LIBRARIES = {"tierwise": tierwise, "lifetimes": lifetimes, "pymc-marketing": pymc_marketing}


def processor_seconds() -> float:
    """Return processor time of this process and of the compilers it has run: comparable on a busy machine."""
    whole = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in whole)


def main() -> None:
    library, task, file, repeats = sys.argv[1:]
    with np.load(file) as stored:
        data = {name: stored[name] for name in stored.files}
    run = LIBRARIES[library](task, data)
    seconds, processor = [], []
    for _ in range(int(repeats)):
        started, used = time.perf_counter(), processor_seconds()
        found = run()
        seconds.append(time.perf_counter() - started)
        processor.append(processor_seconds() - used)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall = {"first": seconds[0], "best": min(seconds)}
    cpu = {"first_cpu": processor[0], "best_cpu": min(processor)}
    print(json.dumps({**wall, **cpu, "peak_mb": peak, "found": found}))


if __name__ == "__main__":
    main()
