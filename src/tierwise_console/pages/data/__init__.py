"""Data: sources, imports with dry run and undo, events, jobs."""

from __future__ import annotations

from tierwise.language import Text
from tierwise_console.access.permissions import Permission
from tierwise_console.pages.data import events, jobs, overview, wizard
from tierwise_console.shell.menu import Entry

MENU = (Entry(Text("Data", "数据"), "database", "pages:data", 20, Permission.DATA_VIEW),)
urlpatterns = [*overview.urlpatterns, *wizard.urlpatterns, *events.urlpatterns, *jobs.urlpatterns]
