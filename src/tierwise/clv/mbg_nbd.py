"""MBG/NBD: like BG/NBD, but a customer may also leave right after the first order.

P(alive) of a one-time buyer is then below 1 and falls with time, which is what a tier should show.
Parameters r, α, a, b as in BG/NBD, with one more chance to leave: n = x + 1.

Batislam, Denizel & Filiztekin (2007), IJRM 24(3), 201-209; Hoppe & Wagner (2007), Marketing JRM 3, 75-90.

>>> from tierwise.clv.summary import Summary
>>> model = MBGNBD.from_parameters({"r": 0.525, "alpha": 6.18, "a": 0.891, "b": 1.614}, days_per_unit=7)
>>> once = Summary(x=[0, 0], t_x=[0, 0], age=[4, 39], days_per_unit=7)
>>> model.probability_alive(once).round(2).tolist()
[0.58, 0.39]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tierwise.clv.bg_nbd import BGNBD
from tierwise.language import Text


class MBGNBD(BGNBD):
    """Modified beta-geometric / negative binomial model; arguments as for `BGNBD`."""

    name: ClassVar[str] = "mbg_nbd"
    label: ClassVar[Text] = Text.same("MBG/NBD")
    prior_centre: ClassVar[Mapping[str, float]] = {"r": 0.7, "alpha": 1.0, "a": 0.8, "b": 1.6}
    first_order_exempt: ClassVar[int] = 0
