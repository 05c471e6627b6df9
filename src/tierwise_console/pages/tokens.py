"""Tokens of the API: make one, see it once, revoke it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from tierwise.language import Text
from tierwise_console.access.guards import require
from tierwise_console.access.permissions import Permission
from tierwise_console.shell.language import say
from tierwise_console.shell.menu import Entry
from tierwise_console.tokens import selectors, services

MENU = (Entry(Text("API tokens", "接口令牌"), "key", "pages:tokens", 196, Permission.KEYS_MANAGE),)


@require(Permission.KEYS_MANAGE)
def tokens(request: HttpRequest) -> HttpResponse:
    """All tokens; a fresh key is shown this once."""
    fresh = request.session.pop("fresh_token", None)
    shown = {"tokens": selectors.tokens(), "scopes": services.SCOPE_NAMES.items(), "fresh": fresh}
    return render(request, "pages/tokens.html", shown)


@require_POST
@require(Permission.KEYS_MANAGE)
def make(request: HttpRequest) -> HttpResponse:
    """Make a token that acts for the person who makes it."""
    name = request.POST.get("name", "").strip()[:100]
    scopes = [scope for scope in request.POST.getlist("scope") if scope in services.SCOPES]
    if not (name and scopes):
        messages.error(
            request, say("Say what it is for, and choose one scope or more.", "请填写用途，并至少选择一项权限范围。")
        )
    else:
        request.session["fresh_token"] = services.make_token(request.user, request.user, name, scopes)[1]
    return redirect("pages:tokens")


@require_POST
@require(Permission.KEYS_MANAGE)
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """Let a token open nothing more."""
    services.revoke_token(request.user, number)
    return redirect("pages:tokens")


urlpatterns = [
    path("tokens", tokens, name="tokens"),
    path("tokens/make", make, name="token_make"),
    path("tokens/<int:number>/revoke", revoke, name="token_revoke"),
]
