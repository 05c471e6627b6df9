"""The first owner of an installation: whoever started it gets an address that makes one, while nobody can sign in yet."""

from __future__ import annotations

from django.core import signing
from django.db import transaction

from tierwise_console.access.models import User
from tierwise_console.access.permissions import Role
from tierwise_console.audit.services import record

_SALT = "first-owner"
VALID_SECONDS = 24 * 3600


def nobody_yet() -> bool:
    """Whether there is no user at all."""
    return not User.objects.exists()


def make_key() -> str:
    """What the address must hold: signed by this installation's secret, so that only its terminal can tell it."""
    return signing.dumps("", salt=_SALT)


def opens(key: str) -> bool:
    """Whether a key is ours and of today, and still needed."""
    try:
        signing.loads(key, salt=_SALT, max_age=VALID_SECONDS)
    except signing.BadSignature:
        return False
    return nobody_yet()


@transaction.atomic
def make_first_owner(username: str, password: str, full_name: str = "", address: str = "") -> User | None:
    """Make the first owner; None where somebody was made meanwhile."""
    if not nobody_yet():
        return None
    owner = User.objects.create_user(username, password=password, role=Role.OWNER, first_name=full_name)
    detail = {"role": Role.OWNER, "first": True}
    record("user.add", actor=username, subject_type="user", subject_id=username, detail=detail, address=address)
    return owner
