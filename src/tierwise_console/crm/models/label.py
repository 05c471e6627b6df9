"""Which tier each model gives a customer, which tiers it had before, and every change of tier in its order."""

from __future__ import annotations

from django.db import models

from tierwise_console.crm.models.customer import NEVER, Customer


class Label(models.Model):
    """The tier of one customer in one model, as the run taken over last gives it.

    `cell` holds the scores behind it (`545` for R 5, F 4, M 5). `monetary` and `last_order_on` are copies of the
    customer's, so that one tier can be walked in their order however many customers there are.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    model = models.CharField(max_length=40)
    tier = models.CharField(max_length=60)
    rank = models.PositiveSmallIntegerField()
    score = models.DecimalField(max_digits=24, decimal_places=6, default=0)
    cell = models.CharField(max_length=20, blank=True)
    since = models.DateField()
    run = models.CharField(max_length=80)
    monetary = models.DecimalField(max_digits=20, decimal_places=2, default=0)
    last_order_on = models.DateField(default=NEVER)

    class Meta:
        """One label a customer and model."""

        constraints = (models.UniqueConstraint(fields=["customer", "model"], name="crm_label_one"),)
        indexes = (
            models.Index(fields=["model", "tier", "-monetary", "-customer"], name="crm_label_monetary"),
            models.Index(fields=["model", "tier", "-last_order_on", "-customer"], name="crm_label_last_order"),
            models.Index(fields=["model", "cell"], name="crm_label_cell"),
        )

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.model} {self.tier}"


class TierSpell(models.Model):
    """A tier that a customer had and has no more: from `since` until the day before `until`."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    model = models.CharField(max_length=40)
    tier = models.CharField(max_length=60)
    rank = models.PositiveSmallIntegerField()
    since = models.DateField()
    until = models.DateField()
    run = models.CharField(max_length=80)

    class Meta:
        """Read by customer, latest first."""

        indexes = (models.Index(fields=["customer", "model", "until"], name="crm_spell_customer"),)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.model} {self.tier} {self.since}–{self.until}"


class TierChange(models.Model):
    """One change of tier, in the order in which it was committed: what automation reacts to.

    `position` counts from 1 without gaps. `before` is empty for a new customer, `after` for one that is gone.
    """

    position = models.BigIntegerField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    model = models.CharField(max_length=40)
    before = models.CharField(max_length=60, blank=True)
    after = models.CharField(max_length=60, blank=True)
    rank_before = models.PositiveSmallIntegerField(null=True)
    rank_after = models.PositiveSmallIntegerField(null=True)
    as_of = models.DateField()
    run = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()

    class Meta:
        """Read by position; found by customer when one is erased."""

        indexes = (models.Index(fields=["customer"], name="crm_change_customer"),)

    def __str__(self) -> str:
        return f"{self.position}: {self.customer_id} {self.model} {self.before} → {self.after}"


class ChangeHead(models.Model):
    """The position given out last; its one row is locked by whoever writes changes, so that none is seen late."""

    position = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.position)


class ChangeReader(models.Model):
    """How far one reader of the changes has come; moves in the transaction that holds the reader's own effects."""

    name = models.CharField(max_length=60, primary_key=True)
    position = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"
