"""A model is imported when it is asked for; one that cannot be imported is named and harms nobody else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tierwise.models
from tierwise import registry
from tierwise.cli.main import execute
from tierwise.config.document import Document
from tierwise.errors import TierwiseError, TierwiseWarning


def forget() -> None:
    for cached in (registry.model_names, registry.models, registry.known_model):
        cached.cache_clear()


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two models more: one whose module fails, one whose module defines none."""
    (tmp_path / "broken.py").write_text("import no_such_library\n", encoding="utf-8")
    (tmp_path / "hollow.py").write_text("ANSWER = 42\n", encoding="utf-8")
    monkeypatch.setattr(tierwise.models, "__path__", [*tierwise.models.__path__, str(tmp_path)])
    forget()
    yield
    forget()


@pytest.mark.usefixtures("broken")
def test_a_broken_model_is_left_out_with_a_warning_that_names_it() -> None:
    with pytest.warns(TierwiseWarning) as told:
        found = registry.models()
    assert "rfm" in found and "broken" not in found and "hollow" not in found
    said = [str(warning.message) for warning in told]
    assert any(
        "model broken cannot be loaded: ModuleNotFoundError: No module named 'no_such_library'" in s for s in said
    )
    assert any("model hollow cannot be loaded: LookupError: the module defines no model" in s for s in said)


@pytest.mark.usefixtures("broken")
def test_asked_for_by_name_it_is_an_error_among_the_others() -> None:
    document = Document({"models": {"broken": {}, "rfm": {"bins": 1}, "rmf": {}}}, "--set")
    with pytest.raises(TierwiseError) as refused:
        registry.build_models(document)
    codes = [problem.kind.code for problem in refused.value.problems]
    assert codes == ["model.broken", "config.bad_setting", "config.unknown_model"]


@pytest.mark.usefixtures("broken")
def test_commands_go_on_and_say_so_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["--lang", "zh-CN", "models"]) == 0
    said = capsys.readouterr()
    assert "rfm" in said.out
    assert "[model.broken] 无法加载模型 broken" in said.err and "解决" in said.err


@pytest.mark.usefixtures("broken")
def test_who_does_not_ask_for_it_hears_nothing_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["models", "rfm"]) == 0
    assert "broken" not in capsys.readouterr().err


def test_one_model_does_not_wait_for_the_libraries_of_the_others() -> None:
    asked = (
        "import sys; from tierwise.cli.commands import load; load('simulate'); "
        "from tierwise.registry import known_model; known_model('rfm'); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert {"numpy", "scipy", "pyarrow", "sklearn", "z3", "jinja2", "tierwise.models.ltv"}.isdisjoint(
        done.stdout.split()
    )


def test_every_model_has_the_name_of_its_module() -> None:
    assert {name: model.name for name, model in registry.models().items()} == {n: n for n in registry.model_names()}
