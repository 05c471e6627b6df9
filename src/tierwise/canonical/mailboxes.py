"""Slips in the domain of an e-mail address that are certain: no such domain can exist, and only one provider is meant.

`qq.con` cannot receive mail, for `.con` is no domain of the top level; `163,com` and `gmailcom` are no domains at all.
What could exist (`gamil.com`, `163.co`) is left as it is: a rule of quality points at it.
"""

from __future__ import annotations

from tierwise.engine.duckdb import quoted

PROVIDERS = (
    "qq", "163", "126", "139", "sina", "sohu", "foxmail", "aliyun", "gmail", "hotmail", "outlook", "yahoo", "icloud",
)  # fmt: skip
"""Providers of mailboxes whose addresses end in .com."""
_NO_TOP_LEVEL = ("con", "cmo", "ocm", "vom", "xom", "cim", "cpm", "clm", "comm", "coom", "ccom", "c0m")
_SLIP = rf"@({'|'.join(PROVIDERS)})(?:[.,，。．]+(?:{'|'.join(_NO_TOP_LEVEL)})|[,，。．]+com|[.]{{2,}}com|com|[.]com[.,，。]+)$"


def mailbox_domain(value: str) -> str:
    """SQL: an address with its domain written as the provider writes it, others as they are."""
    return f"regexp_replace({value}, {quoted(_SLIP)}, '@\\1.com', 'i')"


def has_slip(value: str) -> str:
    """SQL: the domain needs to be corrected; asked of every row, so what most end in is told first."""
    return f"(right({value}, 4) <> '.com' OR contains({value}, '..')) AND regexp_matches({value}, {quoted(_SLIP)}, 'i')"
