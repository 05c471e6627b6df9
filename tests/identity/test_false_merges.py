"""Who must never be merged by a rule: families, namesakes, tills, fillers; and who still is, beside them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.blocking import make_pairs
from tierwise.identity.conflicts import break_chains
from tierwise.identity.fillers import forget_shared
from tierwise.identity.kinds import Kind
from tierwise.identity.records import make_records
from tierwise.identity.rules import find_certain
from tierwise.identity.standardise import standardise

KINDS = {
    "name": Kind.FULL_NAME, "company": Kind.COMPANY, "phone": Kind.PHONE, "email": Kind.EMAIL, "birth": Kind.BIRTH_DATE,
    "gender": Kind.GENDER, "id_number": Kind.ID_NUMBER, "city": Kind.CITY,
}  # fmt: skip
Row = dict[str, str | None]
Judge = Callable[..., set[str]]
PHONE, MAIL = "13911110001", "home@qq.com"
HOME = {"phone": PHONE, "email": MAIL}


@pytest.fixture
def merged(duck: DuckDBEngine, load: Callable[..., str]) -> Judge:
    """The pairs that rules merge among some rows, as `1-2`."""

    def run(*rows: Row) -> set[str]:
        table = load("people", [{"id": str(n), **dict.fromkeys(KINDS), **row} for n, row in enumerate(rows, 1)])
        records, columns = make_records(duck, standardise(duck, table, KINDS), "id", KINDS)
        forget_shared(duck, records, columns)
        certain = find_certain(duck, records, columns, make_pairs(duck, records, columns, 100))
        break_chains(duck, records, columns, certain)
        return {f"{left + 1}-{right + 1}" for left, right in duck.native("merged", f'SELECT n_l, n_r FROM "{certain}"')}

    return run


FAMILIES: dict[str, tuple[Row, Row]] = {
    "Mr and Mrs Zhang": ({"name": "张先生", **HOME}, {"name": "张太太", **HOME}),
    "two titles": ({"name": "李女士", **HOME}, {"name": "李先生", **HOME}),
    "a name with two titles": ({"name": "张伟先生", "phone": PHONE}, {"name": "张伟女士", "phone": PHONE}),
    "genders": ({"name": "陈晨", "phone": PHONE, "gender": "男"}, {"name": "陈晨", "phone": PHONE, "gender": "女"}),
    "father and son": ({"name": "John Smith Sr.", **HOME}, {"name": "John Smith, Jr", **HOME}),
    "father and namesake": ({"name": "John Smith", **HOME}, {"name": "John Smith III", **HOME}),
    "initials": ({"name": "J. Smith", "phone": PHONE}, {"name": "J. Smith", "phone": PHONE}),
    "Mr and Mrs Smith": ({"name": "Mr J Smith", **HOME}, {"name": "Mrs J Smith", **HOME}),
    "twins": (
        {"name": "李佳怡", "phone": PHONE, "birth": "2012-05-05", "id_number": "110101201205051228"},
        {"name": "李嘉怡", "phone": PHONE, "birth": "2012-05-05", "id_number": "110101201205051244"},
    ),
    "siblings": (
        {"name": "王晓明", "phone": PHONE, "birth": "2012-05-05"},
        {"name": "王小明", "phone": PHONE, "birth": "2013-06-05"},
    ),
    "siblings of one sound": ({"name": "王晓明", "phone": PHONE}, {"name": "王小明", "phone": PHONE, "city": "苏州"}),
    "masked": ({"name": "张**", "phone": PHONE}, {"name": "张**", "phone": PHONE}),
    "not named": ({"name": "王某某", "phone": PHONE}, {"name": "王某某", "phone": PHONE}),
    "nicknames": ({"name": "小王", "phone": PHONE}, {"name": "小王", "phone": PHONE}),
}
FILLERS: dict[str, tuple[Row, Row]] = {
    "a phone of nobody": ({"name": "张伟", "phone": "13800138000"}, {"name": "张伟", "phone": "13800138000"}),
    "noughts": ({"name": "刘洋", "phone": "00000000000"}, {"name": "刘洋", "phone": "00000000000"}),
    "eights": ({"name": "刘洋", "phone": "13888888888"}, {"name": "刘洋", "phone": "+86 13888888888"}),
    "counted up": ({"name": "刘洋", "phone": "12345678901"}, {"name": "刘洋", "phone": "12345678901"}),
    "a mailbox of nobody": ({"name": "赵敏", "email": "test@test.com"}, {"name": "赵敏", "email": "test@test.com"}),
    "no reply": ({"name": "赵敏", "email": "noreply@shop.cn"}, {"name": "赵敏", "email": "noreply@shop.cn"}),
    "both": ({"phone": "13800138000", "email": "123456@qq.com"}, {"phone": "13800138000", "email": "123456@qq.com"}),
    "walk-ins": ({"name": "散客", **HOME}, {"name": "散客", **HOME}),
    "walk-in customers": ({"name": "Walk-in Customer", **HOME}, {"name": "walk in customer", **HOME}),
    "default names": ({"name": "微信用户", "phone": PHONE}, {"name": "微信用户", "phone": PHONE}),
    "an identity number of nobody": (
        {"name": "高远", "id_number": "111111111111111111", "birth": "1990-01-01"},
        {"name": "高原", "id_number": "111111111111111111", "birth": "1990-01-01"},
    ),
    "a birthday that forms begin with": (
        {"name": "高远", "id_number": "G12345678", "birth": "1900-01-01"},
        {"name": "李梅", "id_number": "G12345678", "birth": "1900-01-01"},
    ),
}
FIRMS: dict[str, tuple[Row, Row]] = {
    "sisters": ({"company": "上海力华科技有限公司", **HOME}, {"company": "上海力华贸易有限公司", **HOME}),
    "branches": (
        {"company": "深圳市腾飞科技有限公司第一分公司", **HOME}, {"company": "深圳市腾飞科技有限公司第二分公司", **HOME},
    ),
    "a group": ({"company": "宏达商贸有限公司", **HOME}, {"company": "宏达商贸集团有限公司", **HOME}),
    "a holding": ({"company": "Acme GmbH", **HOME}, {"company": "Acme Holding GmbH", **HOME}),
    "a firm and its clerk": ({"company": "宏达商贸有限公司", **HOME}, {"name": "李明", **HOME}),
}  # fmt: skip


@pytest.mark.parametrize("who", [*FAMILIES, *FILLERS, *FIRMS])
def test_they_are_not_merged(merged: Judge, who: str) -> None:
    assert merged(*(FAMILIES | FILLERS | FIRMS)[who]) == set()


@pytest.mark.parametrize(
    "rows",
    [
        ({"name": "张慧志", "phone": PHONE, "birth": "1990-01-03"}, {"name": "張慧志", "phone": f"+86{PHONE}"}),
        ({"name": "张慧志先生", "phone": PHONE, "gender": "男"}, {"name": "张慧志", "phone": PHONE}),
        ({"name": "王晓明", **HOME}, {"name": "王小明", **HOME}),
        (
            {"name": "王晓明", "phone": PHONE, "birth": "2012-05-05"},
            {"name": "王小明", "phone": PHONE, "birth": "2012-05-05"},
        ),
        ({"name": "张慧志", "phone": PHONE}, {"name": "章慧志", "phone": PHONE}),
        ({"name": "张慧志", "phone": PHONE}, {"name": "Huizhi Zhang", "phone": PHONE}),
        ({"name": "John Smith Jr", "phone": PHONE}, {"name": "Smith John, Jr.", "phone": PHONE}),
        ({"phone": PHONE, "email": MAIL}, {"name": "王芳", "phone": PHONE, "email": MAIL}),
        ({"company": "苏州宏达商贸有限公司", **HOME}, {"company": "宏达商贸", **HOME}),
        ({"company": "Acme Ltd.", **HOME}, {"company": "ACME Limited", **HOME}),
    ],
)
def test_who_is_one_still_is(merged: Judge, rows: tuple[Row, Row]) -> None:
    assert merged(*rows) == {"1-2"}


def test_a_record_without_a_name_joins_no_couple(merged: Judge) -> None:
    """Each pair is decided by a rule; together they would make one customer of two."""
    mother, father, nobody = {"name": "王芳", **HOME}, {"name": "王建国", **HOME}, HOME
    assert merged(mother, nobody, father) == set()
    assert merged(mother, {"name": "王芳", "phone": PHONE}, nobody, father) == {"1-2"}
    assert merged(mother, nobody) == {"1-2"}


def test_a_number_that_goes_with_many_names_is_nobodys(merged: Judge) -> None:
    desk = [
        {"name": f"{family}晓{given}", "phone": "021-62345678"}
        for family, given in zip("赵钱孙李周", "明丽华强军", strict=True)
    ]
    namesakes = [{"name": "吴桂芳", "phone": "021-62345678"}] * 2
    assert merged(*desk[:4], *namesakes) == {"5-6"}  # a family has five names at most
    assert merged(*desk, *namesakes) == set()
    agent = [
        {"company": f"苏州{name}有限公司", **HOME} for name in ("鑫源", "恒通", "美佳", "宏图", "永固", "鑫源", "长青")
    ]
    assert merged(*agent) == set()


def test_a_romanised_name_joins_no_brothers(merged: Judge) -> None:
    """It sounds like both: where both are there, nobody can say whose it is."""
    one, other, romanised = ({"name": name, "phone": PHONE} for name in ("王晓明", "王小明", "Wang Xiaoming"))
    assert merged(one, romanised, other) == set()
    assert merged(one, romanised) == {"1-2"}
    assert merged(one, one, romanised, other) == {"1-2"}
