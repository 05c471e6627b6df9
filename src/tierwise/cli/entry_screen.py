"""`tierwise dedupe --check`: customers who may be the one that is being entered, with the reasons."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tierwise.cli.format import console, table
from tierwise.cli.identity_screen import identity_spec, odds
from tierwise.cli.results import print_json
from tierwise.cli.speech import lang, say
from tierwise.engine.duckdb import DuckDBEngine
from tierwise.entry import check_entry
from tierwise.errors import ErrorKind, Family, Place
from tierwise.identity.entry_index import EntryCandidate
from tierwise.language import Text
from tierwise.snapshots.workspace import Workspace

NO_RECORD = ErrorKind(
    "identity.no_entry",
    Family.USAGE,
    what=Text("--check was given no customer", "--check 没有给出客户信息"),
    cause=Text("it is not a JSON object: {problem}", "内容不是 JSON 对象：{problem}"),
    cure=Text(
        'write it as {{"name": "张伟", "phone": "13822138000"}}, in quotes of the shell',
        '请写成 {{"name": "张伟", "phone": "13822138000"}}，并用引号括起',
    ),
)


def check_customer(place: Workspace, entry: str, as_json: bool, opened: Callable[[], DuckDBEngine]) -> None:
    """Check one customer and print who may be the same; an index that has to be made is made by the engine `opened`."""
    found = check_entry(place, _record(entry), identity_spec(place).region, opened=opened)
    if as_json:
        print_json({"candidates": [_plain(one) for one in found]})
        return
    _show(found)


def _record(entry: str) -> dict[str, Any]:
    try:
        record = json.loads(entry)
    except json.JSONDecodeError as error:
        raise NO_RECORD.error(Place(column="--check"), problem=str(error)) from error
    if not isinstance(record, dict):
        raise NO_RECORD.error(Place(column="--check"), problem=type(record).__name__)
    return record


def _plain(one: EntryCandidate) -> dict[str, Any]:
    return {
        "customer_id": one.customer,
        "certain": one.certain,
        "rule": one.rule,
        "weight": round(one.weight, 3),
        "probability": round(one.probability, 6),
        "reasons": [{"en": reason.en, "zh": reason.zh} for reason in one.reasons],
    }


def _show(found: list[EntryCandidate]) -> None:
    screen = console()
    if not found:
        screen.print(say("Nobody like this is known.", "未发现重复客户。"))
        return
    columns = [(say("Customer", "客户"), False), (say("Sure", "把握"), False), (say("Why", "依据"), False)]
    rows = [
        [
            one.customer,
            say("certain", "确定") if one.certain else odds(one.weight),
            "; ".join(reason.to(lang()) for reason in one.reasons) or say("little agrees", "相同之处很少"),
        ]
        for one in found
    ]
    screen.print(table(say("May be the same customer", "可能是同一客户"), columns, rows))
