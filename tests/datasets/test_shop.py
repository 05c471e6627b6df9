"""The files: the same for the same seed, whatever else is asked for, in both formats; nothing half-written."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest

from tierwise.contracts.tables import TABLES
from tierwise.datasets import ALL_TABLES, ShopSpec, shop, simulate_shop
from tierwise.datasets.arrow import schema_of
from tierwise.datasets.truth import SCHEMA
from tierwise.errors import TierwiseError
from tierwise.language import Lang


def test_every_canonical_table_is_made_with_the_columns_and_types_of_its_contract(clean_shop):
    # what the operations of a business write (points, consents, hold-outs) no shop has to begin with
    assert set(ALL_TABLES) == {*TABLES, "truth"} - {"points", "consents", "holdouts"}
    for name, path in clean_shop.paths.items():
        expected = SCHEMA if name == "truth" else schema_of(TABLES[name])
        if name == "customers":  # people come to the shop: it knows no addresses
            expected = expected.remove(expected.get_field_index("address"))
        assert pq.read_schema(path).equals(expected), name


def test_the_rows_reported_are_the_rows_written(clean_shop):
    written = {name: pq.ParquetFile(path).metadata.num_rows for name, path in clean_shop.paths.items()}
    assert written == clean_shop.rows
    assert clean_shop.rows["customers"] == 20_000


def test_the_same_seed_writes_the_same_bytes_and_another_seed_does_not(tmp_path):
    one, again, other = (
        simulate_shop(tmp_path / name, 700, seed=seed) for name, seed in (("a", 3), ("b", 3), ("c", 4))
    )
    for name in ALL_TABLES:
        assert one.paths[name].read_bytes() == again.paths[name].read_bytes(), name
        assert one.paths[name].read_bytes() != other.paths[name].read_bytes(), name


@pytest.mark.parametrize("name", ALL_TABLES)
def test_a_table_does_not_depend_on_which_others_are_asked_for(dirty_shop, tmp_path, name):
    alone = simulate_shop(tmp_path, tables=(name,))
    assert [path.name for path in tmp_path.iterdir()] == [f"{name}.parquet"]
    assert alone.paths[name].read_bytes() == dirty_shop.paths[name].read_bytes()


def test_a_full_chunk_does_not_depend_on_how_many_customers_follow(dirty_shop, tmp_path):
    larger = simulate_shop(tmp_path, 41_000, tables=("orders", "customers", "events"))
    for name in ("orders", "customers", "events"):
        chunks = pq.ParquetFile(larger.paths[name])
        assert chunks.num_row_groups == 3
        assert chunks.read_row_group(0).equals(pq.read_table(dirty_shop.paths[name])), name


def test_ids_do_not_collide_between_chunks(tmp_path):
    files = simulate_shop(tmp_path, 41_000, tables=("orders", "customers", "events"), dirt=False)
    for table, column in (("orders", "order_id"), ("customers", "customer_id"), ("events", "message_id")):
        ids = pq.read_table(files.paths[table]).column(column)
        assert len(ids.unique()) == len(ids), table


@pytest.mark.parametrize("language", list(Lang))
def test_csv_holds_the_same_rows_as_parquet(tmp_path, language):
    parquet = simulate_shop(tmp_path / "p", 600)
    text = simulate_shop(tmp_path / "c", 600, format="csv", language=language)
    for name in ALL_TABLES:
        header = text.paths[name].open(encoding="utf-8-sig").readline().strip().replace('"', "").split(",")
        as_text = pcsv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=True)
        found = pcsv.read_csv(text.paths[name], convert_options=as_text)
        for column, other in zip(found.columns, pq.read_table(parquet.paths[name]).columns, strict=True):
            if pa.types.is_timestamp(other.type):
                other = other.cast(pa.timestamp("s"))  # noqa: PLW2901
            assert column.to_pylist() == other.cast(pa.string()).to_pylist(), (name, column)


def test_chinese_csv_has_the_headers_of_an_export_and_the_mark_excel_needs(tmp_path):
    files = simulate_shop(tmp_path, 50, tables=("orders", "customers"), format="csv", language=Lang.ZH)
    assert files.paths["orders"].read_bytes().startswith(b"\xef\xbb\xbf")
    first = files.paths["orders"].read_text(encoding="utf-8-sig").splitlines()[0].replace('"', "")
    assert first.split(",")[:5] == ["订单号", "客户编号", "下单日期", "下单时间", "实付金额"]
    for name in ("orders", "customers"):
        header = files.paths[name].read_text(encoding="utf-8-sig").splitlines()[0].split(",")
        assert len(header) == len(TABLES[name].given) - (name == "customers")  # the shop knows no addresses


@pytest.mark.parametrize("seed", range(6))
def test_a_shop_of_one_customer_is_whole(tmp_path, seed):
    files = simulate_shop(tmp_path, 1, seed=seed)
    assert files.rows["truth"] >= 1
    for name, path in files.paths.items():
        expected = SCHEMA if name == "truth" else schema_of(TABLES[name])
        if name == "customers":  # people come to the shop: it knows no addresses
            expected = expected.remove(expected.get_field_index("address"))
        assert pq.read_schema(path).equals(expected), name


@pytest.mark.parametrize("wanted", [1.5, 6.0, 12.0])
def test_the_mean_number_of_orders_can_be_asked_for(tmp_path, wanted):
    files = simulate_shop(tmp_path, 40_000, tables=("truth",), dirt=False, orders_per_customer=wanted)
    sales = pq.read_table(files.paths["truth"]).column("sales").to_numpy()
    assert abs(sales.mean() - wanted) < 4 * sales.std() / len(sales) ** 0.5 + 0.002 * wanted


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"customers": 0}, "datasets.bad_size"),
        ({"customers": 10_000_001}, "datasets.bad_size"),
        ({"start": date(2026, 1, 2), "end": date(2026, 1, 1)}, "datasets.bad_dates"),
        ({"start": date(1999, 1, 1)}, "datasets.bad_dates"),
        ({"tables": ("orders", "invoices")}, "datasets.bad_choice"),
        ({"format": "xlsx"}, "datasets.bad_choice"),
        ({"orders_per_customer": 1000.0}, "datasets.bad_mean"),
        ({"orders_per_customer": 0.1}, "datasets.bad_mean"),
        ({"seed": -1}, "datasets.bad_seed"),
    ],
)
def test_what_cannot_be_simulated_is_refused_before_anything_is_written(tmp_path, arguments, code):
    with pytest.raises(TierwiseError) as refused:
        simulate_shop(tmp_path / "shop", **arguments)
    assert refused.value.code == code
    assert not (tmp_path / "shop").exists()


def test_a_failure_half_way_leaves_the_old_files_and_no_half_ones(tmp_path, monkeypatch):
    before = simulate_shop(tmp_path, 100, tables=("orders",)).paths["orders"].read_bytes()

    def fails_at_the_second(chunk):
        if chunk.number == 1:
            raise OSError("disk full")
        return shop.order_table(chunk)

    monkeypatch.setitem(shop.MAKERS, "orders", fails_at_the_second)
    with pytest.raises(TierwiseError, match="disk full") as refused:
        simulate_shop(tmp_path, 30_000, tables=("orders",))
    assert refused.value.code == "datasets.cannot_write"
    assert [path.name for path in tmp_path.iterdir()] == ["orders.parquet"]
    assert (tmp_path / "orders.parquet").read_bytes() == before


def test_a_full_disk_is_said_and_leaves_nothing_half_written(tmp_path):
    program = (
        "import resource, signal, sys; from pathlib import Path; from tierwise.datasets import simulate_shop;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000));"
        "simulate_shop(Path(sys.argv[1]), 20_000, tables=('truth', 'orders'))"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert "datasets.cannot_write" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_said(tmp_path):
    (tmp_path / "shop").write_text("not a folder")
    with pytest.raises(TierwiseError) as refused:
        simulate_shop(tmp_path / "shop", 10)
    assert refused.value.code == "datasets.cannot_write"


def test_rates_outside_their_limits_are_all_named():
    with pytest.raises(TierwiseError) as refused:
        ShopSpec(refund_share_of_sales=1.5, rate_shape=0.0, spend_heterogeneity_shape=1.0, persona_shares=(2, 0, 0, 0))
    assert [problem.place.column for problem in refused.value.problems] == [
        "rate_shape", "spend_heterogeneity_shape", "persona_shares", "refund_share_of_sales",
    ]  # fmt: skip


def test_rates_can_be_changed(tmp_path):
    generous = replace(ShopSpec(), refund_share_of_sales=0.5, refund_delay_max_days=1)
    files = simulate_shop(tmp_path, 2_000, tables=("orders",), spec=generous, dirt=False)
    status = pq.read_table(files.paths["orders"]).column("status").to_pylist()
    assert status.count("refund") / status.count("sale") == pytest.approx(0.5, abs=0.03)


def test_the_observer_hears_of_every_chunk(tmp_path):
    heard: list[str] = []

    class Listener:
        def stage(self, name, label):
            heard.append(name)

        def detail(self, label):
            heard.append(label.en)

    simulate_shop(tmp_path, 25_000, tables=("balances",), observer=Listener())
    assert heard == ["simulate", "20,000 of 25,000 customers", "25,000 of 25,000 customers"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_customers(tmp_path):
    peaks = [_peak_megabytes(tmp_path, customers) for customers in (60_000, 600_000)]
    assert peaks[1] < peaks[0] + 60
    assert peaks[1] < 500


def _peak_megabytes(folder: Path, customers: int) -> float:
    # VmHWM begins anew with the program; ru_maxrss would start from what the process that forked it had used.
    program = (
        "import re, sys; from pathlib import Path; from tierwise.datasets import simulate_shop;"
        "simulate_shop(Path(sys.argv[1]), int(sys.argv[2]), tables=('orders',), orders_per_customer=10.0);"
        "print(int(re.search(r'VmHWM:\\s+(\\d+) kB', Path('/proc/self/status').read_text())[1]) / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder), str(customers)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)
