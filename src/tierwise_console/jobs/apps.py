"""The app jobs."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Durable work: jobs kept in the database, done exactly once in effect."""

    name = "tierwise_console.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"
