"""Words of one column that mean the same: spellings of one word, and synonyms that are known to be.

A column keeps its own language: of several words for one thing, the one that it uses most stays. So a column that is
written in one way is never touched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from tierwise.canonical.values import FULL_WIDTH_LETTERS, HALF_WIDTH_LETTERS

MOST_WORDS = 2_000
"""A column of more different values holds no words to be unified."""
_NARROW = str.maketrans(FULL_WIDTH_LETTERS, HALF_WIDTH_LETTERS)
_GENDERS = (("男", "男性", "m", "male"), ("女", "女性", "f", "female"), ("未知", "unknown", "u"))
_CHANNELS = (
    ("微信", "wechat", "weixin"), ("小程序", "mini program", "miniprogram", "mini-program", "mini_program"),
    ("淘宝", "taobao"), ("天猫", "tmall"), ("京东", "jd", "jd.com", "jingdong"), ("抖音", "douyin"),
    ("拼多多", "pinduoduo", "pdd"), ("小红书", "xiaohongshu", "rednote"), ("电话", "phone", "telephone"),
    ("电子邮件", "邮件", "email", "e-mail"), ("短信", "sms"), ("门店", "实体店", "store", "shop"), ("线上", "online"),
    ("线下", "offline"), ("网站", "website", "web site"), ("展会", "trade fair", "trade show", "exhibition"),
)  # fmt: skip
SYNONYMS = {"gender": _GENDERS, "channel": _CHANNELS, "source_channel": _CHANNELS}
"""Field → groups of words that mean the same wherever they stand in it."""
WORDS = frozenset(
    ("gender", "region", "city", "occupation", "industry", "source_channel", "channel", "store", "category", "priority",
     "campaign")
)  # fmt: skip
"""Fields whose values are words of a small set."""


def folded_word(word: str) -> str:
    """Return what spellings of one word share: no capitals, no full width, single blanks."""
    return " ".join(word.translate(_NARROW).casefold().split())


def spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """Return, for the words of a column, the spelling to use instead; words that stay are left out."""
    groups: dict[str, dict[str, int]] = defaultdict(dict)
    for word, rows in counts.items():
        groups[folded_word(word)][word] = rows
    return {word: best for group in groups.values() for best in [_most(group)] for word in group if word != best}


def synonyms(field: str, counts: Mapping[str, int]) -> dict[str, str]:
    """Return, for words of a column that mean the same, the one to use instead; words that stay are left out."""
    known = {word: number for number, group in enumerate(SYNONYMS.get(field, ())) for word in group}
    groups: dict[int, dict[str, int]] = defaultdict(dict)
    for word, rows in counts.items():
        if (number := known.get(folded_word(word))) is not None:
            groups[number][word] = rows
    return {word: best for group in groups.values() for best in [_most(group)] for word in group if word != best}


def _most(group: Mapping[str, int]) -> str:
    return min(group, key=lambda word: (-group[word], word))
