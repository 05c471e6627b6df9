"""What doubtful orders do to the tiers, against runs over files from which these orders were taken by hand."""

from __future__ import annotations

import pytest

from tierwise.config.document import Document
from tierwise.contracts.doubts import doubt_note
from tierwise.job import Job, Source
from tierwise.pipeline import run
from tierwise.questions import compare_runs
from tierwise.registry import build_models
from tierwise.snapshots.workspace import Workspace

HEADER = "order_id,customer_id,order_date,amount\n"
SOUND = [f"{n},c{n % 40:02d},2025-{1 + n % 12:02d}-{1 + n % 28:02d},{20 + n % 37}.50\n" for n in range(400)]
FAR_OUT = ["901,c05,2025-11-02,99000\n", "902,c06,2025-11-03,88000\n"]
NOBODY = ["903,guest,2025-12-01,30\n", "904,guest,2025-12-02,30\n"]
FREE = ["905,c07,2025-12-05,0\n"]
MODELS = {"rfm": {"bins": 3}, "pyramid": {}, "lifecycle": {}}


def tiers_of(folder, rows):
    folder.mkdir()
    file = folder / "orders.csv"
    file.write_text(HEADER + "".join(rows))
    job = Job(
        Workspace(folder / "w"), [Source("orders", str(file))], build_models(Document({"models": MODELS}, "test"))
    )
    return run(job)


def test_left_out_is_what_a_run_without_these_orders_says(tmp_path, duck):
    used = tiers_of(tmp_path / "used", SOUND + FAR_OUT + NOBODY + FREE)
    without = tiers_of(tmp_path / "without", SOUND)
    found = used.manifest.quality["sensitivity"]
    assert {doubt["rule"]: doubt["orders"] for doubt in found["doubts"]} == {
        "orders.amount.far_out": 2, "orders.customer_id.somebody": 2, "orders.amount.not_zero": 1,
    }  # fmt: skip
    assert (found["orders"], found["customers"], found["amount"]) == (5, 4, "187060.00")
    for model in MODELS:
        apart = compare_runs(duck, used, without, model)
        flows = {(flow.before, flow.after): flow.customers for flow in apart.flows if flow.before != flow.after}
        seen = found["variants"]["left_out"][model]
        assert {(flow["before"], flow["after"]): flow["customers"] for flow in seen["flows"]} == flows
        assert (seen["moved"], seen["left"], seen["customers"]) == (apart.moved, 1, 41)


def test_capped_is_what_a_run_with_smaller_amounts_says(tmp_path, duck):
    used = tiers_of(tmp_path / "used", SOUND + FAR_OUT)
    fence = next(r["limit"] for r in used.manifest.quality["rules"] if r["rule"] == "orders.amount.far_out")
    capped = tiers_of(tmp_path / "capped", SOUND + [row.rpartition(",")[0] + f",{fence}\n" for row in FAR_OUT])
    for model in MODELS:
        apart = compare_runs(duck, used, capped, model)
        assert used.manifest.quality["sensitivity"]["variants"]["capped"][model]["moved"] == apart.moved


def test_nothing_is_said_where_nothing_is_in_doubt(tmp_path):
    sound = tiers_of(tmp_path / "sound", SOUND)
    assert "sensitivity" not in sound.manifest.quality
    assert doubt_note(sound.manifest.quality, "rfm") is None


def test_the_sentence_beside_the_tiers(tmp_path):
    used = tiers_of(tmp_path / "used", SOUND + FAR_OUT + NOBODY)
    note = doubt_note(used.manifest.quality, "rfm")
    assert note is not None
    moved = used.manifest.quality["sensitivity"]["variants"]["left_out"]["rfm"]["moved"]
    assert note.en.startswith(f"without the 4 doubtful orders {moved} of 41 customers would change tier, 1 would")
    assert "far-out amounts capped: " in note.en and "异常大额封顶" in note.zh


def test_scratch_is_not_published(tmp_path):
    used = tiers_of(tmp_path / "used", SOUND + FAR_OUT)
    used.verify()
    assert {name.split("/")[0] for name in used.manifest.files} == {"indicators"}


@pytest.mark.shared_data
def test_the_retailer(tmp_path, shared_data):
    """Four rules put 75 orders in doubt; among them both halves of the order that was cancelled within minutes."""
    source = Source("orders", str(shared_data / "retail/online_retail_2010_2011.parquet"))
    found = run(Job(Workspace(tmp_path / "w"), [source], build_models(Document({"models": {"rfm": {}}}, "test"))))
    doubt = found.manifest.quality["sensitivity"]
    assert {d["rule"].removeprefix("orders."): d["orders"] for d in doubt["doubts"]} == {
        "amount.far_out": 7, "amount.not_zero": 4, "customer_id.entered_once": 1, "customer_id.refunds_have_sales": 63,
    }  # fmt: skip
    assert (doubt["orders"], doubt["customers"], doubt["amount"]) == (75, 50, "618222.46")
    assert doubt["variants"]["left_out"]["rfm"]["left"] == 43
