"""Reading the audit log."""

from __future__ import annotations

from django.db.models import QuerySet

from tierwise_console.audit.models import AuditEntry


def entries(subject_type: str = "", subject_id: str = "") -> QuerySet[AuditEntry]:
    """Entries, newest first, of one subject if it is named."""
    found = AuditEntry.objects.order_by("-number")
    if subject_type:
        found = found.filter(subject_type=subject_type)
    return found.filter(subject_id=subject_id) if subject_id else found
