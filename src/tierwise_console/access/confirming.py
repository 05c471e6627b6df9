"""Asking again who somebody is, before what cannot be undone: the password, and the code where a second factor is set up."""

from __future__ import annotations

from django_otp import match_token

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.access import throttle
from tierwise_console.access.models import User
from tierwise_console.access.second_factor import has_second_factor

NOT_CONFIRMED = ErrorKind(
    "access.not_confirmed",
    Family.USAGE,
    what=Text("the password or the code is wrong", "密码或动态验证码错误"),
    cause=Text("what cannot be undone asks again who you are", "不可撤销的操作需要再次验证身份"),
    cure=Text(
        "type them again; after ten wrong tries wait a quarter of an hour",
        "请重新输入；连续错误十次后需等待十五分钟",
    ),
)


def confirm_identity(user: User, password: str, code: str = "", address: str = "") -> None:
    """Raise `access.not_confirmed` unless this is the user; wrong tries count like those of signing in."""
    if not throttle.refused(user.username, address):
        right = user.check_password(password)
        if right and (not has_second_factor(user) or (code and match_token(user, code))):
            throttle.succeeded(user.username)
            return
        throttle.failed(user.username, address)
    raise NOT_CONFIRMED.error()
