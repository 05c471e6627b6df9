"""What is found for certain, what is scored, and what is never merged."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.identity.blocking import make_pairs
from tierwise.identity.chance import without_matches
from tierwise.identity.duplicates import find_duplicates
from tierwise.identity.explanation import explain
from tierwise.identity.kinds import Kind
from tierwise.identity.records import make_records
from tierwise.identity.rules import find_apart, find_certain
from tierwise.identity.standardise import standardise

KINDS = {
    "name": Kind.FULL_NAME, "company": Kind.COMPANY, "phone": Kind.PHONE, "email": Kind.EMAIL, "city": Kind.CITY, "address": Kind.ADDRESS,
}  # fmt: skip
Row = dict[str, str | None]
Judge = Callable[..., tuple[set[str], set[str]]]


@pytest.fixture
def judge(duck: DuckDBEngine, load: Callable[..., str]) -> Judge:
    """The pairs of some rows that rules decide, and those that they keep apart, as `1-2`."""

    def run(*rows: Row) -> tuple[set[str], set[str]]:
        filled = [{"id": str(n), **dict.fromkeys(KINDS), **row} for n, row in enumerate(rows, 1)]
        table = load("people", filled)
        records, columns = make_records(duck, standardise(duck, table, KINDS), "id", KINDS)
        pairs = make_pairs(duck, records, columns, 100)
        found = [find(duck, records, columns, pairs) for find in (find_certain, find_apart)]
        return tuple(
            {"-".join(row) for row in duck.native("pairs", _NAMED.format(found=name, records=records))}
            for name in found
        )

    return run


_NAMED = (
    'SELECT l.record, r.record FROM "{found}" p JOIN "{records}" l ON l.n = p.n_l JOIN "{records}" r ON r.n = p.n_r'
)
PHONE, MAIL = "13822138000", "li@qq.com"


def test_the_same_name_and_phone_is_one_customer(judge: Judge) -> None:
    certain, _ = judge(
        {"name": "趙 可", "phone": "+86 138-2213-8000"}, {"name": "赵可（老客户）", "phone": "１３８２２１３８０００"}
    )
    assert certain == {"1-2"}


def test_a_homophone_and_a_romanised_name_are_one_with_the_same_phone(judge: Judge) -> None:
    certain, _ = judge(
        {"name": "张慧志", "phone": PHONE}, {"name": "章慧志", "phone": PHONE}, {"name": "Huizhi Zhang", "phone": PHONE}
    )
    assert certain == {"1-2", "1-3", "2-3"}


def test_families_that_share_a_phone_and_address_are_never_merged(judge: Judge) -> None:
    home = {"phone": "19958343928", "city": "广州市", "address": "广东省广州市天河区解放路334号金地广场19-3-1001"}
    certain, apart = judge({"name": "吴佳春", **home}, {"name": "吴瑞萱", **home}, {"name": "吴女士", **home})
    assert certain == set() and apart == {"1-2"}


def test_namesakes_are_never_merged(judge: Judge) -> None:
    certain, _ = judge(
        {"name": "姜莹英", "city": "上海市", "phone": "13167941975", "email": "jiangyy7625@126.com"},
        {
            "name": "姜莹英",
            "city": "上海市",
            "email": "gdhchk8597@gmail.com",
            "address": "上海静安区新华路104号国贸中心12号楼1302室",
        },
    )
    assert certain == set()


def test_sister_companies_in_other_cities_are_never_merged(judge: Judge) -> None:
    shared = {"name": "王红春", "phone": PHONE, "email": "info@lihua.cn"}
    certain, apart = judge(
        {"company": "上海力华网络科技有限公司", **shared}, {"company": "力华网络科技（重庆）股份有限公司", **shared}
    )
    assert certain == set() and apart == {"1-2"}


def test_a_title_or_a_shared_switchboard_is_not_certain(judge: Judge) -> None:
    assert judge({"name": "王总", "phone": PHONE}, {"name": "王总", "phone": PHONE})[0] == set()
    assert judge({"name": "李明", "phone": "138****8000"}, {"name": "李明", "phone": "138****8000"})[0] == set()
    assert judge({"name": "李明", "phone": PHONE}, {"phone": PHONE})[0] == set()


def test_a_key_that_many_share_makes_no_pairs(judge: Judge) -> None:
    assert judge(*[{"name": "李明", "phone": PHONE}] * 101) == (set(), set())


def test_common_keys_give_way_once_rare_ones_have_made_enough_pairs(
    duck: DuckDBEngine, load: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"id": f"{n}", "phone": f"1380013{n // 2:04d}", "email": f"mailbox{n // 40}@qq.com"} for n in range(400)]
    kinds = {"phone": Kind.PHONE, "email": Kind.EMAIL}
    records, columns = make_records(duck, standardise(duck, load("people", rows), kinds), "id", kinds)

    def count(per_record: int) -> int:
        pairs = make_pairs(duck, records, columns, 100, per_record)
        return int(duck.native("count", f'SELECT count(*) FROM "{pairs}"')[0][0])

    assert count(1) == 400 * 39 // 2  # a small table compares them all
    monkeypatch.setattr("tierwise.identity.blocking._ALWAYS_PAIRS", 0)
    assert count(1) == 200 and count(100) == 400 * 39 // 2


def test_matches_are_taken_out_of_chance_agreement() -> None:
    def level(m: float, u: float) -> dict[str, float]:
        return {"m_probability": m, "u_probability": u}

    # 1000 records, 2000 pairs of one customer among 499,500, eight in ten of them with one e-mail; strangers share none.
    share = 2000 / 499_500
    mail = [{"is_null_level": True}, level(0.8, share * 0.8), level(0.2, 1 - share * 0.8)]
    birth = [{"is_null_level": True}, level(0.9, 0.001 + share * 0.9), level(0.1, 0.995)]
    model = {
        "comparisons": [{"comparison_levels": mail}, {"comparison_levels": birth}],
        "probability_two_random_records_match": 0.0001,
    }
    corrected = without_matches(model, [(1, 1, 1440), (1, 0, 160), (0, 1, 860), (0, 0, 20_000)], 499_500)
    levels = [comparison["comparison_levels"][1]["u_probability"] for comparison in corrected["comparisons"]]
    assert levels[0] < share * 0.8 / 8 and 0.001 <= levels[1] < 0.0015
    assert corrected["probability_two_random_records_match"] == pytest.approx(share, rel=0.25)
    assert model["probability_two_random_records_match"] == 0.0001


def test_too_little_to_compare_is_refused(duck: DuckDBEngine, load: Callable[..., str]) -> None:
    table = load("people", [{"id": "1", "city": "x", "post": "y"}])
    with pytest.raises(TierwiseError) as raised:
        find_duplicates(duck, table, "id", {"city": Kind.CITY, "post": Kind.POSTCODE})
    assert raised.value.code == "identity.nothing_to_compare"


def found_in(duck: DuckDBEngine, file: Path, order: str) -> tuple[list[tuple[object, ...]], ...]:
    rows = f"SELECT * FROM read_csv('{file}', all_varchar = true) WHERE hash(entity_id) % 5 = 0"
    duck.native("load", f"CREATE OR REPLACE TABLE people AS {rows} ORDER BY {order}")
    found = find_duplicates(duck, "people", "record_id", KINDS)
    tables = (found.clusters, found.automatic, found.review)
    columns = ("record, cluster, size", "record_l, record_r, rule", "record_l, record_r, round(match_weight, 6)")
    return tuple(
        duck.native("all", f'SELECT {c} FROM "{t}" ORDER BY ALL') for t, c in zip(tables, columns, strict=True)
    )


@pytest.mark.slow
@pytest.mark.shared_data
def test_the_order_of_rows_changes_nothing_and_weights_add_up(duck: DuckDBEngine, shared_data: Path) -> None:
    file = shared_data / "dedupe" / "zh_customers_synth.csv"
    first = found_in(duck, file, "record_id")
    assert first == found_in(duck, file, "hash(record_id)")
    found = find_duplicates(duck, "people", "record_id", KINDS)
    for left, right, weight in duck.native(
        "pairs", f'SELECT record_l, record_r, match_weight FROM "{found.pairs}" LIMIT 20'
    ):
        addends = explain(duck, found, right, left)
        assert math.isclose(sum(addend.weight for addend in addends), weight, abs_tol=1e-6)
    with pytest.raises(TierwiseError, match="not compared"):
        explain(duck, found, "nobody", "no one")


@pytest.mark.slow
@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "precision", "f1"),
    [("zh_customers_synth", 0.98, 0.96), ("fake_1000", 0.97, 0.965), ("febrl3", 0.999, 0.999)],
)
def test_duplicates_are_found_as_well_as_documented(
    shared_data: Path, capsys: pytest.CaptureFixture[str], name: str, precision: float, f1: float
) -> None:
    from benchmarks.dedupe_task import main

    main("tierwise", name)
    figures = json.loads(json.loads(capsys.readouterr().out)["result"])
    assert figures["precision"] >= precision and figures["f1"] >= f1
    assert figures["automatic_precision"] >= 0.995 and figures["automatic"] > 0
