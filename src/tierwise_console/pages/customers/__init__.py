"""Customers: the list, the card, and what people do with them."""

from __future__ import annotations

from django.urls import path

from tierwise.language import Text
from tierwise_console.access.permissions import Permission
from tierwise_console.pages.customers import bulk, card, export, listing, new, tasks
from tierwise_console.shell.menu import Entry

MENU = (
    Entry(Text("Customers", "客户"), "users", "pages:customers", 50, Permission.CUSTOMERS_VIEW),
    Entry(Text("Tasks", "跟进任务"), "checklist", "pages:tasks", 55, Permission.TASKS_EDIT),
)

urlpatterns = [
    path("customers/", listing.customers, name="customers"),
    path("customers/count", listing.count, name="customers_count"),
    path("customers/new", new.new_customer, name="customer_new"),
    path("customers/new/check", new.check, name="customer_check"),
    path("customers/views/save", listing.save, name="view_save"),
    path("customers/views/remove", listing.remove, name="view_remove"),
    path("customers/tags/rule", listing.rule_tag, name="tag_rule"),
    path("customers/bulk", bulk.bulk, name="customers_bulk"),
    path("customers/bulk/undo", bulk.undo, name="customers_bulk_undo"),
    path("customers/export", export.export, name="customers_export"),
    path("customers/do/<slug:action>", card.act, name="customer_act"),
    path("customers/card/<path:customer_id>/why", card.why, name="customer_why"),
    path("customers/card/<path:customer_id>/story", card.timeline, name="customer_story"),
    path("customers/card/<path:customer_id>", card.card, name="customer"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/done", tasks.done, name="task_done"),
]
