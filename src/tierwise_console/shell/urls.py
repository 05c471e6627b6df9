"""Addresses of the layout itself: language and theme."""

from django.urls import path

from tierwise_console.shell import views

app_name = "shell"
urlpatterns = [
    path("health", views.health, name="health"),
    path("language", views.choose_language, name="language"),
    path("theme", views.choose_theme, name="theme"),
]
