"""How many orders a shop will have: the BG/NBD mean, and the rates that give a wanted mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tierwise.datasets.population import draw_first_positions, draw_process
from tierwise.datasets.seasons import Clock
from tierwise.datasets.spec import ShopSpec
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

_PILOT_CUSTOMERS = 200_000
_PILOT_SEED = 20_050

BAD_MEAN = ErrorKind(
    "datasets.bad_mean",
    Family.USAGE,
    what=Text("a mean of {wanted} orders per customer cannot be reached", "无法达到人均 {wanted} 单"),
    cause=Text(
        "with these dates and drop-out rates the mean can be {least} to {most}: some never buy, and "
        "who drops out stops however often she would buy",
        "在此营业期与流失率下，人均订单只能在 {least} 到 {most} 之间：有人从不购买，流失者也不再购买",
    ),
    cure=Text("ask for a mean in this range or change the spec's drop-out", "请改用此范围内的值，或调整流失参数"),
)


def _pilot(spec: ShopSpec, clock: Clock) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Draw rates, drop-outs and days left (−1: does not buy): the same for every size and seed."""
    rng = np.random.Generator(np.random.PCG64(_PILOT_SEED))
    rate, dropout = draw_process(rng, _PILOT_CUSTOMERS, spec)
    _, first, _ = draw_first_positions(rng, _PILOT_CUSTOMERS, spec, float(clock.days))
    return rate, dropout, np.where(np.isfinite(first), clock.days - first, -1.0)


def _expected(
    rate: NDArray[np.float64], dropout: NDArray[np.float64], left: NDArray[np.float64], factor: float
) -> NDArray[np.float64]:
    """Return each customer's expected sales, 1 + (1 − exp(−λ·p·U)) / p for a buyer, rates times `factor`."""
    repeats = -np.expm1(-rate * factor * dropout * np.maximum(left, 0.0)) / dropout
    return np.where(left < 0, 0.0, 1.0 + repeats)


def spec_for_mean_orders(spec: ShopSpec, clock: Clock, wanted: float) -> ShopSpec:
    """Return the spec with its rates scaled so that a pilot sample expects `wanted` sales per registered customer.

    Raises TierwiseError `datasets.bad_mean` where no rate gives it.
    """
    pilot = _pilot(spec, clock)
    low, high = 1e-4, 1e4
    least, most = (float(_expected(*pilot, factor).mean()) for factor in (low, 100.0))
    if not least <= wanted <= most:
        raise BAD_MEAN.error(wanted=f"{wanted:g}", least=f"{least:.2f}", most=f"{most:.1f}")
    while high / low > 1.0001:
        middle = (low * high) ** 0.5
        if _expected(*pilot, middle).mean() < wanted:
            low = middle
        else:
            high = middle
    return replace(spec, rate_scale_days=spec.rate_scale_days / (low * high) ** 0.5)
