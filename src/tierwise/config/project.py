"""The project file `tierwise.yaml`: sources, mapping, models and limits, all that a person edits."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from tierwise.config.corrections_spec import CorrectionsSpec
from tierwise.config.document import Document, read_document
from tierwise.config.quality_spec import QualitySpec
from tierwise.config.rest_spec import RestSpec
from tierwise.config.validation import BAD_SETTING, parse_settings
from tierwise.errors import Place, Problem, raise_all
from tierwise.language import Text

FILE_NAME = "tierwise.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSpec(_Strict):
    """One source of one canonical table. `columns` maps canonical fields to the source's own column names."""

    location: str = Field(
        description="file, folder, glob, database URL or address of an API · 文件、目录、数据库或接口地址"
    )
    columns: dict[str, str] = Field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    header: tuple[str, ...] | None = Field(
        default=None, description="names of the columns of a text without a header · 无表头文件的列名"
    )
    decimal_mark: Literal[".", ","] | None = Field(
        default=None, description="mark before the decimals of numbers in text · 小数点"
    )
    sheet: str | None = None
    query: str | None = None
    table: str | None = None
    rest: RestSpec | None = Field(default=None, description="how an HTTP API is read · HTTP 接口的读取方式")
    date_format: str | None = None
    fills: str | None = Field(default=None, description="the table it fills, where its name does not say it · 对应的表")
    mode: Literal["snapshot", "append", "cursor"] | None = Field(
        default=None, description="whether an import replaces those before, or adds to them · 导入方式"
    )
    cursor: str | None = Field(default=None, description="column whose highest value was read last · 增量列")
    customer_ids: Literal["shared", "own"] = Field(
        default="shared", description="own: ids mean something in this source alone · 客户编号是否仅本数据源有效"
    )
    keep_existing: bool = Field(default=False, description="overwrite no value that is there · 不覆盖已有值")
    owner: str | None = Field(default=None, description="who answers for it · 负责人")
    fresh_days: int | None = Field(
        default=None, ge=1, description="its data is stale after so many days · 数据有效天数"
    )


class EngineSpec(_Strict):
    """Which engine computes, and within which limits."""

    name: Literal["duckdb", "spark"] = "duckdb"
    memory: str | None = Field(default=None, description="memory limit of the engine, as 2GB · 内存上限")
    threads: int | None = Field(default=None, ge=1)
    master: str = Field(default="local[*]", description="Spark master · Spark 主节点地址")


class Words(_Strict):
    """A text in both languages."""

    model_config = ConfigDict(populate_by_name=True)

    en: str
    zh: str = Field(alias="zh-CN")

    @property
    def text(self) -> Text:
        """As the rest of the product knows it."""
        return Text(self.en, self.zh)


class TemplateSpec(_Strict):
    """What a template says of itself: for whom it is, which goals to set, and what to do for each tier.

    Goals are for the business to set and to measure; nothing here promises them. `actions` are texts by model and
    tier, `notes` is whatever else belongs to the way of working.
    """

    title: Words
    about: Words
    goals: tuple[Words, ...] = ()
    actions: dict[str, dict[str, Words]] = Field(default_factory=dict)
    notes: tuple[Words, ...] = ()


class IdentitySpec(_Strict):
    """How customers that are one are found, and which of their values survives."""

    region: str = Field(default="CN", description="of phone numbers without a country code · 无国家码电话的地区")
    survivorship: dict[str, str] = Field(default_factory=dict, description="field: rule · 字段: 取值规则")


class ProjectSpec(_Strict):
    """The whole project file."""

    version: Literal[1] = 1
    timezone: str | None = Field(default=None, description="IANA zone of the business · 业务所在时区")
    currency: str | None = Field(default=None, description="the one currency to use · 统一币种")
    as_of: date | None = Field(default=None, description="the day tiers are computed for · 计算日")
    sources: dict[str, SourceSpec] = Field(default_factory=dict)
    models: dict[str, dict[str, Any] | None] = Field(default_factory=dict)
    rates: str | None = Field(default=None, description="file of exchange rates: currency, from, rate · 汇率表")
    phone_region: str = Field(
        default="CN", pattern="^[A-Z]{2}$", description="country of phone numbers without a code · 电话默认国家"
    )
    engine: EngineSpec = EngineSpec()
    quality: QualitySpec = QualitySpec()
    corrections: bool | CorrectionsSpec = Field(
        default=True, description="off, or {without: [codes]}: corrections not to be made · 关闭全部或部分自动更正"
    )
    template: TemplateSpec | None = Field(default=None, description="where the project comes from · 项目模板说明")
    identity: IdentitySpec = Field(default=IdentitySpec(), description="duplicates and merging · 查重与合并")
    keep_runs_days: int = Field(default=365, ge=1, description="older runs are removed · 运行结果保留天数")


def read_project(file: Path, settings: tuple[str, ...] = ()) -> tuple[ProjectSpec, Document]:
    """Read a project file with `--set` settings laid over its models; raises with every problem found."""
    document = with_settings(read_document(file), settings)
    return project_of(document), document


def project_of(document: Document) -> ProjectSpec:
    """Return the project that a document describes; raises with every problem found."""
    problems: list[Problem] = []
    project = parse_settings(ProjectSpec, document, (), problems)
    raise_all(problems)
    assert project is not None
    return project


def with_settings(document: Document, settings: tuple[str, ...]) -> Document:
    """Lay `model.setting=value` settings over the models of a document; values are YAML."""
    data = deepcopy(document.data)
    problems = [problem for setting in settings if (problem := _lay(data, setting))]
    raise_all(problems)
    return Document(data, document.source, document.lines)


def _lay(data: dict[str, Any], setting: str) -> Problem | None:
    """Put one setting into the data in place, or say what is wrong with it."""
    path, separator, value = setting.partition("=")
    keys = path.strip().split(".")
    if not separator or len(keys) < 2 or not all(keys):
        return _unlaid(setting, Text("write it as model.setting=value", "请写成 模型.设置=值"))
    try:
        read = yaml.safe_load(value)
    except yaml.YAMLError:
        return _unlaid(setting, Text("its value cannot be read", "无法读取它的值"))
    target = data
    for key in ("models", *keys[:-1]):
        if target.get(key) is None:
            target[key] = {}
        target = target[key]
        if not isinstance(target, dict):
            return _unlaid(
                setting, Text(f"{key} is one value and has no settings in it", f"{key} 是单个值，下面没有设置")
            )
    target[keys[-1]] = read
    return None


def _unlaid(setting: str, what: Text) -> Problem:
    return BAD_SETTING.problem(Place(file="--set"), setting="--set", problem=what, given=repr(setting), hint="")
