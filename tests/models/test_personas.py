"""Personas: the fashion preset by hand and on the demo shop, own rules, refusals, and where mistakes are shown."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.label_tables import label_rows_of

from tierwise.config.project import read_project
from tierwise.contracts.scheme import evaluate
from tierwise.contracts.scheme_json import scheme_from_json, scheme_to_json
from tierwise.datasets import simulate_shop
from tierwise.errors import TierwiseError
from tierwise.indicators.domains import domains_of
from tierwise.language import Text
from tierwise.models.personas import Personas, PersonasSpec
from tierwise.pipeline import Job, Source, run
from tierwise.proof import prove
from tierwise.registry import build_models, require_proved
from tierwise.snapshots.workspace import Workspace
from tierwise.testing.check_model import check_model

ALIASES = (
    "purchases", "order_value", "new_percent", "basics_percent", "gift_percent", "discount_percent", "festival_percent",
)  # fmt: skip
FASHION_TABLE: list[tuple[str, Any]] = [
    # purchases, value per order, new, basics, gift boxes, discounts, festivals
    ("trend", (4, "150", 60, 10, 5, 20, 10)),
    ("trend", (1, "150", 30, 70, 0, 49, 0)),
    ("trend", (1, "199.99", 30, 0, 100, 0, 100)),
    ("gift", (2, "200", 80, 0, 30, 100, 0)),
    ("gift", (2, "800", 0, 0, 0, 0, 60)),
    ("bargain", (9, "80", 60, 10, 0, 50, 0)),
    ("bargain", (9, "80", 0, 59, 0, 90, 20)),
    ("bargain", (9, "80", None, None, None, 90, 20)),
    ("basics", (9, "80", 29, 60, 0, 90, 20)),
    ("basics", (9, "80", 0, 0, 0, 49, 0)),
    ("basics", (1, "500", None, None, None, 0, 0)),
    ("basics", (1, None, None, None, None, None, None)),
    ("prospect", (0, None, None, None, None, None, None)),
]
OWN = {
    "indicators": {
        "recency": "recency_days",
        "spend": {"indicator": "monetary", "window_days": 90},
        "channel": "preferred_channel",
    },
    "terms": {"active": "recency < 90"},
    "rules": [
        {"key": "shop", "name": {"en": "Shop lovers", "zh-CN": "门店控"}, "when": "active and channel = '门店'",
         "pattern": "逛店", "motive": {"en": "to touch", "zh-CN": "看得见摸得着"}, "strategy": "门店活动"},
        {"key": "online", "name": "网购族", "when": "active and not (channel = '门店')"},
        {"key": "gone", "name": "离开的人", "when": "not active"},
    ],
}  # fmt: skip


def fitted(settings: dict[str, Any]) -> Personas:
    return Personas(PersonasSpec.model_validate(settings)).fit({})


def by_alias(model: Personas, values: dict[str, Any]) -> dict[str, Any]:
    """Values by the short names of the rules, as values by indicator column."""
    columns = {alias: column for column, alias in model.claim().words.items()}
    return {columns[alias]: value for alias, value in values.items()}


@pytest.mark.by_hand("personas")
@pytest.mark.parametrize(("expected", "values"), FASHION_TABLE)
def test_fashion_by_hand(expected: str, values: tuple[Any, ...]) -> None:
    model = fitted({})
    exact = {
        alias: Decimal(value) if alias == "order_value" and value is not None else value
        for alias, value in zip(ALIASES, values, strict=True)
    }
    assert evaluate(model.scheme_, by_alias(model, exact)).tier.key == expected


def test_fashion_is_proved_without_precedence_or_rest() -> None:
    model = Personas(PersonasSpec())
    claim = model.claim()
    assert not claim.overlap_settled
    assert not claim.rest_settled
    proof = prove(claim, domains_of(model.needs()))
    assert proof.holds
    assert not proof.empty


def test_thresholds_of_the_preset_can_be_replaced_one_by_one() -> None:
    other = {"terms": {"saver": "discount_percent >= 80"}, "indicators": {"new_percent": "categories"}}
    model = fitted(other)
    require_proved(model)
    assert "categories" in model.scheme_.inputs
    assert model.claim().words["categories"] == "new_percent"
    assert {c.value for rule in model.scheme_.rules for c in rule.when if c.column == "discount_use_percent"} == {
        50,
        80,
    }


def test_motives_and_strategies_are_shown_with_the_persona() -> None:
    shipped = fitted({}).scheme_.tier("gift")
    assert (
        shipped.meaning.zh
        == "节前购买或选购礼盒，客单价高；动机：让收礼人满意、送得体面；需求：礼盒包装、准时送达、便捷退换"
    )
    assert shipped.action.en == "remind before festivals, gift guides, wrapping and cards"
    own = fitted(OWN).scheme_
    assert own.tier("shop").name == Text("Shop lovers", "门店控")
    assert own.tier("shop").meaning == Text("逛店; motive: to touch", "逛店；动机：看得见摸得着")
    assert own.tier("online").meaning == Text.same("active and not (channel = '门店')")
    assert own.tier("shop").action == Text.same("门店活动")


def test_own_rules() -> None:
    model = fitted(OWN)
    require_proved(model)
    labels = {
        (recency, channel): evaluate(
            model.scheme_, {"recency_days": recency, "monetary_90d": Decimal(0), "preferred_channel": channel}
        ).tier.key
        for recency in (None, 0, 89, 90)
        for channel in (None, "门店", "App")
    }
    assert {key for (recency, _), key in labels.items() if recency in (None, 90)} == {"gone"}
    assert {key for (recency, channel), key in labels.items() if recency in (0, 89) and channel == "门店"} == {"shop"}
    assert {key for (recency, channel), key in labels.items() if recency in (0, 89) and channel != "门店"} == {"online"}


def test_a_scheme_with_negations_survives_json() -> None:
    scheme = fitted({}).scheme_
    assert any(condition.or_null for rule in scheme.rules for condition in rule.when)
    assert scheme_from_json(json.loads(json.dumps(scheme_to_json(scheme)))) == scheme


def test_precedence_and_rest_let_rules_through_that_would_be_refused() -> None:
    rules = [
        {"key": "near", "name": "近", "when": "recency < 90"},
        {"key": "spender", "name": "多", "when": "spend >= 100"},
    ]
    loose = {**OWN, "rules": rules}
    with pytest.raises(TierwiseError) as caught:
        require_proved(fitted(loose))
    assert {problem.kind.code for problem in caught.value.problems} == {"personas.not_mece"}
    with pytest.raises(TierwiseError, match="no rule takes"):
        require_proved(fitted({**loose, "overlap": "precedence"}))
    with pytest.raises(TierwiseError, match="both take"):
        require_proved(fitted({**loose, "rest": "others"}))
    model = fitted({**loose, "overlap": "precedence", "rest": "others"})
    require_proved(model)
    both = {"recency_days": 1, "monetary_90d": Decimal(500), "preferred_channel": None}
    assert evaluate(model.scheme_, both).tier.key == "near"
    assert evaluate(model.scheme_, {**both, "recency_days": None, "monetary_90d": Decimal(0)}).tier.key == "others"
    taken = fitted({**loose, "overlap": "precedence", "rest": "near"})
    assert [tier.key for tier in taken.scheme_.tiers] == ["near", "spender"]
    assert evaluate(taken.scheme_, {**both, "recency_days": None, "monetary_90d": Decimal(0)}).tier.key == "near"


def test_own_names_are_used_in_the_proof_too() -> None:
    model = fitted({**OWN, "names": {"gone": "旧友"}})
    assert model.scheme_.tier("gone").name == Text.same("旧友")
    assert model.claim().rules[2].name == Text.same("旧友")


def problems_in(yaml: str, folder: Path) -> list[tuple[str, int | None, str]]:
    file = folder / "tierwise.yaml"
    file.write_text(yaml, encoding="utf-8")
    with pytest.raises(TierwiseError) as caught:
        build_models(read_project(file)[1])
    return [(problem.kind.code, problem.place.line, problem.what.en) for problem in caught.value.problems]


def test_every_mistake_is_shown_at_once_with_its_line(tmp_path: Path) -> None:
    found = problems_in(
        """
models:
  personas:
    indicators: {recency: recency_days, spend: monetary}
    terms:
      near: recensy < 90
    rules:
      - key: a
        name: A
        when: spend >= 100 and recency < 90 and
      - {key: a, name: B, when: spent < 100}
      - key: Big C
        name: C
        when: spend > 'x'
        colour: red
""",
        tmp_path,
    )
    assert [(code, line) for code, line, _ in found] == [
        ("config.bad_setting", 12),
        ("config.unknown_setting", 15),
    ]
    found = problems_in(
        """
models:
  personas:
    indicators: {recency: recency_days, spend: monetary}
    terms:
      near: recensy < 90
    rules:
      - key: a
        name: A
        when: spend >= 100 and recency < 90 and
      - {key: a, name: B, when: spent < 100}
""",
        tmp_path,
    )
    assert [(code, line) for code, line, _ in found] == [
        ("config.bad_setting", 6), ("config.bad_setting", 10), ("config.bad_setting", 11), ("config.bad_setting", 7),
    ]  # fmt: skip
    assert "column 1: recensy is not known; did you mean recency?" in found[0][2]
    assert "column 34: the rule ends too early" in found[1][2]
    assert "column 1: spent is not known; did you mean spend?" in found[2][2]
    assert "same key" in found[3][2]


def test_indicators_that_do_not_exist_and_rules_that_do_not_fit(tmp_path: Path) -> None:
    unknown = "models: {personas: {indicators: {n: frequancy}, rules: [{key: a, name: A, when: n >= 0}]}}"
    assert [code for code, _, _ in problems_in(unknown, tmp_path)] == ["indicator.unknown"]
    worded = "models: {personas: {indicators: {n: frequency}, rules: [{key: a, name: A, when: n = 'x'}]}}"
    assert problems_in(worded, tmp_path) == [("proof.misfit", 1, "rule a: a number is compared with the word 'x'")]
    gap = "models: {personas: {indicators: {n: frequency}, rules: [{key: a, name: A, when: n >= 2}]}}"
    assert problems_in(gap, tmp_path) == [
        ("personas.not_mece", 1, "personas: no rule takes a customer with n = 0")
    ]  # fmt: skip


def test_own_rules_keep_the_contract_of_models(tmp_path: Path) -> None:
    bilingual = [{**rule, "name": {"en": "N", "zh-CN": "名"}} for rule in OWN["rules"]]  # type: ignore[index]
    texts = {role: {"en": "word", "zh-CN": "词"} for role in ("pattern", "motive", "need", "strategy")}
    settings = {**OWN, "rules": [{**rule, **texts} for rule in bilingual], "rest": "others", "overlap": "precedence"}
    check_model(Personas, settings=settings, folder=tmp_path)


def test_the_examples_of_the_page_are_proved(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "models" / "personas.md").read_text(encoding="utf-8")
    examples = [part.split("```")[0] for part in page.split("```yaml\n")[1:]]
    assert len(examples) == 2
    for place, example in enumerate(examples):
        file = tmp_path / f"{place}.yaml"
        file.write_text(example, encoding="utf-8")
        (model,) = build_models(read_project(file)[1])
        assert prove(model.claim(), domains_of(model.needs())).holds


@pytest.mark.slow
def test_fashion_agrees_with_the_truth_of_the_demo_shop(tmp_path: Path) -> None:
    """Far better than naming everybody after the largest persona, and better the more is known of somebody."""
    simulate_shop(tmp_path / "shop", 4_000, seed=7, tables=("customers", "orders", "order_lines", "truth"))
    sources = [Source(t, str(tmp_path / "shop" / f"{t}.parquet")) for t in ("customers", "orders", "order_lines")]
    models = [Personas(PersonasSpec())]
    found = run(Job(Workspace(tmp_path / "ws"), sources, models, timezone="Asia/Shanghai"))
    truth = pq.read_table(tmp_path / "shop" / "truth.parquet").to_pylist()
    persona = {row["customer_id"]: row["persona"] for row in truth}
    rows = label_rows_of(found.labels("personas"))
    shares = []
    for least in (1, 5):
        known = [row for row in rows if row["frequency"] >= least and row["customer_id"] in persona]
        right = sum(row["tier"] == persona[row["customer_id"]] for row in known) / len(known)
        largest = Counter(persona[row["customer_id"]] for row in known).most_common(1)[0][1] / len(known)
        assert right > largest + 0.2
        shares.append(right)
    assert shares[1] > shares[0]
