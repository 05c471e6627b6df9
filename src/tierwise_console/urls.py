"""Every address of the console: the API below /api/, signing in below /account/, and the pages."""

from django.urls import include, path

urlpatterns = [
    path("", include("tierwise_console.api.taking_urls")),
    path("api/", include("tierwise_console.api.urls")),
    path("account/", include("tierwise_console.access.urls")),
    path("", include("tierwise_console.shell.urls")),
    path("", include("tierwise_console.pages.urls")),
]
