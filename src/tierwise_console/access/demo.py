"""The demo's users: named people, one a role, whose passwords are printed because there is nothing to protect."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from tierwise_console.access.models import User
from tierwise_console.access.permissions import Role

PASSWORD = "tierwise-demo"  # nosec B105: printed on the screen, for a shop that does not exist
PEOPLE = {
    "lin": ("林悦 Lin Yue", Role.OWNER),
    "chen": ("陈思远 Chen Siyuan", Role.ANALYST),
    "zhao": ("赵敏 Zhao Min", Role.MARKETING),
    "wang": ("王磊 Wang Lei", Role.SALES),
    "liu": ("刘芳 Liu Fang", Role.SERVICE),
    "sun": ("孙晓 Sun Xiao", Role.VIEWER),
}

IN_DATA = {"wang": "客户经理-甲"}
"""Whom the shop's data name as the owner of customers: without customers of their own, sales would see none."""


@transaction.atomic
def make_demo_users() -> list[tuple[str, str, Role]]:
    """Make the users that are missing; returns name, person and role of each. Refuses outside the demo."""
    if not settings.DEMO:
        raise RuntimeError("demo users are made in demo mode alone: their passwords are no secret")
    for username, (person, role) in PEOPLE.items():
        if not User.objects.filter(username=username).exists():
            User.objects.create_user(
                username, password=PASSWORD, role=role, first_name=person, person_id=IN_DATA.get(username, username)
            )
    return [(username, person, role) for username, (person, role) in PEOPLE.items()]
