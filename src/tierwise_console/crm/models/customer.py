"""A customer as the whole company sees it: who it is, how to reach it, whose it is, and what it is worth."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models

NEVER = date(1, 1, 1)
"""Stands for "no order yet", so that sorting by the last order needs no rule for nulls."""


class CustomerKind(models.TextChoices):
    """Whether a customer is one person or a company."""

    PERSON = "person"
    COMPANY = "company"


class Customer(models.Model):
    """One customer. Key indicators come from the run taken over last; a person may edit the rest.

    `worth` is the value a model expects, where the run has one. Phone and e-mail are sealed; `phone_index` and
    `email_index` find them by their whole, `phone_tail_index` by the last four digits. `edited` names the fields that a
    person changed, which a take-over then leaves alone.
    """

    customer_id = models.CharField(max_length=200, primary_key=True)
    kind = models.CharField(max_length=10, choices=CustomerKind.choices, default=CustomerKind.PERSON)
    name = models.CharField(max_length=200, blank=True)
    name_folded = models.CharField(max_length=200, blank=True, db_index=True)
    given_folded = models.CharField(max_length=200, blank=True, db_index=True)
    phone_sealed = models.TextField(blank=True)
    phone_index = models.CharField(max_length=32, blank=True, db_index=True)
    phone_tail_index = models.CharField(max_length=32, blank=True, db_index=True)
    email_sealed = models.TextField(blank=True)
    email_index = models.CharField(max_length=32, blank=True, db_index=True)
    gender = models.CharField(max_length=20, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    region = models.CharField(max_length=100, blank=True)
    city = models.CharField(max_length=100, blank=True)
    occupation = models.CharField(max_length=100, blank=True)
    industry = models.CharField(max_length=100, blank=True)
    source_channel = models.CharField(max_length=100, blank=True)
    registered_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, db_index=False
    )
    owner_in_data = models.CharField(max_length=100, blank=True)
    frequency = models.PositiveIntegerField(default=0)
    monetary = models.DecimalField(max_digits=20, decimal_places=2, default=0)
    worth = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    last_order_on = models.DateField(default=NEVER)
    edited = models.CharField(max_length=300, blank=True)
    by_hand = models.BooleanField(default=False)
    in_data = models.BooleanField(default=True)
    merged_into = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Each index carries one order in which the list can be walked."""

        indexes = (
            models.Index(fields=["-monetary", "-customer_id"], name="crm_customer_monetary"),
            models.Index(fields=["-last_order_on", "-customer_id"], name="crm_customer_last_order"),
            models.Index(fields=["owner", "-monetary", "-customer_id"], name="crm_customer_owner"),
            models.Index(fields=["region", "-monetary", "-customer_id"], name="crm_customer_region"),
            models.Index(fields=["frequency"], name="crm_customer_frequency"),
            models.Index(fields=["worth"], name="crm_customer_worth"),
        )

    def __str__(self) -> str:
        return self.customer_id

    @property
    def edited_fields(self) -> set[str]:
        """The fields that a person changed in the console."""
        return set(filter(None, self.edited.split(",")))
