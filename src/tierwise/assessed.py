"""What the published run found out about its data is taken over where the rows and the rules are still the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import tierwise
from tierwise.contracts.quality import Assessment, Rule, result_from_json
from tierwise.errors import TierwiseError
from tierwise.quality.card import Taken
from tierwise.quality.scores import scores_of
from tierwise.snapshots.files import to_json
from tierwise.snapshots.runs import open_run
from tierwise.snapshots.visible import Visible
from tierwise.snapshots.workspace import Workspace


def basis_of(visible: Visible, rules: Sequence[Rule]) -> str:
    """The digest of all that an assessment rests on: the version, whether merged rows are there, the rules, our own version.

    Rules that speak of today are others tomorrow.
    """
    told = [tierwise.__version__, visible.version.to_json(), visible.has_golden, [repr(rule) for rule in rules]]
    return hashlib.sha256(to_json(told).encode()).hexdigest()


def taken_over(workspace: Workspace, basis: str) -> Taken | None:
    """What the published run found out, where it rests on the same; None else, and where its manifest cannot be read."""
    try:
        card = open_run(workspace).manifest.quality
    except TierwiseError:
        return None
    if card.get("basis") != basis or "rules" not in card:
        return None
    results = [result_from_json(each) for each in card["rules"]]
    statuses = {"sale": card["orders"], "refund": card["refunds"], "void": card["voids"]}
    return Taken(Assessment(results, scores_of(results), card["skipped"]), statuses, card["customers"])
