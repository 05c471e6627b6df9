"""Whether a run can build on the state of the run before, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass

from tierwise.errors import TierwiseError
from tierwise.language import Text
from tierwise.snapshots.runs import open_run
from tierwise.snapshots.state import Circumstances, State, read_state
from tierwise.snapshots.workspace import NO_RUN, UNKNOWN_RUN, Workspace


@dataclass(frozen=True, slots=True)
class Reason:
    """Why everything is made anew; `code` is stable."""

    code: str
    text: Text


FORCED = Reason("forced", Text("a full run was asked for", "指定了全量重算"))
FIRST = Reason("first", Text("there is no run before", "此前没有运行"))
NO_STATE = Reason("no_state", Text("the run before left no state", "上次运行没有留下状态"))
NOT_KEPT = Reason("not_kept", Text("this kind of run keeps no state", "此类运行不保留状态"))
ENGINE = Reason("engine", Text("another engine, or another version of it", "计算引擎或其版本不同"))
VERSION = Reason("version", Text("another version of Tierwise", "Tierwise 版本不同"))
TIMEZONE = Reason("timezone", Text("another time zone", "时区不同"))
CURRENCY = Reason("currency", Text("another currency", "币种不同"))
SHARES = Reason("shares", Text("customers are dealt into shares otherwise now", "客户的分份方式已改变"))
ANYONE = Reason(
    "anyone",
    Text(
        "rows were erased, or sources are trusted in another order: it may concern anyone",
        "有数据被删除，或数据源的信任顺序改变，可能涉及任何客户",
    ),
)
IMPORTS_GONE = Reason("imports_gone", Text("imports of the run before are gone", "上次运行所用的导入已不存在"))


def damaged(error: TierwiseError) -> Reason:
    """The state of the run before, or the run itself, cannot be trusted."""
    return Reason("damaged", error.problems[0].what)


def state_before(workspace: Workspace, now: Circumstances) -> State | Reason:
    """The state that a run under these circumstances can build on, or why there is none."""
    try:
        name = open_run(workspace).name
        state = read_state(workspace, name)
        if state is None:
            return NO_STATE
        reason = _unlike(state.circumstances, now)
        if reason is None:
            state.verify()
        return reason or state
    except TierwiseError as error:
        if error.problems[0].kind in (NO_RUN, UNKNOWN_RUN):
            return FIRST
        return damaged(error)


def _unlike(before: Circumstances, now: Circumstances) -> Reason | None:
    """What is not as it was."""
    if before.engine != now.engine or before.versions.get(now.engine) != now.versions.get(now.engine):
        return ENGINE
    if before.versions != now.versions:
        return VERSION
    if before.timezone != now.timezone:
        return TIMEZONE
    if before.currency != now.currency:
        return CURRENCY
    dealt_alike = (now.shares > 1) == (before.shares > 1) and now.shares <= before.shares
    return None if dealt_alike else SHARES
