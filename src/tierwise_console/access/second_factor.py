"""The second factor: a code from an authenticator app (TOTP), and ten codes for the day the phone is lost."""

from __future__ import annotations

import secrets
from io import BytesIO

import segno
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tierwise_console.access.models import User
from tierwise_console.audit.services import record

SPARE_CODES = 10


def has_second_factor(user: User) -> bool:
    """Whether a code is asked for at signing in."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def who_has_one() -> set[int]:
    """The users who sign in with a code."""
    return set(TOTPDevice.objects.filter(confirmed=True).values_list("user_id", flat=True))


def begin(user: User) -> TOTPDevice:
    """A device that is not yet confirmed: the one begun before, or a new one."""
    device, _ = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "app"})
    return device


def picture(device: TOTPDevice) -> str:
    """The QR code of a device as SVG, to stand in the page."""
    out = BytesIO()
    segno.make(device.config_url, error="m").save(
        out, kind="svg", scale=4, border=2, xmldecl=False, svgns=True, dark="#000", light="#fff"
    )
    return out.getvalue().decode()


def too_soon(user: User) -> bool:
    """Whether a wrong code was just typed: the next one is looked at after a second, then two, four, eight."""
    allowed, _ = begin(user).verify_is_allowed()
    return not allowed


@transaction.atomic
def confirm(user: User, code: str) -> list[str] | None:
    """Turn the second factor on if the code is right; returns the spare codes, None where it is wrong."""
    device = begin(user)
    if not device.verify_token(code):
        return None
    TOTPDevice.objects.filter(user=user, confirmed=True).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    StaticDevice.objects.filter(user=user).delete()
    spare = StaticDevice.objects.create(user=user, name="spare")
    codes = [secrets.token_hex(5) for _ in range(SPARE_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=spare, token=code) for code in codes)
    record("user.second_factor_on", actor=user, subject_type="user", subject_id=user.username)
    return codes


@transaction.atomic
def turn_off(actor: User, user: User) -> None:
    """Remove the second factor of oneself, or of somebody who lost the phone (the caller has checked permission)."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    record("user.second_factor_off", actor=actor, subject_type="user", subject_id=user.username)
