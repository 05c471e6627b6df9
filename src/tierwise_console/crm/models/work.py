"""What people add to a customer: tags, notes, tasks."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from tierwise_console.crm.models.customer import Customer


class Tag(models.Model):
    """A tag. With a `rule` (a filter of the customer list) it is kept by the console, else by hand."""

    name = models.CharField(max_length=60, unique=True)
    colour = models.CharField(max_length=20, default="blue")
    rule = models.JSONField(null=True, blank=True)
    customers = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """A tag on a customer, and whether a rule put it there."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, db_constraint=False)
    by_rule = models.BooleanField(default=False)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A customer has a tag once."""

        constraints = (models.UniqueConstraint(fields=["tag", "customer"], name="crm_tagging_one"),)

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.customer_id}"


class Note(models.Model):
    """What somebody wrote down about a customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, db_constraint=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.text[:40]


class Task(models.Model):
    """A task or follow-up: what, for which customer, by whom, until when, done or not."""

    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.CASCADE, db_constraint=False)
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, db_index=False, related_name="crm_tasks"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Open tasks are read by owner and day."""

        indexes = (models.Index(fields=["owner", "done_at", "due_on"], name="crm_task_owner"),)

    def __str__(self) -> str:
        return self.title
