"""The records of the CRM; services write them, selectors read them, nobody else knows them."""

from tierwise_console.crm.models.customer import NEVER, Customer, CustomerKind
from tierwise_console.crm.models.fields import CustomField, CustomValue, FieldKind
from tierwise_console.crm.models.label import ChangeHead, ChangeReader, Label, TierChange, TierSpell
from tierwise_console.crm.models.take_over import TakeOver, TakeOverState, TierCount
from tierwise_console.crm.models.views import BulkAction, BulkItem, SavedView
from tierwise_console.crm.models.work import Note, Tag, Tagging, Task

__all__ = [
    "NEVER", "BulkAction", "BulkItem", "ChangeHead", "ChangeReader", "CustomField", "CustomValue", "Customer",
    "CustomerKind", "FieldKind", "Label", "Note", "SavedView", "Tag", "Tagging", "TakeOver",
    "TakeOverState", "Task", "TierChange", "TierCount", "TierSpell",
]  # fmt: skip
