"""Language and theme, chosen on every page and kept in a cookie."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tierwise_console.shell.context import THEMES

A_YEAR = 365 * 24 * 3600


@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """Answer those who ask whether the process is up; says nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language and go back to the page."""
    chosen = request.POST.get("language", "")
    known = dict(settings.LANGUAGES)
    return _keep(request, settings.LANGUAGE_COOKIE_NAME, chosen if chosen in known else settings.LANGUAGE_CODE)


@login_not_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep light, dark, or as the device has it, and go back to the page."""
    chosen = request.POST.get("theme", "")
    return _keep(request, "theme", chosen if chosen in THEMES else "auto")


def _keep(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    answer = HttpResponseRedirect(back)
    answer.set_cookie(cookie, value, max_age=A_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return answer
