"""The suite of checks catches models that break their promises: each is broken here, one at a time."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import Field

from tierwise.contracts.indicators import IndicatorRef
from tierwise.contracts.model import Learned, Learning, ModelSpec, TierModel
from tierwise.contracts.scheme import Condition, Op, Rule
from tierwise.language import Text
from tierwise.models.pyramid import Pyramid, PyramidSpec
from tierwise.sql.steps import Step
from tierwise.testing.check_model import check_documented, check_model, check_text


class _Base(Pyramid):
    name = "pyramid"


def _refit(model: Pyramid, **changes: Any) -> Pyramid:
    model.scheme_ = replace(model.scheme_, **changes)
    return model


class DoublesARank(_Base):
    def fit(self, learned: Learned) -> Pyramid:  # type: ignore[override]
        fitted = super().fit(learned)
        return _refit(fitted, tiers=tuple(replace(tier, rank=1) for tier in fitted.scheme_.tiers))


class ForgetsChinese(_Base):
    card = replace(Pyramid.card, limits=Text("looks back only", "looks back only"))


class RulesOnWhatItLacks(_Base):
    def fit(self, learned: Learned) -> Pyramid:  # type: ignore[override]
        fitted = super().fit(learned)
        rule = Rule(fitted.scheme_.otherwise, (Condition("frequency", Op.EQ, 0),))
        return _refit(fitted, rules=(rule, *fitted.scheme_.rules))


class UnknownTier(_Base):
    def fit(self, learned: Learned) -> Pyramid:  # type: ignore[override]
        return _refit(super().fit(learned), otherwise="nobody")


class IgnoresNames(_Base):
    def named(self, tiers: Any) -> Any:
        return tuple(tiers)


class CountsRows(_Base):
    """Cuts at the value of whichever customer comes first: depends on the order of rows."""

    def learn(self, table: str) -> Learning:
        asked = super().learn(table)
        first = Step("first_row", f"SELECT {self.needs()[0].column} AS found FROM {table} LIMIT 7", stored=True)
        return Learning((*asked.steps, first), (*asked.reads, "first_row"))

    def fit(self, learned: Learned) -> Pyramid:  # type: ignore[override]
        fitted = super().fit(learned)
        score = replace(fitted.scheme_.scores[0], cuts={(): (max(row["found"] for row in learned["first_row"]),)})
        return _refit(fitted, scores=(score,))


class SharesAnInstance(_Base):
    def fit(self, learned: Learned) -> Pyramid:  # type: ignore[override]
        fitted = super().fit(learned)
        if self.instance == self.name:
            return fitted
        return _refit(fitted, total={self.needs()[0].column: Decimal(2)})


class NoSuchIndicator(_Base):
    def needs(self) -> tuple[IndicatorRef, ...]:
        return (IndicatorRef("shoe_size"),)


class UndescribedSpec(PyramidSpec):
    colour: str = "red"


class Undescribed(_Base):
    spec_type = UndescribedSpec


class LaxSpec(ModelSpec):
    model_config: ClassVar[Any] = {"extra": "ignore"}

    size: int = Field(default=3, description="size · 大小")


class Lax(_Base):
    spec_type = LaxSpec


BROKEN: list[tuple[type[TierModel[Any]], str]] = [
    (DoublesARank, "ranks"),
    (ForgetsChinese, "the Chinese has no Chinese"),
    (RulesOnWhatItLacks, "rules use"),
    (UnknownTier, "unknown tier"),
    (IgnoresNames, "own tier name"),
    (CountsRows, "labels change"),
    (SharesAnInstance, "second instance"),
    (NoSuchIndicator, "shoe_size"),
    (Undescribed, "colour has no description"),
    (Lax, "not refused"),
]


@pytest.mark.parametrize(("model", "promise"), BROKEN, ids=[model.__name__ for model, _ in BROKEN])
def test_a_broken_promise_is_named(model: type[TierModel[Any]], promise: str, tmp_path: Path) -> None:
    model.__module__ = Pyramid.__module__  # its docstring and example are those of the shipped model
    with pytest.raises(AssertionError, match=promise):
        check_model(model, folder=tmp_path)


def test_a_missing_page_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no page"):
        check_documented(Pyramid, tmp_path)


def test_chinese_in_the_english_is_named() -> None:
    with pytest.raises(AssertionError, match="the English is Chinese"):
        check_text(Text("客户", "客户"), "here")
