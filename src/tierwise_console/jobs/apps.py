"""The Django application of durable work."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Jobs, their log, schedules and workers."""

    name = "tierwise_console.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Jobs"
