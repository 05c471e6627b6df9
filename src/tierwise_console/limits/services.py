"""Spending from an allowance, by one statement that adds and tells the sum: no two processes see the same one."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import connection

from tierwise_console.limits.models import Counter

_KEPT_WINDOWS = 10
_SPEND = (
    "INSERT INTO limits_counter (key, \"window\", used) VALUES (%s, %s, %s) "
    "ON CONFLICT (key, \"window\") DO UPDATE SET used = limits_counter.used + excluded.used RETURNING used"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of an allowance after spending, and when it is whole again."""

    limit: int
    used: int
    seconds_to_reset: int

    @property
    def exceeded(self) -> bool:
        """Whether this was too much."""
        return self.used > self.limit

    @property
    def headers(self) -> dict[str, str]:
        """As HTTP tells it."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "RateLimit-Reset": str(self.seconds_to_reset),
        }
        return {**told, "Retry-After": str(self.seconds_to_reset)} if self.exceeded else told


def spend(key: str, amount: int, limit: int, seconds: int) -> Allowance:
    """Use up an amount of what a key may use in each window of so many seconds."""
    now = int(time.time())
    window = now // seconds
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, [key, window, amount])
        (used,) = cursor.fetchone()
    if used == amount:
        Counter.objects.filter(key=key, window__lt=window - _KEPT_WINDOWS).delete()
    return Allowance(limit, int(used), (window + 1) * seconds - now)
