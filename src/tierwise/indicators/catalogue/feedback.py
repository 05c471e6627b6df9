"""Indicators of the table feedback: recommendation (NPS), ratings, complaints."""

from __future__ import annotations

from tierwise.indicators.catalogue.dimensions import EXPECTATION
from tierwise.indicators.declaration import Available, Grain, Indicator, Span, Unit, Windows
from tierwise.indicators.formulas import latest, mean_of, total_of
from tierwise.language import Text
from tierwise.sql.expressions import count_where, days_between, literal
from tierwise.sql.steps import Plan, Step

_ANY = Windows.OPTIONAL
_SCORE = (("feedback", "score"),)
_RATED = "kind IN ('rating', 'review') AND score IS NOT NULL"
_NPS = "kind = 'nps' AND score IS NOT NULL"


def _feedback_facts(name: str, span: Span, have: Available) -> Plan:
    score = ", score" if "score" in have["feedback"] else ""
    sql = f"SELECT customer_id, given_date, kind{score} FROM feedback WHERE given_date <= {literal(span.as_of)}"
    return (Step(name, sql),)


FEEDBACK = Grain(
    "feedback",
    ("feedback",),
    tuple(("feedback", column) for column in ("customer_id", "kind", "given_date")),
    _feedback_facts,
)


def _times(span: Span, condition: str) -> str:
    return count_where(f"{condition} AND {span.inside('given_date')}")


def _sum(span: Span, condition: str) -> str:
    return total_of(f"{condition} AND {span.inside('given_date')}", "score")


INDICATORS = (
    Indicator(
        "nps_score", Text("willingness to recommend (0 to 10)", "推荐意愿（NPS，0–10）"),
        Text("mean of the NPS answers", "NPS 评分均值"),
        EXPECTATION, Unit.SCORE, True, FEEDBACK,
        lambda span: {"nps_total": _sum(span, _NPS), "nps_answers": _times(span, _NPS)},
        lambda span: mean_of("{nps_total}", "{nps_answers}"), _ANY, _SCORE,
    ),
    Indicator(
        "rating", Text("rating (1 to 5 stars)", "评价星级（1–5）"),
        Text("mean of ratings and reviews", "评分与评论的星级均值"),
        EXPECTATION, Unit.SCORE, True, FEEDBACK,
        lambda span: {"stars": _sum(span, _RATED), "ratings": _times(span, _RATED)},
        lambda span: mean_of("{stars}", "{ratings}"), _ANY, _SCORE,
    ),
    Indicator(
        "complaints", Text("complaints", "投诉次数"), Text("number of complaints", "投诉记录数"),
        EXPECTATION, Unit.COUNT, False, FEEDBACK,
        lambda span: {"complaints": _times(span, "kind = 'complaint'")}, lambda span: "{complaints}", _ANY, absent="0",
    ),
    Indicator(
        "complaint_recency_days", Text("days since last complaint", "距上次投诉天数"),
        Text("days from the last complaint to as_of", "最近一次投诉距计算日的天数"),
        EXPECTATION, Unit.DAYS, True, FEEDBACK,
        lambda span: {"last_complaint": latest("kind = 'complaint'", "given_date")},
        lambda span: days_between("{last_complaint}", literal(span.as_of)),
    ),
    Indicator(
        "feedback_count", Text("times feedback was given", "反馈次数"),
        Text("answers, ratings, reviews and complaints", "NPS、评分、评论、投诉合计"),
        EXPECTATION, Unit.COUNT, None, FEEDBACK,
        lambda span: {"given": _times(span, "TRUE")}, lambda span: "{given}", _ANY, absent="0",
    ),
)  # fmt: skip
