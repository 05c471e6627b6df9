"""RFM in polars and pandas, as their users write it: the same scores and the same eight classes.

Run inside the peers' own environment by `benchmarks.rfm`; imports nothing of ours.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

PROBABILITIES = (0.2, 0.4, 0.6, 0.8)


def in_polars(files: list[str], last: str) -> str:
    """Lazy scan, streaming group-by, quantile cuts, when-then classes."""
    from datetime import date

    import polars as pl

    as_of = date.fromisoformat(last)
    sale = pl.col("status") == "sale"
    base = (
        pl.scan_parquet(files)
        .group_by("customer_id")
        .agg(
            pl.col("order_date").filter(sale).max().alias("last_sale"),
            sale.sum().alias("frequency"),
            pl.when(pl.col("status") != "void").then(pl.col("amount")).otherwise(0).sum().alias("monetary"),
        )
        .with_columns((pl.lit(as_of) - pl.col("last_sale")).dt.total_days().alias("recency_days"))
        .collect(engine="streaming")
    )
    for score, column, rising in (("r", "recency_days", False), ("f", "frequency", True), ("m", "monetary", True)):
        values = base[column].cast(pl.Float64)
        cuts = [values.quantile(p, "linear") + (1 if column != "monetary" else 0.01) for p in PROBABILITIES]
        reached = sum((pl.col(column).cast(pl.Float64) >= cut).cast(pl.Int8) for cut in cuts)
        base = base.with_columns((1 + reached if rising else 5 - reached).fill_null(1).alias(score))
    code = (pl.col("r") > 3).cast(pl.Int8) * 4 + (pl.col("f") > 3).cast(pl.Int8) * 2 + (pl.col("m") > 3).cast(pl.Int8)
    labels = base.with_columns(code.replace_strict(_by_code(), return_dtype=pl.String).alias("tier"))
    return f"{labels.height:,} customers"


def in_pandas(files: list[str], last: str) -> str:
    """Read what is needed, group-by, quantile cuts, map classes."""
    import pandas as pd

    orders = pd.concat(
        [pd.read_parquet(file, columns=["customer_id", "order_date", "amount", "status"]) for file in files]
    )
    orders["amount"] = orders["amount"].astype("float64")
    orders["order_date"] = pd.to_datetime(orders["order_date"])
    sales = orders[orders["status"] == "sale"].groupby("customer_id")["order_date"].agg(["max", "size"])
    money = orders[orders["status"] != "void"].groupby("customer_id")["amount"].sum()
    base = pd.DataFrame({"last_sale": sales["max"], "frequency": sales["size"], "monetary": money})
    base["frequency"] = base["frequency"].fillna(0)
    base["recency_days"] = (pd.Timestamp(last) - base["last_sale"]).dt.days
    for score, column, rising in (("r", "recency_days", False), ("f", "frequency", True), ("m", "monetary", True)):
        cuts = base[column].quantile(list(PROBABILITIES)) + (1 if column != "monetary" else 0.01)
        reached = sum((base[column] >= cut).astype("int8") for cut in cuts)
        base[score] = (1 + reached if rising else 5 - reached).where(base[column].notna(), 1)
    code = (base["r"] > 3) * 4 + (base["f"] > 3) * 2 + (base["m"] > 3) * 1
    base["tier"] = code.map(_by_code())
    return f"{len(base):,} customers"


def _by_code() -> dict[int, str]:
    """Classes by the number whose bits say R, F and M high: 4, 2, 1."""
    return {
        7: "important_value", 5: "important_develop", 3: "important_keep", 1: "important_winback",
        6: "general_value", 4: "general_develop", 2: "general_keep", 0: "general_winback",
    }  # fmt: skip


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    facts = json.loads((folder / "canonical.json").read_text())
    files = [str(folder / "orders.parquet")]
    importlib.import_module(sys.argv[1])  # before the clock, as for everybody
    wall, cpu = time.perf_counter(), time.process_time()
    result = {"polars": in_polars, "pandas": in_pandas}[sys.argv[1]](files, facts["last"])
    print(
        json.dumps({"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu, "result": result})
    )
