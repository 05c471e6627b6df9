"""The CRM application of the console."""

from __future__ import annotations

from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Customers, their labels, and what people add to them."""

    name = "tierwise_console.crm"
    label = "crm"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the job known that takes labels over."""
        from tierwise_console.crm.take_over_job import register_all

        register_all()
