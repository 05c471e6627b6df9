"""The subset: what is refused and why, what is let through, and what each engine is given."""

from __future__ import annotations

import pytest

from tierwise.errors import TierwiseError
from tierwise.language import Lang
from tierwise.sql.portable import parse, to_dialect

REFUSED = [
    ("SELECT a / b FROM t", "divides decimals to floats"),
    ("SELECT MEDIAN(a) FROM t", "interpolate medians"),
    ("SELECT QUANTILE_CONT(a, 0.2) FROM t", "interpolate quantiles"),
    ("SELECT NTILE(5) OVER (ORDER BY a) FROM t", "splits equal values"),
    ("SELECT AVG(a) FROM t", "average of a decimal"),
    ("SELECT CAST(a AS DOUBLE) FROM t", "floats and timestamps"),
    ("SELECT CAST(a AS FLOAT) FROM t", "floats and timestamps"),
    ("SELECT CAST(a AS TIMESTAMP) FROM t", "floats and timestamps"),
    ("SELECT 1e5", "is a float"),
    ("SELECT DATE_DIFF('month', a, b) FROM t", "only differences in days"),
    ("SELECT DATE_DIFF('hour', a, b) FROM t", "only differences in days"),
    ("SELECT a // b FROM t", "division by zero"),
    ("SELECT a % b FROM t", "division by zero"),
    ("SELECT a // 0 FROM t", "division by zero"),
    ("SELECT CASE WHEN c > 0 THEN a // b END FROM t", "division by zero"),
    ("SELECT CASE WHEN b > 0 OR c > 0 THEN a // b END FROM t", "division by zero"),
    ("SELECT CASE WHEN b > 0 THEN 1 ELSE a // c END FROM t", "division by zero"),
    ("SELECT DISTINCT ON (a) a, b FROM t", "depends on their order"),
    ("SELECT ROW_NUMBER() OVER (PARTITION BY a) FROM t", "arbitrary"),
    ("SELECT FIRST(a) FROM t", "has not been shown"),
    ("SELECT ANY_VALUE(a) FROM t", "has not been shown"),
    ("SELECT ARG_MAX(a, b) FROM t", "has not been shown"),
    ("SELECT a || b FROM t", "has not been shown"),
    ("SELECT a - INTERVAL 1 MONTH FROM t", "has not been shown"),
    ("SELECT EXTRACT(isodow FROM a) FROM t", "has not been shown"),
    ("SELECT a AT TIME ZONE 'UTC' FROM t", "has not been shown"),
    ("SELECT REGEXP_MATCHES(a, '[0-9]') FROM t", "whole matches of plain patterns"),
    (r"SELECT REGEXP_MATCHES(a, '^(\d+)$') FROM t", "whole matches of plain patterns"),
    ("SELECT REGEXP_MATCHES(a, '^(a++)$') FROM t", "whole matches of plain patterns"),
    ("SELECT REGEXP_MATCHES(a, '^((?i)a)$') FROM t", "whole matches of plain patterns"),
    ("SELECT REGEXP_MATCHES(a, '^([a)$') FROM t", "whole matches of plain patterns"),
    ("SELECT REGEXP_MATCHES(a, b) FROM t", "whole matches of plain patterns"),
    ("SELECT REGEXP_MATCHES(a, '^(a)$', 'i') FROM t", "whole matches of plain patterns"),
    ("SELECT NOW()", "has not been shown"),
    ("SELECT CURRENT_DATE", "has not been shown"),
    ("SELECT RANDOM()", "has not been shown"),
    ("SELECT TRY_CAST(a AS BIGINT) FROM t", "has not been shown"),
    ("SELECT a FROM read_parquet('x')", "has not been shown"),
    ("SELECT ROUND(a, 2) FROM t", "has not been shown"),
    ("SELECT SQRT(a) FROM t", "has not been shown"),
    ("SELECT STDDEV(a) FROM t", "has not been shown"),
    ("SELECT a FROM t TABLESAMPLE 10%", "has not been shown"),
    ("SELECT a[1] FROM t", "has not been shown"),
    ("SELECT a FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY a) = 1", "has not been shown"),
    ("DROP TABLE t", "has not been shown"),
    ("INSERT INTO t VALUES (1)", "has not been shown"),
    ("CREATE TABLE t AS SELECT 1", "has not been shown"),
    ("SELECT 1 << b FROM t", "has not been shown"),
    ("SELECT 1 << CAST(GREATEST(LEAST(b, 31), 0) AS INT) FROM t", "has not been shown"),
    ("SELECT 2 << CAST(GREATEST(LEAST(b, 3), 0) AS INT) FROM t", "has not been shown"),
    ("SELECT 1; SELECT 2", "has not been shown"),
    ("SELECT FROM WHERE", ""),
]


@pytest.mark.parametrize(("sql", "reason"), REFUSED, ids=[sql for sql, _ in REFUSED])
def test_refused_with_its_reason(sql: str, reason: str) -> None:
    with pytest.raises(TierwiseError) as caught:
        to_dialect(sql, "duckdb")
    assert caught.value.code == "sql.not_portable"
    assert reason in caught.value.to(Lang.EN)
    assert "docs/adr/0002" in caught.value.to(Lang.EN)


ALLOWED = [
    "SELECT BIT_COUNT(BIT_OR(CASE WHEN a = 1 THEN 1 << CAST(GREATEST(LEAST(b // 30, 12), 0) AS INT) ELSE 0 END)) AS n FROM t",
    "SELECT REGEXP_MATCHES(a, '^([A-Z]{2}[0-9 .-]+|x)$') FROM t",
    "SELECT a, COUNT(*) AS n, CAST(SUM(b) AS DECIMAL(18, 2)) AS total FROM t GROUP BY a HAVING COUNT(*) > 1",
    "SELECT SUM(a) OVER (PARTITION BY b ORDER BY c DESC) AS s, ROW_NUMBER() OVER (ORDER BY a, b) AS n FROM t",
    "WITH w AS (SELECT a FROM t) SELECT w.a FROM w LEFT JOIN u ON w.a = u.a WHERE u.a IS NULL",
    "SELECT a // NULLIF(b, 0) AS q, a % 100 AS r, b // 7 AS w, a // GREATEST(b, 1) AS g FROM t",
    "SELECT CASE WHEN b > 0 THEN a // b END AS q FROM t",
    "SELECT CASE WHEN b > 0 AND c > 0 THEN CASE WHEN a > 1 THEN a // (b * c) END END AS q FROM t",
    "SELECT DATE_DIFF('day', a, b) AS d FROM t",
    "SELECT a FROM t UNION SELECT a FROM u EXCEPT SELECT a FROM v",
    "SELECT COALESCE(a, 0) AS a, LEAST(a, b) AS l, GREATEST(a, b) AS g, ABS(-a) AS m FROM t WHERE a IN (1, 2)",
]


@pytest.mark.parametrize("sql", ALLOWED)
def test_let_through_and_stable(sql: str) -> None:
    """What is let through keeps its meaning when written out: reading the result gives the same tree."""
    assert parse(to_dialect(sql, "duckdb")).sql(dialect="duckdb") == parse(sql).sql(dialect="duckdb")
    assert to_dialect(sql, "spark")


def test_nulls_sort_last_on_either_engine() -> None:
    assert "NULLS LAST" in to_dialect("SELECT a FROM t ORDER BY a", "spark")
    assert to_dialect("SELECT a // 7 AS q FROM t", "spark") == "SELECT a DIV 7 AS q FROM t"


def test_text_is_never_read_as_sql() -> None:
    from tierwise.sql.expressions import literal

    word = "O'Brien'; DROP TABLE t; --\\ \n\"客户"
    assert parse(f"SELECT {literal(word)} AS a").find_all
    assert parse(f"SELECT {literal(word)} AS a").expressions[0].this.this == word
