"""The addresses of all pages, each written beside its page; they are named `pages:NAME`."""

from tierwise_console.pages.discovery import page_modules

app_name = "pages"
urlpatterns = [pattern for module in page_modules() for pattern in module.urlpatterns]
