"""One chunk of customers: the unit in which the shop is simulated, written and reproduced.

Every chunk has its own random streams, one a subject, spawned from the seed by (chunk, subject). So a chunk
is the same whatever the total is, and a table is the same whichever other tables are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tierwise.datasets import arrow
from tierwise.datasets.population import Population, draw_population
from tierwise.datasets.sales import Sales, draw_sales
from tierwise.datasets.seasons import Clock
from tierwise.datasets.spec import ShopSpec

CHUNK_CUSTOMERS = 20_000
MAX_CUSTOMERS = 10_000_000
_SECOND_IDS_FROM = 90_000_000


class Subject(IntEnum):
    """What a random stream is for. Append only: the values are part of what makes a seed reproducible."""

    POPULATION = 0
    SALES = 1
    ORDERS = 2
    ORDER_LINES = 3
    CUSTOMERS = 4
    EVENTS = 5
    FEEDBACK = 6
    TICKETS = 7
    TOUCHES = 8
    BALANCES = 9
    REFERRALS = 10
    DUPLICATES = 11
    ORDER_DIRT = 12


@dataclass(frozen=True)
class Chunk:
    """Customers `number` × 20,000 onwards, `size` of them; truth and sales are drawn once, when asked."""

    seed: int
    number: int
    size: int
    spec: ShopSpec
    clock: Clock

    def rng(self, subject: Subject) -> np.random.Generator:
        """Return the random stream of a subject, from its beginning."""
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(self.number, subject))))

    @cached_property
    def population(self) -> Population:
        """The true parameters of the chunk's customers."""
        return draw_population(self.rng(Subject.POPULATION), self.size, self.spec, self.clock)

    @cached_property
    def sales(self) -> Sales:
        """All sales of the chunk's customers, by time."""
        return draw_sales(self.rng(Subject.SALES), self.population, self.spec, self.clock)

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """The number in each customer's id."""
        return self.number * CHUNK_CUSTOMERS + np.arange(self.size)

    @cached_property
    def second_numbers(self) -> NDArray[np.int64]:
        """The number in the second id of each customer, scattered so that it does not tell the first."""
        return _SECOND_IDS_FROM + (self.numbers * 6_700_417 + 1_234_567) % MAX_CUSTOMERS

    @cached_property
    def second_days(self) -> NDArray[np.int64]:
        """The day since 1970 each customer registered a second time; beyond the end for those who did not."""
        rng = self.rng(Subject.DUPLICATES)
        chosen = rng.random(self.size) < self.spec.duplicate_customer_share
        registered = self.population.registered_day
        day = registered + 1 + ((self.end_day - registered) * rng.random(self.size)).astype(np.int64)
        return np.where(chosen & (day <= self.end_day), day, self.end_day + 1)

    @property
    def twice(self) -> NDArray[np.bool_]:
        """Who has a second id."""
        return self.second_days <= self.end_day

    @property
    def end_day(self) -> int:
        """The last day of the shop, since 1970."""
        return self.clock.start_day + self.clock.days - 1

    def customer_ids(self, of: NDArray[np.int64], seconds: NDArray[np.int64], salt: int) -> Any:
        """Return the id under which customer `of` did something at `seconds`.

        Who registered a second time uses the new id for about half of what follows: the choice is by a hash
        of the moment and the table's `salt`, so it needs no random stream.
        """
        day = seconds // 86400
        under_second = (day >= self.second_days[of]) & ((seconds * 2_654_435_761 + salt) >> 20 & 1 == 1)
        return arrow.ids("C", np.where(under_second, self.second_numbers[of], self.numbers[of]), 8)
