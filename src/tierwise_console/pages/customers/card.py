"""One customer's card: profile, labels with reasons, story, and what people add."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tierwise.errors import TierwiseError
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.crm.selectors import choices
from tierwise_console.crm.selectors.card import Card, customer_card
from tierwise_console.crm.services import customers as changing
from tierwise_console.crm.services.fields import set_values
from tierwise_console.crm.services.tags import put_tag, take_tag_off
from tierwise_console.crm.services.work import add_note, add_task, finish_task
from tierwise_console.pages.answers import back_to, may, not_there, tell
from tierwise_console.runs import reading
from tierwise_console.runs.explaining import label_reasons
from tierwise_console.runs.merge_history import MergeHistory, merge_history
from tierwise_console.runs.published import run_if_there
from tierwise_console.runs.stories import story
from tierwise_console.runs.tier_names import model_names
from tierwise_console.shell.language import current_language, say


@require(Permission.CUSTOMERS_VIEW)
@require_GET
def card(request: HttpRequest, customer_id: str) -> HttpResponse:
    """The card: what the console keeps; reasons and story come from the run's files in a second request."""
    try:
        found = customer_card(request.user, customer_id)
    except TierwiseError as error:
        return not_there(request, error)
    return render(request, "pages/customers/card.html", _context(request, found))


def _context(request: HttpRequest, found: Card) -> dict[str, Any]:
    names, lang = model_names(), current_language()
    labels = sorted(found.labels, key=lambda each: list(names).index(each.model) if each.model in names else 99)
    shown = [
        {
            "model": each.model, "title": names[each.model].title.to(lang) if each.model in names else each.model,
            "tier": names[each.model].tier(each.tier, lang) if each.model in names else each.tier,
            "rank": each.rank, "of": len(names[each.model].tiers) if each.model in names else each.rank,
            "since": each.since,
        }
        for each in labels
    ]  # fmt: skip
    past = [
        (names[each.model].title.to(lang), names[each.model].tier(each.tier, lang), each.since, each.until)
        for each in found.past
        if each.model in names
    ]
    taken = choices.taken()
    shown_run = run_if_there(taken.run) if taken else None
    allowed = {name: may(request.user, permission) for name, permission in _MAY.items()}
    return {
        "card": found, "labels": shown, "past": past, "may": allowed, "people": choices.owners(),
        "tags": [name for _, name, _, by_rule, _ in choices.tags() if not by_rule], "profile": _profile(found),
        "currency": reading.currency(), "facts": reading.facts(shown_run) if shown_run else None,
    }  # fmt: skip


_MAY = {
    "edit": Permission.CUSTOMERS_EDIT, "unmask": Permission.CUSTOMERS_UNMASK, "tasks": Permission.TASKS_EDIT,
}  # fmt: skip


def _profile(found: Card) -> list[tuple[str, str, Any]]:
    """The fields of the profile that a form shows: name, label, value."""
    labels = {
        "gender": say("Gender", "性别"), "birth_date": say("Birth date", "生日"), "region": say("Region", "地域"),
        "city": say("City", "城市"), "occupation": say("Occupation", "职业"), "industry": say("Industry", "行业"),
        "source_channel": say("Source channel", "来源渠道"),
    }  # fmt: skip
    return [(name, label, found.profile[name] or "") for name, label in labels.items()]


@require(Permission.CUSTOMERS_VIEW)
@require_GET
def why(request: HttpRequest, customer_id: str) -> HttpResponse:
    """The reason of one label, or of all, out of the run's files."""
    run = run_if_there()
    try:
        found = customer_card(request.user, customer_id)
        models = request.GET.getlist("model") or [each.model for each in found.labels]
        reasons = label_reasons(run, customer_id, models, current_language()) if run else []
    except TierwiseError as error:
        return render(request, "pages/parts/problems.html", {"problems": error.problems})
    return render(request, "pages/customers/why.html", {"reasons": reasons})


@require(Permission.CUSTOMERS_VIEW)
@require_GET
def timeline(request: HttpRequest, customer_id: str) -> HttpResponse:
    """What happened, and every indicator, out of the run's files."""
    run = run_if_there()
    try:
        customer_card(request.user, customer_id)
        merges = merge_history(customer_id)
        found = story(run, customer_id, current_language()) if run else None
    except TierwiseError as error:
        return render(request, "pages/parts/problems.html", {"problems": error.problems})
    may_merge = may(request.user, Permission.CUSTOMERS_MERGE)
    shown = {"story": found, "run": run, "may_merge": may_merge, "merges": _told(merges, may_merge)}
    return render(request, "pages/customers/story.html", shown)


def _told(merges: MergeHistory, may_merge: bool) -> MergeHistory | None:
    """Merges that were taken back name customers of others: they are told to those who decide on duplicates."""
    return merges if merges.merges or (may_merge and merges.taken_back) else None


@require(Permission.CUSTOMERS_VIEW)
@require_POST
def act(request: HttpRequest, action: str) -> HttpResponse:
    """Carry out what a form of the card asks for, and show the card again."""
    customer_id = request.POST.get("customer_id", "")
    if action not in _ACTIONS:
        raise Http404
    try:
        told = _ACTIONS[action](request, customer_id)
        if isinstance(told, HttpResponse):
            return told
        messages.success(request, told)
    except TierwiseError as error:
        tell(request, error)
    return back_to(request, "pages:customer", customer_id)


def _edit(request: HttpRequest, customer_id: str) -> str:
    values = {name: request.POST[name] for name in changing.EDITABLE if name in request.POST}
    contact = {name: value for name, value in values.items() if name in ("phone", "email") and not value.strip()}
    kept = {name: value for name, value in values.items() if name not in contact}
    changed = changing.update_customer(request.user, customer_id, kept)
    custom = custom_values(request)
    for field in customer_card(request.user, customer_id).fields:
        if field.masked and not custom.get(field.key):
            custom.pop(field.key, None)  # not shown, and so not emptied by a form that could not show it
    changed += set_values(request.user, customer_id, custom) if custom else []
    return say(f"Saved: {len(changed)} fields changed.", f"已保存：{len(changed)} 个字段有变化。")


def custom_values(request: HttpRequest) -> dict[str, str]:
    """The custom fields of a form, by key."""
    prefix = "field."
    return {name.removeprefix(prefix): str(value) for name, value in request.POST.items() if name.startswith(prefix)}


def _unmask(request: HttpRequest, customer_id: str) -> HttpResponse:
    person = changing.unmask_customer(request.user, customer_id, request.META.get("REMOTE_ADDR", ""))
    return render(request, "pages/customers/contact.html", {"person": person, "unmasked": True})


def _tag(request: HttpRequest, customer_id: str) -> str:
    tag = put_tag(request.user, customer_id, request.POST.get("name", ""))
    return say(f"Tagged “{tag.name}”.", f"已打标签“{tag.name}”。")


def _untag(request: HttpRequest, customer_id: str) -> str:
    tag = request.POST.get("tag", "")
    take_tag_off(request.user, customer_id, int(tag) if tag.isdecimal() else 0)
    return say("Tag taken off.", "已移除标签。")


def _note(request: HttpRequest, customer_id: str) -> str:
    add_note(request.user, customer_id, request.POST.get("text", ""))
    return say("Note saved.", "备注已保存。")


def _task(request: HttpRequest, customer_id: str) -> str:
    form = request.POST
    add_task(request.user, form.get("title", ""), customer_id, form.get("owner"), form.get("due_on", ""))
    return say("Task added.", "任务已创建。")


def _done(request: HttpRequest, customer_id: str) -> str:
    task = request.POST.get("task", "")
    finish_task(
        request.user, int(task) if task.isdecimal() else 0, "open" not in request.POST, request.POST.get("outcome", "")
    )
    return say("Task updated.", "任务已更新。")


_ACTIONS: dict[str, Callable[[HttpRequest, str], str | HttpResponse]] = {
    "edit": _edit, "unmask": _unmask, "tag": _tag, "untag": _untag, "note": _note, "task": _task, "done": _done,
}  # fmt: skip


def card_address(customer_id: str) -> str:
    """The address of a customer's card."""
    return reverse("pages:customer", args=[customer_id])
