"""One suite of checks that every tier model passes, for its author to run before its users do.

::

    def test_my_model(tmp_path):
        check_model(MyModel, settings={"bins": 4}, folder=tmp_path)

A failing check raises AssertionError that says which promise of the contract is broken, with an example.
"""

from __future__ import annotations

import doctest
import importlib
import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tierwise.contracts.model import MethodCard, PredictingModel, TierModel
from tierwise.contracts.scheme import SCORE, Scheme, evaluate
from tierwise.contracts.scheme_json import scheme_from_json, scheme_to_json
from tierwise.contracts.stacking import check_named_tiers, models_needed, tier_column
from tierwise.engine.base import Engine
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.engine.plans import run_plan
from tierwise.enrichment import enrich
from tierwise.indicators.catalogue import CATALOGUE
from tierwise.indicators.compile import indicator_steps
from tierwise.labelling import fit, train
from tierwise.language import Text
from tierwise.registry import models
from tierwise.sql.scheme import label_columns, label_steps
from tierwise.sql.stacking import stacked_step
from tierwise.testing.sample import Sample, write_sample

Model = type[TierModel[Any]]
Settings = Mapping[str, Any]
Rows = list[dict[str, Any]]
OpenEngine = Callable[[], Engine]

DUCKDB: tuple[OpenEngine, ...] = (lambda: DuckDBEngine(threads=1), lambda: DuckDBEngine(threads=2))
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def check_model(
    model_class: Model,
    *,
    folder: Path,
    settings: Settings | None = None,
    engines: Sequence[OpenEngine] = DUCKDB,
    docs: Path | None = None,
) -> None:
    """Check that a model keeps the contract; raises AssertionError with the first promise that it breaks.

    `settings` are what a user would write under the model's name. `engines` open the engines whose labels must
    be equal, row for row. `docs` is the folder that must hold `NAME.md`. `folder` takes the sample's files.
    """
    chosen = dict(settings or {})
    check_settings(model_class, chosen)
    check_card(model_class)
    check_documented(model_class, docs)
    sample, shuffled = write_sample(folder / "sample"), write_sample(folder / "shuffled", shuffled=1)
    first = check_labels(model_class, chosen, engines[0], sample)
    for open_engine in engines[1:]:
        _same(first, labels_of(model_class, chosen, open_engine, sample)[1], "on another engine or thread count")
    _same(first, labels_of(model_class, chosen, engines[0], shuffled)[1], "when its input is shuffled")
    check_names(model_class, chosen, engines[0], sample)


def check_settings(model_class: Model, settings: Settings) -> None:
    """Settings survive JSON, refuse what they do not know, and describe themselves to a form."""
    spec_type = model_class.spec_type
    spec = spec_type.model_validate(dict(settings))
    plain = json.loads(json.dumps(spec.model_dump(mode="json", by_alias=True)))
    assert spec_type.model_validate(plain) == spec, f"{model_class.name}: settings change on their way through JSON"
    assert spec_type.model_validate_json(spec.model_dump_json(by_alias=True)) == spec
    for name, form in spec_type.model_json_schema()["properties"].items():
        words = form.get("description", "")
        assert words and _CHINESE.search(words), f"{model_class.name}.{name} has no description in both languages"
    try:
        spec_type.model_validate({**settings, "no_such_setting": 1})
    except ValidationError:
        return
    raise AssertionError(f"{model_class.name}: a setting that does not exist is not refused")


def check_card(model_class: Model) -> None:
    """The method card is complete, in English and in Chinese."""
    assert model_class.name.isidentifier(), f"{model_class.name} is no name for a file, a table and a setting"
    for part in fields(MethodCard):
        value = getattr(model_class.card, part.name)
        if isinstance(value, Text):
            check_text(value, f"{model_class.name}: card.{part.name}")
        else:
            assert value.strip(), f"{model_class.name}: card.{part.name} is empty"


def check_text(text: Text, where: str) -> None:
    """A text says something in both languages, each in its own script."""
    assert text.en.strip() and text.zh.strip(), f"{where} is empty in one language"
    assert not _CHINESE.search(text.en), f"{where}: the English is Chinese: {text.en}"
    assert _CHINESE.search(text.zh), f"{where}: the Chinese has no Chinese: {text.zh}"


def check_documented(model_class: Model, docs: Path | None) -> None:
    """The module's docstring has an example that runs, and the docs have a page of the model."""
    module = importlib.import_module(model_class.__module__)
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner(verbose=False)
    ran = 0
    for test in finder.find(module, module.__name__):
        result = runner.run(test)
        assert result.failed == 0, f"{model_class.name}: the example in the docstring fails"
        ran += result.attempted
    assert ran, f"{model_class.name}: no example in the docstring of {module.__name__}"
    if docs is not None:
        page = docs / f"{model_class.name}.md"
        assert page.is_file() and page.stat().st_size > 200, f"{model_class.name}: no page {page}"


def attach_indicators(engine: Engine, model: TierModel[Any], sample: Sample) -> None:
    """Compute on an engine, as the table `indicators`, what a model needs of a sample."""
    unknown = [ref.name for ref in model.needs() if ref.name not in CATALOGUE]
    assert not unknown, f"{model.name} needs indicators that do not exist: {unknown}"
    for name, file in sample.tables.items():
        engine.attach(name, [file])
    refs = [ref for needing in (model, *_below(model)) for ref in needing.needs()]
    *steps, last = indicator_steps(refs, sample.as_of, sample.columns())
    run_plan(engine, (*steps, replace(last, stored=True)))


def labels_of(model_class: Model, settings: Settings, open_engine: OpenEngine, sample: Sample) -> tuple[Scheme, Rows]:
    """Fit a model on a sample and return its scheme and its label table, by customer."""
    engine = open_engine()
    try:
        model = model_class(model_class.spec_type.model_validate(dict(settings)))
        attach_indicators(engine, model, sample)
        return _fitted_labels(engine, model, sample)
    finally:
        engine.close()


def _below(model: TierModel[Any]) -> list[TierModel[Any]]:
    """The models, with shipped settings, whose labels a stacked one reads."""
    return [models()[name](models()[name].spec_type(), name) for name in models_needed(model)]


def _stacked(engine: Engine, model: TierModel[Any], table: str) -> str:
    """Label the sample by the models that a stacked one builds on, and join their tiers to its input."""
    below = _below(model)
    if not below:
        return table
    for other in below:
        run_plan(engine, label_steps(fit(engine, other).scheme_, "indicators", f"{other.instance}_below"))
    check_named_tiers(model, {other.instance: other.scheme_ for other in below})
    labels = {other.instance: f"{other.instance}_below" for other in below}
    engine.run(stacked_step(f"{model.instance}_stacked", table, labels))
    return f"{model.instance}_stacked"


def _fitted_labels(engine: Engine, model: TierModel[Any], sample: Sample) -> tuple[Scheme, Rows]:
    train(engine, model, sample.as_of, sample.columns())
    with tempfile.TemporaryDirectory() as scratch:
        table = _stacked(engine, model, enrich(engine, model, Path(scratch)))
        assert fit(engine, model, table) is model, f"{model.name}: fit must return the model"
        check_scheme(model, model.scheme_)
        run_plan(engine, label_steps(model.scheme_, table, f"{model.instance}_checked"))
        rows = engine.records("labels", f"SELECT * FROM {model.instance}_checked")
    return model.scheme_, sorted(rows, key=lambda row: row["customer_id"])


def check_labels(model_class: Model, settings: Settings, open_engine: OpenEngine, sample: Sample) -> Rows:
    """What SQL labels is what the scheme says in Python, one tier for every customer; returns the labels."""
    engine = open_engine()
    try:
        model = model_class(model_class.spec_type.model_validate(dict(settings)))
        attach_indicators(engine, model, sample)
        scheme, rows = _fitted_labels(engine, model, sample)
        check_tiers(model.name, scheme)
        known = engine.records("customers", "SELECT customer_id FROM indicators")
        again, same_rows = _fitted_labels(engine, model_class(model.spec, "a_second_instance"), sample)
    finally:
        engine.close()
    assert sorted(row["customer_id"] for row in known) == [row["customer_id"] for row in rows], (
        f"{model.name}: not every customer has exactly one row of labels"
    )
    assert again == scheme and same_rows == rows, f"{model.name}: a second instance of the same settings disagrees"
    for row in rows:
        _check_row(model.name, scheme, row)
    return rows


def check_scheme(model: TierModel[Any], scheme: Scheme) -> None:
    """A scheme is whole: it names only what it has, ranks its tiers from 1, and survives JSON exactly."""
    keys = [tier.key for tier in scheme.tiers]
    assert sorted(tier.rank for tier in scheme.tiers) == list(range(1, len(keys) + 1)), f"{model.name}: ranks"
    assert len(set(keys)) == len(keys), f"{model.name}: two tiers share a key"
    have = {*scheme.inputs, *scheme.derived, SCORE}
    known = {ref.column for ref in model.needs()} | {tier_column(other) for other in models_needed(model)}
    if isinstance(model, PredictingModel):
        known |= {column.name for column in model.prediction_.columns}
    assert known >= set(scheme.inputs), f"{model.name}: inputs it did not ask for"
    used = {condition.column for rule in scheme.rules for condition in rule.when} | set(scheme.total)
    assert used <= have, f"{model.name}: rules use {used - have}, which the scheme does not have"
    assert {*(rule.tier for rule in scheme.rules), scheme.otherwise} <= set(keys), f"{model.name}: unknown tier"
    back = scheme_from_json(json.loads(json.dumps(scheme_to_json(scheme))))
    assert back == scheme and repr(back) == repr(scheme), f"{model.name}: the scheme changes on its way through JSON"


def check_tiers(name: str, scheme: Scheme) -> None:
    """Every shipped tier says in both languages what it is called, who is in it and what to do for them."""
    for tier in scheme.tiers:
        for part in ("name", "meaning", "action"):
            check_text(getattr(tier, part), f"{name}: {part} of {tier.key}")


def _check_row(name: str, scheme: Scheme, row: dict[str, Any]) -> None:
    assert tuple(row) == label_columns(scheme), f"{name}: the label table has other columns: {tuple(row)}"
    verdict = evaluate(scheme, {column: row[column] for column in scheme.inputs})
    found = (row["tier"], row["rank"], row["rule"], {name: row[name] for name in scheme.derived})
    fired = 0 if verdict.rule is None else verdict.rule + 1
    said = (verdict.tier.key, verdict.tier.rank, fired, dict(verdict.scores))
    assert found == said, f"{name}: SQL says {found}, Python says {said} of {row}"
    assert all(1 <= row[score.name] <= score.bins for score in scheme.scores), f"{name}: a score off its scale: {row}"
    total = sum((Decimal(row[column] or 0) * weight for column, weight in scheme.total.items()), Decimal(0))
    assert row["score"] == total.quantize(Decimal("0.000001")), f"{name}: score {row['score']}, expected {total}"


def check_names(model_class: Model, settings: Settings, open_engine: OpenEngine, sample: Sample) -> None:
    """A user's own tier names show, in one language or both, and change nothing else."""
    scheme, rows = labels_of(model_class, settings, open_engine, sample)
    one, other = scheme.tiers[0], scheme.tiers[-1]
    names = {one.key: "Aurora · 极光", other.key: {"zh-CN": "基石"}}
    renamed, same_rows = labels_of(model_class, {**settings, "names": names}, open_engine, sample)
    assert renamed.tier(one.key).name == Text.same("Aurora · 极光"), f"{model_class.name}: own tier name is not shown"
    assert renamed.tier(other.key).name == Text(other.name.en, "基石"), f"{model_class.name}: own Chinese name"
    _same(rows, same_rows, "when its tiers are renamed")


def _same(expected: Rows, found: Rows, when: str) -> None:
    if expected == found:
        return
    assert len(expected) == len(found), f"{len(expected)} rows of labels become {len(found)} {when}"
    pair = next(pair for pair in zip(expected, found, strict=True) if pair[0] != pair[1])
    raise AssertionError(f"labels change {when}: {pair[0]} becomes {pair[1]}")
