"""A made list of customers of any size with known truth: the dirt of the Chinese set, people in realistic variety.

Written batch by batch from one seed. A third are companies' contacts; one person in five lives with another one of the
list, at one address and sometimes with one telephone; one in five records of a person has a namesake somewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tierwise.identity.folding import words

COLUMNS = ("record_id", "name", "company", "phone", "email", "city", "address", "entity_id")
_BATCH = 20_000
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志文辉海波鹏飞宇浩然欣怡佳雪婷琳颖莉子涵轩梓萱诗雅"
    "晨曦思远博睿哲俊豪泽昊天一诺可馨梦瑶嘉懿瑾瑜峻熙皓煜祺铭淑贞珍惠慧晓春秋冬夏云凤彩菊香莲翠环荣爱清月莺媛瑞凡嫣"
    "雁蓓凝毓悦昭冰爽琬茗羽希宁育滢馥筠柔竹霭凝霄枫芸菲寒伊亚宜姬舒影荔枝思健世广义兴良安岩中茂进林有坚和彪诚先敬震"
    "振壮会群豪心邦承乐绍功松善厚庆民友裕河哲江亮政谦亨奇固之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭士以建家致树炎德行"
    "时泰盛雄琛钧冠策腾榕风航弘"
)
_SYLLABLES = (
    "宏达新康德泰金源创优盛瑞恒联信智博凯润通天众力诚嘉美云汇邦中东远扬鼎华利丰隆昌佳益顺安启元百川海星辰光普科迅捷"
    "鸿翔祥正大同方圆和众邦"
)
_TRADES = (
    "商贸",
    "信息技术",
    "网络科技",
    "机械设备",
    "餐饮管理",
    "文化传媒",
    "食品",
    "建材",
    "医疗器械",
    "物流",
    "环保科技",
    "电子",
)
_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "公司", "")
_CITIES = {
    "上海": ("", "静安区 徐汇区 浦东新区 杨浦区"), "北京": ("", "通州区 海淀区 朝阳区 丰台区"), "重庆": ("", "江北区 渝中区 南岸区"),
    "广州": ("广东省", "天河区 番禺区 越秀区"), "深圳": ("广东省", "南山区 宝安区 福田区"), "杭州": ("浙江省", "西湖区 余杭区 滨江区"),
    "宁波": ("浙江省", "海曙区 鄞州区"), "南京": ("江苏省", "鼓楼区 玄武区 江宁区"),
    "苏州": ("江苏省", "吴中区 姑苏区 工业园区"),
    "武汉": ("湖北省", "江汉区 武昌区 洪山区"), "成都": ("四川省", "武侯区 锦江区 青羊区"),
    "长沙": ("湖南省", "岳麓区 雨花区"),
    "西安": ("陕西省", "雁塔区 碑林区"), "青岛": ("山东省", "崂山区 市南区"),
    "厦门": ("福建省", "思明区 湖里区"), "郑州": ("河南省", "金水区 二七区"),
}  # fmt: skip
_ROAD_NAMES = words(
    "中山 人民 解放 建设 和平 新华 长江 黄河 科技 学院 创业 文化 东风 光明 花园 望京 深南 天府 西湖 迎宾 "
    "育才 金融 友谊 胜利 青年 朝阳 滨河 湖滨 江南 北京 南京 云南 福州 汉口 体育 环城 凤凰 龙泉 石桥 梅园"
)
_ROADS = tuple(f"{name}{kind}" for name in _ROAD_NAMES for kind in words("路 街 大道 东路 西路"))
_ESTATE_NAMES = words("阳光 锦绣 翡翠 金地 碧桂 万科 绿地 恒大 国贸 时代 创新 保利 中海 龙湖 华润 融创 世茂 滨江")
_ESTATES = tuple(f"{name}{kind}" for name in _ESTATE_NAMES for kind in words("花园 家园 广场 城 中心 名都"))
_MAILS = ("qq.com", "163.com", "126.com", "gmail.com", "outlook.com", "foxmail.com")


def batches(records: int, seed: int = 1) -> Iterator[pa.Table]:
    """Yield about `records` records with their entities, all records of an entity in one batch; sorted by nothing."""
    made = batch = 0
    while made < records:
        rows = _Batch(np.random.default_rng([seed, batch]), batch).rows(min(_BATCH, records - made))
        made, batch = made + len(rows), batch + 1
        yield pa.table({column: [row[place] for row in rows] for place, column in enumerate(COLUMNS)})


def write_people(file: Path, records: int, seed: int = 1) -> Path:
    """Write the list as one Parquet file; a batch at a time is in memory."""
    schema = pa.schema([(column, pa.string()) for column in COLUMNS])
    with pq.ParquetWriter(file, schema) as writer:
        for table in batches(records, seed):
            writer.write_table(table.cast(schema))
    return file


class _Batch:
    """People of one batch and what clerks made of them."""

    def __init__(self, random: np.random.Generator, number: int) -> None:
        self.random, self.number, self.entities = random, number, 0
        weights = 1 / np.arange(3, len(_SURNAMES) + 3)
        self.surname_shares = np.cumsum(weights / weights.sum())

    def rows(self, count: int) -> list[tuple[str | None, ...]]:
        rows: list[tuple[str | None, ...]] = []
        while len(rows) < count:
            for person in self._household():
                self.entities += 1
                entity = f"e{self.number:05d}-{self.entities}"
                for _ in range(self._one_of((1, 1, 1, 1, 2, 2, 2, 3, 3, 4))):
                    rows.append((f"r{self.number:05d}-{len(rows):06d}", *self._written(person), entity))
        order = self.random.permutation(len(rows))[:count]
        return [rows[place] for place in order]

    def _one_of(self, values: object) -> object:
        return values[int(self.random.integers(len(values)))]  # type: ignore[index,arg-type]

    def _chance(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def _household(self) -> list[dict[str, str | None]]:
        first = self._person()
        if first["company"]:
            sister = self._person(company=True)
            return [first, sister | {"company_name": first["company_name"]}] if self._chance(0.05) else [first]
        if not self._chance(0.12):
            return [first]
        second = self._person(company=False) | {"city": first["city"], "address": first["address"]}
        second["surname"] = first["surname"] if self._chance(0.5) else second["surname"]
        second["phone"] = first["phone"] if self._chance(0.3) else second["phone"]
        return [first, second]

    def _person(self, company: bool | None = None) -> dict[str, str | None]:
        city = self._one_of(tuple(_CITIES))
        company = self._chance(0.33) if company is None else company
        place = int(np.searchsorted(self.surname_shares, self.random.random()))
        given = "".join(str(self._one_of(_GIVEN)) for _ in range(1 if self._chance(0.2) else 2))
        digits = f"1{self._one_of('35789')}{self.random.integers(10**9):09d}"
        syllables = "".join(str(self._one_of(_SYLLABLES)) for _ in range(self._one_of((2, 2, 3))))  # type: ignore[call-overload]
        return {
            "surname": _SURNAMES[min(place, len(_SURNAMES) - 1)], "given": given, "phone": digits, "city": str(city),
            "company": "yes" if company else None, "company_name": f"{syllables}{self._one_of(_TRADES)}",
            "mail": f"{self._letters()}{self.random.integers(10, 9999)}@{self._one_of(_MAILS)}",
            "domain": f"{self._letters()}.cn",
            "address": self._address(str(city)),
        }  # fmt: skip

    def _letters(self) -> str:
        return "".join(chr(97 + int(n)) for n in self.random.integers(0, 26, 6))

    def _address(self, city: str) -> str:
        districts = _CITIES[city][1].split()
        door = f"{self.random.integers(1, 30)}-{self.random.integers(1, 5)}-{self.random.integers(1, 32)}0{self.random.integers(1, 5)}"
        return f"{self._one_of(districts)}|{self._one_of(_ROADS)}{self.random.integers(1, 900)}号|{self._one_of(_ESTATES)}|{door}"

    def _written(self, person: dict[str, str | None]) -> tuple[str | None, ...]:
        """One record of a person: name, company, phone, email, city, address."""
        name = self._maybe(self._name(person), 0.97)
        company = self._maybe(self._company(person), 0.9) if person["company"] else None
        phone = self._maybe(self._phone(str(person["phone"])), 0.88)
        mail = f"info@{person['domain']}" if person["company"] and self._chance(0.3) else person["mail"]
        city = f"{person['city']}市" if self._chance(0.7) else person["city"]
        record = (
            name,
            company,
            phone,
            self._maybe(mail, 0.55),
            self._maybe(city, 0.75),
            self._maybe(self._lived(person), 0.65),
        )
        return record if record[2] or record[3] else (name, company, self._phone(str(person["phone"])), *record[3:])

    def _maybe(self, value: str | None, share: float) -> str | None:
        return value if self._chance(share) else None

    def _name(self, person: dict[str, str | None]) -> str:
        name = f"{person['surname']}{person['given']}"
        marks: tuple[Callable[[], str], ...] = (
            lambda: f"{person['surname']}{self._one_of(('总', '先生', '女士', '经理'))}",
            lambda: f"{name}（老客户）",
            lambda: f"{name}-微信",
            lambda: f"{person['surname']} {person['given']}",
            lambda: f"{person['surname']}{self._one_of(_GIVEN)}{str(person['given'])[1:]}",
        )
        return str(self._one_of(marks)()) if self._chance(0.15) else name  # type: ignore[operator]

    def _company(self, person: dict[str, str | None]) -> str:
        form = self._one_of(_FORMS)
        style = self._one_of((f"{person['city']}", f"{person['city']}市", "", "()"))
        if style == "()":
            return f"{person['company_name']}（{person['city']}）{form}"
        return f"{style}{person['company_name']}{form}"

    def _phone(self, digits: str) -> str:
        if self._chance(0.04):
            place = int(self.random.integers(3, 10))
            digits = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        styles = (digits, digits, digits, f"+86 {digits}", f"86{digits}", f"{digits[:3]}-{digits[3:7]}-{digits[7:]}")
        return str(self._one_of(styles))

    def _lived(self, person: dict[str, str | None]) -> str:
        district, road, estate, door = str(person["address"]).split("|")
        tower, stair, number = door.split("-")
        door = (
            f"{tower}栋{stair}单元{number}"
            if self._chance(0.4)
            else f"{tower}号楼{number}室"
            if self._chance(0.5)
            else door
        )
        city, province = str(person["city"]), _CITIES[str(person["city"])][0]
        start = self._one_of(
            (f"{province}{city}市{district}", f"{city}市{district}", f"{city}{district}", f"{province}{district}")
        )
        return f"{start}{road}" if self._chance(0.1) else f"{start}{road}{estate}{door}"


if __name__ == "__main__":
    import sys

    write_people(Path(sys.argv[2]), int(sys.argv[1]))
