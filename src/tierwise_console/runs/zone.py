"""Which time zone moments are shown in, and days begin in: the business's own, as the project file says it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from tierwise.config.document import read_document
from tierwise.config.project import FILE_NAME
from tierwise.errors import TierwiseError
from tierwise_console.runs.published import workspace


def project_zone() -> ZoneInfo:
    """The zone of TIERWISE_CONSOLE_TIME_ZONE where that is set, else of the project file, else UTC."""
    if settings.ZONE_IS_SAID:
        return ZoneInfo(settings.TIME_ZONE)
    file = workspace().root / FILE_NAME
    try:
        changed = file.stat()
    except OSError:
        return ZoneInfo(settings.TIME_ZONE)
    return _zone_in(file, changed.st_mtime_ns, changed.st_size)


@lru_cache(maxsize=4)
def _zone_in(file: Path, changed_ns: int, size: int) -> ZoneInfo:
    """The zone that a project file names; read once for each state of the file."""
    try:
        return ZoneInfo(str(read_document(file).data.get("timezone") or settings.TIME_ZONE))
    except (TierwiseError, ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)  # the page Models tells what is wrong with the file


class ProjectZone:
    """Middleware: everything that is answered to a request tells moments in the project's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request in that zone."""
        with timezone.override(project_zone()):
            return self.get_response(request)
