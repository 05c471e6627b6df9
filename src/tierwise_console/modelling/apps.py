"""The app modelling."""

from django.apps import AppConfig


class ModellingConfig(AppConfig):
    """The settings of models: drafts, their approval, versions of the settings file."""

    name = "tierwise_console.modelling"
    label = "modelling"
    default_auto_field = "django.db.models.BigAutoField"
