"""The app runs."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """The one door to the core: reads published runs, and starts new ones."""

    name = "tierwise_console.runs"
    label = "runs"
    default_auto_field = "django.db.models.BigAutoField"
