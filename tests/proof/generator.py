"""Rule sets whose verdict is known because of how they are made.

A sound set is made by cutting the whole domain in two again and again; each piece, or a few pieces together, is a
rule. A broken set is a sound one with one rule removed, doubled, widened by a dropped condition, or narrowed by one
more.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tierwise.contracts.mece import Claim, Domain, Grid, NamedRule
from tierwise.contracts.rule_forms import form_of
from tierwise.contracts.rule_language import parse_rule
from tierwise.language import Text

SHOPS = ("门店", "网店", "O'Brien", "app")
DOMAINS = {
    "recency_days": Domain(Grid.WHOLE, True, 0),
    "frequency": Domain(Grid.WHOLE, False, 0),
    "monetary": Domain(Grid.CENTS, False),
    "tenure_days": Domain(Grid.WHOLE, True, 0),
    "discount_percent": Domain(Grid.WHOLE, True, 0, 100),
    "growth_percent": Domain(Grid.WHOLE, True),
    "order_value": Domain(Grid.CENTS, True),
    "subscribed": Domain(Grid.WHOLE, True, 0, 1),
    "channel": Domain(Grid.WORDS, True, words=SHOPS),
    "city": Domain(Grid.WORDS, False),
    "daypart": Domain(Grid.WORDS, True, words=("morning", "evening", "night"), closed=True),
    "refunds": Domain(Grid.WHOLE, False, 0),
}
"""Twelve indicators of every kind."""
KINDS_OF_BREAKING = ("removed", "doubled", "widened", "narrowed")


@dataclass(frozen=True)
class Piece:
    """A part of the domain: conditions as text, and what is left of each column."""

    tests: tuple[str, ...] = ()
    low: dict[str, int] = field(default_factory=dict)
    high: dict[str, int] = field(default_factory=dict)
    null: dict[str, bool] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    others: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class RuleSet:
    """Rules with what is known of them."""

    claim: Claim
    texts: tuple[str, ...]
    overlaps: bool
    gaps: bool
    kind: str


def whole() -> Piece:
    piece = Piece()
    for column, domain in DOMAINS.items():
        piece.null[column] = domain.nullable
        if domain.grid is Grid.WORDS:
            piece.words[column] = domain.words or ("北京", "上海", "Berlin")
            piece.others[column] = not domain.closed
        else:
            piece.low[column] = -100_000 if domain.least is None else domain.least * domain.scale
            piece.high[column] = 200_000 if domain.most is None else domain.most * domain.scale
    return piece


def quoted(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def split(piece: Piece, dice: random.Random, columns: tuple[str, ...]) -> tuple[Piece, Piece] | None:
    """Two parts of a piece, neither of them empty; None where the column that was drawn cannot be cut."""
    column = dice.choice(columns)
    known = (
        len(piece.words[column]) + piece.others[column]
        if column in piece.words
        else piece.high[column] >= piece.low[column]
    )
    if piece.null[column] and known and dice.random() < 0.2:
        without = replace(piece, tests=(*piece.tests, f"{column} is not null"), null={**piece.null, column: False})
        if column in piece.words:
            alone = replace(piece, words={**piece.words, column: ()}, others={**piece.others, column: False})
        else:
            alone = replace(piece, low={**piece.low, column: 1}, high={**piece.high, column: 0})
        return replace(alone, tests=(*piece.tests, f"{column} is null")), without
    return split_words(piece, dice, column) if column in piece.words else split_number(piece, dice, column)


def split_words(piece: Piece, dice: random.Random, column: str) -> tuple[Piece, Piece] | None:
    words = piece.words[column]
    if not words or len(words) + piece.others[column] < 2:
        return None
    some = tuple(dice.sample(words, dice.randint(1, max(1, len(words) - 1))))
    left = [word for word in words if word not in some]
    if not left and not piece.others[column]:
        return None
    test = f"{column} in ({', '.join(map(quoted, some))})" if len(some) > 1 else f"{column} = {quoted(some[0])}"
    inside = replace(
        piece,
        tests=(*piece.tests, test),
        words={**piece.words, column: some},
        others={**piece.others, column: False},
        null={**piece.null, column: False},
    )
    outside = replace(piece, tests=(*piece.tests, f"not ({test})"), words={**piece.words, column: tuple(left)})
    return inside, outside


def split_number(piece: Piece, dice: random.Random, column: str) -> tuple[Piece, Piece] | None:
    low, high = piece.low[column], piece.high[column]
    if high - low < 1:
        return None
    cut = dice.randint(low + 1, high)
    scale = DOMAINS[column].scale
    shown = str(cut) if scale == 1 else f"{Decimal(cut) / scale:f}"
    above, below = (f"{column} >= {shown}", f"not ({column} >= {shown})")
    null_above = False
    if dice.random() < 0.5:
        above, below, null_above = f"not ({column} < {shown})", f"{column} < {shown}", True
    upper = replace(piece, tests=(*piece.tests, above), low={**piece.low, column: cut})
    lower = replace(piece, tests=(*piece.tests, below), high={**piece.high, column: cut - 1})
    without = {**piece.null, column: False}
    return (upper, replace(lower, null=without)) if null_above else (replace(upper, null=without), lower)


def partition(dice: random.Random, pieces: int, columns: tuple[str, ...]) -> list[Piece]:
    found = [whole()]
    while len(found) < pieces:
        place = dice.randrange(len(found))
        parts = split(found[place], dice, columns)
        if parts is not None:
            found[place : place + 1] = parts
    return found


def text_of(pieces: list[Piece]) -> str:
    return " or ".join(f"({' and '.join(piece.tests) or 'frequency >= 0'})" for piece in pieces)


def claim_from(texts: list[str]) -> Claim:
    rules = tuple(
        NamedRule(f"p{place}", Text.same(f"p{place}"), form_of(parse_rule(text, DOMAINS)))
        for place, text in enumerate(texts)
    )
    return Claim(tuple(DOMAINS), rules)


def sound(seed: int, rules: int | None = None) -> RuleSet:
    """A set in which every customer meets exactly one rule."""
    groups = _groups(random.Random(seed), rules)
    texts = [text_of(group) for group in groups]
    return RuleSet(claim_from(texts), tuple(texts), False, False, "sound")


def broken(seed: int, rules: int | None = None) -> RuleSet:
    """A sound set with one thing wrong. The cut made last in a piece is the one that parts it from its sibling."""
    dice = random.Random(seed)
    groups = _groups(dice, rules)
    texts = [text_of(group) for group in groups]
    kind = KINDS_OF_BREAKING[seed % len(KINDS_OF_BREAKING)]
    place = dice.choice([place for place, group in enumerate(groups) if len(group) == 1])
    piece = groups[place][0]
    if kind == "removed":
        del texts[place]
    elif kind == "doubled":
        texts.insert(dice.randrange(len(texts)), texts[place])
    elif kind == "widened":
        texts[place] = text_of([replace(piece, tests=piece.tests[:-1])])
    else:
        texts[place] = text_of([_part(piece, dice)])
    overlaps = kind in ("doubled", "widened")
    return RuleSet(claim_from(texts), tuple(texts), overlaps, not overlaps, kind)


def _part(piece: Piece, dice: random.Random) -> Piece:
    while True:
        parts = split(piece, dice, tuple(DOMAINS))
        if parts is not None:
            return dice.choice(parts)


def _groups(dice: random.Random, rules: int | None) -> list[list[Piece]]:
    """Pieces of the whole, a few of them drawn together into one rule; at least one rule has one piece."""
    count = rules or dice.randint(2, 12)
    columns = tuple(dice.sample(sorted(DOMAINS), dice.randint(2, len(DOMAINS)))) if rules is None else tuple(DOMAINS)
    together = 0 if rules else dice.randint(0, count // 2)
    pieces = partition(dice, count + together, columns)
    dice.shuffle(pieces)
    groups = [[piece] for piece in pieces[:count]]
    for piece in pieces[count:]:
        groups[dice.randrange(1, count)].append(piece)
    return groups
