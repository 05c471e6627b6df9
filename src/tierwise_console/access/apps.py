"""The app access."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Users, roles, permissions, sessions, sign-in."""

    name = "tierwise_console.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"
