"""What customers write, in Chinese and English: a small grammar whose sentiment is true to the score.

A text is an opener, two clauses about different aspects, and a closer. A negative text has two bad clauses,
a positive one two good ones, a neutral one a good and a bad clause joined by “but”.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tierwise.datasets import arrow
from tierwise.language import Lang

Ints = NDArray[np.int64]

NEGATIVE, NEUTRAL, POSITIVE = range(3)
ASPECTS = ("quality", "delivery", "price", "service", "packaging", "description")


@dataclass(frozen=True)
class Grammar:
    """The phrases of one language. `good` and `bad` hold those of each aspect, in the order of ASPECTS."""

    openers: tuple[Sequence[str], Sequence[str], Sequence[str]]
    good: tuple[Sequence[str], ...]
    bad: tuple[Sequence[str], ...]
    closers: tuple[Sequence[str], Sequence[str], Sequence[str]]
    join_same: str
    join_but: str
    end: str


_CHINESE = Grammar(
    openers=(
        ("太失望了，", "差评，", "说实话很不满意，", "踩雷了，", "", "第二次遇到问题，"),
        ("整体还行，", "一般吧，", "中规中矩，", "", "用了几天来评价，", "马马虎虎，"),
        ("非常满意，", "超出预期，", "回购第三次了，", "", "给家里人买的，", "朋友推荐来的，"),
    ),
    good=(
        ("质量很好", "做工精细", "面料摸着很舒服", "用料扎实"),
        ("物流特别快", "第二天就到了", "配送很准时", "快递小哥态度很好"),
        ("价格实惠", "性价比很高", "活动价很划算", "比实体店便宜不少"),
        ("客服回复很及时", "售后处理得很爽快", "店员很耐心", "客服讲解得很清楚"),
        ("包装很用心", "包装严实没有磕碰", "礼盒很上档次", "拆箱很有仪式感"),
        ("和图片一模一样", "尺码很准", "颜色跟描述一致", "实物比照片还好看"),
    ),
    bad=(
        ("质量太差", "洗一次就变形", "线头特别多", "用了两天就坏了"),
        ("物流太慢", "等了一个多星期才到", "快递一直不更新", "送错了地址"),
        ("价格虚高", "买完第二天就降价", "不值这个价", "优惠券用不了"),
        ("客服半天不回复", "售后互相推诿", "店员态度冷淡", "问题一直没有解决"),
        ("包装破损", "盒子压得变形了", "漏液弄得到处都是", "少发了一件"),
        ("和图片完全不符", "尺码偏小很多", "色差严重", "描述不清楚"),
    ),
    closers=(
        ("不会再买了", "希望尽快处理", "要求退款", "请给个说法", "不推荐"),
        ("希望改进", "先用着看看", "下次再说", "还有提升空间", "看以后的活动吧"),
        ("会继续支持", "推荐购买", "下次还来", "值得信赖", "已经推荐给同事"),
    ),
    join_same="，",
    join_but="，不过",
    end="。",
)

_ENGLISH = Grammar(
    openers=(
        (
            "Very disappointed: ",
            "Not happy at all: ",
            "",
            "Second problem in a row: ",
            "Would give zero stars: ",
        ),
        ("It is okay: ", "Average overall: ", "", "Mixed feelings: ", "After a week of use: "),
        ("Very happy: ", "Better than expected: ", "", "My third order here: ", "Bought it as a present: "),
    ),
    good=(
        ("the quality is great", "it is well made", "the fabric feels lovely", "it feels solid"),
        ("delivery was fast", "it came the next day", "it arrived on time", "the courier was friendly"),
        ("the price is fair", "great value for money", "the offer was a bargain", "cheaper than in the mall"),
        (
            "support answered at once",
            "the return was easy",
            "the staff were patient",
            "they explained all well",
        ),
        (
            "the packaging is lovely",
            "it was packed with care",
            "the gift box looks fine",
            "nothing was dented",
        ),
        (
            "it looks just like the photo",
            "the size fits well",
            "the colour is as described",
            "even nicer in person",
        ),
    ),
    bad=(
        (
            "the quality is poor",
            "it lost its shape in one wash",
            "loose threads everywhere",
            "it broke in two days",
        ),
        (
            "delivery was slow",
            "it took more than a week",
            "tracking never updated",
            "it went to a wrong address",
        ),
        (
            "it is overpriced",
            "the price dropped a day later",
            "not worth the money",
            "my coupon did not work",
        ),
        (
            "support never answered",
            "nobody took responsibility",
            "the staff were rude",
            "my issue is unsolved",
        ),
        ("the box was damaged", "it arrived crushed", "it leaked all over", "one item was missing"),
        (
            "it looks nothing like the photo",
            "it runs far too small",
            "the colour is wrong",
            "the page is misleading",
        ),
    ),
    closers=(
        ("I will not buy again", "please fix this soon", "I want a refund", "not recommended"),
        ("there is room to improve", "I will wait and see", "maybe next time", "please improve"),
        ("I will be back", "recommended", "would buy again", "I told my friends"),
    ),
    join_same=", ",
    join_but=", but ",
    end=". ",
)

GRAMMARS: dict[Lang, Grammar] = {Lang.ZH: _CHINESE, Lang.EN: _ENGLISH}


def write_texts(rng: np.random.Generator, sentiment: Ints, english: NDArray[np.bool_]) -> Any:
    """Return one text a row, in the row's language and of the row's sentiment (0 bad, 1 mixed, 2 good)."""
    rows, texts = [], []
    for lang, grammar in GRAMMARS.items():
        for feeling in (NEGATIVE, NEUTRAL, POSITIVE):
            of = np.flatnonzero((sentiment == feeling) & (english == (lang is Lang.EN)))
            rows.append(of)
            texts.append(_sentences(rng, grammar, feeling, len(of)))
    place = np.empty(len(sentiment), np.int64)
    place[np.concatenate(rows)] = np.arange(len(sentiment))
    return pc.take(pa.concat_arrays(texts), pa.array(place))


def _sentences(rng: np.random.Generator, grammar: Grammar, feeling: int, rows: int) -> Any:
    aspect = rng.integers(0, len(ASPECTS), rows)
    other = (aspect + rng.integers(1, len(ASPECTS), rows)) % len(ASPECTS)
    first = grammar.bad if feeling == NEGATIVE else grammar.good
    second = grammar.good if feeling == POSITIVE else grammar.bad
    joint = grammar.join_but if feeling == NEUTRAL else grammar.join_same
    closing = grammar.end.strip()
    return arrow.join(
        _any_of(rng, grammar.openers[feeling], rows),
        _about(rng, first, aspect),
        joint,
        _about(rng, second, other),
        grammar.end,
        _any_of(rng, [closer[:1].upper() + closer[1:] for closer in grammar.closers[feeling]], rows),
        closing,
    )


def _any_of(rng: np.random.Generator, phrases: Sequence[str], rows: int) -> Any:
    return arrow.words(rng.integers(0, len(phrases), rows), phrases)


def _about(rng: np.random.Generator, phrases: tuple[Sequence[str], ...], aspect: Ints) -> Any:
    each = len(phrases[0])
    flat = [phrase for group in phrases for phrase in group]
    return arrow.words(aspect * each + rng.integers(0, each, len(aspect)), flat)
