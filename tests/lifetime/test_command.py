"""`tierwise clv` on published data: the reference figures through the command, its files, its screen, its refusals."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tierwise.cli.main import execute

Clv = Callable[..., dict[str, Any]]


@pytest.fixture
def clv(capsys: pytest.CaptureFixture[str]) -> Clv:
    """Run the command with --json and return what it printed; other exit codes than 0 fail."""

    def run(*arguments: object) -> dict[str, Any]:
        code = execute(["clv", *map(str, arguments), "--json", "--lang=en"])
        printed = capsys.readouterr()
        assert code == 0, printed.err
        found: dict[str, Any] = json.loads(printed.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
        return found

    return run


def figures(shared_data: Path, dataset: str, model: str) -> dict[str, tuple[float, float]]:
    with (shared_data / "clv" / "reference_figures.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if (row["dataset"], row["model"]) == (dataset, model)]
    return {row["quantity"]: (float(row["value"]), float(row["abs_tol"])) for row in rows}


def check_figures(found: dict[str, Any], expected: dict[str, tuple[float, float]]) -> int:
    """Compare whatever of the published figures the command prints; return how many there were."""
    said = {**found["parameters"], **{f"se_{name}": value for name, value in found["standard_errors"].items()}}
    said |= {"log_likelihood": found["log_likelihood"]}
    said |= {f"holdout_{name}": found["holdout"][name] for name in ("expected_total", "actual_total", "mae", "rmse")}
    compared = {name: (said[name], *expected[name]) for name in expected if name in said}
    wrong = {name: got for name, got in compared.items() if abs(got[0] - got[1]) > got[2]}
    assert not wrong
    return len(compared)


SAMPLE = "cdnow_sample_transactions.csv"
PUBLISHED = [("bg_nbd", "BG/NBD", 13), ("mbg_nbd", "MBG/NBD", 7), ("pareto_nbd", "Pareto/NBD", 12), ("nbd", "NBD", 3)]


@pytest.mark.parametrize(("model", "published", "count"), PUBLISHED)
def test_the_published_figures_of_cdnow(shared_data: Path, clv: Clv, model: str, published: str, count: int) -> None:
    file = shared_data / "clv" / SAMPLE
    found = clv(file, "--model", model, "--calibration-end", "1997-09-30", "--no-compare", "--no-intervals")
    assert found["model"] == model
    assert found["time_unit"] == "weeks"
    assert found["learnt_until"] == "1997-09-30"
    assert check_figures(found, figures(shared_data, "cdnow_summary", published)) == count
    spend = figures(shared_data, "cdnow_summary", "Gamma-Gamma")
    for name in ("p", "q", "v", "log_likelihood", "population_mean"):
        assert abs(found["spend"][name] - spend[name][0]) <= spend[name][1], name
    assert found["holdout"]["zero_mae"] == pytest.approx(0.798, abs=5e-4)


@pytest.mark.slow
def test_the_published_figures_of_all_cdnow_customers(shared_data: Path, clv: Clv) -> None:
    file = shared_data / "clv" / "cdnow_master_transactions.csv"
    found = clv(file, "--model", "bg_nbd", "--calibration-end", "1997-09-30", "--no-intervals")
    assert check_figures(found, figures(shared_data, "cdnow_master_transactions", "BG/NBD")) == 8
    assert [each["model"] for each in found["comparison"]] == ["bg_nbd", "mbg_nbd", "mbg_cnbd_k", "pareto_nbd", "nbd"]
    for trial, published in zip(
        (found["comparison"][1], found["comparison"][3]), ("MBG/NBD", "Pareto/NBD"), strict=True
    ):
        for name, (value, tolerance) in figures(shared_data, "cdnow_master_transactions", published).items():
            got = trial["log_likelihood"] if name == "log_likelihood" else trial["parameters"][name]
            assert abs(got - value) <= tolerance, (published, name)


def test_donations_as_orders(shared_data: Path, clv: Clv, tmp_path: Path) -> None:
    """Each donor of the published table gets a history with the same x and t_x; the parameters are the published ones."""
    file = tmp_path / "donations.csv"
    with (shared_data / "clv" / "donations_rf.csv").open(encoding="utf-8") as lines, file.open("w") as orders:
        orders.write("customer_id,order_date,amount\n")
        number = 0
        for row in csv.DictReader(lines):
            x, last = int(row["x"]), int(row["t_x"])
            years = [1995, *(1995 + last - back for back in range(x))]
            for _ in range(int(row["customers"])):
                number += 1
                orders.writelines(f"d{number},{year}-06-30,25\n" for year in years)
        orders.write("d0,2001-12-31,25\n")  # somebody new on the last day, so that the sixth year counts as whole
    found = clv(file, "--model", "bg_bb", "--time-unit", "years", "--no-intervals", "--calibration-end", "2000-12-31")
    assert found["model"] == "bg_bb"
    assert found["holdout"]["days"] == pytest.approx(365.25)
    whole = clv(file, "--model", "bg_bb", "--time-unit", "years", "--no-intervals")
    for name, (value, tolerance) in figures(shared_data, "donations_rf", "BG/BB").items():
        if name in whole["parameters"]:
            assert abs(whole["parameters"][name] - value) <= tolerance, name


def test_the_unit_changes_the_parameters_and_nothing_else(shared_data: Path, clv: Clv) -> None:
    file = shared_data / "clv" / SAMPLE
    options = ("--model", "mbg_nbd", "--calibration-end", "1997-09-30", "--no-compare")
    weeks, days = clv(file, *options), clv(file, *options, "--time-unit", "days")
    assert days["parameters"]["alpha"] == pytest.approx(7 * weeks["parameters"]["alpha"], rel=1e-5)
    assert days["parameters"]["a"] == pytest.approx(weeks["parameters"]["a"], rel=1e-5)
    for name in ("expected_total", "mae", "rmse"):
        assert days["holdout"][name] == pytest.approx(weeks["holdout"][name], rel=1e-6)
    for name in ("low", "expected", "high"):
        assert days["total_value"][name] == pytest.approx(weeks["total_value"][name], rel=1e-3)


def test_the_file_of_customers_adds_up(shared_data: Path, clv: Clv, tmp_path: Path) -> None:
    found = clv(shared_data / "clv" / SAMPLE, "--out", tmp_path / "out")
    rows = pq.read_table(found["files"]["parquet"]).to_pylist()
    assert len(rows) == found["customers"] == 2357
    assert sum(row["value"] for row in rows) == pytest.approx(found["total_value"]["expected"], rel=1e-5)
    assert sum(row["expected_orders"] for row in rows) == pytest.approx(found["expected_orders"])
    assert found["total_value"]["low"] < found["total_value"]["expected"] < found["total_value"]["high"]
    for row in rows:
        assert 0 <= row["p_alive"] <= 1
        assert 0 <= row["t_x"] <= row["T"]
        assert row["value_low"] <= row["value_high"]
        assert row["next_order_date"] is None or row["next_order_date"] > date(1998, 6, 30)
    with Path(found["files"]["csv"]).open(encoding="utf-8-sig", newline="") as lines:
        assert [row["customer_id"] for row in csv.DictReader(lines)] == [row["customer_id"] for row in rows]
    assert [row["customer_id"] for row in rows] == sorted(row["customer_id"] for row in rows)


def test_auto_says_what_it_took_and_why(shared_data: Path, clv: Clv) -> None:
    found = clv(shared_data / "clv" / SAMPLE, "--no-intervals")
    fitted = {trial["model"]: trial for trial in found["comparison"]}
    assert found["model"] in ("mbg_nbd", "mbg_cnbd_k", "pareto_nbd")
    honest = [fitted[name]["aic"] for name in ("mbg_nbd", "mbg_cnbd_k", "pareto_nbd")]
    assert fitted[found["model"]]["aic"] == min(honest)
    codes = [finding["code"] for finding in found["findings"]]
    assert "lifetime.chosen" in codes
    assert "lifetime.holdout_found" in codes
    assert found["learnt_until"] == found["as_of"] == "1998-06-30"
    assert found["holdout"]["from"] == "1997-12-31"  # 545 days: a third is 181
    assert found["tracking"][-1]["actual"] == pytest.approx(found["tracking"][-1]["expected"], rel=0.1)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_one_clear_screen(shared_data: Path, capsys: pytest.CaptureFixture[str], language: str) -> None:
    file = str(shared_data / "clv" / SAMPLE)
    arguments = ["clv", file, "--model", "bg_nbd", "--calibration-end", "1997-09-30", "--no-intervals"]
    assert execute([*arguments, "--lang", language]) == 0
    screen = capsys.readouterr().out
    for figure in ("0.2426 ± 0.013", "-9,582.43", "1,882", "1,653", "-12.1%", "0.7985"):
        assert figure in screen
    warned = "still a customer (52% of all)" if language == "en" else "仍是客户（占全部的 52%）"
    assert warned in screen
    assert len(screen.splitlines()) <= 45


BAD = [
    (("--horizon-days", "0"), "clv.bad_horizon", "365 days is usual"),
    (("--horizon-days", "73050"), "clv.bad_horizon", "100 years"),
    (("--model", "bgnbd"), "lifetime.unknown_model", "did you mean bg_nbd?"),
    (("--calibration-end", "1999-01-01"), "lifetime.calibration_outside", "1998-06-30"),
    (("--calibration-end", "1996-12-31"), "lifetime.calibration_outside", "1997-01-01"),
    (("--calibration-end", "1998-06-30"), "lifetime.calibration_outside", "before 1998-06-30"),
    (("--as-of", "1996-01-01"), "lifetime.as_of_before_first_order", "1997-01-01"),
    (("--basis", "profit"), "lifetime.no_cost", "--margin"),
    (("--margin", "1.5"), "lifetime.bad_margin", "0.35"),
    (("--discount-annual", "-0.1"), "clv.bad_discount", "0.1 a year"),
    (("--level", "1"), "clv.bad_level", "0.9"),
    (("--model", "sbg", "--contract", "none"), "lifetime.contract_conflict", "leave --model or --contract out"),
]


@pytest.mark.parametrize(("options", "code", "cure"), BAD, ids=[" ".join(options) for options, _, _ in BAD])
def test_bad_questions_are_answered_clearly(
    shared_data: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], code: str, cure: str
) -> None:
    exit_code = execute(["clv", str(shared_data / "clv" / SAMPLE), *options, "--lang=en"])
    printed = capsys.readouterr()
    assert exit_code in (2, 4), printed
    assert f"[{code}]" in printed.err
    assert cure in printed.err
