"""Newton's method within a trust region: few, safe steps where the curvature is known exactly.

All parameters are logarithms (or coefficients of covariates), so a step of 1 is a factor of e and one trust
radius serves every parameter. Curvature that points the wrong way is turned round, so the climb never
follows it downhill.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Evaluation = tuple[float, Floats, Floats]
Objective = Callable[[Floats], Evaluation]

MAX_STEP = 4.0
TRIES = 40
SHORT_STEP = 0.02
"""Length of a step, in log-parameters, over which the likelihood is a parabola for all purposes."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where the climb ended: position, value, gradient and Hessian there, and whether it is a summit."""

    position: Floats
    value: float
    gradient: Floats
    hessian: Floats
    converged: bool
    at_border: NDArray[np.bool_]
    evaluations: int


def maximise(
    objective: Objective,
    start: Floats,
    lower: Floats,
    upper: Floats,
    *,
    fixed: NDArray[np.bool_] | None = None,
    tolerance: float = 1e-7,
    max_steps: int = 200,
) -> Optimum:
    """Climb from `start` to a maximum of `objective` inside the box [lower, upper].

    Args:
        objective: returns value, gradient (p,) and Hessian (p, p).
        fixed: coordinates held where they start (for profiles).
        tolerance: take the last step when the quadratic model promises a gain below this (relative to
            1 + |value| / 1e6).
    """
    position = np.clip(start, lower, upper)
    held = np.zeros(position.size, dtype=bool) if fixed is None else fixed
    value, gradient, hessian = objective(position)
    radius, evaluations, converged = 1.0, 1, False
    for _ in range(max_steps):
        free = ~held & ~_pushes_out(position, gradient, lower, upper)
        if not free.any():
            converged = True
            break
        step = np.zeros(position.size)
        step[free] = trust_step(gradient[free], hessian[np.ix_(free, free)], radius)
        target = np.clip(position + step, lower, upper)
        move = target - position
        promised = float(gradient @ move + 0.5 * move @ hessian @ move)
        enough = tolerance * (1.0 + abs(value) * 1e-6)
        if promised <= enough and float(move @ move) < SHORT_STEP**2:
            # So near, the quadratic is exact to far below a standard error: take its step without looking again.
            position, value, gradient, converged = target, value + promised, gradient + hessian @ move, True
            break
        if promised <= 1e-3 * enough:  # a long step for next to nothing: a ridge
            converged = True
            break
        found = objective(target)
        evaluations += 1
        gain = found[0] - value
        if np.isfinite(found[0]) and np.all(np.isfinite(found[1])) and gain > 0:
            position, (value, gradient, hessian) = target, found
        ratio = gain / promised if np.isfinite(gain) else -1.0
        radius = _next_radius(radius, ratio, float(np.linalg.norm(move)))
        if radius < 1e-12:
            converged = promised < 1e-6 * (1.0 + abs(value) * 1e-6)
            break
    border = (position <= lower + 1e-9) | (position >= upper - 1e-9)
    return Optimum(position, value, gradient, hessian, converged, border & ~held, evaluations)


def trust_step(gradient: Floats, hessian: Floats, radius: float) -> Floats:
    """Return the best step of at most `radius` for a quadratic with this gradient and Hessian."""
    newton = _newton_step(gradient, hessian)
    if newton is not None and float(newton @ newton) <= radius * radius:
        return newton
    curvature, axes = np.linalg.eigh(-hessian)
    slope = axes.T @ gradient
    stiff = np.maximum(np.abs(curvature), 1e-12 * max(1.0, float(np.abs(curvature).max())))
    shift = 0.0
    for _ in range(TRIES):
        along = slope / (stiff + shift)
        length = float(np.linalg.norm(along))
        if length <= radius * (1 + 1e-9):
            break
        shift = (float(stiff.min()) + shift) * (length / radius) - float(stiff.min())
    step: Floats = axes @ along * min(1.0, radius / max(length, 1e-300))
    return step


def _newton_step(gradient: Floats, hessian: Floats) -> Floats | None:
    """Return Newton's step, or None where the curvature is not that of a summit."""
    try:
        np.linalg.cholesky(-hessian)
    except np.linalg.LinAlgError:
        return None
    return np.linalg.solve(-hessian, gradient).astype(np.float64, copy=False)


def _next_radius(radius: float, ratio: float, length: float) -> float:
    if ratio < 0.25:
        return 0.25 * min(radius, length) if ratio > 0 else 0.25 * length
    if ratio > 0.75:
        return min(MAX_STEP, max(radius, 2.0 * length))
    return radius


def _pushes_out(position: Floats, gradient: Floats, lower: Floats, upper: Floats) -> NDArray[np.bool_]:
    """Return the coordinates that stand at the border of the box and would leave it."""
    pushes: NDArray[np.bool_] = ((position <= lower) & (gradient < 0)) | ((position >= upper) & (gradient > 0))
    return pushes
