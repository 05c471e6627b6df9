"""The app tokens."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    """Tokens of the API and their remembered answers."""

    name = "tierwise_console.tokens"
    label = "tokens"
    default_auto_field = "django.db.models.BigAutoField"
