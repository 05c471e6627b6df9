"""Why a customer has a tier, and what would change it, in words: the core's explanation for a card on screen."""

from __future__ import annotations

from dataclasses import dataclass

from tierwise.contracts.explanation import Move
from tierwise.contracts.scheme import Score
from tierwise.language import Lang
from tierwise.questions import Reason, explain_customer
from tierwise.snapshots.runs import Run
from tierwise_console.runs.looking_up import looking_up
from tierwise_console.runs.wording import Wording

MOVES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One indicator behind a label: its name, value, score and cut-points, each in words."""

    name: str
    value: str
    score: str
    cuts: str


@dataclass(frozen=True, slots=True)
class LabelReason:
    """One label in words: its tier, what it means, why, and the smallest changes up and down."""

    model: str
    tier: str
    rank: int
    tiers: int
    meaning: str
    action: str
    rows: tuple[ReasonRow, ...]
    rule: str
    held: str
    up: tuple[str, ...]
    down: tuple[str, ...]
    near: tuple[str, ...]


def label_reasons(run: Run, customer_id: str, models: list[str], lang: Lang) -> list[LabelReason]:
    """Explain a customer's tier in each of these models; raises `customer.unknown`."""
    known = [model for model in models if model in run.manifest.models]
    if not known:
        return []
    with looking_up() as engine:
        reasons = explain_customer(engine, run, customer_id, known)
    words = Wording(run, lang)
    return [_worded(reason, words) for reason in reasons]


def _worded(reason: Reason, words: Wording) -> LabelReason:
    found, tier, lang = reason.explanation, reason.explanation.verdict.tier, words.lang
    scores = {score.name: score for score in reason.scheme.scores}
    rule = words.say(" and ", " 且 ").join(words.condition(each, scores) for each in found.conditions)
    near = tuple(
        words.say(f"distance {n.distance} to {n.tier.name.en}", f"与“{n.tier.name.zh}”中心的距离 {n.distance}")
        for n in found.near
    )
    return LabelReason(
        reason.model, tier.name.to(lang), tier.rank, len(reason.scheme.tiers), tier.meaning.to(lang),
        tier.action.to(lang), _rows(reason, scores, words),
        rule or words.say("none of the other rules applies", "不满足其他任何规则"),
        reason.held.name.to(lang) if reason.held else "",
        _moves(found.up, scores, words), _moves(found.down, scores, words), near,
    )  # fmt: skip


def _moves(moves: tuple[Move, ...], scores: dict[str, Score], words: Wording) -> tuple[str, ...]:
    return tuple(words.move(move, scores) for move in moves[:MOVES_SHOWN])


def _rows(reason: Reason, scores: dict[str, Score], words: Wording) -> tuple[ReasonRow, ...]:
    verdict = reason.explanation.verdict
    rows = []
    for column in reason.scheme.inputs:
        score = next((each for each in scores.values() if each.column == column), None)
        value = words.value(column, reason.explanation.values[column])
        if score is None:
            rows.append(ReasonRow(words.name(column), value, "", ""))
            continue
        cuts = " · ".join(words.value(column, cut) for cut in score.cuts_for(verdict.scores))
        rows.append(ReasonRow(words.name(column), value, f"{verdict.scores[score.name]} / {score.bins}", cuts))
    return tuple(rows)
