"""The data sets of the duplicate benchmark: what their columns hold, and how found clusters are judged."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dedupe_people import write_people
from benchmarks.measure import OUT
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.kinds import Kind

FOLDER = Path(os.environ.get("TIERWISE_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")) / "dedupe"


@dataclass(frozen=True)
class LabelledSet:
    """A file with the column that names a record, the one that names its true entity, and what the others hold."""

    file: str
    key: str
    truth: str
    kinds: dict[str, Kind]
    region: str


_ZH = {
    "name": Kind.FULL_NAME,
    "company": Kind.COMPANY,
    "phone": Kind.PHONE,
    "email": Kind.EMAIL,
    "city": Kind.CITY,
    "address": Kind.ADDRESS,
}
SETS: dict[str, LabelledSet] = {
    "zh_customers_synth": LabelledSet("zh_customers_synth.csv", "record_id", "entity_id", _ZH, "CN"),
    "fake_1000": LabelledSet(
        "fake_1000.csv",
        "unique_id",
        "cluster",
        {
            "first_name": Kind.GIVEN_NAME,
            "surname": Kind.SURNAME,
            "dob": Kind.BIRTH_DATE,
            "city": Kind.CITY,
            "email": Kind.EMAIL,
        },
        "GB",
    ),
    "febrl3": LabelledSet(
        "febrl3.csv",
        "rec_id",
        "entity_id",
        {
            "given_name": Kind.GIVEN_NAME,
            "surname": Kind.SURNAME,
            "street_number": Kind.ADDRESS,
            "address_1": Kind.ADDRESS,
            "address_2": Kind.ADDRESS,
            "suburb": Kind.CITY,
            "postcode": Kind.POSTCODE,
            "date_of_birth": Kind.BIRTH_DATE,
            "soc_sec_id": Kind.ID_NUMBER,
        },
        "AU",
    ),
}
MADE = {"made_200k": 200_000, "made_1m": 1_000_000}


def labelled_set(name: str) -> LabelledSet:
    """A set by its name; the made ones are written where they are first asked for."""
    if name not in MADE:
        return SETS[name]
    OUT.mkdir(exist_ok=True)
    file = OUT / f"{name}.parquet"
    if not file.exists():
        write_people(file.with_suffix(".part"), MADE[name]).rename(file)
    return LabelledSet(str(file), "record_id", "entity_id", _ZH, "CN")


def load(engine: DuckDBEngine, labelled: LabelledSet, folder: Path = FOLDER) -> None:
    """Make table `customers`, with nothing that a matcher must not see, and `truth` (record, entity)."""
    file = folder / labelled.file
    rows = f"read_parquet('{file}')" if file.suffix == ".parquet" else f"read_csv('{file}', all_varchar = true)"
    columns = ", ".join([labelled.key, *labelled.kinds])
    engine.native("customers", f"CREATE TABLE customers AS SELECT {columns} FROM {rows}")
    engine.native(
        "truth", f"CREATE TABLE truth AS SELECT {labelled.key} AS record, {labelled.truth} AS entity FROM {rows}"
    )


def judge(engine: DuckDBEngine, clusters: str) -> dict[str, float]:
    """Precision, recall and F1 over the pairs within clusters (record, cluster), against `truth`."""
    pairs = "CAST(sum(CAST(n AS BIGINT) * (n - 1) // 2) AS BIGINT)"
    joined = f"{clusters} c JOIN truth t ON c.record = t.record"
    true, found, both = (
        engine.native("judge", f"SELECT {pairs} FROM (SELECT count(*) AS n FROM {joined} GROUP BY {by})")[0][0]
        for by in ("t.entity", "c.cluster", "t.entity, c.cluster")
    )
    return {"precision": both / max(found, 1), "recall": both / max(true, 1), "f1": 2 * both / max(found + true, 1)}
