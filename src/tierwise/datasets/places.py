"""The cities the shop's customers live in, and its stores."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class City:
    """A city, its region, and its weight among customers."""

    name: str
    region: str
    share: float
    stores: int = 0


CITIES: tuple[City, ...] = (
    City("上海", "华东", 9, 4),
    City("杭州", "华东", 6, 3),
    City("南京", "华东", 5, 2),
    City("苏州", "华东", 4, 2),
    City("宁波", "华东", 3, 1),
    City("合肥", "华东", 3, 1),
    City("济南", "华东", 3, 1),
    City("青岛", "华东", 3, 1),
    City("厦门", "华东", 2, 1),
    City("福州", "华东", 2),
    City("广州", "华南", 7, 3),
    City("深圳", "华南", 8, 3),
    City("东莞", "华南", 3),
    City("佛山", "华南", 3),
    City("南宁", "华南", 2),
    City("海口", "华南", 1),
    City("北京", "华北", 9, 4),
    City("天津", "华北", 4, 1),
    City("石家庄", "华北", 2),
    City("太原", "华北", 2),
    City("武汉", "华中", 5, 2),
    City("长沙", "华中", 4, 2),
    City("郑州", "华中", 4, 1),
    City("南昌", "华中", 2),
    City("成都", "西南", 7, 3),
    City("重庆", "西南", 6, 2),
    City("昆明", "西南", 2),
    City("贵阳", "西南", 2),
    City("西安", "西北", 4, 1),
    City("兰州", "西北", 1),
    City("乌鲁木齐", "西北", 1),
    City("沈阳", "东北", 3, 1),
    City("大连", "东北", 2, 1),
    City("哈尔滨", "东北", 2),
    City("长春", "东北", 2),
)

REGIONS: tuple[str, ...] = tuple(dict.fromkeys(city.region for city in CITIES))

STORES: tuple[str, ...] = tuple(f"{city.name}{number}店" for city in CITIES for number in "一二三四"[: city.stores])
FIRST_STORE: tuple[int, ...] = tuple(sum(city.stores for city in CITIES[:at]) for at in range(len(CITIES)))
"""The index in STORES of each city's first store."""
