"""The settings file `tierwise.yaml`: the one truth about models, in git and on screen (ADR 29).

A change on screen replaces the block of one model in the text and leaves every other line, comments included, as it
is. A file is written beside the old one and renamed, and only if it still is what the change was made from.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone

from tierwise.config.document import Document, read_document
from tierwise.config.project import FILE_NAME, project_of
from tierwise.errors import ErrorKind, Family, Place, Problem, TierwiseError
from tierwise.language import Text
from tierwise.quality.own import project_rules
from tierwise.registry import build_models, known_model, models
from tierwise_console.runs.published import run_if_there, workspace

CHANGED_MEANWHILE = ErrorKind(
    "settings.changed_meanwhile",
    Family.DATA,
    what=Text("the settings file was changed meanwhile", "设置文件已被修改"),
    cause=Text(
        "somebody edited tierwise.yaml, or published another version", "有人编辑了 tierwise.yaml，或发布了其他版本"
    ),
    cure=Text("look at the differences, and make the change once more", "请查看差异后重新修改"),
)
NEW_FILE = "version: 1\n\nmodels: {}\n"
MOST_BYTES = 1_000_000
TOO_LONG = ErrorKind(
    "settings.too_long",
    Family.USAGE,
    what=Text("the settings file is too long", "设置文件过长"),
    cause=Text("it has more than 1 MB", "超过 1 MB"),
    cure=Text("check that it is the right file", "请确认文件是否正确"),
)
SOURCES_CHANGED = ErrorKind(
    "settings.sources_on_screen",
    Family.USAGE,
    what=Text("{section} cannot be changed on screen", "不能在网页上修改 {section}"),
    cause=Text(
        "it says which files, databases and addresses this machine reads, and a browser must not choose these",
        "它决定本机读取哪些文件、数据库与网址，不能由浏览器指定",
    ),
    cure=Text(
        "change it in tierwise.yaml on the machine itself, or leave the section as it stands there",
        "请在服务器上直接编辑 tierwise.yaml，或保持该部分不变",
    ),
)
FIXED = ("sources",)
"""What only those who may write on this machine change: it names what is read, private hosts and files among it."""


@dataclass(frozen=True, slots=True)
class SettingsText:
    """The file as it is: its text and SHA-256; both are of a fresh one where there is none yet."""

    text: str
    sha256: str


def digest(text: str) -> str:
    """The SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def settings_file() -> Path:
    """Where the file lies."""
    return workspace().root / FILE_NAME


def read_settings() -> SettingsText:
    """The file as it is now."""
    file = settings_file()
    text = file.read_text(encoding="utf-8") if file.is_file() else NEW_FILE
    return SettingsText(text, digest(text))


def document_of(text: str) -> Document:
    """A text as a document with the line of each setting; raises `config.unreadable`."""
    if len(text.encode()) > MOST_BYTES:
        raise TOO_LONG.error()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / FILE_NAME
        file.write_text(text, encoding="utf-8")
        found = read_document(file)
    return Document(found.data, FILE_NAME, found.lines)


def check_settings(text: str) -> list[Problem]:
    """Everything that is wrong with a text: the whole project, every model, proofs included, and every rule about data."""
    try:
        document = document_of(text)
        project = project_of(document)
    except TierwiseError as error:
        return list(error.problems)
    return [
        *_problems_of(lambda: build_models(document)),
        *_problems_of(lambda: project_rules(project.quality, document, timezone.localdate())),
    ]


def _problems_of(build: Callable[[], object]) -> list[Problem]:
    try:
        build()
    except TierwiseError as error:
        return list(error.problems)
    return []


def check_reach(text: str, now: str) -> list[Problem]:
    """What a text from a browser may not bring: other sources than the file has."""
    fresh, kept = document_of(text).data, document_of(now).data
    return [
        SOURCES_CHANGED.problem(Place(file=FILE_NAME), section=name)
        for name in FIXED
        if (fresh.get(name) or {}) != (kept.get(name) or {})
    ]


def with_reach(text: str, now: str) -> str:
    """A former text with the sources that the file has now; as it is where that cannot be told line by line."""
    for name in FIXED:
        if (document_of(text).data.get(name) or {}) != (document_of(now).data.get(name) or {}):
            text = with_section(text, name, section_of(now, name))
    return text


def with_section(text: str, name: str, section: str) -> str:
    """A text with this section in place of its own, else after all others."""
    if getattr(yaml.compose(text, Loader=yaml.SafeLoader), "flow_style", False):
        return text
    span, lines = _span(text, name), text.splitlines(keepends=True)
    if span is not None:
        return "".join([*lines[: span[0]], section, *lines[span[1] + 1 :]])
    return text.rstrip("\n") + "\n\n" + section if section else text


def section_of(text: str, name: str) -> str:
    """One section of a text, with its comments; empty where there is none."""
    span = _span(text, name)
    found = "" if span is None else "".join(text.splitlines(keepends=True)[span[0] : span[1] + 1])
    return found + "\n" if found and not found.endswith("\n") else found


def _span(text: str, name: str) -> tuple[int, int] | None:
    """The first and last line of a section; None where the text has none."""
    node, lines = yaml.compose(text, Loader=yaml.SafeLoader), text.splitlines(keepends=True)
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if str(key.value) == name:
            return key.start_mark.line, _last_line(value, lines, key.start_mark.line)
    return None


def write_settings(text: str, base_sha256: str) -> str:
    """Put a text in place of the file, if that still is the one with this SHA-256; returns the new one.

    Raises `settings.changed_meanwhile`.
    """
    file = settings_file()
    with _locked(file):
        if read_settings().sha256 != base_sha256:
            raise CHANGED_MEANWHILE.error(Place(file=str(file)))
        fresh = file.with_name(f".{file.name}.writing")
        with fresh.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(file)
    return digest(text)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with (file.parent / ".settings.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def with_model(text: str, instance: str, settings: Mapping[str, Any]) -> str:
    """The text with the settings of one model in place of those it has; all other lines stay as they are.

    So do, in order and spelling, the settings of the model that say the same as before: a difference shows what changed.
    """
    models = (yaml.safe_load(text) or {}).get("models") or {}
    settings = as_written(dict(settings), models.get(instance))
    block = yaml.safe_dump(dict(settings), allow_unicode=True, sort_keys=False, default_flow_style=False, width=110)
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    models_node = _value(node, "models")
    if not isinstance(models_node, yaml.MappingNode) or models_node.flow_style or not models_node.value:
        return _with_new_models(text, node, instance, settings)
    lines = text.splitlines(keepends=True)
    column = models_node.value[0][0].start_mark.column
    body = (
        [f"{' ' * column}{instance}:\n", *_indented(block, column + 2)]
        if settings
        else [f"{' ' * column}{instance}: {{}}\n"]
    )
    for key, value in models_node.value:
        if str(key.value) == instance:
            first, last = key.start_mark.line, _last_line(value, lines, key.start_mark.line)
            return "".join([*lines[:first], *body, *lines[last + 1 :]])
    end = max(_last_line(value, lines, key.start_mark.line) for key, value in models_node.value)
    if lines and not lines[end].endswith("\n"):
        lines[end] += "\n"
    return "".join([*lines[: end + 1], *body, *lines[end + 1 :]])


def as_written(fresh: Any, before: Any) -> Any:
    """A value in the order and spelling of the one before, as far as both say the same: 20 stays '20' where that stood."""
    if isinstance(fresh, Mapping) and isinstance(before, Mapping):
        names = [*(name for name in before if name in fresh), *(name for name in fresh if name not in before)]
        return {name: as_written(fresh[name], before.get(name)) for name in names}
    if isinstance(fresh, list) and isinstance(before, list) and len(fresh) == len(before):
        return [as_written(*pair) for pair in zip(fresh, before, strict=True)]
    plain = all(isinstance(each, str | int | float) and not isinstance(each, bool) for each in (fresh, before))
    return before if plain and str(fresh) == str(before) else fresh


def _with_new_models(text: str, node: Any, instance: str, settings: Mapping[str, Any]) -> str:
    """A text whose models stand in one line, or nowhere: that section is written anew."""
    data = yaml.safe_load(text) or {}
    kept = {**(data.get("models") or {}), instance: dict(settings)}
    block = yaml.safe_dump({"models": kept}, allow_unicode=True, sort_keys=False, width=110)
    if not isinstance(node, yaml.MappingNode) or "models" not in data:
        return text.rstrip("\n") + "\n\n" + block if text.strip() else block
    lines = text.splitlines(keepends=True)
    for key, value in node.value:
        if str(key.value) == "models":
            last = _last_line(value, lines, key.start_mark.line)
            return "".join([*lines[: key.start_mark.line], block, *lines[last + 1 :]])
    return text


def _value(node: Any, name: str) -> Any:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if str(key.value) == name), None)


def _last_line(node: Any, lines: list[str], first: int) -> int:
    """The last line that belongs to a node: blank lines and comments after it belong to what follows."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    mark = node.end_mark
    last: int = mark.line if mark.column else mark.line - 1
    last = min(max(last, first), len(lines) - 1)
    while last > first and (not lines[last].strip() or lines[last].lstrip().startswith("#")):
        last -= 1
    return last


def _indented(block: str, spaces: int) -> list[str]:
    return [f"{' ' * spaces}{line}" if line.strip() else line for line in block.splitlines(keepends=True)]


def model_settings(text: str) -> dict[str, dict[str, Any]]:
    """The settings of each model of a text, as they stand there; those of the run where the text names none."""
    data = document_of(text).data.get("models") or {}
    if not data:
        run = run_if_there()
        data = {} if run is None else {name: _of_run(name, result) for name, result in run.manifest.models.items()}
    return {str(name): dict(value or {}) for name, value in data.items() if isinstance(value, dict | None)}


def rfm_window() -> int | None:
    """How many days RFM looks back by the settings as they stand; None for all time."""
    try:
        days = model_settings(read_settings().text).get("rfm", {}).get("window_days")
    except TierwiseError:
        return None  # the page Models tells what is wrong with the file
    return days if isinstance(days, int) else None


def _of_run(name: str, result: Any) -> dict[str, Any]:
    return dict(result.spec) if result.model == name else {"model": result.model, **result.spec}


def model_of(instance: str, settings: Mapping[str, Any]) -> str:
    """The name of the model that an instance is of."""
    return str(settings.get("model", instance))


def schema_of(model: str) -> dict[str, Any]:
    """The JSON schema of a model's settings; raises `config.unknown_model`."""
    return known_model(model).spec_type.model_json_schema(by_alias=True)


def model_names_known() -> dict[str, Text]:
    """Every model there is, with its title."""
    return {name: model.card.title for name, model in sorted(models().items())}
