"""Who a customer may belong to: the users of the console."""

from __future__ import annotations

from django.contrib.auth import get_user_model


def users_by_person() -> dict[str, int]:
    """User by the name that source data have for that person."""
    users = get_user_model().objects.filter(is_active=True).exclude(person_id="")
    return dict(users.values_list("person_id", "pk"))


def people() -> list[tuple[int, str]]:
    """Everyone a customer or a task may be given to: id and shown name."""
    return [(user.pk, user.shown_name) for user in get_user_model().objects.filter(is_active=True).order_by("username")]
