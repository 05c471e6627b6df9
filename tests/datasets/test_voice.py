"""Feedback says in both languages what its score says."""

from __future__ import annotations

from itertools import chain

import numpy as np

from tierwise.datasets.wording import GRAMMARS, NEGATIVE, POSITIVE
from tierwise.language import Lang


def _rows(table):
    return list(zip(*(table.column(c).to_pylist() for c in ("kind", "score", "text")), strict=True))


def _phrases(part: str) -> list[str]:
    return [phrase for grammar in GRAMMARS.values() for phrase in chain(*getattr(grammar, part))]


def _feeling(kind: str, score) -> str:
    if kind == "complaint":
        return "bad"
    low, high = (6, 9) if kind == "nps" else (2, 4)
    return "bad" if score <= low else "good" if score >= high else "mixed"


def test_the_sentiment_of_every_text_is_that_of_its_score(clean_shop, read):
    good, bad = _phrases("good"), _phrases("bad")
    seen = {"good": 0, "bad": 0, "mixed": 0}
    for kind, score, text in _rows(read(clean_shop, "feedback")):
        if text is None:
            continue
        found = {"good": any(p in text for p in good), "bad": any(p in text for p in bad)}
        feeling = _feeling(kind, score)
        seen[feeling] += 1
        assert found == {"good": feeling != "bad", "bad": feeling != "good"}, (kind, score, text)
    assert min(seen.values()) > 500


def test_scores_are_in_their_range_and_complaints_have_none(clean_shop, read):
    ranges = {"nps": (0, 10), "rating": (1, 5), "review": (1, 5)}
    rows = _rows(read(clean_shop, "feedback"))
    assert {kind for kind, _, _ in rows} == {*ranges, "complaint"}
    for kind, score, text in rows:
        if kind == "complaint":
            assert score is None
        else:
            assert ranges[kind][0] <= score <= ranges[kind][1]
            assert score == int(score)
        if kind in ("review", "complaint"):
            assert text
        if kind == "rating":
            assert text is None


def test_texts_are_chinese_and_english_and_various(clean_shop, read):
    texts = [text for _, _, text in _rows(read(clean_shop, "feedback")) if text]
    chinese = [text for text in texts if any("一" <= letter <= "鿿" for letter in text)]
    english = [text for text in texts if text.isascii()]
    assert len(chinese) + len(english) == len(texts)
    assert 0.2 < len(english) / len(texts) < 0.3
    assert len(set(texts)) > 0.8 * len(texts)


def test_no_phrase_of_one_feeling_is_part_of_the_other():
    # else the sentiment of a text would be ambiguous to a reader of words
    for grammar in GRAMMARS.values():
        good, bad = list(chain(*grammar.good)), list(chain(*grammar.bad))
        assert not [(g, b) for g in good for b in bad if g in b or b in g]
        assert len(grammar.good) == len(grammar.bad)
        assert {len(phrases) for phrases in (*grammar.good, *grammar.bad)} == {4}
    assert set(GRAMMARS) == set(Lang)
    assert (NEGATIVE, POSITIVE) == (0, 2)


def test_the_satisfied_give_better_scores(clean_chunk, clean_shop, read):
    table = read(clean_shop, "feedback")
    who = np.array([int(c[1:]) for c in table.column("customer_id").to_pylist()])
    kind = np.array(table.column("kind").to_pylist())
    score = np.array([np.nan if v is None else float(v) for v in table.column("score").to_pylist()])
    for name in ("nps", "rating", "review"):
        of = kind == name
        assert np.corrcoef(clean_chunk.population.satisfaction[who[of]], score[of])[0, 1] > 0.4
