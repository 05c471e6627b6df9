"""The data sets of the duplicate benchmark: what their columns hold, and how found clusters are judged."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

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
COPIES = 20


def load(engine: DuckDBEngine, labelled: LabelledSet, folder: Path = FOLDER) -> None:
    """Make table `customers`, with nothing that a matcher must not see, and `truth` (record, entity)."""
    rows = f"read_csv('{folder / labelled.file}', all_varchar = true)"
    columns = ", ".join([labelled.key, *labelled.kinds])
    engine.native("customers", f"CREATE TABLE customers AS SELECT {columns} FROM {rows}")
    engine.native(
        "truth", f"CREATE TABLE truth AS SELECT {labelled.key} AS record, {labelled.truth} AS entity FROM {rows}"
    )


_LETTERS = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志文辉海波鹏飞宇浩然欣怡佳雪婷琳颖莉",
    "宏达新康德泰金源创优盛瑞恒联信智博凯润通天众力诚嘉美云汇邦中东",
)


def replicate(engine: DuckDBEngine, copies: int = COPIES) -> None:
    """Make `customers` and `truth` of the Chinese set `copies` times larger: every copy is of other people.

    Characters of names and companies are turned within those that occur, telephones get other middle digits (and lose
    their blanks and dashes), mailboxes and house numbers an addition.
    """
    for table in ("customers", "truth"):
        engine.native(table, f"ALTER TABLE {table} RENAME TO first_{table}")
    engine.native("customers", f"CREATE TABLE customers AS {' UNION ALL '.join(map(_copy, range(copies)))}")
    both = "record || '-' || n AS record, entity || '-' || n AS entity"
    engine.native("truth", f"CREATE TABLE truth AS SELECT {both} FROM first_truth, range({copies}) AS copies(n)")


def _copy(number: int) -> str:
    name, company = (
        f"translate({column}, '{letters}', '{letters[number:] + letters[:number]}')"
        for column, letters in zip(("name", "company"), _LETTERS, strict=True)
    )
    digits = "right(regexp_replace(phone, '[^0-9]', '', 'g'), 11)"
    middle = f"lpad(CAST((CAST(substr({digits}, 4, 4) AS INT) + {number * 487}) % 10000 AS VARCHAR), 4, '0')"
    phone = f"CASE WHEN length({digits}) < 11 THEN phone ELSE left({digits}, 3) || {middle} || right({digits}, 4) END"
    address = f"regexp_replace(address, '([0-9]+)号', '\\1{number:02d}号')"
    return (
        f"SELECT record_id || '-' || {number} AS record_id, {name} AS name, {company} AS company, {phone} AS phone,"
        f" 'c{number}' || email AS email, city, {address} AS address FROM first_customers"
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
