"""Colours run from best to worst, and whatever stands on them can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tierwise import reports
from tierwise.reports.palette import (
    MONEY_STOPS,
    THEMES,
    TIER_STOPS,
    Theme,
    linear_rgb,
    mix,
    money_colours,
    ramp,
    tier_colours,
)

CSS = (Path(reports.__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")


def luminance(colour: str) -> float:
    r, g, b = linear_rgb(colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_a_ramp_keeps_its_ends_and_its_stops() -> None:
    stops = TIER_STOPS["light"]
    assert ramp(stops, len(stops)) == list(stops)
    assert ramp(stops, 1) == [stops[0]]
    assert (ramp(stops, 11)[0], ramp(stops, 11)[-1]) == (stops[0], stops[-1])


def test_mixing_is_even() -> None:
    assert mix("#000000", "#ffffff", 0) == "#000000"
    assert mix("#000000", "#ffffff", 1) == "#ffffff"
    assert mix("#000000", "#ffffff", 0.5) == "#636363"  # OKLab lightness 0.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("count", range(1, 13))
def test_tiers_differ_and_can_be_written_on(theme: Theme, count: int) -> None:
    colours = tier_colours(count)[theme]
    assert len(set(colours)) == count
    assert all(max(contrast(c, "#000000"), contrast(c, "#ffffff")) >= 4.5 for c in colours)


@pytest.mark.parametrize("theme", THEMES)
def test_more_money_is_further_from_the_page(theme: Theme) -> None:
    light = [luminance(colour) for colour in money_colours(7)[theme]]
    assert light == sorted(light, reverse=theme == "light")
    assert MONEY_STOPS[theme][0] == money_colours(7)[theme][0]


def variables(theme: Theme) -> dict[str, str]:
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[THEMES.index(theme)]))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", ["text", "soft", "accent", "good"])
@pytest.mark.parametrize("ground", ["page", "card"])
def test_the_words_of_the_page_can_be_read(theme: Theme, ink: str, ground: str) -> None:
    found = variables(theme)
    assert contrast(found[ink], found[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_the_words_on_tinted_grounds_can_be_read(theme: Theme) -> None:
    found = variables(theme)
    assert contrast(found["accent"], found["accent-soft"]) >= 4.5
    assert contrast(found["text"], found["accent-soft"]) >= 4.5
    assert contrast(found["warn"], found["warn-soft"]) >= 4.5
