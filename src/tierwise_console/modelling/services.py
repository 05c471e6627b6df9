"""Drafts of the settings file, their approval, publishing, roll-back, import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from tierwise.errors import ErrorKind, Family, raise_all
from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission, Role
from tierwise_console.audit.services import record
from tierwise_console.jobs.kinds import all_kinds
from tierwise_console.jobs.queueing import enqueue
from tierwise_console.modelling.models import SettingsVersion, VersionState
from tierwise_console.runs.industry import with_template
from tierwise_console.runs.settings_file import (
    SettingsText,
    check_reach,
    check_settings,
    read_settings,
    with_model,
    with_reach,
    write_settings,
)

RUN_JOB = "run"
OPEN = (VersionState.DRAFT, VersionState.ASKED)

NOTHING_CHANGED = ErrorKind(
    "settings.nothing_changed",
    Family.USAGE,
    what=Text("nothing was changed", "没有任何改动"),
    cause=Text("the settings are those of the file", "设置与文件一致"),
    cure=Text("change a setting first", "请先修改设置"),
)
NO_VERSION = ErrorKind(
    "settings.no_version",
    Family.DATA,
    what=Text("there is no version {number} to do this with", "没有可进行此操作的版本 {number}"),
    cause=Text("it was decided already, or the number is wrong", "该版本已处理，或编号有误"),
    cure=Text("look at the list of versions", "请查看版本列表"),
)
NEEDS_ANOTHER = ErrorKind(
    "settings.needs_another",
    Family.USAGE,
    what=Text("somebody else must approve this version", "该版本须由其他人批准"),
    cause=Text("who made a version does not approve it; an owner may", "版本的作者不能自行批准；负责人可以"),
    cure=Text("ask a colleague with the right to publish", "请有发布权限的同事批准"),
)


@transaction.atomic
def notice_file() -> SettingsText:
    """The file as it is; kept as a version where it was changed outside the console."""
    now = read_settings()
    last = SettingsVersion.objects.filter(state__in=(VersionState.PUBLISHED, VersionState.FOUND)).first()
    if last is None or last.sha256 != now.sha256:
        _add(None, now.text, now.sha256, "", "", "", VersionState.FOUND)
    return now


@transaction.atomic
def save_draft(actor: Any, instance: str, settings: Mapping[str, Any], comment: str = "") -> SettingsVersion:
    """Keep changed settings of one model as a draft; raises all that is wrong with them, `settings.nothing_changed`."""
    check_may(actor, Permission.MODELS_EDIT)
    now = notice_file()
    return _draft(actor, now, with_model(now.text, instance, settings), instance, comment)


@transaction.atomic
def import_settings(actor: Any, text: str, comment: str = "") -> SettingsVersion:
    """Keep a whole settings file as a draft; raises all that is wrong with it, `settings.sources_on_screen`."""
    check_may(actor, Permission.MODELS_EDIT)
    now = notice_file()
    return _draft(actor, now, text, "", comment)


@transaction.atomic
def take_template(actor: Any, name: str) -> SettingsVersion:
    """Keep the settings with those of an industry template as a draft; raises `config.unknown_template`, and as `save_draft`."""
    check_may(actor, Permission.MODELS_EDIT)
    now = notice_file()
    return _draft(actor, now, with_template(now.text, name), "", name)


@transaction.atomic
def roll_back(actor: Any, number: int) -> SettingsVersion:
    """Make a former version a draft again, with today's sources; it is published as any other, and history stays.

    Raises `settings.sources_on_screen` where the sources of today cannot be put into its text.
    """
    check_may(actor, Permission.MODELS_EDIT)
    former, now = _version(number), notice_file()
    raise_all(check_settings(former.text))
    return _draft(actor, now, with_reach(former.text, now.text), "", f"↩ {number}")


def sources_kept(number: int, former: int) -> bool:
    """Whether a version that was rolled back to was given today's sources in place of its own."""
    return _version(number).text != _version(former).text


def _draft(actor: Any, now: SettingsText, text: str, instance: str, comment: str) -> SettingsVersion:
    raise_all(check_settings(text) or check_reach(text, now.text))
    fresh = SettingsText(text, _digest(text))
    if fresh.sha256 == now.sha256:
        raise NOTHING_CHANGED.error()
    version = _add(actor, text, fresh.sha256, now.sha256, instance, comment[:300], VersionState.DRAFT)
    record(
        "settings.drafted", actor=actor, subject_type="settings", subject_id=version.number, detail={"model": instance}
    )
    return version


@transaction.atomic
def ask_approval(actor: Any, number: int) -> SettingsVersion:
    """Hand a draft to those who may publish."""
    check_may(actor, Permission.MODELS_EDIT)
    version = _version(number, VersionState.DRAFT)
    version.state = VersionState.ASKED
    version.save()
    record("settings.approval_asked", actor=actor, subject_type="settings", subject_id=number)
    return version


def publish(actor: Any, number: int) -> int | None:
    """Approve a version: write it as the settings file, and ask for a run. Returns the job, None where no worker knows runs.

    Raises `settings.needs_another`, `settings.changed_meanwhile`, `settings.sources_on_screen`. The file is written
    within the transaction, last of all: if that fails nothing is recorded, and what is recorded stands in the file.
    """
    check_may(actor, Permission.MODELS_PUBLISH)
    with transaction.atomic():
        version = _version(number, *OPEN, lock=True)
        if version.author_id == actor.pk and getattr(actor, "role", "") != Role.OWNER:
            raise NEEDS_ANOTHER.error()
        now = read_settings()
        raise_all(check_reach(version.text, now.text) if now.sha256 == version.base_sha256 else [])
        version.state, version.approver, version.decided_at = VersionState.PUBLISHED, actor, timezone.now()
        version.number, former = _next(), version.number
        version.save()
        record(
            "settings.published",
            actor=actor,
            subject_type="settings",
            subject_id=version.number,
            detail={"draft": former},
        )
        known = any(kind.name == RUN_JOB for kind in all_kinds())
        job = enqueue(RUN_JOB, {}, by=actor.pk, unique_key=f"settings:{version.number}").pk if known else None
        write_settings(version.text, version.base_sha256)
    return job


@transaction.atomic
def reject(actor: Any, number: int) -> None:
    """Turn a version down: by those who may publish, or by its author."""
    version = _version(number, *OPEN, lock=True)
    check_may(actor, Permission.MODELS_EDIT if version.author_id == actor.pk else Permission.MODELS_PUBLISH)
    version.state, version.approver, version.decided_at = VersionState.REJECTED, actor, timezone.now()
    version.save()
    record("settings.rejected", actor=actor, subject_type="settings", subject_id=number)


def _version(number: int, *states: str, lock: bool = False) -> SettingsVersion:
    rows = SettingsVersion.objects.select_for_update() if lock else SettingsVersion.objects.all()
    found = rows.filter(number=number, **({"state__in": states} if states else {})).first()
    if found is None:
        raise NO_VERSION.error(number=number)
    return found


def _add(actor: Any, text: str, sha256: str, base: str, model: str, comment: str, state: str) -> SettingsVersion:
    return SettingsVersion.objects.create(
        number=_next(),
        text=text,
        sha256=sha256,
        base_sha256=base,
        model=model,
        comment=comment,
        state=state,
        author=actor,
    )


def _next() -> int:
    return int(SettingsVersion.objects.aggregate(last=Max("number"))["last"] or 0) + 1


def _digest(text: str) -> str:
    from tierwise_console.runs.settings_file import digest

    return digest(text)
