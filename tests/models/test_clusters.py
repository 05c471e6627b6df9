"""Clusters: groups of a hand-made table, the scale, the two readings of a scheme, and what settings refuse."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from decimal import Decimal
from math import log1p
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from sklearn.metrics import adjusted_rand_score
from tests.models.conftest import Label, as_arrow

from tierwise.contracts.explanation import explain
from tierwise.contracts.nearest import LEVELS_PER_UNIT, Curve, Nearest
from tierwise.contracts.scheme import Scheme, evaluate
from tierwise.contracts.scheme_json import scheme_from_json, scheme_to_json
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.errors import TierwiseError
from tierwise.labelling import fit
from tierwise.language import Text
from tierwise.learning.grouping import centres_of, inertia, nearest
from tierwise.learning.scaling import curve_of, levels_of
from tierwise.learning.stability import Judge, best_jaccard, choose, rand_index
from tierwise.models.clusters import Clusters, ClustersSpec
from tierwise.sql.nearest import hundredths_sql, level_sql
from tierwise.sql.scheme import label_steps

NAME = Text.same("x")
SMALL = {"bootstraps": 3}


def model(**settings: Any) -> Clusters:
    return Clusters(ClustersSpec.model_validate({**SMALL, **settings}))


def person(recency: int | None, frequency: int, monetary: str) -> dict[str, Any]:
    return {"recency_days": recency, "frequency": frequency, "monetary": monetary}


def shop(seed: int = 1, each: int = 20) -> list[dict[str, Any]]:
    """Three kinds of customers far apart: best, middling, gone; and one who never bought."""
    dice = random.Random(seed)
    kinds = ((5, 40, 9000), (60, 8, 700), (400, 1, 30))
    rows = [
        person(r + dice.randrange(3), f + dice.randrange(1 + f // 8), str(m + dice.randrange(m // 10)))
        for r, f, m in kinds
        for _ in range(each)
    ]
    return [*rows, person(None, 0, "0")]


def test_three_kinds_are_three_groups_best_first(label: Label) -> None:
    rows = list(label(model(k=3), shop()).values())
    assert [row["tier"] for row in rows] == ["cluster_1"] * 20 + ["cluster_2"] * 20 + ["cluster_3"] * 20 + [
        "incomplete"
    ]
    assert [row["rank"] for row in rows[::20]] == [1, 2, 3, 4]
    assert [row["cluster"] for row in rows[::20]] == [1, 2, 3, 0]


def test_ward_finds_them_too(label: Label) -> None:
    means, ward = model(k=3), model(k=3, algorithm="ward")
    assert [r["tier"] for r in label(means, shop()).values()] == [r["tier"] for r in label(ward, shop()).values()]
    assert ward.notes_[0].figures["rand_index_of_algorithms"] == 1.0
    assert min(ward.notes_[0].figures["jaccard"].values()) == 1.0


def test_k_is_chosen_where_groups_are_stable(label: Label) -> None:
    free = model()
    label(free, shop(each=40))
    chosen = free.notes_[1].figures
    assert free.notes_[0].figures["k"] == chosen["k"] >= 3
    tried = {each["k"]: each for each in chosen["tried"]}
    assert set(tried) == set(range(2, 9))
    assert max(tried, key=lambda k: tried[k]["silhouette"]) == 3
    assert tried[3]["weakest_jaccard"] == 1.0


@pytest.mark.by_hand("clusters")
def test_by_hand(label: Label) -> None:
    """Frequency alone, linear: 1, 1, 3, 3 and 11. Mean 3.8, squares 66.8: deviation 3.6551; two centres, 2 and 11."""
    spec = {"k": 2, "indicators": [{"indicator": "frequency", "scale": "linear"}]}
    found = model(**spec)
    rows = list(label(found, [{"frequency": f} for f in (1, 1, 3, 3, 11)]).values())
    assert [row["tier"] for row in rows] == ["cluster_2"] * 4 + ["cluster_1"]
    deviation = ((4 * 2.8**2 - 2 * 2.8**2 + 2 * 0.8**2 + 7.2**2) / 5) ** 0.5
    assert found.scheme_.nearest is not None
    (best,), (rest,) = found.scheme_.nearest.centres
    assert best == pytest.approx((11 - 3.8) / deviation * LEVELS_PER_UNIT, abs=2)
    assert rest == pytest.approx((2 - 3.8) / deviation * LEVELS_PER_UNIT, abs=2)
    # each of the four is 1 away from 2
    assert found.notes_[0].figures["inertia"] == pytest.approx(4 / deviation**2, abs=2e-3)
    # the border lies in the middle, at 6.5
    values = [evaluate(found.scheme_, {"frequency": f}).tier.key for f in (6, 7)]
    assert values == ["cluster_2", "cluster_1"]


def test_names_say_what_sets_a_group_apart(label: Label) -> None:
    found = model(k=3)
    label(found, shop())
    best, _, gone, rest = found.scheme_.tiers
    assert best.name == Text("Low days since last purchase, high purchases", "距上次购买天数偏低、购买次数偏高")
    assert gone.name == Text("Low amount spent, net, low purchases", "消费金额（净额）偏低、购买次数偏低")
    assert "typical" in best.meaning.en and rest.name.zh == "资料不足"
    assert len({tier.name for tier in found.scheme_.tiers}) == 4


def random_curve(dice: random.Random, log: bool) -> tuple[Curve, list[int]]:
    values = [int(dice.paretovariate(0.6) * 100) * dice.choice((1, 1, 1, -1)) for _ in range(300)]
    return curve_of(np.array(values, dtype=np.int64), "x", NAME, log, dice.random() < 0.5), values


@pytest.mark.parametrize("log", [True, False])
def test_a_curve_and_its_inverse_agree(log: bool) -> None:
    dice = random.Random(2)
    for _ in range(20):
        curve, values = random_curve(dice, log)
        many = levels_of(curve, np.array(values, dtype=np.int64))
        assert [curve.level(Decimal(value) / 100) for value in values] == many.tolist()
        for level in dice.sample(range(int(many.min()), int(many.max()) + 1), min(20, len(set(many.tolist())))):
            value = curve.value(level)
            assert value is not None and (curve.level(value) or 0) >= level
            below = curve.level(value - Decimal("0.01"))
            assert below is None or below < level or level <= curve.knots[0][1]


def test_a_log_curve_follows_the_logarithm() -> None:
    values = np.rint(np.expm1(np.linspace(0, 13, 5000)) * 100).astype(np.int64)
    curve = curve_of(values, "x", NAME, True, False)
    logs = np.log1p(values / 100)
    exact = (logs - logs.mean()) / logs.std()
    assert np.abs(levels_of(curve, values) / LEVELS_PER_UNIT - exact).max() < 0.002 / logs.std() + 0.0002
    assert curve.level(-5) == curve.level(0)
    assert (curve.level(1) or 0) / LEVELS_PER_UNIT == pytest.approx((log1p(1) - logs.mean()) / logs.std(), abs=0.002)


def test_everybody_alike_is_one_group(label: Label) -> None:
    found = model()
    rows = label(found, [person(3, 2, "10.50")] * 30)
    assert {row["tier"] for row in rows.values()} == {"cluster_1"}
    assert found.notes_[0].figures["k"] == 1


def test_nobody_with_all_indicators(label: Label) -> None:
    found = model(k=3)
    rows = label(found, [person(None, 0, "0")] * 3)
    assert {row["tier"] for row in rows.values()} == {"incomplete"}
    assert found.notes_[0].code == "clusters.nobody"


def test_more_groups_than_customers_is_refused(label: Label) -> None:
    with pytest.raises(TierwiseError) as refused:
        label(model(k=5), [person(n, n, "1") for n in range(4)])
    assert refused.value.code == "clusters.too_few_customers"


@pytest.mark.parametrize(
    "settings",
    [{"k": 0}, {"indicators": []}, {"indicators": [{"indicator": "frequency"}] * 2}, {"algorithm": "magic"}, {"kk": 3}],
)
def test_settings_that_cannot_work(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ClustersSpec.model_validate(settings)


def test_order_of_rows_and_number_of_threads_change_nothing(tmp_path: Path) -> None:
    rows = shop(each=60)
    schemes = []
    for threads, seed in ((1, None), (2, 3)):
        named = [{"customer_id": f"c{place:03d}", **row} for place, row in enumerate(rows)]
        if seed is not None:
            random.Random(seed).shuffle(named)
        file = tmp_path / f"{threads}.parquet"
        pq.write_table(as_arrow(named), file)
        with DuckDBEngine(threads=threads) as engine:
            engine.attach("indicators", [file])
            schemes.append(fit(engine, model(k=4)).scheme_)
    assert schemes[0] == schemes[1]


def test_a_sample_is_every_nth_customer(label: Label) -> None:
    found = model(k=3, sample=100)
    rows = [person(n % 50, 1 + n % 9, str(1 + n)) for n in range(250)]
    label(found, rows)
    figures = found.notes_[0].figures
    assert (figures["learned_from"], figures["customers"]) == (84, 250)


def test_a_scheme_with_centres_survives_json(label: Label) -> None:
    found = model(k=3)
    label(found, shop())
    back = scheme_from_json(json.loads(json.dumps(scheme_to_json(found.scheme_))))
    assert back == found.scheme_


def test_explanations_move_exactly_so(label: Label) -> None:
    """Every change an explanation names leads where it says; a step less of it does not."""
    found = model(k=4)
    rows = label(found, shop(seed=8))
    moves = 0
    for row in list(rows.values())[::3]:
        values = {column: row[column] for column in found.scheme_.inputs}
        explained = explain(found.scheme_, values)
        assert explained.verdict.tier.key == row["tier"]
        for move in (*explained.up, *explained.down):
            moved = {**values, **{change.column: change.new for change in move.changes}}
            assert evaluate(found.scheme_, moved).tier == move.tier
            moves += 1
            if len(move.changes) == 1:
                assert_smallest(found.scheme_, values, move, move in explained.up)
        if row["cluster"]:
            near, next_near = explained.near
            assert near.tier.key == row["tier"] and near.distance <= next_near.distance
            assert set(near.values) == set(found.scheme_.inputs)
    assert moves > 20


def assert_smallest(scheme: Scheme, values: dict[str, Any], move: Any, up: bool) -> None:
    change = move.changes[0]
    step = Decimal("0.01") if isinstance(change.old, Decimal) else 1
    nearer = change.new - step if change.new > (change.old or 0) else change.new + step
    rank = evaluate(scheme, {**values, change.column: nearer}).tier.rank
    here = evaluate(scheme, values).tier.rank
    assert rank >= here if up else rank <= here


def test_two_indicators_where_one_is_not_enough() -> None:
    line = Curve("a", NAME, ((0, 0), (10_000, 100_000)))
    other = Curve("b", NAME, ((0, 0), (10_000, 100_000)))
    near = Nearest("cluster", (line, other), ((10_000, 10_000), (60_000, 60_000)))
    found = near.towards({"a": 10, "b": 10}, ("a", "b"), 2)
    assert found is not None and all(35 <= value <= Decimal("35.01") for value in found)
    assert near.of({"a": found[0], "b": found[1]}) == 2
    assert near.of({"a": Decimal("34.99"), "b": Decimal("35.00")}) == 1


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("most", [10**3, 10**13, 10**15])
def test_values_of_every_size_have_the_level_that_python_gives_them(duck: DuckDBEngine, most: int, log: bool) -> None:
    """Up to the highest that money may be, where products of 64 bits overflow first."""
    dice = random.Random(3)
    amounts = [dice.randrange(-most * 20, most * 300) for _ in range(200)]
    curve = curve_of(np.array(amounts, dtype=np.int64), "monetary", NAME, log, False)
    amounts += [place for place, _ in curve.knots]
    assert levels_of(curve, np.array(amounts)).tolist() == [curve.level(Decimal(cents) / 100) for cents in amounts]
    rows = [{"monetary": str(Decimal(cents) / 100)} for cents in amounts] + [{"monetary": None}]
    duck.register("indicators", as_arrow(rows))
    sql = f"SELECT customer_id, {level_sql(curve, 'h')} AS level FROM (SELECT *, {hundredths_sql(curve)} AS h FROM indicators) AS t"
    found = [row["level"] for row in sorted(duck.records("levels", sql), key=lambda row: row["customer_id"])]
    assert found == [curve.level(Decimal(cents) / 100) for cents in amounts] + [None]


@pytest.mark.spark
@pytest.mark.slow
def test_spark_gives_the_same_labels_at_every_knot(tmp_path: Path, make_spark: Callable[..., Engine]) -> None:
    dice = random.Random(4)
    scheme, rows = knots_and_beyond(dice)
    file = tmp_path / "indicators.parquet"
    pq.write_table(as_arrow(rows), file)
    found = []
    for make in (lambda: DuckDBEngine(threads=2), make_spark):
        engine = make()
        engine.attach("indicators", [file])
        run_plan(engine, label_steps(scheme, "indicators", "labels"))
        found.append(sorted(engine.records("labels", "SELECT * FROM labels"), key=lambda row: row["customer_id"]))
        engine.close()
    assert found[0] == found[1]
    for row in found[0]:
        values = {column: row[column] for column in scheme.inputs}
        assert evaluate(scheme, values).tier.key == row["tier"]
    assert len({row["tier"] for row in found[0]}) >= 4


def knots_and_beyond(dice: random.Random) -> tuple[Scheme, list[dict[str, Any]]]:
    """A fitted scheme, and customers at, just below and beyond its knots, with nulls."""
    learned = [
        {"customer_id": str(n), "customers": 200, **person(dice.randrange(400), 1 + dice.randrange(30), "0")}
        | {"monetary": Decimal(int(dice.paretovariate(0.7) * 1000)) / 100}
        for n in range(200)
    ]
    fitted = model(k=4).fit({"clusters_sample": learned})
    assert fitted.scheme_.nearest is not None
    money = fitted.scheme_.nearest.curves[2]
    rows = []
    for place, _ in money.knots:
        for cents in (place - 1, place, place + 1):
            rows.append(person(dice.choice((None, 0, 7, 99, 399, 5000)), dice.randrange(40), str(Decimal(cents) / 100)))
    return fitted.scheme_, [*rows, person(3, 3, "-17.05"), person(3, 3, "99999999.99")]


def test_jaccard_rand_silhouette_and_gap_by_hand() -> None:
    one, other = np.array([0, 0, 0, 1, 1]), np.array([1, 1, 0, 0, 0])
    assert best_jaccard(one, other, 2).tolist() == [pytest.approx(2 / 3), pytest.approx(2 / 3)]
    # pairs together in both 2, expected 4 * 4 / 10, most (4 + 4) / 2
    assert rand_index(one, other) == pytest.approx((2 - 1.6) / (4 - 1.6))
    points = np.array([[0.0], [1.0], [10.0], [11.0]])
    centres = np.array([[0.5], [10.5]])
    assert nearest(points, centres).tolist() == [0, 0, 1, 1] and inertia(points, centres) == 1.0
    # a = 1; b = 10.5, 9.5, 9.5, 10.5
    assert Judge(points, "kmeans", 1, 5, 5).silhouette(centres) == pytest.approx(
        (2 * (9.5 / 10.5) + 2 * (8.5 / 9.5)) / 4
    )
    judge = Judge(np.repeat(points, 20, axis=0), "kmeans", 1, 5, 5)
    assert judge.stability(centres).jaccard == (1.0, 1.0)
    two, three = (judge.gap(centres_of(judge.points, k, "kmeans", 1))[0] for k in (2, 3))
    assert two > 0 and two > three - 2


def test_the_rand_index_is_that_of_scikit_learn() -> None:
    dice = np.random.default_rng(5)
    for points, k, other in ((1, 1, 1), (2, 1, 2), (7, 3, 2), (500, 4, 8), (2000, 20, 1)):
        one, two = dice.integers(0, k, points), dice.integers(0, other, points)
        assert rand_index(one, two) == pytest.approx(adjusted_rand_score(one, two), abs=1e-12)
        assert rand_index(one, one) == 1.0


def test_noise_is_not_stable() -> None:
    noise = np.random.default_rng(1).normal(size=(400, 3))
    judged = [Judge(noise, "kmeans", 1, 10, 2).judge(k) for k in (2, 6)]
    assert judged[1].weakest < 0.75
    assert choose(judged).k == 2
