"""The money of the earliest row of a group, exactly and without a sort.

Of tick × 10^18 + 10^17 + money, an exact decimal, the smallest is that of the earliest tick, whatever the sign of the money
(below 10^17); what is left when the tick is taken off again is that row's money. Ticks are different whole numbers.
"""

from __future__ import annotations

_SPREAD = "CAST(1000000000000000000 AS DECIMAL(19, 0))"
_SHIFT = "CAST(100000000000000000 AS DECIMAL(18, 0))"


def mixed(tick: str, money: str) -> str:
    """Tick and DECIMAL(18,2) money as one DECIMAL(38,2): take its MIN over a group."""
    return f"CAST(CAST({tick} AS DECIMAL(10, 0)) * {_SPREAD} + {_SHIFT} + {money} AS DECIMAL(38, 2))"


def money_of(smallest: str, tick: str) -> str:
    """The money inside the smallest mixed value, given its tick."""
    return f"CAST({smallest} - CAST({tick} AS DECIMAL(10, 0)) * {_SPREAD} - {_SHIFT} AS DECIMAL(18, 2))"
