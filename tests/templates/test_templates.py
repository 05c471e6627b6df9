"""Every template is a complete project: it parses, runs, and gives every customer one tier of each model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tierwise.cli.main import execute
from tierwise.config.document import read_document
from tierwise.config.project import read_project
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.pipeline import Job, Resources, Source, run
from tierwise.registry import build_models
from tierwise.snapshots.workspace import Workspace
from tierwise.templates.loader import template, templates


def _file_of(shop: Path, table: str) -> str:
    return str(shop / f"{table}.parquet")


@pytest.mark.parametrize("name", list(templates()))
def test_a_template_tiers_every_customer_of_the_demo_shop_exactly_once(name: str, shop: Path, tmp_path: Path) -> None:
    found = template(name)
    given = found.project.sources
    sources = [Source(table, _file_of(shop, table), columns=spec.columns) for table, spec in given.items()]
    job = Job(Workspace(tmp_path), sources, build_models(found.document), timezone=found.project.timezone)
    result = run(job, Resources(lambda: DuckDBEngine(threads=1)))
    assert list(result.manifest.models) == list(found.project.models)
    with DuckDBEngine(threads=1) as engine:
        engine.attach("everyone", result.indicator_files())
        everyone = engine.records("everyone", "SELECT COUNT(*) AS n FROM everyone")[0]["n"]
        for model, outcome in result.manifest.models.items():
            engine.attach("labels", result.labels(model))
            rows = engine.records(
                "labels",
                "SELECT COUNT(*) AS n, COUNT(DISTINCT l.customer_id) AS different, COUNT(tier) AS tiers "
                "FROM labels AS l JOIN everyone AS e ON l.customer_id = e.customer_id",
            )[0]
            assert rows == {"n": everyone, "different": everyone, "tiers": everyone}, model
            assert sum(tier["customers"] for tier in outcome.tiers) == everyone
            keys = {tier["key"] for tier in outcome.tiers}
            assert set(found.about.actions.get(model, {})) <= keys, (
                "an action names a tier that the model does not have"
            )
    parted = [sum(tier["customers"] > 0 for tier in outcome.tiers) for outcome in result.manifest.models.values()]
    assert max(parted) >= 2, "nothing of this template tells the customers of the demo shop apart"
    assert set(found.about.actions) <= set(found.project.models)


@pytest.mark.parametrize("name", list(templates()))
def test_a_template_says_in_both_languages_what_it_is_for(name: str) -> None:
    about = template(name).about
    assert about.goals and about.actions
    words = [about.title, about.about, *about.goals, *about.notes]
    words += [text for tiers in about.actions.values() for text in tiers.values()]
    for text in words:
        assert re.search("[\u4e00-\u9fff]", text.zh), text
        assert not re.search("[\u4e00-\u9fff]", text.en), text


def test_an_unknown_template_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(TierwiseError, match="did you mean fashion"):
        template("fasion")


def test_init_writes_a_template_with_the_sources_given(shop: Path, tmp_path: Path) -> None:
    code = execute(
        ["init", "--template", "supermarket", f"orders={_file_of(shop, 'orders')}", "--folder", str(tmp_path)]
    )
    assert code == 0
    project, document = read_project(tmp_path / "tierwise.yaml")
    assert project.sources["orders"].location == _file_of(shop, "orders")
    assert project.sources["orders"].columns["customer_id"] == "customer_id"
    assert project.template == template("supermarket").about
    assert [model.instance for model in build_models(document)] == ["personas", "behaviour_types"]
    assert "# Tierwise template" in (tmp_path / "tierwise.yaml").read_text(encoding="utf-8")


def test_init_keeps_the_sources_of_a_template_where_none_are_given(tmp_path: Path) -> None:
    assert execute(["init", "--template", "saas", "--folder", str(tmp_path)]) == 0
    assert read_document(tmp_path / "tierwise.yaml").data == template("saas").document.data


def test_templates_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["templates"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in templates())
    assert execute(["templates", "bank"]) == 0
    shown = capsys.readouterr().out
    assert "private_banking" in shown and "balances.csv" in shown


def test_the_page_of_templates_lists_them_as_they_are() -> None:
    page = (Path(__file__).resolve().parent.parent.parent / "docs" / "templates.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE)
    listed = {name: (re.sub(r" \([^)]*\)", "", models), tables) for name, models, tables in rows}
    assert listed == {n: (", ".join(t.project.models), ", ".join(t.tables)) for n, t in templates().items()}
