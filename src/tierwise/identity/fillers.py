"""What is typed where nobody knows better: 13800138000, test@test.com, 散客. It names nobody, so two of it are no evidence.

The rest is told by the data: a telephone or mailbox that goes with many names is a switchboard's, a shop's or an agent's.
"""

from __future__ import annotations

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.folding import literal, one_of, quoted, words

MOST_NAMES = 5
"""A contact that more names share says of nobody who he is; a family is smaller."""

CONTACTS = {"phone": ("phone", "phone_clean", "phone_tail"), "email": ("email", "email_local")}
"""The columns of records that hold a contact, by the first of them."""

_NAMES = (
    *words(
        "散客 散户 路人 匿名 匿名用户 匿名客户 测试 测试用户 测试客户 测试账号 测试订单 顾客 客户 会员 用户 客人 游客 "
        "访客 过客 本人 收货人 收件人 联系人 微信用户 手机用户 淘宝用户 抖音用户 新用户 默认 默认客户 默认用户 零售 "
        "零售客户 门店散客 门店客户 到店客户 现金客户 临时客户 未命名 姓名 某人 先生 女士 小姐 同学 老师 test tester "
        "testing guest customer client anonymous unknown user admin noname nobody asdf qwerty xxx xxxx abc aaa none"
    ),
    "test test", "test user", "guest user", "guest customer", "walk in", "walk in customer", "cash customer", "cash sale",
    "no name", "john doe", "jane doe", "first last", "firstname lastname", "your name",
)  # fmt: skip
_SAME = "|".join(f"{digit}{{5,}}" for digit in range(10))
_TAILS = "|".join([*(f"{digit}{{8}}" for digit in range(10)), "12345678", "87654321", "23456789", "98765432"])
_NUMBERS = rf"^(?:{_SAME}|0?1?2345678[0-9]*|9876543[0-9]*|13800138000|[0-9]{{0,3}}(?:{_TAILS}))$"
_BOXES = words(
    "test test1 test123 tester none no noemail no-email nomail na n-a null nobody noreply no-reply donotreply unknown anonymous guest "
    "abc abcd aaa aa asd asdf qwe qwerty xxx xx 1 11 111 12 123 1234 12345 123456 1234567 12345678 "
    "123456789 1234567890 000 0000 000000 111111 888888 666666"
)
_UNREAL = r"@(?:.+\.)?(?:invalid|test|localhost)$|@(?:no-?e?mail|no|none|null|nobody|test)\.[a-z.]+$"
_ID_NUMBERS = rf"^(?:{_SAME}|[0X]+|0?1?23456789.*)$"
_BIRTHS = ("00000000", "00010101", "10000101", "19000101", "19010101", "19111111", "19700101", "99991231", "20000101")


def known_name(key: str) -> str:
    """SQL: whether a name's key is somebody's."""
    return f"coalesce({key} NOT IN ({', '.join(map(literal, _NAMES))}), false)"


def known_number(digits: str) -> str:
    """SQL: whether the digits of a telephone are somebody's."""
    return f"NOT coalesce(regexp_matches({digits}, {literal(_NUMBERS)}), true)"


def known_mailbox(key: str) -> str:
    """SQL: whether the key of an e-mail is somebody's; a@a.com and 123@123.com are nobody's."""
    box, host = f"split_part({key}, '@', 1)", f"split_part(split_part({key}, '@', 2), '.', 1)"
    unreal = f"regexp_full_match({box}, {literal(one_of(_BOXES))}) OR regexp_matches({key}, {literal(_UNREAL)})"
    return f"NOT coalesce({unreal} OR {box} = {host}, true)"


def known_id(number: str) -> str:
    """SQL: whether an identity number is somebody's."""
    return f"NOT coalesce(regexp_matches({number}, {literal(_ID_NUMBERS)}), true)"


def known_birth(digits: str) -> str:
    """SQL: whether the digits of a date of birth are more than what a form begins with."""
    return f"coalesce({digits} NOT IN ({', '.join(map(literal, _BIRTHS))}), false)"


def forget_shared(engine: DuckDBEngine, records: str, columns: frozenset[str]) -> None:
    """Take telephones and mailboxes out of the records that more than a few names share.

    `<records>_shared` (contact, value) says which.
    """
    names = [column for column in ("name_sound", "company_core") if column in columns]
    contacts = [contact for contact in CONTACTS if contact in columns and names]
    parts = [
        f"SELECT '{contact}' AS contact, {contact} AS value FROM {quoted(records)} WHERE {contact} IS NOT NULL"
        f" GROUP BY {contact} HAVING count(DISTINCT coalesce({', '.join(names)}, NULL)) > {MOST_NAMES}"
        for contact in contacts
    ]
    none = "SELECT '' AS contact, '' AS value LIMIT 0"
    shared = quoted(f"{records}_shared")
    engine.native("shared contacts", f"CREATE OR REPLACE TEMP TABLE {shared} AS {' UNION ALL '.join(parts) or none}")
    for contact in contacts:
        gone = ", ".join(f"{form} = NULL" for form in CONTACTS[contact])
        known = f"{contact} IN (SELECT value FROM {shared} WHERE contact = '{contact}')"
        engine.native(f"forget shared {contact}", f"UPDATE {quoted(records)} SET {gone} WHERE {known}")
