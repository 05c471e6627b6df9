"""Models with known parameters, and customers whose purchases they simulate."""

from __future__ import annotations

from typing import Any

import numpy as np

from tierwise.clv import model_class
from tierwise.clv.summary import Summary

TRUTH = {
    "bg_nbd": {"r": 0.8, "alpha": 8.0, "a": 0.9, "b": 2.5},
    "mbg_nbd": {"r": 0.9, "alpha": 7.0, "a": 0.8, "b": 2.0},
    "mbg_cnbd_k": {"r": 1.5, "alpha": 5.0, "a": 0.8, "b": 3.0},
    "pareto_nbd": {"r": 0.8, "alpha": 8.0, "s": 0.7, "beta": 12.0},
    "bg_bb": {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.8},
    "nbd": {"r": 0.8, "alpha": 8.0},
}
K: dict[str, dict[str, Any]] = {"mbg_cnbd_k": {"k": 3}}


def truth_of(name: str) -> Any:
    return model_class(name).from_parameters(TRUTH[name], days_per_unit=7, **K.get(name, {}))


def newcomers(count: int, low: float = 39, high: float = 78) -> Summary:
    ages = np.floor(np.linspace(low, high, count))
    return Summary(np.zeros(count), np.zeros(count), ages, days_per_unit=7)
