"""Settings that are wrong: all of it at once, each with its line and the nearest name; never a bare exception."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tierwise.config.document import Document, read_document
from tierwise.config.project import project_of, read_project, with_settings
from tierwise.errors import TierwiseError
from tierwise.language import Lang
from tierwise.models.rfm import RfmSpec
from tierwise.registry import build_models, models

GOOD = """version: 1
as_of: 2026-10-31
sources:
  orders:
    location: orders.csv
models:
  rfm:
    bins: {recency: 3, frequency: 4, monetary: 5}
  vip_rfm:
    model: rfm
    window_days: 365
    names:
      important_value: {zh-CN: 宝藏客户, en: Treasure}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "tierwise.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def refused(text: str, folder: Path, settings: tuple[str, ...] = ()) -> TierwiseError:
    with pytest.raises(TierwiseError) as caught:
        _, document = read_project(written(folder, text), settings)
        build_models(document)
    caught.value.to(Lang.ZH)
    return caught.value


def test_a_sound_file(tmp_path: Path) -> None:
    project, document = read_project(written(tmp_path, GOOD))
    built = build_models(document)
    assert [(model.instance, model.name) for model in built] == [("rfm", "rfm"), ("vip_rfm", "rfm")]
    assert str(project.as_of) == "2026-10-31"
    assert built[1].spec.window_days == 365


def test_a_mistake_hides_no_other_behind_it(tmp_path: Path) -> None:
    """A name that is nearly right, weights without a sum, a number too high, and an indicator that is not there."""
    text = """models:
  rfm:
    weights: {recency: 0, frequency: 0, monetary: 0}
    bin: 5
  clusters:
    k: 50
    indicators:
      - {indicator: monetary}
      - {indicator: frequencey}
  lifecycle:
    lost_day: 400
    declining_days: 300
"""
    found = [(p.kind.code, p.place.line, p.what.en) for p in refused(text, tmp_path).problems]
    assert [(code, line) for code, line, _ in found] == [
        ("config.unknown_setting", 4),
        ("config.bad_setting", 2),
        ("config.bad_setting", 6),
        ("indicator.unknown", 9),
        ("config.unknown_setting", 11),
    ]
    assert "must not sum to zero" in found[1][2]


def test_every_mistake_of_the_models_at_once_with_line_and_nearest_name(tmp_path: Path) -> None:
    text = """models:
  rfm:
    scorng: quantile
    bins: 1
    window_days: soon
  lifecylce: {}
  pyramid:
    top_percents: [20, 5]
  more:
    model: rfm
    weights: {recency: -1, frequency: 0, monetary: 0}
"""
    error = refused(text, tmp_path)
    found = {(problem.kind.code, problem.place.line) for problem in error.problems}
    assert {
        ("config.unknown_setting", 3),
        ("config.unknown_model", 6),
    } <= found
    lines = [problem.place.line for problem in error.problems]
    assert (
        set(lines) >= {3, 5, 6} and any(line in (7, 8) for line in lines) and any(line in (9, 10, 11) for line in lines)
    )
    words = error.to(Lang.EN)
    assert "did you mean scoring?" in words and "did you mean lifecycle?" in words
    assert "tierwise.yaml" in words and "whole number" in words
    assert "是否想写 scoring？" in error.to(Lang.ZH)


def test_every_mistake_of_the_project_at_once(tmp_path: Path) -> None:
    error = refused("enigne: {}\nas_of: someday\nengine:\n  threads: 0\n  nmae: spark\nkeep_runs_days: 0\n", tmp_path)
    assert {problem.place.line for problem in error.problems} == {1, 2, 4, 5, 6}
    assert "did you mean engine?" in error.to(Lang.EN)
    assert "did you mean name?" in error.to(Lang.EN)


BROKEN = {
    "not yaml": "models: [unclosed",
    "tabs": "models:\n\trfm: {}\n",
    "a list": "- rfm\n",
    "a word": "rfm",
    "control characters": "models: \x01",
    "models as a list": "models: [rfm]\n",
    "models as a word": "models: rfm\n",
    "settings as a word": "models:\n  rfm: quantile\n",
    "settings as a number": "models:\n  rfm: 5\n",
    "settings as a list": "models:\n  rfm: [1]\n",
    "an anchor to itself": "models: &m\n  rfm: *m\n",
    "a model twice": "models:\n  rfm: {bins: 3}\n  rfm: {bins: 4}\n",
    "a name no table can have": "models:\n  'my rfm; drop':\n    model: rfm\n",
    "a name that leaves the folder": "models:\n  ../../x:\n    model: rfm\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("settings", [(), ("rfm.bins=3",)], ids=["file", "with --set"])
def test_whatever_the_file_holds_the_error_is_one_to_act_on(
    text: str, settings: tuple[str, ...], tmp_path: Path
) -> None:
    error = refused(text, tmp_path, settings)
    assert error.exit_code == 3
    assert all(problem.place.file for problem in error.problems)


def test_a_name_for_a_tier_that_does_not_exist() -> None:
    settings = {"scoring": "breaks", "breaks": {key: [1] for key in ("recency", "frequency", "monetary")}}
    model = models()["rfm"](RfmSpec.model_validate({**settings, "names": {"important_valeu": "Treasure"}}))
    with pytest.raises(TierwiseError) as caught:
        model.fit({})
    assert caught.value.code == "config.unknown_tier"
    assert "important_value," in caught.value.to(Lang.EN)


@pytest.mark.parametrize(
    "setting",
    ["rfm", "rfm.bins", "=3", ".bins=3", "rfm..bins=3", "rfm.bins=[3", "rfm.bins.recency.deep=3", "rfm.model.x=3"],
)
def test_set_that_cannot_be_read(setting: str, tmp_path: Path) -> None:
    error = refused(GOOD.replace("{recency: 3, frequency: 4, monetary: 5}", "4"), tmp_path, (setting,))
    assert error.exit_code == 3


def test_set_lies_over_the_file(tmp_path: Path) -> None:
    settings = ("rfm.bins.recency=2", "rfm.preset=eight", "lifecycle.preset=C", "vip_rfm.window_days=null")
    _, document = read_project(written(tmp_path, GOOD), settings)
    by_name = {model.instance: model.spec for model in build_models(document)}
    assert by_name["rfm"].bins_of() == (2, 4, 5)
    assert by_name["lifecycle"].preset == "C"
    assert by_name["vip_rfm"].window_days is None


def test_set_does_not_change_the_document_it_lies_over(tmp_path: Path) -> None:
    document = read_document(written(tmp_path, GOOD))
    with_settings(document, ("rfm.bins.recency=2",))
    assert document.data["models"]["rfm"]["bins"]["recency"] == 3


def test_decimals_mean_what_was_typed(tmp_path: Path) -> None:
    text = "models:\n  rfm:\n    scoring: top\n    top_percent: 0.1\n"
    _, document = read_project(written(tmp_path, text))
    assert str(build_models(document)[0].spec.top_percent) == "0.1"


WRONG_SETTINGS: list[dict[str, Any]] = [
    {"bins": 1}, {"bins": 101}, {"bins": 2.5}, {"scoring": "best"}, {"scoring": "breaks"}, {"top_percent": 0},
    {"top_percent": 100}, {"window_days": 0}, {"preset": "rfm_r", "bins": 4}, {"preset": "rfm_r", "scoring": "mean"},
    {"weights": {"recency": 0, "frequency": 0, "monetary": 0}}, {"weights": {"recency": 1}},
    {"scoring": "breaks", "breaks": {"recency": [3, 1], "frequency": [1], "monetary": [1]}},
    {"scoring": "breaks", "breaks": {"recency": [1], "frequency": [1], "monetary": [1]}, "nested": True},
    {"high_from": "x"}, {"nested": "perhaps"}, {"names": {"important_value": {"fr": "x"}}},
]  # fmt: skip


@pytest.mark.parametrize("settings", WRONG_SETTINGS, ids=str)
def test_wrong_settings_of_rfm(settings: dict[str, Any]) -> None:
    with pytest.raises(TierwiseError) as caught:
        build_models(Document({"models": {"rfm": settings}}, "tierwise.yaml"))
    assert caught.value.exit_code == 3
    assert "rfm" in caught.value.to(Lang.ZH)


def test_every_message_of_settings_exists_in_chinese() -> None:
    """What a user meets most must not fall back to pydantic's English."""
    with pytest.raises(TierwiseError) as caught:
        build_models(Document({"models": {"rfm": settings_of_all_kinds()}}, "tierwise.yaml"))
    for problem in caught.value.problems:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in problem.what.zh), problem.what.zh


def settings_of_all_kinds() -> dict[str, Any]:
    return {
        "scoring": "best",
        "window_days": "soon",
        "nested": "perhaps",
        "weights": {"recency": 1},
        "names": 5,
        "x": 1,
    }


def test_no_models_is_no_error() -> None:
    assert build_models(Document({}, "tierwise.yaml")) == []
    assert project_of(Document({}, "tierwise.yaml")).models == {}
    assert RfmSpec() == models()["rfm"].spec_type()
