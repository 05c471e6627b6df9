"""The app strategy."""

from django.apps import AppConfig


class StrategyConfig(AppConfig):
    """What to do for each tier, by whom and until when."""

    name = "tierwise_console.strategy"
    label = "strategy"
    default_auto_field = "django.db.models.BigAutoField"
