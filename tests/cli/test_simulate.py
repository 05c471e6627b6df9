"""`tierwise simulate`: messages, and tiers held back, before anything is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Command

PROJECT = """
models: {{lifecycle: {{margin_percent: {margin}}}}}
sources: {{orders: {{location: orders.csv}}}}
template:
  title: {{en: T, zh-CN: 题}}
  about: {{en: A, zh-CN: 述}}
  actions: {{lifecycle: {{lost: {{en: A call, zh-CN: 回访}}}}}}
"""


SOONER = ("--set", "declining_days=20", "--set", "lost_days=60", "--set", "margin_percent=0")


@pytest.fixture
def ran(command: Command, orders: Path) -> Command:
    """A project with two runs of two days, the second with a margin that holds somebody."""
    for margin, day in ((0, "2026-12-31"), (40, "2027-02-15")):
        Path("tierwise.yaml").write_text(PROJECT.format(margin=margin), encoding="utf-8")
        assert command("run", "--as-of", day).code == 0
    return command


def test_messages_follow_from_the_actions_of_the_project(ran: Command) -> None:
    found = ran("simulate", "lifecycle", *SOONER, "--json").json
    per_tier = found["messages"]["per_tier"]
    assert per_tier.pop("lost") == 1 and set(per_tier.values()) == {0}
    entered = sum(flow["customers"] for flow in found["flows"] if flow["to"] == "lost" and flow["from"] != "lost")
    assert found["messages"]["on_entry"] == entered > 0
    assert found["messages"]["round_after"] == found["messages"]["round_before"] + entered


def test_messages_are_told_in_words_and_set_by_tier(ran: Command) -> None:
    said = ran("simulate", "lifecycle", *SOONER, "--messages-per-tier", "流失=3", lang="zh-CN")
    assert said.code == 0 and "消息：每轮发送" in said.out and "流失 3" in said.out
    assert ran("simulate", "lifecycle", "--messages-per-tier", "gone=3").code == 2
    assert "gold=2" in ran("simulate", "lifecycle", "--messages-per-tier", "lost").err


def test_without_a_change_nobody_moves_though_tiers_are_held(ran: Command) -> None:
    found = ran("simulate", "lifecycle", "--json").json
    assert found["moved"] == 0
    assert ran("simulate", "lifecycle", "--set", "margin_percent=0", "--json").json["moved"] > 0


STACKED = """
models: {rfm: {bins: 3}, lifecycle: {}, combined: {}}
sources: {orders: {location: orders.csv}}
"""


@pytest.fixture
def stacked(command: Command, orders: Path) -> Command:
    """A project with a model that builds on two others."""
    Path("tierwise.yaml").write_text(STACKED, encoding="utf-8")
    assert command("run", "--as-of", "2026-12-31").code == 0
    return command


def test_models_that_build_on_the_one_that_changes_are_counted_too(stacked: Command) -> None:
    changed = ("--set", "lost_days=90", "--set", "declining_days=20")
    found = stacked("simulate", "lifecycle", *changed, "--json").json
    assert found["moved"] > 0 and set(found["others"]) == {"combined"}
    assert found["others"]["combined"]["moved"] > 0
    told = stacked("simulate", "lifecycle", *changed)
    assert "combined: as published → as simulated" in told.out
    assert stacked("simulate", "rfm", "--json").json["others"]["combined"]["moved"] == 0


def test_a_model_is_simulated_under_changes_of_what_it_builds_on(stacked: Command) -> None:
    below = stacked("simulate", "lifecycle", "--set", "lost_days=90", "--set", "declining_days=20", "--json").json
    found = stacked(
        "simulate", "combined", "--set", "lifecycle.lost_days=90", "--set", "lifecycle.declining_days=20", "--json"
    ).json
    assert found["flows"] == below["others"]["combined"]["flows"]
    assert found["others"]["lifecycle"]["flows"] == below["flows"]


def test_a_model_that_builds_on_others_needs_them_in_the_run_alone(stacked: Command) -> None:
    assert stacked("simulate", "combined", "--json").json["moved"] == 0
    groups = "groups=[{key: x, name: X, when: {pyramid: [gold]}}]"
    assert "combined builds on pyramid, which is not computed" in stacked("simulate", "combined", "--set", groups).err
    assert "no setting" in stacked("simulate", "combined", "--set", "pyramid.bins=4").err
