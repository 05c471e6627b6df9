"""Customer lifetime value: orders to come, times what each is worth, discounted to today.

    CLV_i = margin_i · spend_i · Σ_periods discount · expected orders_i(period)

On a revenue basis the margin is 1. On a profit basis either give the share of revenue that is profit, or
fit Gamma-Gamma on profit per order and leave the margin at 1. Losses per order cannot enter Gamma-Gamma;
a negative share may: the value is then negative, as it should be.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tierwise.clv.count_model import CountModel
from tierwise.clv.discount import Discount
from tierwise.clv.gamma_gamma import GammaGamma
from tierwise.clv.summary import Compressed, Summary

Floats = NDArray[np.float64]

YEAR_AT_TEN_PERCENT = Discount.yearly(0.1)


def customer_value(
    counts: CountModel,
    spend: GammaGamma,
    summary: Summary,
    *,
    horizon_days: float = 365.0,
    discount: Discount = YEAR_AT_TEN_PERCENT,
    margin: ArrayLike = 1.0,
    compressed: Compressed | None = None,
) -> Floats:
    """Return the discounted value of each customer's orders within the horizon (money).

    Args:
        counts: fitted model of orders.
        spend: fitted model of spend per order.
        summary: the customers, with `mean_spend`.
        horizon_days: days ahead, up to 100 years; `inf` needs a discount rate above 0.
        discount: see `Discount`.
        margin: profit per unit of revenue, one number or one per customer.
        compressed: `summary.compress()`, where it is at hand already.
    """
    merged = compressed or summary.compress()
    orders = counts.discounted_transactions(merged.summary, horizon_days, discount)[merged.inverse]
    value: Floats = orders * spend.conditional_spend(summary) * np.asarray(margin, dtype=np.float64)
    return value
