"""The CRM application of the console."""

from __future__ import annotations

from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Customers, their labels, and what people add to them."""

    name = "tierwise_console.crm"
    label = "crm"
    default_auto_field = "django.db.models.BigAutoField"
