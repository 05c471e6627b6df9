"""Kaplan-Meier against a published example, and stays read from label tables by hand."""

from __future__ import annotations

from datetime import date

import pytest
from tests.evaluation.conftest import Attach

from tierwise.engine.base import Engine
from tierwise.engine.plans import run_plan
from tierwise.evaluation.survival import curves_of, kaplan_meier, stay_steps

# remission of leukaemia under 6-MP, weeks (Freireich et al. 1963); * are cut off
ENDED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
CUT_OFF = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
PUBLISHED = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}


def test_equals_the_published_curve() -> None:
    stays = [(day, True, 1) for day in ENDED] + [(day, False, 1) for day in CUT_OFF]
    curve = kaplan_meier("6-MP", stays)
    found = {point.day: point for point in curve.points}
    assert {day: round(found[day].survival, 3) for day in PUBLISHED} == PUBLISHED
    assert curve.median_days == 23 and curve.stays == 21
    # R, survival 3.5, conf.type = "log-log"
    assert (round(found[6].low, 3), round(found[6].high, 3)) == (0.620, 0.952)
    assert (found[6].at_risk, found[7].at_risk, found[23].at_risk) == (21, 17, 6)


def test_nobody_leaves_and_everybody_leaves() -> None:
    still = kaplan_meier("x", [(10, False, 5)])
    assert still.median_days is None and still.points[-1].survival == 1.0
    gone = kaplan_meier("x", [(10, True, 5)])
    assert gone.median_days == 10 and (gone.points[-1].low, gone.points[-1].high) == (0.0, 0.0)


DAYS = (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1))
SEEN = {
    "ann": "ggbb",  # g has no known start; b from 1 March, still there on 1 April: 31 days, cut off
    "bob": "bgbg",  # g 1 Feb to 1 March: 28, ended; b 1 March to 1 April: 31, ended; g on the last day: 0, cut off
    "cy": " gg ",  # g 1 Feb, gone on 1 April: 59, ended
    "dee": "g g ",  # g 1 March to 1 April: 31, ended; a gap ends a stay
}


@pytest.mark.parametrize("with_first", [False, True])
def test_stays_by_hand(engine: Engine, attach: Attach, with_first: bool) -> None:
    for place in range(len(DAYS)):
        rows = [{"customer_id": c, "tier": s[place]} for c, s in SEEN.items() if s[place] != " "]
        attach(engine, f"run_{place}", rows)
    run_plan(engine, stay_steps([(f"run_{place}", day) for place, day in enumerate(DAYS)], with_first))
    found = {(r["tier"], r["days"], r["ended"]): r["customers"] for r in engine.records("stays", "SELECT * FROM stays")}
    expected = {("b", 31, 0): 1, ("b", 31, 1): 1, ("g", 28, 1): 1, ("g", 0, 0): 1, ("g", 59, 1): 1, ("g", 31, 1): 1}
    first = {("g", 59, 1): 2, ("b", 31, 1): 2, ("g", 31, 1): 2}
    assert found == (expected | first if with_first else expected)


def test_curves_of_each_tier() -> None:
    rows = [
        {"tier": "b", "days": 31, "ended": 1, "customers": 3},
        {"tier": "b", "days": 60, "ended": 0, "customers": 1},
    ]
    curve = curves_of(rows)["b"]
    assert [(p.day, p.at_risk, p.ended, p.cut_off, p.survival) for p in curve.points] == [
        (31, 4, 3, 0, 0.25), (60, 1, 0, 1, 0.25),
    ]  # fmt: skip
