"""What a WSGI server serves."""

from django.core.wsgi import get_wsgi_application

from tierwise_console.environment import set_environment

set_environment({"DJANGO_SETTINGS_MODULE": "tierwise_console.settings"})
application = get_wsgi_application()
