"""Fields that a company adds to its customers, and their values."""

from __future__ import annotations

from django.db import models

from tierwise_console.crm.models.customer import Customer


class FieldKind(models.TextChoices):
    """What a custom field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


class CustomField(models.Model):
    """One field: its stable key, its names in both languages, what it holds.

    A `required` one has to be filled in where people enter customers. A `personal` one is masked like a phone number,
    is no filter, and its words are looked for where a customer is erased.
    """

    key = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=60)
    name_zh = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=FieldKind.choices, default=FieldKind.TEXT)
    choices = models.JSONField(default=list, blank=True)
    required = models.BooleanField(default=False)
    personal = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    archived = models.BooleanField(default=False)

    class Meta:
        """Shown in the order that the company gives them."""

        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.key


class CustomValue(models.Model):
    """The value of a field for a customer; `number` or `date` beside the text where the field has such a kind."""

    field = models.ForeignKey(CustomField, on_delete=models.CASCADE, db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, db_constraint=False)
    text = models.CharField(max_length=500)
    number = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    date = models.DateField(null=True)

    class Meta:
        """One value a customer and field; found by value."""

        constraints = (models.UniqueConstraint(fields=["field", "customer"], name="crm_value_one"),)
        indexes = (
            models.Index(fields=["field", "text"], name="crm_value_text"),
            models.Index(fields=["field", "number"], name="crm_value_number"),
            models.Index(fields=["field", "date"], name="crm_value_date"),
        )

    def __str__(self) -> str:
        return f"{self.field_id}={self.text}"
