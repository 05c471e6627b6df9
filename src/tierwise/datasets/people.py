"""The customer table: obviously fictional people and companies, and the second ids some of them have.

Phones begin with 154, a mobile prefix no operator is known to use; e-mails end in example.com.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tierwise.contracts.tables import CUSTOMERS
from tierwise.datasets import arrow
from tierwise.datasets.chunk import Chunk, Subject
from tierwise.datasets.places import CITIES, REGIONS
from tierwise.datasets.population import SOURCES

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹"
_PINYIN = (
    "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie song "
    "tang xu han deng feng cao"
)
PINYIN = _PINYIN.split()
_GIVEN_WOMEN = "婷,雪,静,敏,丽,欣怡,梦瑶,雨桐,佳宁,思琪,诗涵,晓燕,若曦,子涵,玉兰,可馨,书瑶,梓萱,嘉怡,晨曦"
_GIVEN_MEN = "伟,强,磊,洋,勇,浩然,子轩,宇航,俊杰,博文,建国,志远,天佑,明哲,家豪,泽宇,文博,思远,一鸣,晓东"
_GIVEN = (*_GIVEN_WOMEN.split(","), *_GIVEN_MEN.split(","))
_GIVEN_ENGLISH = ("Alice", "Ben", "Chloe", "Daniel", "Emma", "Frank", "Grace", "Henry", "Ivy", "Jack")
_OCCUPATIONS = ("公司职员", "教师", "医护人员", "工程师", "个体经营", "公务员", "自由职业", "学生", "退休")
_STUDENT, _RETIRED = 7, 8
_INDUSTRIES = ("零售", "餐饮", "教育", "制造", "互联网", "医疗", "物流", "文创")
_COMPANY_WORDS = ("云帆", "星河", "启明", "远航", "青禾", "拾光", "知行", "万象", "新叶", "海纳")
_OWNERS = ("客户经理-甲", "客户经理-乙", "客户经理-丙", "客户经理-丁", "客户经理-戊")
_TAGS = ("会员日常客", "新妈妈", "健身", "宠物", "露营", "办公室囤货")
_REGION_OF_CITY = np.array([REGIONS.index(city.region) for city in CITIES])
_CARDS = ("普卡", "银卡", "金卡")


def customer_table(chunk: Chunk) -> Any:
    """Return the chunk's customers and, after them, the second entries of the same people."""
    rng = chunk.rng(Subject.CUSTOMERS)
    who = chunk.population
    first = _details(rng, chunk)
    twice = np.flatnonzero(chunk.twice)
    columns = {
        "customer_id": arrow.ids("C", chunk.numbers, 8),
        **first,
        "region": arrow.words(_REGION_OF_CITY[who.city], REGIONS),
        "city": arrow.words(who.city, [city.name for city in CITIES]),
        **_work(rng, who.company),
        "registered_at": arrow.dates(who.registered_day),
        **_origin(rng, chunk),
    }
    # The shop tells no addresses.
    table = pa.table({column.name: columns[column.name] for column in CUSTOMERS.given if column.name in columns})
    if chunk.spec.blank_field_share:
        table = _blanks(rng, table, chunk.spec.blank_field_share)
    return pa.concat_tables([table, _second_entries(rng, table, chunk, twice)]) if len(twice) else table


def _details(rng: np.random.Generator, chunk: Chunk) -> dict[str, Any]:
    who = chunk.population
    size, company = who.size, who.company
    surname, woman = rng.integers(0, len(SURNAMES), size), rng.random(size) < 0.62
    age_days = 365.25 * (16.0 + rng.gamma(4.0, 5.0, size))  # at the shop's start
    birth = chunk.clock.start_day - age_days.astype(np.int64)
    return {
        "name": _names(rng, chunk, surname, woman),
        "phone": arrow.join("154", _after_letter(arrow.ids("C", _scattered(chunk.numbers), 8))),
        "email": arrow.blank(
            arrow.join(arrow.words(surname, PINYIN), _after_letter(arrow.ids("C", chunk.numbers, 8)), "@example.com"),
            rng.random(size) < 0.35,
        ),
        "kind": arrow.words(company.astype(int), ("person", "company")),
        "gender": arrow.words(np.where(company | (rng.random(size) < 0.06), -1, woman), ("男", "女")),
        "birth_date": arrow.dates(birth, company | (rng.random(size) < 0.2)),
        "occupation": _occupations(rng, age_days / 365.25, company),
    }


def _occupations(rng: np.random.Generator, age_years: NDArray[np.float64], company: Mask) -> Any:
    job = rng.integers(0, _STUDENT, len(age_years))
    job = np.where(age_years < 22, _STUDENT, np.where(age_years > 58, _RETIRED, job))
    return arrow.words(np.where(company | (rng.random(len(job)) < 0.25), -1, job), _OCCUPATIONS)


def _names(rng: np.random.Generator, chunk: Chunk, surname: Ints, woman: Mask) -> Any:
    size = len(surname)
    pick = rng.integers(0, 20, size)
    family = arrow.words(surname, tuple(SURNAMES))
    given = arrow.words(np.where(woman, pick, pick + 20), _GIVEN)
    english = arrow.join(
        arrow.words(pick // 2, _GIVEN_ENGLISH), " ", arrow.words(surname, [name.title() for name in PINYIN])
    )
    company = arrow.join(
        arrow.words(chunk.population.city, [city.name for city in CITIES]),
        "示例",
        arrow.words(rng.integers(0, len(_COMPANY_WORDS), size), _COMPANY_WORDS),
        arrow.ids("N", chunk.numbers % 10_000, 4),
        "有限公司",
    )
    person = pc.if_else(pa.array(chunk.population.english), english, arrow.join(family, given))
    return pc.if_else(pa.array(chunk.population.company), company, person)


def _scattered(numbers: Ints) -> Ints:
    """Return other numbers below 10⁸, one to one."""
    return (numbers * 76_543_211 + 31_415_926) % 100_000_000


def _after_letter(ids: Any) -> Any:
    return pc.utf8_slice_codeunits(ids, 1)


def _work(rng: np.random.Generator, company: Mask) -> dict[str, Any]:
    size = len(company)
    employees = np.rint(rng.lognormal(3.4, 1.2, size)).astype(np.int64) + 1
    revenue_cents = (employees * rng.lognormal(12.6, 0.5, size) * 100).astype(np.int64) // 10**6 * 10**6
    industry = np.where(company, rng.integers(0, len(_INDUSTRIES), size), -1)
    return {
        "industry": arrow.words(industry, _INDUSTRIES),
        "employees": arrow.blank(pa.array(employees), ~company),
        "annual_revenue": arrow.money(revenue_cents, ~company),
    }


def _origin(rng: np.random.Generator, chunk: Chunk) -> dict[str, Any]:
    who = chunk.population
    size = who.size
    mean = np.array([source.cost_yuan for source in SOURCES])[who.source]
    cost = np.rint(mean * rng.gamma(4.0, 0.25, size) * 100).astype(np.int64)
    owner = np.where(who.company, rng.integers(0, len(_OWNERS), size), -1)
    tags = np.where(rng.random(size) < 0.3, rng.integers(0, len(_TAGS), size), -1)
    card = np.minimum((rng.random(size) ** 2 * 3).astype(np.int64), 2)
    language = arrow.words(who.english.astype(int), ("zh", "en"))
    return {
        "source_channel": arrow.words(who.source, [source.name for source in SOURCES]),
        "owner": arrow.words(owner, _OWNERS),
        "acquisition_cost": arrow.money(cost),
        "tags": arrow.words(tags, _TAGS),
        "attributes": arrow.join('{"language": "', language, '", "card": "', arrow.words(card, _CARDS), '"}'),
    }


def _blanks(rng: np.random.Generator, table: Any, share: float) -> Any:
    for name in ("name", "phone", "city", "source_channel"):
        column = table.column(name).combine_chunks()
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, arrow.blank(column, rng.random(table.num_rows) < share))
    return table


def _second_entries(rng: np.random.Generator, table: Any, chunk: Chunk, twice: Ints) -> Any:
    """Return the same people as they registered again: other spelling of name, phone and e-mail, gaps."""
    rows = len(twice)
    again = table.take(twice).combine_chunks()
    phone, name = again.column("phone").combine_chunks(), again.column("name").combine_chunks()
    dashed = arrow.join(
        "+86 ", pc.utf8_slice_codeunits(phone, 0, 3), "-", pc.utf8_slice_codeunits(phone, 3, 7), "-",
        pc.utf8_slice_codeunits(phone, 7),
    )  # fmt: skip
    spaced = arrow.join(pc.utf8_slice_codeunits(name, 0, 1), " ", pc.utf8_slice_codeunits(name, 1), " ")
    changed = {
        "customer_id": arrow.ids("C", chunk.second_numbers[twice], 8),
        "name": pc.if_else(pa.array(rng.random(rows) < 0.3), spaced, name),
        "phone": arrow.blank(pc.if_else(pa.array(rng.random(rows) < 0.5), dashed, phone), rng.random(rows) < 0.2),
        "email": arrow.blank(pc.utf8_upper(again.column("email").combine_chunks()), rng.random(rows) < 0.3),
        "birth_date": arrow.blank(again.column("birth_date").combine_chunks(), rng.random(rows) < 0.3),
        "registered_at": arrow.dates(chunk.second_days[twice]),
    }
    for column, values in changed.items():
        again = again.set_column(again.schema.get_field_index(column), column, values)
    return again
