"""How long the proof takes: rules over twelve indicators of every kind, sound and broken; and how often it is right.

The sets are those of the tests (`tests/proof/generator.py`). Seconds are the proof alone, from rules in memory to all
overlaps and gaps; loading z3 is timed once, before. The target is 2 s for 30 rules over 12 indicators.

    python -m benchmarks.proof [--sets 20] [--verdicts 200]
"""

from __future__ import annotations

import argparse
import statistics
import time

from tests.proof.generator import DOMAINS, RuleSet, broken, sound

TARGET_SECONDS = 2.0
SIZES = (5, 10, 30, 60)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sets", type=int, default=20, help="sets per size, half of them broken")
    arguments.add_argument("--verdicts", type=int, default=200, help="sets whose verdict is checked")
    given = arguments.parse_args()
    started = time.perf_counter()
    from tierwise.proof import prove

    print(f"loading z3: {time.perf_counter() - started:.2f} s")
    print(f"{'rules':>6} {'indicators':>10} {'median s':>9} {'longest s':>9}")
    for rules in SIZES:
        seconds = [prove(made.claim, DOMAINS).seconds for made in _sets(given.sets, rules)]
        print(f"{rules:>6} {len(DOMAINS):>10} {statistics.median(seconds):>9.3f} {max(seconds):>9.3f}")
        if rules == 30:
            print(f"       target {TARGET_SECONDS:g} s: {'met' if max(seconds) <= TARGET_SECONDS else 'MISSED'}")
    made = _sets(given.verdicts, None)
    right = 0
    for one in made:
        proof = prove(one.claim, DOMAINS)
        right += (bool(proof.overlaps), bool(proof.gaps)) == (one.overlaps, one.gaps)
    print(f"verdicts right: {right} of {len(made)} sets, half of them broken on purpose")


def _sets(count: int, rules: int | None) -> list[RuleSet]:
    return [sound(seed, rules) if seed % 2 else broken(seed // 2, rules) for seed in range(count)]


if __name__ == "__main__":
    main()
