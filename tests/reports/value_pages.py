"""A forecast to make pages of, written down by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tierwise.contracts.value_view import Fitted, Holdout, Judged, Parameter, ReadInput, Remark, Total, ValueView
from tierwise.language import Text

QUALITY = {
    "rows_read": 40,
    "rows_used": 40,
    "rows_set_aside": 0,
    "set_aside": {},
    "orders": 40,
    "refunds": 0,
    "voids": 0,
    "fields": [],
    "findings": [],
    "rejects_files": [],
}


def cohort(first: str, since: int, customers: int, revenue: float, size: int) -> dict[str, Any]:
    return {
        "cohort": first,
        "months_since": since,
        "customers": customers,
        "revenue": revenue,
        "cohort_customers": size,
    }


def alive(x: int, step: int, customers: int, chance: float) -> dict[str, Any]:
    silent = {"silent_low": 5.0 * step, "silent_high": 5.0 * (step + 1)}
    return {"x": x, "customers": customers, "p_alive": chance, "expected_orders": chance, **silent}


def by_hand(**changed: Any) -> ValueView:
    """Twenty customers: two hold three quarters of the value, a third of a cohort returns, one model was too high."""
    judged = Judged(Text.same("MBG/NBD"), True, 33.0, 0.1, 0.5, 0.9, 0.45, 0.6, -321.0, 650.0)
    other = Judged(Text.same("NBD"), False, 60.0, 1.0, 1.5, 1.9, None, None, -400.0, 804.0)
    figures: dict[str, Any] = {
        "as_of": date(2026, 3, 31),
        "learnt_until": date(2026, 1, 31),
        "calculated_at": datetime(2026, 4, 1, 8, 30, tzinfo=UTC),
        "data_version": "sha256:0123456789ab",
        "engine": "duckdb",
        "versions": {"tierwise": "1.0"},
        "currency": "CNY",
        "profit": False,
        "subscription": False,
        "unit": Text("weeks", "周"),
        "horizon_days": 365.0,
        "discount_annual": 0.1,
        "settings": {"model": "auto", "calibration_end": date(2026, 1, 31)},
        "model": Fitted(
            Text.same("MBG/NBD"), (Parameter("r", 0.52484, 0.083268), Parameter("b", 1.6, None)), -321.0, 18
        ),
        "spend": Fitted(Text.same("Gamma-Gamma"), (Parameter("p", 6.25, 1.19),), -99.0, 7),
        "holdout": Holdout(date(2026, 1, 31), 59.0, 30.0, 0.8, 2.2, 0.7, (judged, other)),
        "remarks": [Remark("warning", Text("few returned: 20 % of all", "回购少：占 20 %"))],
        "customers": 20,
        "repeat_customers": 5,
        "expected_orders": 33.0,
        "total": Total(900.0, 1000.0, 1250.0, 0.9),
        "simple": {
            "value": 120.0,
            "average_order": 40.0,
            "orders_per_year": 3.0,
            "lifetime_years": 1.0,
            "margin": 1.0,
        },
        "distribution": [
            {"low": 0.0, "high": 20.0, "customers": 12, "value": 60.0},
            {"low": 20.0, "high": 40.0, "customers": 6, "value": 190.0},
            {"low": 40.0, "high": None, "customers": 2, "value": 750.0},
        ],
        "tenths": [
            {"tenth": 1, "customers": 2, "value": 750.0, "mean": 375.0, "low": 100.0, "high": 600.0},
            {"tenth": 2, "customers": 2, "value": 250.0, "mean": 125.0, "low": 0.0, "high": 300.0},
        ],
        "alive": [alive(0, 0, 10, 0.5), alive(0, 2, 5, 0.08), alive(12, 0, 5, 0.9)],
        "alive_cap": 12,
        "bands": [
            {"band": 1, "customers": 10, "expected_mean": 0.2, "actual_mean": 0.3},
            {"band": 2, "customers": 8, "expected_mean": 3.9, "actual_mean": 3.4},
        ],
        "tracking": [
            {"end": "2026-01-31", "actual": 20.0, "expected": 21.5, "held_out": False},
            {"end": "2026-03-31", "actual": 50.0, "expected": 55.0, "held_out": True},
        ],
        "cohorts": [
            cohort("2026-01-01", 0, 12, 600.0, 12),
            cohort("2026-01-01", 2, 4, 200.0, 12),
            cohort("2026-02-01", 0, 6, 300.0, 6),
            cohort("2026-02-01", 1, 3, 100.0, 6),
            cohort("2026-03-01", 0, 2, 50.0, 2),
        ],
        "survival": [
            {"group": "all", "days": 0.0, "survival": 1.0, "at_risk": 20},
            {"group": "all", "days": 10.0, "survival": 0.75, "at_risk": 16},
            {"group": "all", "days": 61.0, "survival": 0.5, "at_risk": 6},
            {"group": "high", "days": 0.0, "survival": 1.0, "at_risk": 4},
        ],
        "groups": (("all", Text("All", "全部")), ("high", Text("High", "高")), ("low", Text("Low", "低"))),
        "channels": [
            {
                "channel": "search",
                "customers": 9,
                "cost_per_customer": 10.0,
                "value_per_customer": 45.0,
                "value_to_cost": 4.5,
                "payback_days": None,
            }
        ],
        "inputs": [ReadInput("orders", "/home/li/orders.csv", "ab" * 32, 40, 40)],
        "quality": QUALITY,
        "mapping": {},
    }
    return ValueView(**figures | changed)
