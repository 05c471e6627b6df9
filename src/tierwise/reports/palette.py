"""The colours of the charts: one ramp from the best tier to the worst, one from little money to much.

Colours are mixed in OKLab, where equal steps look equal. The tier ramp runs from petrol over sand to brick, which
people who cannot tell red from green still tell apart; every mark is also labelled, so that colour is never alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

TIER_STOPS: dict[Theme, tuple[str, ...]] = {
    "light": ("#0b4f5c", "#24807f", "#7fb5a3", "#e2cf9f", "#d6935f", "#a65344"),
    "dark": ("#68d6c8", "#3aa79e", "#4b8382", "#8d8068", "#c18757", "#dd7a61"),
}
INK: dict[Theme, str] = {"light": "#17211f", "dark": "#e6edea"}
"""The colour of text, for what is no tier."""
MONEY_STOPS: dict[Theme, tuple[str, ...]] = {
    "light": ("#e3f1ec", "#8cc4b7", "#2f8a8a", "#0b4652"),
    "dark": ("#20363b", "#2c6468", "#3ea39c", "#8ef0e0"),
}

_TO_LMS = ((0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566),
           (0.0883024619, 0.2817188376, 0.6299787005))  # fmt: skip
_TO_LAB = ((0.2104542553, 0.7936177850, -0.0040720468), (1.9779984951, -2.4285922050, 0.4505937099),
           (0.0259040371, 0.7827717662, -0.8086757660))  # fmt: skip
_FROM_LAB = ((1, 0.3963377774, 0.2158037573), (1, -0.1055613458, -0.0638541728),
             (1, -0.0894841775, -1.2914855480))  # fmt: skip
_FROM_LMS = ((4.0767416621, -3.3077115913, 0.2309699292), (-1.2684380046, 2.6097574011, -0.3413193965),
             (-0.0041960863, -0.7034186147, 1.7076147010))  # fmt: skip

Triple = tuple[float, float, float]


def _times(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> Triple:
    a, b, c = (sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix)
    return a, b, c


def linear_rgb(colour: str) -> Triple:
    """The linear-light red, green and blue of a #rrggbb colour, from 0 to 1."""
    r, g, b = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return _linear(r), _linear(g), _linear(b)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _channel(linear: float) -> int:
    bounded = min(max(linear, 0.0), 1.0)
    value = 12.92 * bounded if bounded <= 0.0031308 else 1.055 * bounded ** (1 / 2.4) - 0.055
    return round(value * 255)


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` (0 to 1) of the way from `first` to `second`, in OKLab (Ottosson, 2020)."""
    ends = [
        _times(_TO_LAB, [value ** (1 / 3) for value in _times(_TO_LMS, linear_rgb(colour))])
        for colour in (first, second)
    ]
    lab = [a + (b - a) * share for a, b in zip(*ends, strict=True)]
    rgb = _times(_FROM_LMS, [value**3 for value in _times(_FROM_LAB, lab)])
    return "#" + "".join(f"{_channel(value):02x}" for value in rgb)


def ramp(stops: Sequence[str], count: int) -> list[str]:
    """`count` colours spread evenly over the stops, both ends included; one colour is the first stop."""
    if count <= 1:
        return [stops[0]]
    colours = []
    for place in range(count):
        position = place * (len(stops) - 1) / (count - 1)
        below = min(int(position), len(stops) - 2)
        colours.append(mix(stops[below], stops[below + 1], position - below))
    return colours


def tier_colours(count: int) -> dict[Theme, list[str]]:
    """The colours of `count` tiers, best first, for each theme."""
    return {theme: ramp(TIER_STOPS[theme], count) for theme in THEMES}


def money_colours(count: int) -> dict[Theme, list[str]]:
    """The colours of `count` steps from little money to much, for each theme."""
    return {theme: ramp(MONEY_STOPS[theme], count) for theme in THEMES}
