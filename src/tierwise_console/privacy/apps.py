"""The app privacy."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Privacy requests: subject exports and erasures."""

    name = "tierwise_console.privacy"
    label = "privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the kinds of job known."""
        from tierwise_console.privacy import following, performing

        performing.register_all()
        following.register_all()
