"""The app events."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """Events sent to us, until the core's ledger has them."""

    name = "tierwise_console.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"
