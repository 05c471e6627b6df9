"""A profile stands for the rows of an import: drift by profiles is the drift that reading both imports would find."""

from __future__ import annotations

import json
import random
from collections import Counter
from decimal import Decimal
from math import log

import pytest
from tests.quality.conftest import write_table

from tierwise.quality.drift import Side, field_drifts
from tierwise.quality.profile import profile, profile_from_json
from tierwise.snapshots.files import to_json

COLUMNS = "order_id customer_id order_date order_hour amount discount coupon status channel store"
NUMBERS, WORDS = ("order_hour", "amount", "discount"), ("order_id", "coupon", "status", "channel", "store")


def shop(dice, count):
    """Orders whose columns are filled, spread and worded as the dice say: few words, many words, more than are kept."""
    blank, words, cents = dice.choice((0, 0.1, 0.7)), dice.choice((1, 3, 49, 50, 51, 400)), dice.choice((3, 100, 10**6))
    ids, stores = dice.choice((20, 10**9)), dice.choice((4, 1200))

    def word(most):
        return f"w{min(dice.randrange(most), dice.randrange(most)):04d}"

    def maybe(value):
        return None if dice.random() < blank else value

    return [
        (
            f"o{n % ids}", f"c{n % 97}", "2025-01-01", maybe(dice.randrange(24)), Decimal(dice.randrange(cents)) / 100,
            maybe(Decimal(dice.randrange(cents)) / 100), maybe(word(words)), dice.choice(("sale", "sale", "refund")),
            maybe(word(3)), maybe(word(stores)),
        )
        for n in range(count)
    ]  # fmt: skip


def by_rows(before, after):
    """Blanks, index, bins, new and vanished words of each column, worked out from the rows themselves."""
    found = {}
    for place, name in enumerate(COLUMNS.split()):
        sides = [[row[place] for row in side if row[place] is not None] for side in (before, after)]
        blanks = [1 - len(values) / len(side) for values, side in zip(sides, (before, after), strict=True)]
        told = (None, 0, [], [])
        if min(map(len, sides)) >= 200 and name in NUMBERS:
            told = _numbers(*sides)
        elif min(map(len, sides)) >= 200 and name in WORDS:
            told = _words(*sides)
        found[name] = (*blanks, *told)
    return found


def _index(before, after):
    shares = [[max(n / sum(side), 0.0001) for n in side] for side in (before, after)]
    return sum((a - b) * log(a / b) for b, a in zip(*shares, strict=True))


def _numbers(before, after):
    ordered = sorted(before)
    cuts = sorted({ordered[-(-len(ordered) * tenth // 10) - 1] for tenth in range(1, 10)})
    counts = [[0] * (len(cuts) + 1) for _ in range(2)]
    for side, values in zip(counts, (before, after), strict=True):
        for value in values:
            side[sum(cut < value for cut in cuts)] += 1
    return _index(*counts), len(cuts) + 1, [], []


def _words(before, after):
    sides = [
        dict(sorted(Counter(values).items(), key=lambda each: (-each[1], each[0]))[:1000]) for values in (before, after)
    ]
    if len(sides[0]) > 50:
        return None, 0, [], []
    others = sum(n for word, n in sides[1].items() if word not in sides[0])
    counts = [[*sides[0].values(), 0], [*(sides[1].get(word, 0) for word in sides[0]), others]]
    often = [{word for word, n in side.items() if n * 100 >= sum(side.values())} for side in sides]
    return _index(*counts), len(sides[0]) + 1, sorted(often[1] - set(sides[0])), sorted(often[0] - set(sides[1]))


@pytest.mark.parametrize("seed", range(12))
def test_drift_by_profiles_is_drift_by_rows(tmp_path, duck, seed):
    dice = random.Random(seed)
    rows = [shop(dice, dice.choice((150, 900, 2500))) for _ in range(2)]
    sides = []
    for name, given in zip(("earlier", "later"), rows, strict=True):
        duck.attach(name, [write_table(tmp_path / name, "orders", COLUMNS, given)])
        kept = profile_from_json(json.loads(to_json(profile(duck, "orders", name).to_json())))
        sides.append(Side(kept, lambda name=name: name))
    found = {
        each.field: (each.null_before, each.null_after, each.psi, each.bins, list(each.new), list(each.vanished))
        for each in field_drifts(duck, "orders", *sides)
    }
    assert found == by_rows(*rows)


def test_a_profile_keeps_no_ids_and_no_long_lists(tmp_path, duck):
    dice = random.Random(1)
    rows = [(f"o{n}", f"c{n}", "2025-01-01", 1, n, n, f"coupon-{n}", "sale", "web", "一店") for n in range(40)] * 10
    duck.attach("seen", [write_table(tmp_path / "seen", "orders", COLUMNS, rows)])
    text = to_json(profile(duck, "orders", "seen").to_json())
    assert '"o7"' not in text and '"c7"' not in text and '"web"' in text and '"coupon-7"' in text
    people = [(f"c{n}", f"name{n}", f"{n}@example.com", dice.choice(("m", "f"))) for n in range(300)]
    duck.attach("people", [write_table(tmp_path / "people", "customers", "customer_id name email gender", people)])
    found = profile(duck, "customers", "people")
    assert found.words.keys() == {"gender"} and found.filled["name"] == 300 and not found.many
