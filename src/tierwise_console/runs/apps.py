"""The app runs."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """The one door to the core: reads published runs, and starts new ones."""

    name = "tierwise_console.runs"
    label = "runs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the kinds of job known that drive the core."""
        from tierwise_console.runs.performing import register_all

        register_all()
