"""The app crm."""

from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Customers, their tier history, tags, tasks and notes."""

    name = "tierwise_console.crm"
    label = "crm"
    default_auto_field = "django.db.models.BigAutoField"
