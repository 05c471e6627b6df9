"""Contact data sealed at rest, and blind indexes that find it again without opening anything.

Sealing uses the newest field key and opens with any of them, so that keys can be rotated. The index is keyed by the
oldest one: it stays findable while that key is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

NO_KEYS = ErrorKind(
    "crm.no_field_keys",
    Family.CONFIG,
    what=Text("there is no key to seal contact data with", "缺少用于加密联系方式的密钥"),
    cause=Text("the console was not prepared, or its key file was moved", "控制台尚未初始化，或密钥文件已被移走"),
    cure=Text(
        "run `tierwise console migrate`, or put the file fields.keys back from the backup",
        "请运行 tierwise console migrate，或从备份中恢复 fields.keys 文件",
    ),
)
UNOPENABLE = ErrorKind(
    "crm.sealed_with_another_key",
    Family.CONFIG,
    what=Text("contact data cannot be opened", "联系方式无法解密"),
    cause=Text("it was sealed with a key that is no longer here", "加密所用的密钥已不存在"),
    cure=Text(
        "put the former key back into fields.keys, below the new one", "请把原密钥放回 fields.keys，置于新密钥之后"
    ),
)
_NOT_DIGITS = re.compile(r"\D+")


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> tuple[MultiFernet, bytes]:
    if not keys:
        raise NO_KEYS.error()
    index_key = hashlib.sha256(b"blind index:" + keys[-1].encode()).digest()
    return MultiFernet([Fernet(key) for key in keys]), index_key


def seal(value: str) -> str:
    """Return a value sealed; empty stays empty."""
    return _box(tuple(settings.FIELD_KEYS))[0].encrypt(value.encode()).decode("ascii") if value else ""


def unseal(sealed: str) -> str:
    """Return what was sealed; raises `crm.sealed_with_another_key`."""
    if not sealed:
        return ""
    try:
        return _box(tuple(settings.FIELD_KEYS))[0].decrypt(sealed.encode("ascii")).decode()
    except InvalidToken as error:
        raise UNOPENABLE.error() from error


def _index(kind: str, value: str) -> str:
    if not value:
        return ""
    key = _box(tuple(settings.FIELD_KEYS))[1]
    return hmac.digest(key, f"{kind}:{value}".encode(), "sha256").hex()[:32]


def bare_phone(phone: str) -> str:
    """The digits of a number without the country code of China, as people search for it."""
    digits = _NOT_DIGITS.sub("", phone)
    digits = digits.removeprefix("00")
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def phone_index(phone: str) -> str:
    """The blind index of a whole number."""
    return _index("phone", bare_phone(phone))


def phone_tail_index(phone: str) -> str:
    """The blind index of a number's last four digits; empty for a number that has fewer."""
    digits = bare_phone(phone)
    return _index("tail", digits[-4:]) if len(digits) >= 4 else ""


def email_index(email: str) -> str:
    """The blind index of an address."""
    return _index("email", email.strip().casefold())
