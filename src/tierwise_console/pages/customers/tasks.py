"""Tasks due: one's own, or everyone's for those who see all customers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.selectors import choices
from tierwise_console.crm.services.work import add_task, finish_task
from tierwise_console.pages.answers import back_to, telling
from tierwise_console.shell.language import say


@require(Permission.TASKS_EDIT)
@require_http_methods(["GET", "POST"])
@telling("pages:tasks")
def tasks(request: HttpRequest) -> HttpResponse:
    """The open tasks; a new one where the form is sent."""
    if request.method == "POST":
        form = request.POST
        customer = form.get("customer_id", "").strip()
        add_task(request.user, form.get("title", ""), customer, form.get("owner"), form.get("due_on", ""))
        messages.success(request, say("Task added.", "任务已创建。"))
        return back_to(request, "pages:tasks")
    context = {
        "tasks": choices.tasks_due(request.user),
        "done": choices.tasks_done(request.user),
        "people": choices.owners(),
    }
    return render(request, "pages/customers/tasks.html", context)


@require(Permission.TASKS_EDIT)
@require_POST
@telling("pages:tasks")
def done(request: HttpRequest) -> HttpResponse:
    """Mark a task as done, or open one again that was."""
    task, form = request.POST.get("task", ""), request.POST
    finish_task(request.user, int(task) if task.isdecimal() else 0, "open" not in form, form.get("outcome", ""))
    messages.success(request, say("Task updated.", "任务已更新。"))
    return back_to(request, "pages:tasks")
