"""From a project file to a job."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from tierwise.cli.options import resources
from tierwise.config.document import Document
from tierwise.config.project import FILE_NAME, ProjectSpec, SourceSpec, read_project
from tierwise.config.rest_spec import RestSpec
from tierwise.config.validation import nearest
from tierwise.contracts.corrections import ALL, CORRECTIONS
from tierwise.contracts.drift import DriftLimits
from tierwise.contracts.imports import SourceMode
from tierwise.contracts.ingest import ReadOptions
from tierwise.contracts.rest import Credentials, Paging, RestOptions
from tierwise.contracts.tables import TABLES
from tierwise.errors import ErrorKind, Family, Place, raise_all
from tierwise.job import Job, Resources, Source
from tierwise.language import Text
from tierwise.quality.own import project_rules
from tierwise.registry import build_models
from tierwise.snapshots.workspace import Workspace
from tierwise.sources.rates import read_rates

NO_PROJECT = ErrorKind(
    "config.no_project",
    Family.CONFIG,
    what=Text("there is no project file {file}", "没有项目文件 {file}"),
    cause=Text("`tierwise run` computes what a project file describes", "tierwise run 按项目文件计算"),
    cure=Text(
        "`tierwise init` writes one; `tierwise tier ORDERS` needs none",
        "tierwise init 可新建；tierwise tier 订单文件 则无需项目文件",
    ),
)
UNKNOWN_TABLE = ErrorKind(
    "config.unknown_table",
    Family.CONFIG,
    what=Text("there is no table {name}", "没有名为 {name} 的表"),
    cause=Text("sources fill one of: {known}", "数据源可对应的表：{known}"),
    cure=Text(
        "{nearest}; a source by another name says which with `fills`", "{nearest}；其他名称的数据源请用 fills 指明"
    ),
)
UNKNOWN_CORRECTION = ErrorKind(
    "config.unknown_correction",
    Family.CONFIG,
    what=Text("there is no correction {code}", "没有名为 {code} 的更正"),
    cause=Text("corrections are: {known}", "可用的更正：{known}"),
    cure=Text(
        "{nearest}; `tierwise quality --corrections` says what each one does",
        "{nearest}；tierwise quality --corrections 可查看各项说明",
    ),
)
DEFAULT_MODELS = ("rfm", "lifecycle", "pyramid")


def load_job(
    root: Path,
    settings: tuple[str, ...],
    as_of: date | None,
    engine: tuple[str | None, str | None, str | None, int | None, Path | None],
) -> tuple[Job, Resources]:
    """The job that the project file in a folder describes, with `--set`, `--as-of` and engine options over it."""
    file = root / FILE_NAME
    if not file.is_file():
        raise NO_PROJECT.error(Place(file=str(root)), file=FILE_NAME)
    project, document = read_project(file, settings)
    by_default = not document.data.get("models")
    if by_default:
        document = replace(document, data={**document.data, "models": {name: {} for name in DEFAULT_MODELS}})
    _check_tables(project, document)
    job = Job(
        Workspace(root),
        [_source(root, name, spec) for name, spec in project.sources.items()],
        build_models(document),
        as_of or project.as_of,
        project.timezone,
        project.currency,
        keep_runs_days=project.keep_runs_days,
        optional=frozenset(DEFAULT_MODELS if by_default else ()),
        phone_region=project.phone_region,
        rates=read_rates(root / project.rates) if project.rates else None,
        rules=project_rules(project.quality, document, date.today()),
        drift_limits=DriftLimits(**project.quality.model_dump(include=set(DriftLimits.__slots__))),
        keep_state=True,
        corrections=made_corrections(project, document),
    )
    return job, resources(project.engine, *engine)


def made_corrections(project: ProjectSpec, document: Document) -> frozenset[str]:
    """The codes of the corrections that a project has made; raises `config.unknown_correction`."""
    if isinstance(project.corrections, bool):
        return ALL if project.corrections else frozenset()
    without = project.corrections.without
    raise_all(
        [
            UNKNOWN_CORRECTION.problem(
                document.place(("corrections", "without")), code=code, known=", ".join(CORRECTIONS),
                nearest=nearest(code, list(CORRECTIONS)),
            )
            for code in without
            if code not in CORRECTIONS
        ]
    )  # fmt: skip
    return ALL - set(without)


def sources_of(root: Path) -> list[Source]:
    """The sources of the project in a folder; none where there is no project."""
    file = root / FILE_NAME
    if not file.is_file():
        return []
    project, document = read_project(file)
    _check_tables(project, document)
    return [_source(root, name, spec) for name, spec in project.sources.items()]


def _check_tables(project: ProjectSpec, document: Document) -> None:
    known = ", ".join(TABLES)
    raise_all(
        [
            UNKNOWN_TABLE.problem(
                document.place(("sources", name)), name=table, known=known, nearest=nearest(table, list(TABLES))
            )
            for name, spec in project.sources.items()
            if (table := spec.fills or name) not in TABLES
        ]
    )


def _source(root: Path, name: str, spec: SourceSpec) -> Source:
    """Relative paths are relative to the project file, wherever the command is run."""
    location = spec.location
    if "://" not in location and not Path(location).expanduser().is_absolute():
        location = str(root / location)
    options = ReadOptions(
        spec.encoding, spec.delimiter, spec.sheet, spec.query, spec.table, rest=_rest(spec.rest),
        decimal_mark=spec.decimal_mark, header=spec.header,
    )  # fmt: skip
    return Source(
        spec.fills or name, location, options, spec.columns, spec.date_format, name,
        SourceMode(spec.mode) if spec.mode else None, True, spec.cursor, spec.customer_ids == "own",
        spec.keep_existing, spec.owner, spec.fresh_days,
    )  # fmt: skip


def _rest(spec: RestSpec | None) -> RestOptions | None:
    if spec is None:
        return None
    auth = Credentials(**spec.auth.model_dump()) if spec.auth else None
    params = {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in spec.params.items()
    }
    return RestOptions(spec.path, spec.rows, params, spec.since, Paging(**spec.paging.model_dump()), auth)
