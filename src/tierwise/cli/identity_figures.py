"""What the report says of identity, read from the decisions of a workspace."""

from __future__ import annotations

from collections import Counter

from tierwise.deduplication import decisions
from tierwise.identity.certain import WHY
from tierwise.identity.queue import pending
from tierwise.language import Text
from tierwise.reports.identity_section import BY_A_PERSON, IdentityFigures
from tierwise.snapshots.workspace import Workspace


def identity_figures(place: Workspace) -> IdentityFigures | None:
    """The figures of a workspace; None where nobody ever looked for duplicates or decided on any."""
    taken, now = decisions(place)
    _, waiting = pending(place.identity, now, most=0)
    if not taken and not waiting:
        return None
    merges = Counter(decision.rule for decision in now.merges)
    groups = Counter(gone + 1 for gone in Counter(now.survivors.values()).values())
    return IdentityFigures([(_why(rule), count) for rule, count in merges.items()], groups, waiting, len(now.apart))


def _why(rule: str | None) -> Text:
    """A merge may rest on several rules, whose names stand in one string."""
    if rule is None:
        return BY_A_PERSON
    known = [WHY.get(name, Text.same(name)) for name in rule.split()]
    return Text("; ".join(text.en for text in known), "；".join(text.zh for text in known))
