"""The app api."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The HTTP API: it reads selectors, calls services, and touches no ORM model."""

    name = "tierwise_console.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
