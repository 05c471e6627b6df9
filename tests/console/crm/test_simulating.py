"""The page Models for a model that builds on others: it opens, and a change below is told in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from tierwise.cli.projects import load_job
from tierwise.datasets import simulate_shop
from tierwise.errors import TierwiseError
from tierwise.pipeline import run
from tierwise_console.access.permissions import Role
from tierwise_console.runs.simulating import proof_of, simulate_settings

pytestmark = pytest.mark.django_db

MODELS = {"rfm": {}, "lifecycle": {}, "combined": {}}


@pytest.fixture
def stacked(settings, tmp_path: Path) -> Path:
    simulate_shop(tmp_path / "data", 200, seed=3, tables=("orders",))
    project = {
        "timezone": "Asia/Shanghai",
        "sources": {"orders": {"location": "data/orders.parquet"}},
        "models": MODELS,
    }
    (tmp_path / "tierwise.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
    run(*load_job(tmp_path, (), date(2026, 10, 31), (None, None, None, None, None)))
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, workspace=tmp_path)
    return tmp_path


def test_a_change_is_told_in_the_models_above(stacked, signed_in):
    client = signed_in(Role.OWNER)
    client.cookies["django_language"] = "en"
    assert client.get("/models/?model=combined").status_code == 200
    form = {"instance": "lifecycle", "s.declining_days": "20", "s.lost_days": "60"}
    told = client.post("/models/simulate", form).content.decode()
    assert "builds on this model" in told and "Combined models" in told
    assert "customers would move" in client.post("/models/simulate", {"instance": "combined"}).content.decode()


def test_what_moves_above_is_what_moves_there(stacked):
    found = simulate_settings("lifecycle", {"declining_days": 20, "lost_days": 60})
    assert found is not None and found.moved > 0
    (other,) = found.others
    assert other.title.en == "Combined models" and other.moved > 0
    assert sum(line.before or 0 for line in other.tiers) == sum(line.after or 0 for line in other.tiers)


def test_a_model_above_is_asked_about_alone(stacked):
    found = simulate_settings("combined", {})
    assert found is not None and found.moved == 0 and found.others == ()
    assert proof_of("combined", {}) is None
    groups = [{"key": "x", "name": "X", "when": {"pyramid": ["gold"]}}]
    with pytest.raises(TierwiseError, match="builds on pyramid") as caught:
        simulate_settings("combined", {"groups": groups})
    assert caught.value.code == "config.no_such_input_model"
