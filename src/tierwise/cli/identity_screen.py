"""What the commands about identity share: the project's rules, and customers by name beside their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tierwise.cli.format import table
from tierwise.cli.options import Bounds, resources
from tierwise.cli.speech import lang, say
from tierwise.config.project import FILE_NAME, EngineSpec, IdentitySpec, read_project
from tierwise.deduplication import PEOPLE
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.duplicates import DuplicateSettings
from tierwise.identity.queue import Candidate
from tierwise.snapshots.workspace import Workspace


def identity_spec(place: Workspace) -> IdentitySpec:
    """What the project file of a workspace says of identity; the defaults where there is none."""
    file = place.root / FILE_NAME
    return read_project(file)[0].identity if file.is_file() else IdentitySpec()


def engine_spec(place: Workspace) -> EngineSpec:
    """What the project file of a workspace says of the engine; the defaults where there is none."""
    file = place.root / FILE_NAME
    return read_project(file)[0].engine if file.is_file() else EngineSpec()


def engine_within(place: Workspace, bounds: Bounds) -> DuckDBEngine:
    """An engine within the limits of the options, else of the project file."""
    return resources(engine_spec(place), "duckdb", None, *bounds).ingest()


def settings_of(place: Workspace) -> DuplicateSettings:
    """The one setting, with the project's region."""
    return DuplicateSettings(region=identity_spec(place).region)


def own_rules(place: Workspace) -> Mapping[str, str]:
    """The project's rules of survivorship."""
    return identity_spec(place).survivorship


def named_customers(engine: DuckDBEngine, ids: Sequence[str]) -> dict[str, str]:
    """What a person knows these customers by: name, company, phone, e-mail and city, as far as they are known."""
    columns = [c for c in ("name", "company", "phone", "email", "city") if c in engine.columns(PEOPLE)]
    if not columns or not ids:
        return {}
    shown = f"concat_ws(' · ', {', '.join(columns)})"
    rows = engine.native(
        "names", f"SELECT customer_id, {shown} FROM {PEOPLE} WHERE customer_id IN (SELECT unnest(?))", [list(ids)]
    )
    return dict(rows)


def titled(customer: str, names: Mapping[str, str]) -> str:
    """An id with what the customer is known by."""
    return f"{customer}  {names.get(customer, '')}".rstrip()


def waterfall(pair: Candidate, names: Mapping[str, str]) -> Any:
    """A pair with what each field adds to the odds, and what kept a rule from merging it."""
    held = [reason.to(lang()) for reason in pair.held]
    title = "\n".join((titled(pair.left, names), titled(pair.right, names), *held))
    columns = [(say("Compared", "比较项"), False), (say("How alike", "相似程度"), False), (say("Weight", "权重"), True)]
    rows = [[a.field.to(lang()), a.level.to(lang()), f"{a.weight:+.1f}"] for a in pair.addends]
    sure = f"{pair.weight:+.1f}"
    rows.append(
        [
            say("together", "合计"),
            say(f"odds of one customer: {odds(pair.weight)}", f"是同一客户的胜算：{odds(pair.weight)}"),
            sure,
        ]
    )
    return table(title, columns, rows)


def odds(weight: float) -> str:
    """A weight as odds, as 12:1 or 1:40; beyond a million nobody needs the figure."""
    if abs(weight) >= 20:
        return (
            say("more than 1,000,000:1", "超过 1,000,000:1")
            if weight > 0
            else say("less than 1:1,000,000", "不足 1:1,000,000")
        )
    ratio = 2.0 ** abs(weight)
    rounded = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"
    return f"{rounded}:1" if weight >= 0 else f"1:{rounded}"
