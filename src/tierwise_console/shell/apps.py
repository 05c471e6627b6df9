"""The app shell."""

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """What stands around every page: layout, menu, words in two languages, numbers by locale, charts."""

    name = "tierwise_console.shell"
    label = "shell"
    default_auto_field = "django.db.models.BigAutoField"
