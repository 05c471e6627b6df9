"""Standings, gaps and value at stake, by hand on both engines."""

from __future__ import annotations

from decimal import Decimal

from tests.evaluation.conftest import Attach

from tierwise.engine.base import Engine
from tierwise.engine.plans import run_plan
from tierwise.evaluation.disagreement import disagreement_steps, disagreements_of, pairs_of

# customer: (tier and rank in x, score), (rank in y, score), net spend
PEOPLE = {
    "ann": ((1, "9"), (2, "0"), "1000.00"),
    "bob": ((1, "5"), (2, "0"), "100.00"),
    "cy": ((2, "7"), (1, "1"), "400.01"),
    "dee": ((2, "7"), (1, "0"), "-50.00"),
}
# x: ann 87.5, bob 62.5, cy and dee share 25; y: cy 87.5, dee 62.5, ann and bob share 25
GAPS = {"ann": "62.50", "bob": "37.50", "cy": "62.50", "dee": "37.50"}
AT_STAKE = {"ann": "625.00", "bob": "37.50", "cy": "250.00", "dee": "0.00"}


def test_by_hand(engine: Engine, attach: Attach) -> None:
    for place, model in enumerate(("x", "y")):
        rows = [
            {"customer_id": c, "tier": f"{model}{p[place][0]}", "rank": p[place][0], "score": Decimal(p[place][1])}
            for c, p in PEOPLE.items()
        ]
        attach(engine, f"labels_{model}", rows)
    attach(engine, "amounts", [{"customer_id": c, "monetary": Decimal(p[2])} for c, p in PEOPLE.items()])
    run_plan(engine, disagreement_steps(["x", "y"], {"x": "labels_x", "y": "labels_y"}, "amounts"))
    rows = engine.records("d", "SELECT * FROM disagreements ORDER BY at_stake DESC, gap DESC, customer_id")
    found = disagreements_of(rows, ["x", "y"])
    assert [each.customer for each in found] == ["ann", "cy", "bob", "dee"]
    assert {each.customer: str(each.gap) for each in found} == GAPS
    assert {each.customer: str(each.at_stake) for each in found} == AT_STAKE
    assert found[0].opinions["x"].tier == "x1" and str(found[0].opinions["x"].standing) == "87.50"
    assert str(found[1].opinions["x"].standing) == "25.00"
    (pair,) = pairs_of(engine.records("p", "SELECT * FROM disagreement_pairs")[0], ["x", "y"])
    assert (pair.one, pair.other, str(pair.mean_gap), str(pair.at_stake)) == ("x", "y", "50.00", "912.50")
