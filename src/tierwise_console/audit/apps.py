"""The app audit."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did what and when: a chain of entries that can be verified."""

    name = "tierwise_console.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
