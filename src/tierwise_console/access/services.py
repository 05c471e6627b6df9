"""Changing who may come in: users, roles, passwords. Each change checks permission and leaves an audit entry."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.models import User
from tierwise_console.access.permissions import Permission, Role
from tierwise_console.access.second_factor import turn_off
from tierwise_console.access.sessions import end_all
from tierwise_console.audit.services import record

Someone = User
"""A user, for pages that may not import the table of users."""

LAST_OWNER = ErrorKind(
    "access.last_owner",
    Family.USAGE,
    what=Text("{name} is the last owner who can sign in", "{name} 是最后一位可登录的负责人"),
    cause=Text("without an owner nobody could manage users any more", "没有负责人就无法再管理用户"),
    cure=Text("make somebody else an owner first", "请先把另一位用户设为负责人"),
)
NAME_TAKEN = ErrorKind(
    "access.name_taken",
    Family.USAGE,
    what=Text("there is a user {name} already", "用户 {name} 已存在"),
    cause=Text("names of users are unique, capital letters or not", "用户名不可重复（不区分大小写）"),
    cure=Text("choose another name", "请换一个用户名"),
)


@transaction.atomic
def add_user(actor: User, username: str, role: Role, password: str, full_name: str = "", person_id: str = "") -> User:
    """Add a user; raises `access.name_taken`."""
    check_may(actor, Permission.USERS_MANAGE)
    if User.objects.filter(username__iexact=username).exists():
        raise NAME_TAKEN.error(name=username)
    user = User.objects.create_user(username, password=password, role=role, first_name=full_name, person_id=person_id)
    record("user.add", actor=actor, subject_type="user", subject_id=username, detail={"role": role})
    return user


@transaction.atomic
def change_user(actor: User, pk: int, role: Role, active: bool, person_id: str = "") -> User:
    """Give a user another role, or close or open the account; raises `access.last_owner`."""
    check_may(actor, Permission.USERS_MANAGE)
    user = User.objects.select_for_update().get(pk=pk)
    owners = User.objects.select_for_update().filter(role=Role.OWNER, is_active=True).exclude(pk=pk)
    if user.role == Role.OWNER and (role is not Role.OWNER or not active) and not owners.exists():
        raise LAST_OWNER.error(name=user.username)
    changed = {"role": [user.role, role.value], "active": [user.is_active, active]}
    user.role, user.is_active, user.person_id = role.value, active, person_id
    user.save(update_fields=["role", "is_active", "person_id"])
    if not active:
        end_all(user)
    record("user.change", actor=actor, subject_type="user", subject_id=user.username, detail=changed)
    return user


@transaction.atomic
def set_password(actor: User, user: User, password: str, keep_session: str = "") -> None:
    """Set a password, one's own or anybody's where one manages users; all other sessions end."""
    if actor.pk != user.pk:
        check_may(actor, Permission.USERS_MANAGE)
    user.set_password(password)
    user.save(update_fields=["password"])
    end_all(user, but=keep_session)
    record("user.password", actor=actor, subject_type="user", subject_id=user.username)


@transaction.atomic
def reset_password(actor: User, pk: int, password: str) -> User:
    """Give somebody who forgot it another password (the caller has asked again who the actor is).

    Raises Django's ValidationError where it is too weak.
    """
    check_may(actor, Permission.USERS_MANAGE)
    user = User.objects.select_for_update().get(pk=pk)
    validate_password(password, user)
    set_password(actor, user, password)
    return user


@transaction.atomic
def remove_second_factor(actor: User, pk: int) -> User:
    """Let somebody who lost phone and spare codes sign in by password alone, and set it up again."""
    check_may(actor, Permission.USERS_MANAGE)
    user = User.objects.select_for_update().get(pk=pk)
    turn_off(actor, user)
    return user


@transaction.atomic
def set_user(username: str, password: str, role: str | None = None) -> bool:
    """From the machine itself: make a user, or give the one of that name another password, and role if one is named.

    Returns whether the user is new; raises Django's ValidationError where the password is too weak.
    """
    user = User.objects.select_for_update().filter(username__iexact=username).first()
    validate_password(password, user)
    fresh = user is None
    if user is None:
        user = User(username=username, role=role or Role.OWNER)
    user.set_password(password)
    user.role, user.is_active = role or user.role, True
    user.full_clean(exclude=["password"])
    user.save()
    end_all(user)
    detail = {"role": user.role, "at": "machine"}
    record("user.add" if fresh else "user.change", subject_type="user", subject_id=user.username, detail=detail)
    return fresh


def users() -> list[User]:
    """All users, by name."""
    return list(User.objects.order_by("username"))
