"""Slowing down those who guess passwords: an atomic counter in the database, the same for all processes.

Ten wrong passwords in fifteen minutes for one name, or fifty from one address, and further tries are refused until the
quarter of an hour is over, right password or wrong. A name that does not exist counts like any other.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from tierwise_console.access.models import SignInCount

WINDOW = timedelta(minutes=15)
MOST_BY_NAME = 10
MOST_BY_ADDRESS = 50


def _keys(name: str, address: str) -> list[tuple[str, int]]:
    return [(_key("name", name.casefold()), MOST_BY_NAME), (_key("address", address), MOST_BY_ADDRESS)]


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


def refused(name: str, address: str) -> bool:
    """Whether a try is refused before its password is looked at."""
    since = timezone.now() - WINDOW
    return any(
        SignInCount.objects.filter(key=key, since__gt=since, failures__gte=most).exists()
        for key, most in _keys(name, address)
    )


def failed(name: str, address: str) -> None:
    """Count a wrong password; the database adds, so that no two processes count one failure as none."""
    now = timezone.now()
    for key, _ in _keys(name, address):
        SignInCount.objects.filter(key=key, since__lte=now - WINDOW).update(failures=0, since=now)
        SignInCount.objects.get_or_create(key=key, defaults={"since": now})
        SignInCount.objects.filter(key=key).update(failures=F("failures") + 1)


def succeeded(name: str) -> None:
    """Forget the failures of a name; those of an address stay, or one right password would wash away many guesses."""
    SignInCount.objects.filter(key=_key("name", name.casefold())).delete()


def clear_old() -> int:
    """Remove counters that no longer count."""
    removed, _ = SignInCount.objects.filter(since__lte=timezone.now() - WINDOW).delete()
    return removed
