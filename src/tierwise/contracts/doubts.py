"""What a run's manifest says of doubtful rows, as sentences to stand next to the tiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tierwise.language import Text

VARIANTS = {
    "left_out": Text("left out", "剔除"),
    "capped": Text("far-out amounts capped", "异常大额封顶"),
}
"""The ways of taking what is in doubt, other than as it is."""
_LEFT_OUT = Text(
    "without the {orders} doubtful orders {moved} of {customers} customers would change tier, {left} would have none",
    "若剔除 {orders} 笔存疑订单，{customers} 位客户中 {moved} 位会改变层级，{left} 位不再有层级",
)
_CAPPED = Text("far-out amounts capped: {moved}", "异常大额封顶：{moved} 位")


def doubt_note(quality: Mapping[str, Any], model: str) -> Text | None:
    """How far the doubtful orders move the tiers of a model; None where none are in doubt or nobody looked."""
    found = quality.get("sensitivity")
    out = (found or {}).get("variants", {}).get("left_out", {}).get(model)
    if not found or out is None:
        return None
    shown = {name: f"{out[name]:,}" for name in ("moved", "customers", "left")}
    note = _LEFT_OUT.fill(orders=f"{found['orders']:,}", **shown)
    capped = found["variants"].get("capped", {}).get(model)
    if capped is None:
        return note
    more = _CAPPED.fill(moved=f"{capped['moved']:,}")
    return Text(f"{note.en}; {more.en}", f"{note.zh}；{more.zh}")
