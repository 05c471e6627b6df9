"""What a person may write under `quality:` in the project file; what it means is checked where rules are built."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OwnRuleSpec(_Strict):
    """One rule of one's own: a table, a column, exactly one check, and what may be said of it.

    Checks: `present`, `matches` (a pattern for the whole value), `one_of`, `at_least`, `at_most`, `holds` (a rule over
    the columns of the table), `compare` (two columns, as closed_at >= opened_at), `unique` (columns), `same` (one
    value of this column for each value of `column`), `in_column` (as customers.customer_id), `newest_within_days`,
    `far_out` (times the spread of the quartiles).
    """

    name: str | None = None
    table: str
    column: str | None = None
    kind: Literal["complete", "valid", "unique", "consistent", "timely", "referential"] | None = None
    present: Literal[True] | None = None
    matches: str | None = None
    one_of: tuple[str, ...] | None = None
    at_least: Any = None
    at_most: Any = None
    holds: str | None = None
    compare: str | None = None
    unique: tuple[str, ...] | None = None
    same: str | None = None
    in_column: str | None = None
    newest_within_days: int | None = Field(default=None, ge=0)
    far_out: int | None = Field(default=None, ge=1, le=20)
    when: str | None = None
    weight: int = Field(default=1, ge=1, le=10)
    severity: Literal["info", "warning"] = "warning"
    doubtful: bool = False
    label: str | dict[str, str] | None = None
    cure: str | dict[str, str] | None = None


class QualitySpec(_Strict):
    """Rules of one's own, shipped ones that are not wanted, and from which drift on to warn."""

    without: tuple[str, ...] = ()
    rules: tuple[OwnRuleSpec, ...] = ()
    psi_warn: float = Field(default=0.25, gt=0, description="population stability index · 群体稳定性指标")
    psi_note: float = Field(default=0.1, gt=0)
    volume_change_percent: int = Field(default=50, ge=1)
    null_change_points: int = Field(default=5, ge=1)
