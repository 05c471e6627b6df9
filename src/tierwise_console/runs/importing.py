"""What people do to get data in: drop a file, say what its columns are, try it, import it, take it back."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from tierwise.contracts.tables import TABLES
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text
from tierwise_console.access.guards import check_may
from tierwise_console.access.permissions import Permission
from tierwise_console.audit.services import record
from tierwise_console.jobs import services as jobs
from tierwise_console.jobs.models import Job
from tierwise_console.runs.models import Upload
from tierwise_console.runs.receiving import keep

UNKNOWN = ErrorKind(
    "upload.unknown",
    Family.USAGE,
    what=Text("there is no such file", "没有该文件"),
    cause=Text("it was removed, or the address is wrong", "文件已被清理，或地址有误"),
    cure=Text("drop it again on the page Data", "请在“数据”页重新上传"),
)
NOT_TRIED = ErrorKind(
    "upload.not_tried",
    Family.USAGE,
    what=Text("{name} was not tried yet", "{name} 尚未试导入"),
    cause=Text("a file is imported after a dry run that went well", "试导入成功后才能正式导入"),
    cure=Text("confirm its columns first", "请先确认列映射"),
)
_OPTIONS = ("encoding", "delimiter", "decimal_mark", "sheet", "date_format", "timezone", "currency")
MODES = ("append", "snapshot")


def file_of(upload: Upload) -> Path:
    """Where a dropped file lies; its own name never becomes a path."""
    suffix = "".join(letter for letter in Path(upload.name).suffix.lower() if letter.isalnum() or letter == ".")[:10]
    found: Path = Path(settings.MEDIA_ROOT) / "dropped" / f"{upload.token}{suffix}"
    return found


def rejects_of(upload: Upload) -> Path:
    """Where the rejected rows of its dry run lie."""
    found: Path = Path(settings.MEDIA_ROOT) / "dropped" / f"{upload.token}.rejects.csv"
    return found


def access_upload(actor: Any, token: str) -> Upload:
    """Return a dropped file that the actor may see; raises `upload.unknown`."""
    check_may(actor, Permission.DATA_IMPORT)
    upload = Upload.objects.filter(token=token).first()
    if upload is None:
        raise UNKNOWN.error()
    return upload


def receive(actor: Any, file: Any, table: str = "") -> Upload:
    """Keep a dropped file and have it looked into; raises `upload.*`."""
    check_may(actor, Permission.DATA_IMPORT)
    name = Path(str(file.name)).name[:255]
    upload = Upload(name=name, bytes=0, created_by_id=actor.pk, table=table if table in TABLES else "")
    upload.bytes = keep(file, file_of(upload))
    with transaction.atomic():
        upload.save()
        record("upload.received", actor=actor, subject_type="upload", subject_id=upload.token, detail={"name": name})
        _look(actor, upload)
    return upload


def _look(actor: Any, upload: Upload) -> None:
    request = {"task": "look", "file": str(file_of(upload)), "table": upload.table, **_said(upload)}
    upload.look_job = jobs.ask(actor, "look", request, Permission.DATA_IMPORT).pk
    upload.try_job = upload.import_job = None
    upload.save(update_fields=["look_job", "try_job", "import_job", "table"])


def _said(upload: Upload) -> dict[str, Any]:
    return {name: upload.said.get(name) or None for name in _OPTIONS} | {"columns": upload.said.get("columns", {})}


@transaction.atomic
def look_again(actor: Any, upload: Upload, table: str, said: dict[str, Any]) -> None:
    """Look into the file again, as another table or read in another way."""
    check_may(actor, Permission.DATA_IMPORT)
    upload.table, upload.said = table if table in TABLES else "", {**_only_options(said), "columns": {}}
    upload.save(update_fields=["said"])
    _look(actor, upload)


def _only_options(said: dict[str, Any]) -> dict[str, str]:
    return {name: str(said.get(name) or "").strip()[:64] for name in _OPTIONS}


@transaction.atomic
def ask_dry_run(actor: Any, upload: Upload, table: str, columns: dict[str, str], said: dict[str, Any]) -> Job:
    """Try the file with the columns that a person confirmed."""
    check_may(actor, Permission.DATA_IMPORT)
    upload.table, upload.said = table, {**_only_options(said), "columns": columns}
    upload.source = str(said.get("source") or "").strip()[:64] or default_source(upload)
    upload.mode = said["mode"] if said.get("mode") in MODES else "append"
    request = {
        "task": "try",
        "file": str(file_of(upload)),
        "table": table,
        "rejects": str(rejects_of(upload)),
        **_said(upload),
    }
    job = jobs.ask(actor, "try", request, Permission.DATA_IMPORT)
    upload.try_job, upload.import_job = job.pk, None
    upload.save()
    return job


def default_source(upload: Upload) -> str:
    """The name imports of a file go by unless the person gives one: the file's, without digits that change each time."""
    stem = "".join(letter for letter in Path(upload.name).stem if not letter.isdigit()).strip(" -_.()")
    return (stem or upload.table or "file")[:64]


@transaction.atomic
def ask_import(actor: Any, upload: Upload) -> Job:
    """Import the file as it was tried; asking twice imports once."""
    check_may(actor, Permission.DATA_IMPORT)
    if upload.try_job is None or not Job.objects.filter(pk=upload.try_job, status="done").exists():
        raise NOT_TRIED.error(name=upload.name)
    source = {
        "table": upload.table, "file": str(file_of(upload)), "name": upload.source, "mode": upload.mode, **_said(upload),
    }  # fmt: skip
    request = {"task": "import", "sources": [source], "timezone": source["timezone"], "currency": source["currency"]}
    job = jobs.ask(
        actor, "import", request, Permission.DATA_IMPORT, unique_key=f"import:{upload.token}:{upload.try_job}"
    )
    upload.import_job = job.pk
    upload.save(update_fields=["import_job"])
    return job


def ask_take_back(actor: Any, name: str, undo: bool) -> Job:
    """Undo an import, or have it count again."""
    request = {"task": "undo", "import": name, "undo": undo, "by": str(actor)}
    return jobs.ask(actor, "undo", request, Permission.DATA_IMPORT)


def ask_run(actor: Any, as_of: str | None = None) -> Job:
    """Compute tiers from what holds; while one such job waits, asking again is asking for that one."""
    waiting = Job.objects.filter(kind="run", status="queued").first()
    return waiting or jobs.ask(actor, "run", {"as_of": as_of}, Permission.JOBS_RUN)


def template_of(table: str) -> str:
    """A CSV with the columns of a table and a line that says what each is, for people who begin from nothing."""
    out = io.StringIO()
    given = TABLES[table].given
    writer = csv.writer(out)
    writer.writerow(column.name for column in given)
    return "\ufeff" + out.getvalue()


@transaction.atomic
def ask_report(actor: Any, run: str, lang: str) -> Job:
    """Write the HTML report of a run into a folder of its own."""
    check_may(actor, Permission.RESULTS_EXPORT)
    folder = settings.ENVIRONMENT.home / "results" / uuid4().hex
    request = {"task": "report", "run": run, "lang": lang, "folder": str(folder)}
    job = jobs.ask(actor, "report", request, Permission.RESULTS_EXPORT)
    record("report.asked", actor=actor, subject_type="run", subject_id=run)
    return job


@transaction.atomic
def ask_export(actor: Any, run: str, formats: tuple[str, ...], lang: str) -> Job:
    """Write the label table of a run into a folder of its own."""
    check_may(actor, Permission.CUSTOMERS_EXPORT)
    folder = settings.ENVIRONMENT.home / "results" / uuid4().hex
    request = {"task": "export", "run": run, "formats": list(formats), "lang": lang, "folder": str(folder)}
    job = jobs.ask(actor, "export", request, Permission.CUSTOMERS_EXPORT)
    record("labels.exported", actor=actor, subject_type="run", subject_id=run, detail={"formats": list(formats)})
    return job
