"""`tierwise tier`, `explain`, `simulate`, `compare`, `export`, `check`: what a new user meets."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from .conftest import Command


@pytest.fixture
def tiered(command: Command, orders: Path) -> Command:
    assert command("tier", str(orders), "--no-report").code == 0
    return command


def test_prints_mapping_quality_tiers_and_files(command: Command, orders: Path) -> None:
    said = command("tier", str(orders))
    assert said.code == 0, said.err
    assert "customer ← 会员号" in said.out
    assert "1 set aside (no customer 1)" in said.out
    for heading in ("RFM", "Customer lifecycle", "Customer pyramid", "Important value", "Platinum"):
        assert heading in said.out
    assert "tierwise-out/labels.csv" in said.out
    assert said.err == "", "progress is for terminals only"
    assert Path("tierwise-out/report.html").stat().st_size > 10_000


def test_speaks_chinese_with_the_fields_own_terms(command: Command, orders: Path) -> None:
    said = command("tier", str(orders), "--no-report", lang="zh-CN")
    for word in ("重要价值", "重要发展", "重要保持", "重要挽留", "成长", "铂金", "客户数", "没有客户编号"):
        assert word in said.out
    assert "Important" not in said.out


def test_json_is_one_object_with_everything_promised(command: Command, orders: Path) -> None:
    found = command("tier", str(orders), "--json", "--no-report", "--as-of", "2026-12-31").json
    assert found["as_of"] == "2026-12-31"
    assert found["engine"] == "duckdb"
    assert found["mapping"] == {"customer_id": "会员号", "order_date": "下单时间", "amount": "实付金额"}
    assert found["quality"]["rows_read"] == found["quality"]["rows_used"] + 1
    assert found["quality"]["set_aside"] == {"no_customer": 1}
    for name in ("rfm", "lifecycle", "pyramid"):
        tiers = found["models"][name]["tiers"]
        assert [tier["rank"] for tier in tiers] == list(range(1, len(tiers) + 1))
        assert sum(tier["customers"] for tier in tiers) == 30
        assert {"tier", "customers", "orders", "revenue"} <= tiers[0].keys()
        assert sum(tier["orders"] for tier in tiers) == found["totals"]["orders"]
        assert sum(tier["revenue"] for tier in tiers) == pytest.approx(found["totals"]["revenue"], abs=0.001)


def test_set_reaches_the_model(command: Command, orders: Path) -> None:
    settings = ["--set", "rfm.scoring=quantile", "--set", "rfm.bins=5", "--set", "rfm.preset=rfm_r"]
    found = command("tier", str(orders), "--model", "rfm", *settings, "--json", "--no-report").json
    assert list(found["models"]) == ["rfm"]
    assert found["models"]["rfm"]["tiers"][0]["tier"] == "Champions"


def test_wrong_settings_are_told_together_with_the_nearest_name(command: Command, orders: Path) -> None:
    said = command("tier", str(orders), "--set", "rfm.bin=5", "--set", "rfm.scoring=quantil", "--set", "pyramidd.x=1")
    assert said.code == 3
    assert "did you mean bins?" in said.err
    assert "'quantile'" in said.err
    assert "did you mean pyramid?" in said.err
    assert not Path("tierwise-out").exists()


def test_dry_run_writes_nothing(command: Command, orders: Path) -> None:
    said = command("tier", str(orders), "--dry-run")
    assert said.code == 0
    assert "会员号" in said.out
    assert not Path("tierwise-out").exists()


def test_missing_column_says_which_option_settles_it(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("a,b\n1,x\n")
    said = command("tier", str(file))
    assert said.code == 4
    assert "--date" in said.err


def test_a_file_that_is_not_there(command: Command) -> None:
    said = command("tier", "nowhere.csv")
    assert said.code == 4
    assert "nowhere.csv" in said.err


def test_wrong_usage_has_exit_code_2(command: Command, orders: Path) -> None:
    assert command("tier", str(orders), "--as-of", "yesterday").code == 2
    assert command("tier").code == 2
    assert command("tear").code == 2


def test_labels_are_written_three_ways_and_agree(tiered: Command) -> None:
    import fastexcel

    folder = Path("tierwise-out")
    assert (folder / "labels.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (folder / "labels.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 30
    assert rows[0]["customer_id"] == "0001", "leading zeros stay"
    sheet = fastexcel.read_excel(folder / "labels.xlsx").load_sheet(0).to_arrow()
    assert sheet.num_rows == 30
    assert sheet.column(0).to_pylist() == [row["customer_id"] for row in rows]
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "labels.parquet")
    assert table.column("rfm_key").to_pylist() == [row["rfm_key"] for row in rows]


def test_explain_says_value_score_rule_and_the_way_up(tiered: Command) -> None:
    said = tiered("explain", "0006")
    assert said.code == 0, said.err
    for words in ("rfm", "lifecycle", "pyramid", "Cut-points", "Rule", "Up:", "days since last purchase"):
        assert words in said.out
    assert len(said.out.splitlines()) < 50, "one screen"


def test_explain_unknown_customer_names_similar_ones(tiered: Command) -> None:
    said = tiered("explain", "6")
    assert said.code == 4
    assert "0006" in said.err


def test_explain_json_matches_the_label_table(tiered: Command) -> None:
    found = tiered("explain", "0006", "--json").json
    with Path("tierwise-out/labels.csv").open(encoding="utf-8-sig", newline="") as stream:
        row = next(row for row in csv.DictReader(stream) if row["customer_id"] == "0006")
    for model in ("rfm", "lifecycle", "pyramid"):
        assert found["models"][model]["key"] == row[f"{model}_key"]
    assert found["models"]["rfm"]["scores"]["r_score"] == int(row["rfm_r_score"])


def test_simulate_changes_nothing_and_counts_everyone(tiered: Command) -> None:
    before = sorted(path.name for path in Path("tierwise-out/runs").iterdir())
    found = tiered("simulate", "rfm", "--set", "bins=2", "--json").json
    assert found["moved"] + found["stayed"] == 30
    assert found["moved"] > 0
    assert sorted(path.name for path in Path("tierwise-out/runs").iterdir()) == before
    same = tiered("simulate", "rfm", "--json").json
    assert same["moved"] == 0


def test_simulate_computes_indicators_the_run_does_not_have(tiered: Command) -> None:
    found = tiered("simulate", "rfm", "--set", "window_days=30", "--json").json
    assert found["moved"] + found["stayed"] == 30


def test_compare_two_runs(tiered: Command, orders: Path) -> None:
    assert tiered("tier", str(orders), "--no-report", "--as-of", "2027-06-30").code == 0
    found = json.loads(tiered("compare", "--json").out)
    assert sum(flow["customers"] for flow in found["models"]["lifecycle"]["flows"]) == 30
    assert any(flow["to"] == "lost" and flow["from"] != "lost" for flow in found["models"]["lifecycle"]["flows"])
    assert tiered("compare").code == 0


def test_compare_without_an_earlier_run(tiered: Command) -> None:
    said = tiered("compare")
    assert said.code == 4
    assert "previous" in said.err


def test_check_finds_a_changed_file(tiered: Command) -> None:
    assert tiered("check").code == 0
    indicators = next(Path("tierwise-out/runs").glob("*/indicators/*.parquet"))
    indicators.write_bytes(indicators.read_bytes()[:-1] + b"?")
    said = tiered("check")
    assert said.code == 4
    assert "run.damaged" in said.err


def test_export_and_report_again(tiered: Command) -> None:
    assert tiered("export", "--format", "csv", "--out", "again").out.strip() == "again/labels.csv"
    assert tiered("report", "--out", "again/page.html").out.strip() == "again/page.html"
    assert "<html" in Path("again/page.html").read_text(encoding="utf-8")[:500]


def test_asking_before_any_run(command: Command) -> None:
    for ask in (["explain", "1"], ["compare"], ["report"], ["export"], ["simulate", "rfm"]):
        said = command(*ask)
        assert (said.code, "run.none" in said.err or "run.unknown" in said.err) == (4, True), ask


def test_models_lists_and_shows_settings(command: Command) -> None:
    assert "Who bought recently" in command("models").out
    one = command("models", "rfm", lang="zh-CN").out
    assert "分箱数" in one
    assert command("models", "rmf").code == 3


def test_init_then_run(command: Command, orders: Path) -> None:
    said = command("init", f"orders={orders.name}")
    assert said.code == 0, said.err
    assert "customer_id: 会员号" in Path("tierwise.yaml").read_text(encoding="utf-8")
    said = command("run")
    assert said.code == 0, said.err
    assert Path("out/labels.xlsx").exists()
    assert command("explain", "0003").code == 0
    assert command("init").code == 2


def test_project_errors_have_lines(command: Command, orders: Path) -> None:
    Path("tierwise.yaml").write_text(
        f"version: 1\nsources:\n  orders: {{location: {orders.name}}}\n  order: {{location: x}}\nmodels:\n  rfm:\n    bins: many\n",
        encoding="utf-8",
    )
    said = command("run")
    assert said.code == 3
    assert "line 7" in said.err or "line 4" in said.err
    assert "did you mean" in said.err or "whole number" in said.err


def test_indicators_says_what_can_be_measured_and_what_is_missing(tiered: Command) -> None:
    said = tiered("indicators")
    assert said.code == 0, said.err
    assert "recency_days" in said.out
    assert "nps_score" not in said.out, "feedback is missing: only --all lists it"
    found = tiered("indicators", "--json").json
    by_name = {item["name"]: item for item in found["indicators"]}
    assert by_name["frequency"]["available"]
    assert by_name["nps_score"]["missing"]
    assert {"recency_days", "frequency", "monetary"} <= set(found["chosen"])
    assert tiered("indicators", "--goal", "reduce_churn", lang="zh-CN").out.startswith("降低流失率")


def test_all_models_leave_out_those_the_data_cannot_carry_and_say_so(command: Command, orders: Path) -> None:
    said = command("tier", str(orders), "--model", "all", "--no-report", lang="zh-CN")
    assert said.code == 0, said.err
    assert "已略过  balances：数据中没有 balances" in said.out
    found = command("tier", str(orders), "--model", "all", "--no-report", "--json").json
    assert {"balances", "engagement", "satisfaction", "service_need"} <= set(found["left_out"])
    assert found["left_out"]["personas"] == ["order_lines", "orders.discount"]
    assert list(found["models"])[:3] == ["rfm", "lifecycle", "pyramid"] and "combined" in found["models"]


def test_a_model_asked_for_by_name_is_not_left_out(command: Command, orders: Path) -> None:
    said = command("tier", str(orders), "--model", "all", "--model", "balances", "--no-report")
    assert said.code == 4
    assert "balances" in said.err and "Traceback" not in said.err
