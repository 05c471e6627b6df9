"""The app limits."""

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    """Counters of what was used up."""

    name = "tierwise_console.limits"
    label = "limits"
    default_auto_field = "django.db.models.BigAutoField"
