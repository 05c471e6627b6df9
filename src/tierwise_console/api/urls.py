"""Where the API answers, below /api/."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path

from tierwise_console.api.endpoints import api


def _without_login(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Tokens open the API, not sessions: no page of signing in stands before it."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = login_not_required(pattern.callback)
    return patterns


urlpatterns: list[URLPattern | URLResolver] = [path("v1/", (_without_login(api.urls[0]), api.urls[1], api.urls[2]))]
