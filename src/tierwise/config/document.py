"""YAML that remembers on which line each setting stands, so that an error can point at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tierwise.errors import ErrorKind, Family, Place, TierwiseError
from tierwise.language import Text

UNREADABLE = ErrorKind(
    "config.unreadable",
    Family.CONFIG,
    what=Text("the project file cannot be read: {message}", "无法读取项目文件：{message}"),
    cause=Text("it is not there, or not valid YAML", "文件不存在，或不是有效的 YAML"),
    cure=Text(
        "`tierwise init` writes a fresh one; YAML indents with spaces", "可用 tierwise init 新建；YAML 须用空格缩进"
    ),
)

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """Settings as plain data, with the place of each: path of keys → line of the file."""

    data: dict[str, Any]
    source: str
    lines: dict[Path_, int] = field(default_factory=dict)

    def place(self, path: Path_) -> Place:
        """Where a setting stands, or the nearest one around it."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return Place(file=self.source, line=self.lines.get(known), column=".".join(str(part) for part in path) or None)

    def place_of(self, value: str, path: Path_) -> Place:
        """Where the settings at `path` first say a value, in whatever depth; their own place where they do not."""
        found = next(_paths_to(value, _at(self.data, path), path), path)
        return self.place(found)


def _at(data: Any, path: Path_) -> Any:
    for part in path:
        data = data[part]
    return data


def _paths_to(value: str, data: Any, path: Path_) -> Iterator[Path_]:
    if data == value:
        yield path
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, inner in pairs:
        yield from _paths_to(value, inner, (*path, name))


def read_document(file: Path) -> Document:
    """Read a YAML file; raises `config.unreadable`."""
    try:
        text = file.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UNREADABLE.error(Place(file=str(file)), message=str(error)) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise UNREADABLE.error(Place(file=str(file), line=line), message=error.problem or "YAML") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise UNREADABLE.error(Place(file=str(file)), message=str(error).split("\n", 1)[0]) from error
    if data is not None and not isinstance(data, dict):
        raise UNREADABLE.error(Place(file=str(file), line=1), message="a mapping of settings is expected")
    places = _Places(str(file))
    if node is not None:
        places.collect(node, ())
    return Document(data or {}, str(file), places.lines)


class _Places:
    """Finds the line of each setting; refuses what YAML allows but nobody means."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path_, int] = {}
        self._open: set[int] = set()

    def collect(self, node: yaml.Node, path: Path_) -> None:
        """Note the line of a node and of all below it."""
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if id(node) in self._open:
            raise self._refused(line, "an anchor stands inside what it names")
        self._open.add(id(node))
        if isinstance(node, yaml.MappingNode):
            self._collect_mapping(node, path)
        elif isinstance(node, yaml.SequenceNode):
            for place, value in enumerate(node.value):
                self.collect(value, (*path, place))
        self._open.remove(id(node))

    def _collect_mapping(self, node: yaml.MappingNode, path: Path_) -> None:
        seen: set[str] = set()
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                raise self._refused(line, f"{name} stands here twice")
            seen.add(name)
            self.lines[(*path, name)] = line
            self.collect(value, (*path, name))

    def _refused(self, line: int, message: str) -> TierwiseError:
        return UNREADABLE.error(Place(file=self.file, line=line), message=message)
