"""The app pages."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The pages: they read selectors, call services, and touch no ORM model."""

    name = "tierwise_console.pages"
    label = "pages"

    def ready(self) -> None:
        """Put the pages' entries into the menu."""
        from tierwise_console.pages.discovery import page_modules
        from tierwise_console.shell import menu

        for module in page_modules():
            menu.add(*getattr(module, "MENU", ()))
