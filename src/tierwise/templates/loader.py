"""Finds, reads and fills in the templates of this folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tierwise.config.document import Document, read_document
from tierwise.config.project import ProjectSpec, TemplateSpec, project_of
from tierwise.config.validation import nearest
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

UNKNOWN_TEMPLATE = ErrorKind(
    "config.unknown_template",
    Family.USAGE,
    what=Text("there is no template {name}", "没有名为 {name} 的模板"),
    cause=Text("the templates are: {known}", "现有模板：{known}"),
    cure=Text("{nearest}", "{nearest}"),
)
_SOURCES = re.compile(r"^sources:\n(?:[ \t#].*\n|\n(?=[ \t]))*", re.MULTILINE)


@dataclass(frozen=True)
class Template:
    """One template: its file as text, what it says, and the project that it is."""

    name: str
    text: str
    document: Document
    project: ProjectSpec

    @property
    def about(self) -> TemplateSpec:
        """Its own words: title, description, goals, actions."""
        assert self.project.template is not None, "a file of this folder has a block `template`"
        return self.project.template

    @property
    def tables(self) -> tuple[str, ...]:
        """The canonical tables that it reads."""
        return tuple(self.project.sources)

    def with_sources(self, sources: str) -> str:
        """The text of the project file with another `sources` block (YAML, ending in a newline)."""
        return _SOURCES.sub(lambda _: sources, self.text, count=1)


@cache
def templates() -> dict[str, Template]:
    """Every template by name."""
    return {file.stem: _read(file) for file in sorted(Path(__file__).parent.glob("*.yaml"))}


def template(name: str) -> Template:
    """The template called `name`; raises `config.unknown_template`."""
    known = templates()
    if name not in known:
        raise UNKNOWN_TEMPLATE.error(name=name, known=", ".join(known), nearest=nearest(name, list(known)))
    return known[name]


def _read(file: Path) -> Template:
    document = read_document(file)
    return Template(file.stem, file.read_text(encoding="utf-8"), document, project_of(document))
